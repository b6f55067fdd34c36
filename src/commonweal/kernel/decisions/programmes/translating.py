"""The words of the law in other languages: ``law/<programme>/locale/<language>.po``.

A text is looked up by itself, as everywhere: what a decision of last year said is found for as long as a translation of
those words is kept. Without one, readers get the main language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from django.utils.translation import get_language

from commonweal.engines.dmn import model as m
from commonweal.engines.feel import BOOLEAN
from commonweal.engines.feel.types import ContextType, ListType, Type, base_of
from commonweal.kernel.base.documents import Problem, Unreadable, read_yaml
from commonweal.kernel.base.jurisdiction import root, wordings
from commonweal.kernel.decisions.programmes.reading import FOLDER, Programme

_LAW = "law"

Say = Callable[[str], str]


def saying(key: str, language: str | None = None) -> Say:
    """Return what puts a programme's words into a language; without one, the reader's.

    A file that cannot be read costs nobody the explanation: ``commonweal check`` names it, and readers get the main
    language.
    """
    try:
        words = _wordings(root(), key, language or get_language() or "")
    except Unreadable:
        words = {}
    return partial(_said, words)


def _said(words: Mapping[str, str], text: str) -> str:
    return words.get(text, text)


def _wordings(folder: Path, key: str, language: str) -> Mapping[str, str]:
    return wordings(folder / FOLDER / key, language)


def in_one_line(text: str | None) -> str:
    """Return a description as it is shown and translated."""
    return " ".join((text or "").split())


def texts_of(programme: Programme) -> set[str]:
    """Return every text of a programme's figures and models that a resident may see."""
    return {text for text in _texts(programme) if text}


def _texts(programme: Programme) -> Iterator[str]:
    yield from (programme.name, programme.summary)
    for parameter in programme.parameters:
        yield from (parameter.label, parameter.description)
        for dimension in parameter.by:
            yield from (dimension.label, *dimension.words)
    for model in programme.models:
        for name, type_ in model.compiled.inputs.items():
            yield from _questions(type_, labels_of(model.compiled.model)) if name != _LAW else ()
        yield from _claims(model.compiled.model)
        for decision in model.compiled.model.decisions:
            yield from (decision.label or decision.name, in_one_line(decision.description))
            if isinstance(decision.expression, m.DecisionTable):
                for rule in decision.expression.rules:
                    yield from rule.annotations


def in_words(name: str) -> str:
    """Return a name of a fact as people read it."""
    return name.replace("_", " ")


def labels_of(model: m.Model) -> dict[str, str]:
    """Return the labels of the parts of a model's types, by name: words for people, where the model has them."""
    pending, found = list(model.item_definitions), dict[str, str]()
    while pending:
        item = pending.pop()
        pending.extend(item.components)
        if item.label:
            found[item.name] = item.label
    return found


def _questions(type_: Type, labels: Mapping[str, str]) -> Iterator[str]:
    """Return the names of the facts that are yes or no: of others, a computation shows the number."""
    found = base_of(type_)
    while isinstance(found, ListType):
        found = base_of(found.element)
    if isinstance(found, ContextType):
        for name, inner in found.members:
            if base_of(inner) == BOOLEAN:
                yield labels.get(name) or in_words(name)
            else:
                yield from _questions(inner, labels)


def _claims(model: m.Model) -> Iterator[str]:
    """Return the labels of the parts that are yes or no, of results too."""
    pending = list(model.item_definitions)
    while pending:
        item = pending.pop()
        pending.extend(item.components)
        if item.type_ref == "boolean" and item.label:
            yield item.label


def translation_problems(folder: Path, programme: Programme) -> list[Problem]:
    """Warn of words without a translation into a language that a service of this programme claims, and the reverse.

    Args:
        folder: The jurisdiction's.
        programme: Whose words.
    """
    texts, found = texts_of(programme), []
    for language in _claimed(folder, programme.key):
        file = f"{FOLDER}/{programme.key}/locale/{language}.po"
        try:
            words = _wordings(folder, programme.key, language)
        except Unreadable as error:
            found.append(replace(error.problem, file=file))
            continue
        missing, unused = sorted(texts - set(words)), sorted(set(words) - texts)
        if missing:
            message = (
                f"{len(missing)} of {len(texts)} words of the law have no translation; first: '{missing[0]}'."
            )
            hint = "Residents see the main language in explanations."
            found.append(Problem(file, 0, 0, "locale.missing", message, hint, is_error=False))
        if unused:
            message = f"{len(unused)} translations belong to no words of the law; first: '{unused[0]}'."
            hint = "Has the text changed? Keep those that older decisions still show."
            found.append(Problem(file, 0, 0, "locale.unused", message, hint, is_error=False))
    return found


def _claimed(folder: Path, key: str) -> list[str]:
    """Return the languages, but for the main one, of the services that ask for a programme."""
    languages: dict[str, None] = {}
    for home in sorted((folder / "services").glob("*/service.yaml")):
        try:
            declared = read_yaml(folder, home.relative_to(folder).as_posix()).data
        except Unreadable:
            continue  # the service's own check says so
        decision, claimed = declared.get("decision"), declared.get("languages")
        if isinstance(decision, dict) and decision.get("programme") == key and isinstance(claimed, list):
            languages |= dict.fromkeys(str(one) for one in claimed[1:])
    return list(languages)
