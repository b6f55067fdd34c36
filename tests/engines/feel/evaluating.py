"""Short ways to evaluate a text in the tests."""

from __future__ import annotations

from commonweal.engines import feel


def value(text: str, /, **names: object) -> feel.Value:
    """The value of an expression over names of any type."""
    return run(text, names)[0]


def run(text: str, names: dict[str, object] | None = None) -> tuple[feel.Value, feel.Evaluation]:
    """The value of an expression, and the evaluation with its warnings."""
    names = names or {}
    evaluation = feel.Evaluation()
    scope = feel.Scope(dict.fromkeys(names, feel.ANY))
    return feel.compile_expression(text, scope).evaluate(names, evaluation), evaluation


def shown(text: str, /, **names: object) -> str:
    """The value of an expression as text."""
    return feel.value_text(value(text, **names))


def codes(text: str, /, **names: object) -> list[str]:
    """Codes of the warnings of an evaluation."""
    return [warning.code for warning in run(text, names)[1].warnings]


def problems(text: str, names: dict[str, feel.Type] | None = None) -> list[str]:
    """Codes of the errors that the compiler reports."""
    found = feel.compile_expression(text, feel.Scope(names or {})).problems
    return [problem.code for problem in found if problem.is_error]
