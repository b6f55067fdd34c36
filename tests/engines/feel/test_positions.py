"""Each part of an expression knows where it stands: its own text reads back as the same part."""

from __future__ import annotations

import pytest

from commonweal.engines import feel
from commonweal.engines.feel import syntax as s
from commonweal.engines.feel.parser import parse_expression

SCOPE = feel.Scope({"x": feel.ANY, "y": feel.ANY, "two words": feel.ANY, "f": feel.ANY})
READABLE = (
    s.NumberLiteral, s.StringLiteral, s.BooleanLiteral, s.NullLiteral, s.AtLiteral, s.Name, s.ListLiteral,
    s.ContextLiteral, s.RangeLiteral, s.Binary, s.Negation, s.Conjunction, s.Disjunction, s.If, s.For, s.Quantified,
    s.Between, s.In, s.InstanceOf, s.Path, s.Filter, s.Invocation, s.FunctionLiteral,
)  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        '1 + 2.50 * "three" - @"P1D" / null',
        "-x ** 2 = two words",
        "true and x or y and false",
        "if x then y else two words",
        "for i in [1, 2], j in 1..3 return x + y",
        "some i in [1, 2] satisfies x > y",
        "every i in x satisfies y",
        "x between 1 and two words",
        "x in (1, [1..3], y)",
        "x in 5",
        "x instance of list<number>",
        "x.y.two",
        "[1, [2, 3], {a: 1, b: {c: x}}]",
        "x[1] [ 2 ]",
        "f(1, x)",
        "f(a: 1, b: two words)",
        'sum([1, 2]) + string length("a")',
        "function(a: number, b) 1 + 2",
        "function(a) external {java: {class: 1}}",
        "(1..3]",
        "[x..y)",
        "( 1 + 2 ) * ( x )",
        "(x) and (y or (x))",
        "((1) + (2)) < (3)",
        "- (x) + (y)",
        "(x).y[(1)](2) instance of number",
        "x in ((1) + 2)",
        "x in (1).y",
        "if (x) then (y) else (x)",
        "for i in (x) return (y)",
        "some i in x satisfies (i)",
        "function(a) (a)",
        "(1) between (2) and (3)",
        "x in (< (2), > (3) * 2)",
        "f(>= (2))",
    ],
)
def test_each_part_stands_where_it_says(text: str) -> None:
    tree = parse_expression(text, SCOPE)

    for node in s.walk(tree):
        assert 0 <= node.start < node.end <= len(text), node
        if (
            isinstance(node, READABLE) and text[node.start] not in "<>"
        ):  # `< 2` is a range only among arguments
            assert parse_expression(text[node.start : node.end], SCOPE) == node
