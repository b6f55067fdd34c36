"""FEEL texts of a model into pieces to run, with what is wrong noted as problems.

A frame is FEEL's: a list with a slot for each name in scope. Whatever the standard calls an
error gives null and a warning; what is wrong already in the text is a problem found once,
when the model is compiled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from commonweal.engines.dmn.facts import text_of
from commonweal.engines.dmn.item_types import TypeTable
from commonweal.engines.dmn.problems import Problem
from commonweal.engines.feel import FeelSyntaxError, Scope, compile_expression, compile_unary_tests
from commonweal.engines.feel.coercion import coerce
from commonweal.engines.feel.evaluation import Evaluation
from commonweal.engines.feel.syntax import Node
from commonweal.engines.feel.types import ANY, NOTHING, Type, Value
from commonweal.engines.feel.unknown import UNKNOWN

Run = Callable[[list[Value], Evaluation], Value]
Test = Callable[[Value, list[Value], Evaluation], Value]


@dataclass(frozen=True, slots=True)
class Piece:
    """Something compiled: what to run, the type it gives, the text it came from."""

    run: Run
    type: Type = ANY
    text: str = ""


def slot_of(scope: Scope, name: str) -> int:
    """The slot of a name that the scope was made with."""
    slot = scope.slot(name)
    assert slot is not None
    return slot


def give_null(frame: list[Value], evaluation: Evaluation) -> Value:
    """The value of nothing."""
    return None


def failing(message: str, code: str = "model") -> Run:
    """Something that is always null, and says why."""

    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        evaluation.warn(code, message)
        return None

    return run


def converted(value: Value, type_: Type, what: str, evaluation: Evaluation) -> Value:
    """A value as its type wants it; null, with a warning, where it does not fit."""
    if value is None or value is UNKNOWN or type_ is ANY:
        return value
    result = coerce(value, type_)
    if result is None:
        evaluation.warn("conversion", f"{what}: {text_of(value)[:200]} is not of type {type_}")
    return result


def converting(run: Run, type_: Type, what: str) -> Run:
    """What ``run`` gives, converted."""
    if type_ is ANY:
        return run

    fits = type_.contains

    def run_converted(frame: list[Value], evaluation: Evaluation) -> Value:
        value = run(frame, evaluation)
        if value is None or value is UNKNOWN or fits(value):
            return value
        return converted(value, type_, what, evaluation)

    return run_converted


class TextCompiler:
    """Compiles the texts of one model."""

    def __init__(self, types: TypeTable, problems: list[Problem]) -> None:
        self.types = types
        self.problems = problems
        self.tables: list[Any] = []
        self.texts: list[tuple[str, Scope]] = []
        self.trees: list[tuple[str, Node]] = []

    def problem(
        self, kind: str, message: str, place: str, line: int | None = None, *, is_error: bool = True
    ) -> None:
        """Note something that is wrong."""
        self.problems.append(Problem(kind=kind, message=message, place=place, line=line, is_error=is_error))

    def typed(self, piece: Piece, type_ref: str | None, place: str) -> Piece:
        """A piece whose value is converted to a declared type."""
        type_ = self.types.of(type_ref, place)
        if type_ is ANY:
            return piece
        return Piece(converting(piece.run, type_, place), type_, piece.text)

    def text(self, text: str | None, scope: Scope, place: str, line: int | None = None) -> Piece:
        """A FEEL expression."""
        if text is None or not text.strip():
            return Piece(give_null, NOTHING)
        try:
            expression = compile_expression(text, scope)
        except FeelSyntaxError as error:
            self.problem("syntax", f"{text.strip()[:120]!r}: {error}", place, line)
            return Piece(failing(f"{place}: {error}", "syntax"), ANY, text)
        self._type_problems(expression, text, place, line)
        self.texts.append((text, scope))
        self.trees.append((place, expression.node))
        return Piece(expression.run, expression.type, text.strip())

    def _type_problems(self, expression: Any, text: str, place: str, line: int | None) -> None:
        for found in expression.problems:
            message = f"{text.strip()[:120]!r}: {found.message}{f' ({found.hint})' if found.hint else ''}"
            self.problem(found.code, message, place, line, is_error=found.is_error)

    def tests(
        self, text: str, scope: Scope, input_type: Type, place: str, line: int | None = None
    ) -> Test | None:
        """The tests of a cell on a value; None where every value passes."""
        if not text.strip() or text.strip() == "-":
            return None
        try:
            tests = compile_unary_tests(text, scope, input_type)
        except FeelSyntaxError as error:
            self.problem("syntax", f"{text.strip()[:120]!r}: {error}", place, line)
            run = failing(f"{place}: {error}", "syntax")
            return lambda value, frame, evaluation: run(frame, evaluation)
        self._type_problems(tests, text, place, line)
        self.trees.append((place, tests.node))
        return tests.run
