"""FEEL in declarations: compiled where it stands in a file, and judged where it is run.

The standard turns an error into null. In a condition, a validation, a fee, a deadline or an outcome that must
not pass for "no": :func:`judge` tells a fault from a verdict.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from commonweal.engines.feel import (
    ANY,
    UNKNOWN,
    DateTime,
    Evaluation,
    Expression,
    FeelError,
    FeelSyntaxError,
    Scope,
    Type,
    Value,
    compile_expression,
    to_value,
)
from commonweal.engines.feel.syntax import (
    Binary,
    In,
    Invocation,
    ListLiteral,
    Name,
    Node,
    Path,
    StringLiteral,
    walk,
)
from commonweal.kernel.base.declarations import Compilation, Source
from commonweal.kernel.base.documents import Path_, Problem
from commonweal.kernel.base.jurisdiction import current
from commonweal.kernel.base.schemas import closest


class Verdict(StrEnum):
    """What a condition says."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A condition's verdict, and why it is a fault if it is one."""

    verdict: Verdict
    reason: str = ""


_TRUE, _FALSE, _UNKNOWN = Judgement(Verdict.TRUE), Judgement(Verdict.FALSE), Judgement(Verdict.UNKNOWN)


def compile_feel(
    text: str,
    scope: Scope,
    *,
    source: Source,
    path: Path_,
    compilation: Compilation,
    expects: Type = ANY,
    is_loose: bool = False,
) -> Expression | None:
    """Compile an expression of a declaration; what is wrong goes to the compilation with its place in the file.

    Args:
        text: The expression.
        scope: The names that it may use, with their types.
        source: The section that it stands in.
        path: Where in the section.
        compilation: Takes the problems.
        expects: The type that its value must have.
        is_loose: Whether to keep silent about what could not be checked, for facts whose type nobody declares.

    Returns:
        The expression, or None where it is not FEEL.
    """
    where = _Place(source, path, compilation)
    try:
        expression = compile_expression(text, scope)
    except FeelSyntaxError as error:
        compilation.problems.append(
            where.problem("feel.syntax", error.message, error.line, error.column, error.hint)
        )
        return None
    for found in expression.problems:
        if found.is_error or not is_loose:
            compilation.problems.append(
                where.problem(
                    f"feel.{found.code}",
                    found.message,
                    found.line,
                    found.column,
                    found.hint,
                    is_error=found.is_error,
                )
            )
    if not expression.problems and not expression.type.conforms_to(expects) and expression.type is not ANY:
        message = f"This gives {expression.type}, but {expects} is needed here."
        compilation.problems.append(where.problem("feel.result-type", message, 1, 1))
    for offset, message, hint in impossible(expression, compilation.choices):
        before = text[:offset]
        line, column = before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
        compilation.problems.append(where.problem("feel.choice", message, line, column, hint))
    return expression


def impossible(
    expression: Expression, choices: Mapping[str, Sequence[str]]
) -> Iterator[tuple[int, str, str]]:
    """Yield what a path is compared with and can never be: where in the expression, a message, and a hint.

    Args:
        expression: For example ``decision.outcome = "GRANTED"``.
        choices: Every text that a path can be, by path.
    """
    if not choices or expression.names.isdisjoint(path.partition(".")[0] for path in choices):
        return
    for node in walk(expression.node):
        for path, known in choices.items():
            for text in _compared_with(node, path):
                if text.value not in known:
                    message = f"'{path}' is never '{text.value}'."
                    yield text.start, message, closest(text.value, list(known))


def _compared_with(node: Node, path: str) -> list[StringLiteral]:
    """Return the texts that a path is compared with by this node; none where it is no comparison of it."""
    *_, source, name = path.split(".")
    compared = _compared(node)
    if Path(Name(source), name) not in compared:
        return []
    elements = [
        one for each in compared for one in (each.elements if isinstance(each, ListLiteral) else (each,))
    ]
    return [each for each in elements if isinstance(each, StringLiteral)]


def _compared(node: Node) -> Sequence[Node]:
    """Return what a node compares with one another."""
    if isinstance(node, Binary) and node.operator in {"=", "!="}:
        return node.left, node.right
    if isinstance(node, In):
        return node.value, *node.tests
    if isinstance(node, Invocation) and node.function == Name("list contains"):
        return node.arguments
    return ()


@dataclass(frozen=True, slots=True)
class _Place:
    """Turns a place in an expression into a place in its file."""

    source: Source
    path: Path_
    compilation: Compilation

    def problem(
        self, code: str, message: str, line: int, column: int, hint: str = "", *, is_error: bool = True
    ) -> Problem:
        start = self.source.problem(self.path, code, sentence(message), sentence(hint), is_error=is_error)
        name = start.file.removeprefix(f"{self.compilation.folder}/")
        lines = self.compilation.files.get(name, "").splitlines()
        at_line, at_column = _in_file(lines, start.line, start.column, line, column)
        return Problem(start.file, at_line, at_column, code, start.message, start.hint, is_error)


def _in_file(lines: list[str], line: int, column: int, inner_line: int, inner_column: int) -> tuple[int, int]:
    """Return where in the file a place within a YAML scalar stands; the scalar begins at line and column."""
    if not 0 < line <= len(lines):
        return line, column
    opening = lines[line - 1][column - 1 : column]
    if opening in {"|", ">"}:
        body = lines[line + inner_line - 1] if line + inner_line <= len(lines) else ""
        return line + inner_line, len(body) - len(body.lstrip()) + inner_column
    if inner_line > 1:
        return line, column
    return line, column + inner_column - 1 + (opening in {"'", '"'})


def sentence(text: str) -> str:
    """Write a message of FEEL as a sentence."""
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?" else ".")


def new_evaluation(at: datetime) -> Evaluation:
    """Return the state of a run in which ``now()`` and ``today()`` are those of the jurisdiction's clocks."""
    return Evaluation(now=_shown(at, current().time_zone))


@lru_cache(maxsize=64)
def _shown(at: datetime, zone: str) -> DateTime:
    """Return a time as the clocks of a zone show it; kept, for everything in an action happens at one time."""
    return to_value(at.astimezone(ZoneInfo(zone)))  # type: ignore[return-value]  # a datetime becomes FEEL's date and time


def run(expression: Expression, frame: list[Value], evaluation: Evaluation) -> tuple[Value, str]:
    """Return an expression's value, and what went wrong on the way (empty where nothing did)."""
    before = len(evaluation.warnings)
    try:
        value = expression.run(frame, evaluation)
    except FeelError as error:
        return None, str(error)
    if len(evaluation.warnings) == before:
        return value, ""
    return value, "; ".join(warning.message for warning in evaluation.warnings[before:])


def judge(expression: Expression, frame: list[Value], evaluation: Evaluation) -> Judgement:
    """Run a condition: true, false, unknown, or a fault where it gives anything else."""
    value, wrong = run(expression, frame, evaluation)
    if value is True:
        return _TRUE
    if value is False:
        return _FALSE
    if value is UNKNOWN:
        return _UNKNOWN
    return Judgement(Verdict.FAULT, wrong or f"'{expression.text}' gives neither true nor false")
