"""Why an expression has its value: sub-expressions with their values, as data.

The tree is JSON-able and versioned. A node looks like this::

    {"kind": "comparison", "text": "Monthly income <= limit", "value": true, "operator": "<=",
     "flips_at": {"operand": "Monthly income", "now": 1850, "bound": 2265, "from": "> 2265"},
     "parts": [...]}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from commonweal.engines.feel.evaluation import Evaluation
from commonweal.engines.feel.expression import Expression
from commonweal.engines.feel.printer import unparse
from commonweal.engines.feel.python_values import to_json, to_value
from commonweal.engines.feel.syntax import COMPARISONS, Binary, Node, children
from commonweal.engines.feel.text import value_text
from commonweal.engines.feel.types import Value

__all__ = ["EXPLANATION_VERSION", "Boundary", "boundary", "explain"]

EXPLANATION_VERSION: Final = 1
_MOST_VALUES: Final = 5
_KINDS: Final = {
    "NumberLiteral": "constant",
    "StringLiteral": "constant",
    "BooleanLiteral": "constant",
    "NullLiteral": "constant",
    "AtLiteral": "constant",
    "Conjunction": "and",
    "Disjunction": "or",
    "Invocation": "call",
    "Quantified": "quantifier",
    "FunctionLiteral": "function",
    "ListLiteral": "list",
    "ContextLiteral": "context",
    "RangeLiteral": "range",
    "InstanceOf": "instance of",
}
_OPPOSITES: Final = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "!=", "!=": "="}
_MIRRORED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


@dataclass(frozen=True, slots=True)
class Boundary:
    """What would turn a comparison around.

    Attributes:
        operand: The side that could change, as text.
        now: Its value.
        operator: With this operator towards ``bound`` the comparison has the other answer.
        bound: The value of the other side.
    """

    operand: str
    now: Value
    operator: str
    bound: Value


def boundary(node: Binary, left: Value, right: Value, *, answer: bool) -> tuple[Boundary, Boundary]:
    """What each side of a comparison would have to be for the other answer.

    Args:
        node: The comparison.
        left: Value of its left side.
        right: Value of its right side.
        answer: What it answered.

    >>> from commonweal.engines.feel.parser import parse
    >>> from decimal import Decimal
    >>> flip = boundary(parse("income <= 2265"), Decimal(1850), Decimal(2265), answer=True)[0]
    >>> flip.operand, flip.operator, flip.bound
    ('income', '>', Decimal('2265'))
    """
    wanted = _OPPOSITES[node.operator] if answer else node.operator
    return (
        Boundary(unparse(node.left), left, wanted, right),
        Boundary(unparse(node.right), right, _MIRRORED[wanted], left),
    )


def explain(
    expression: Expression, values: Mapping[str, object], evaluation: Evaluation | None = None
) -> dict[str, object]:
    """Evaluate an expression and answer the tree of its parts with their values.

    Args:
        expression: A compiled expression.
        values: Values by name.
        evaluation: The run; its ``records`` are used up.

    Raises:
        FeelError: A value has no place in FEEL, or a budget is used up.
    """
    evaluation = evaluation or Evaluation()
    facts = {name: to_value(value) for name, value in values.items()}
    evaluation.facts, evaluation.places = facts, None
    return explain_frame(expression, expression.scope.frame(facts), evaluation)


def explain_frame(expression: Expression, frame: list[Value], evaluation: Evaluation) -> dict[str, object]:
    """Like ``explain``, over a frame."""
    outer, evaluation.records = evaluation.records, []
    try:
        value = expression.run_traced(frame, evaluation)
        recorded: dict[int, list[Value]] = {}
        for node, result in evaluation.records:
            recorded.setdefault(id(node), []).append(result)
    finally:
        evaluation.records = outer
    tree = _tree(expression.node, recorded)
    return {"version": EXPLANATION_VERSION, **tree, "value": to_json(value)}


def _kind(node: Node) -> str:
    if isinstance(node, Binary):
        return "comparison" if node.operator in COMPARISONS else "arithmetic"
    name = type(node).__name__
    return _KINDS.get(name, name.lower())


def _tree(node: Node, recorded: dict[int, list[Value]]) -> dict[str, object]:
    results = recorded.get(id(node), [])
    found: dict[str, object] = {"kind": _kind(node), "text": unparse(node)}
    if len(results) == 1:
        found["value"] = to_json(results[0])
    elif results:
        found["values"] = [to_json(result) for result in results[:_MOST_VALUES]]
        found["count"] = len(results)
    if isinstance(node, Binary):
        found["operator"] = node.operator
        flips = _flips(node, results, recorded)
        if flips:
            found["flips_at"] = flips
    parts = [_tree(child, recorded) for child in children(node) if id(child) in recorded]
    if parts:
        found["parts"] = parts
    return found


def _flips(node: Binary, results: list[Value], recorded: dict[int, list[Value]]) -> list[dict[str, object]]:
    left, right = recorded.get(id(node.left), []), recorded.get(id(node.right), [])
    answers = [answer for answer in results if isinstance(answer, bool)]
    if node.operator not in COMPARISONS or not len(answers) == len(left) == len(right) == 1:
        return []
    return [
        {
            "operand": flip.operand,
            "now": to_json(flip.now),
            "bound": to_json(flip.bound),
            "from": f"{flip.operator} {value_text(flip.bound)}",
        }
        for flip in boundary(node, left[0], right[0], answer=answers[0])
        if not flip.operand.startswith('"') and not flip.operand[:1].isdigit()
    ]
