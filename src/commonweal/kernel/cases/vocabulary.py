"""A service's words for what the law names by keys and paths: labels of outcomes, options and questions, in the reader's language.

The law speaks of ``HP`` and of ``Household.income``; the form that asked has called them "Harbour School" and "Income of the
household in a year". A fact that is made of an answer as it was given is called as its question is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

from commonweal.engines.feel import FeelError, Value, parse, syntax
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.catalogue.types import CompiledService, Translator
from commonweal.kernel.decisions import queries as decisions
from commonweal.kernel.decisions.types import Vocabulary
from commonweal.kernel.forms import queries as forms

_LITERALS = (syntax.BooleanLiteral, syntax.NumberLiteral, syntax.StringLiteral, syntax.NullLiteral)


def vocabulary_of(service: CompiledService, language: str) -> Vocabulary:
    """Return a service's words in one language; those of a published version are kept."""
    if service.version_id is None:
        return _words(service, language)
    return _kept(service.version_id, service.locale_hash, language)


@lru_cache(maxsize=256)
def _kept(version_id: UUID, _locale_hash: str, language: str) -> Vocabulary:
    return _words(catalogue.compiled(version_id), language)


def _words(service: CompiledService, language: str) -> Vocabulary:
    translate = service.translator(language)
    questions = {question.key: question for question in _questions(service)}
    asked = {path: questions[key] for path, key in _made_of_answers(service).items() if key in questions}
    return Vocabulary(called=_called(service, translate), told=partial(_told, asked, translate))


def _questions(service: CompiledService) -> Iterator[Any]:
    form = service.sections.get("form")
    for question in form.questions if form is not None else ():
        yield question
        yield from question.items


def _called(service: CompiledService, translate: Translator) -> Mapping[str, str]:
    """Return words for keys; a key with which two questions mean different things has none."""
    labels: dict[str, set[str]] = defaultdict(set)
    for question in _questions(service):
        for option in getattr(question.spec, "options", ()):
            labels[option.key].add(translate(option.label))
    offered = {key: found.pop() for key, found in labels.items() if len(found) == 1}
    ends = {key: translate(one.label) for key, one in decisions.outcomes_of(service).items()}
    return offered | ends


def _told(asked: Mapping[str, Any], translate: Translator, path: str, value: Value) -> tuple[str, str] | None:
    question = asked.get(path)
    if question is None:
        return None
    answer = forms.as_answer(question, value)
    if answer is None:
        return None
    return translate(question.spec.label), ", ".join(forms.shown_lines(question.spec, answer, translate))


def _made_of_answers(service: CompiledService) -> dict[str, str]:
    """Return the question of each fact that is an answer as it was given, by the fact's path."""
    decision = decisions.decision_of(service)
    found: dict[str, str] = {}
    for name, text in decision.spec.facts.items():
        try:
            tree: syntax.Node = parse(text, decision.fact_scope)
        except FeelError:
            continue
        found |= dict(_answers_below(name, tree))
    return found


def _answers_below(path: str, node: syntax.Node) -> Iterator[tuple[str, str]]:
    if isinstance(node, syntax.ContextLiteral):
        for name, entry in node.entries:
            yield from _answers_below(f"{path}.{name}", entry)
    elif key := _answer(node):
        yield path, key


def _answer(node: syntax.Node) -> str:
    """Return the question whose answer an expression gives, its default aside; empty where it makes something else of it."""
    if isinstance(node, syntax.Name):
        return node.name
    if isinstance(node, syntax.If) and isinstance(node.consequence, _LITERALS):
        return _answer(node.alternative)
    if (
        isinstance(node, syntax.Binary)
        and node.operator == "="
        and node.right == syntax.BooleanLiteral(value=True)
    ):
        return _answer(node.left)
    return ""
