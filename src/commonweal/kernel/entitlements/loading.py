"""Reads the questions of the check, ``entitlements.yaml`` of a jurisdiction, and from what it suggests services."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import ValidationError

from commonweal.engines.feel import ANY, Expression, Scope
from commonweal.kernel.base.declarations import Compilation, Source
from commonweal.kernel.base.documents import Problem, Unreadable, read_yaml
from commonweal.kernel.base.expressions import compile_feel
from commonweal.kernel.base.jurisdiction import load, wordings
from commonweal.kernel.base.schemas import closest, schema_problems
from commonweal.kernel.catalogue.types import Translator
from commonweal.kernel.entitlements.types import CompiledSuggestions, SuggestionsSource
from commonweal.kernel.forms.queries import compiled_questions
from commonweal.kernel.forms.types import CompiledForm
from commonweal.kernel.forms.types.schema import Form
from commonweal.kernel.registers.queries import declared_in

FILE = "entitlements.yaml"
SUGGESTIONS = "suggestions.yaml"
_NAMES = ("applicant", "awards", "entries")


@cache
def shared_questions(root: Path) -> tuple[CompiledForm | None, tuple[Problem, ...]]:
    """Return the questions of the check, and what is wrong with them; each process reads them once."""
    try:
        document = read_yaml(root, FILE)
    except Unreadable as error:
        return None, (error.problem,)
    try:
        value = Form.model_validate(document.data)
    except ValidationError as error:
        return None, tuple(schema_problems(document, error, schema=Form))
    compilation = Compilation(root, "", "entitlements", jurisdiction=load(root))
    form = compiled_questions(Source(document, (), value), compilation)
    problems = tuple(compilation.problems)
    return (None if any(problem.is_error for problem in problems) else form), problems


def read_suggestions(root: Path) -> tuple[CompiledSuggestions | None, list[Problem]]:
    """Return from what services are suggested, and what is wrong with the file; without one nothing is suggested."""
    if not (root / SUGGESTIONS).is_file():
        return None, []
    try:
        document = read_yaml(root, SUGGESTIONS)
    except Unreadable as error:
        return None, [error.problem]
    try:
        value = SuggestionsSource.model_validate(document.data)
    except ValidationError as error:
        return None, list(schema_problems(document, error, schema=SuggestionsSource))
    compilation = Compilation(root, "", "suggestions", jurisdiction=load(root))
    source, form = Source(document, (), value), shared_questions(root)[0]
    questions = [question.key for question in form.questions] if form is not None else []
    looked_up = _keys(value, source, compilation)
    scope = Scope({**dict.fromkeys(_NAMES, ANY), **dict.fromkeys(value.looked_up, ANY)})
    known = {}
    for name, text in value.known.items():
        if name not in questions:
            message, hint = f"The check asks no '{name}'.", closest(name, questions)
            compilation.problems.append(source.problem(("known", name), "suggestions.name", message, hint))
            continue
        expression = compile_feel(
            text, scope, source=source, path=("known", name), compilation=compilation, is_loose=True
        )
        if expression is not None:
            known[name] = expression
    return CompiledSuggestions(value, known, looked_up), list(compilation.problems)


def _keys(value: SuggestionsSource, source: Source, compilation: Compilation) -> dict[str, Expression]:
    """Compile what names the entries that are looked up."""
    scope, registers, found = Scope({"applicant": ANY}), declared_in(compilation.root), {}
    for name, spec in value.looked_up.items():
        if spec.register_key not in registers:
            message = f"There is no register '{spec.register_key}'."
            hint = closest(spec.register_key, list(registers))
            path = ("looked_up", name, "register")
            compilation.problems.append(source.problem(path, "suggestions.register", message, hint))
            continue
        expression = compile_feel(
            spec.key,
            scope,
            source=source,
            path=("looked_up", name, "key"),
            compilation=compilation,
            is_loose=True,
        )
        if expression is not None:
            found[name] = expression
    return found


@cache
def suggestions_of(root: Path) -> CompiledSuggestions | None:
    """Return from what services are suggested, read once a process; None where nothing is.

    Raises:
        Unreadable: The file is wrong; the problem names it.
    """
    found, problems = read_suggestions(root)
    wrong = [problem for problem in problems if problem.is_error]
    if wrong:
        raise Unreadable(wrong[0])
    return found


@cache
def translator(root: Path, language: str) -> Translator:
    """Return what puts the questions of the check into a language."""
    return Translator(language, wordings(root, language))
