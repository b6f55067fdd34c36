"""Errors, warnings and problems that the engine reports; nothing else leaves it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "FeelError",
    "FeelLimitError",
    "FeelSyntaxError",
    "FeelWarning",
    "Position",
    "TypeProblem",
    "Undefined",
    "position_of",
]


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a text: line and column, both from 1."""

    line: int
    column: int


def position_of(text: str, offset: int) -> Position:
    r"""Turn an offset in ``text`` into a line and a column.

    >>> position_of("a\n  b", 4)
    Position(line=2, column=3)
    """
    before = text[:offset]
    return Position(before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)


class FeelError(ValueError):
    """Root of every exception the engine raises."""


class FeelSyntaxError(FeelError):
    """A text is not FEEL.

    Attributes:
        message: What is wrong, in plain words.
        line: Line of the offending text, from 1.
        column: Column of the offending text, from 1.
        hint: How to mend it, or an empty text.
    """

    def __init__(self, message: str, position: Position, hint: str = "") -> None:
        self.message = message
        self.line = position.line
        self.column = position.column
        self.hint = hint
        text = f"line {position.line}, column {position.column}: {message}"
        super().__init__(f"{text} ({hint})" if hint else text)


class FeelLimitError(FeelError):
    """An evaluation went over one of its budgets (steps, depth, size, time).

    Attributes:
        budget: Name of the budget: ``steps``, ``depth``, ``size`` or ``time``.
    """

    def __init__(self, budget: str, message: str) -> None:
        self.budget = budget
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class TypeProblem:
    """Something the compiler found that will not work, or that it could not check.

    Attributes:
        code: Stable key: ``unknown-name``, ``operand-type``, ``argument-type``, ``unknown-type``, …
        message: What is wrong, in plain words.
        line: Line, from 1.
        column: Column, from 1.
        hint: How to mend it, or an empty text.
        is_error: False when the compiler only says that it could not check.
    """

    code: str
    message: str
    line: int
    column: int
    hint: str = ""
    is_error: bool = True


@dataclass(frozen=True, slots=True)
class FeelWarning:
    """What the standard calls an error at run time: the value became null, and this says why."""

    code: str
    message: str
    position: Position | None = None


class Undefined(Exception):
    """An operation has no value for these operands; the closure around it answers null and warns."""

    def __init__(self, message: str, code: str = "undefined") -> None:
        self.code = code
        super().__init__(message)
