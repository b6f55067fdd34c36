"""Reads the questions of the check, ``entitlements.yaml`` of a jurisdiction."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import ValidationError

from commonweal.kernel.base.declarations import Compilation, Source
from commonweal.kernel.base.documents import Problem, Unreadable, read_yaml
from commonweal.kernel.base.jurisdiction import load, wordings
from commonweal.kernel.base.schemas import schema_problems
from commonweal.kernel.catalogue.types import Translator
from commonweal.kernel.forms.queries import compiled_questions
from commonweal.kernel.forms.types import CompiledForm
from commonweal.kernel.forms.types.schema import Form

FILE = "entitlements.yaml"


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


@cache
def translator(root: Path, language: str) -> Translator:
    """Return what puts the questions of the check into a language."""
    return Translator(language, wordings(root, language))
