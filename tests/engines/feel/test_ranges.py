"""Ranges: what lies in them, and the algebra of their relations."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.engines.feel.evaluating import shown, value

from commonweal.engines import feel

points = st.integers(0, 8).map(Decimal)


@st.composite
def ranges(draw: st.DrawFn) -> feel.Range:
    """Ranges that hold at least one half-integer point."""
    low, high = sorted((draw(points), draw(points)))
    assume(low < high)
    return feel.Range(low, high, draw(st.booleans()), draw(st.booleans()))


GRID = [Decimal(step) / 4 for step in range(-2, 36)]


def members(range_: feel.Range) -> set[Decimal]:
    return {point for point in GRID if feel.in_range(point, range_) is True}


def holds(name: str, one: feel.Value, other: feel.Value) -> feel.Value:
    return value(f"{name}(a, b)", a=one, b=other)


@given(ranges(), ranges())
def test_relations_mirror_each_other(a: feel.Range, b: feel.Range) -> None:
    for name, mirrored in (
        ("before", "after"), ("meets", "met by"), ("overlaps before", "overlaps after"), ("finishes", "finished by"),
        ("includes", "during"), ("starts", "started by"), ("overlaps", "overlaps"), ("coincides", "coincides"),
    ):  # fmt: skip
        assert holds(name, a, b) is holds(mirrored, b, a)


@given(ranges(), ranges())
def test_relations_agree_with_sets_of_points(a: feel.Range, b: feel.Range) -> None:
    one, other = members(a), members(b)

    assert holds("includes", a, b) is (one >= other)
    assert holds("coincides", a, b) is (one == other)
    assert holds("overlaps", a, b) is bool(one & other)
    assert holds("before", a, b) is (max(one) < min(other))
    assert holds("starts", a, b) is (min(one) == min(other) and one <= other)
    assert holds("finishes", a, b) is (max(one) == max(other) and one <= other)


@given(points, ranges())
def test_points_and_ranges(point: Decimal, range_: feel.Range) -> None:
    inside = members(range_)

    assert holds("includes", range_, point) is (point in inside)
    assert holds("during", point, range_) is (point in inside)
    assert holds("before", point, range_) is (point < min(inside))
    assert holds("after", point, range_) is (point > max(inside))
    assert holds("starts", point, range_) is (point == min(inside))
    assert holds("finished by", range_, point) is (point == max(inside))
    assert value("p in r", p=point, r=range_) is (point in inside)


@given(points, points)
def test_points(one: Decimal, other: Decimal) -> None:
    assert holds("before", one, other) is (one < other)
    assert holds("after", one, other) is (one > other)
    assert holds("coincides", one, other) is (one == other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5 in (>= 5)", "true"), ("5 in (< 5)", "false"), ("(>5).start", "5"), ("(>5).end", "null"), ("(>5).start included", "false"),
        ("before((<5), (>=5))", "true"), ("overlaps((<=5), (>=5))", "true"), ("meets([1..2], [2..3])", "true"), ("meets([1..2), [2..3])", "false"),
        ("includes((>1), [2..3])", "true"), ("during([2..3], (<9))", "true"), ("meets((>1), (>1))", "false"),
        ("before(1, null)", "null"), ('before(1, "a")', "null"), ("includes(1, 2)", "null"), ("starts(1, 2)", "null"), ("finishes(1, 2)", "null"),
        ("coincides(1, [1..2])", "null"), ("meets(1, [1..2])", "null"), ("before(point: 1, range: [2..3])", "true"),
        ("after(range1: [5..6], range2: [1..2])", "true"), ("[1..2] = [1..2]", "true"), ("[1..2] = [1..2)", "false"), ("[1..2] = [1..3]", "false"),
        ("[true..false]", "null"), ('[1.."a"]', "null"), ("[null..1]", "null"), ('["a".."c"].start', "a"), ('"b" in ["a".."c"]', "true"),
        ("5 in [null..10]", "null"), ("[1, 2] in [[1, 2], [3]]", "true"), ("3 in [[1..2], [3..4]]", "true"), ("null in [1..2]", "null"),
        ("for i in (1..4) return i", "[2, 3]"), ("for i in [3..1] return i", "[3, 2, 1]"), ("for i in [1.5..2] return i", "null"),
        ('for d in [@"2026-01-01"..@"2026-01-03") return d', "[2026-01-01, 2026-01-02]"), ('for i in "a".."b" return i', "null"),
        ("for i in null return i", "null"), ("for i in 5 return i", "[5]"), ("some i in null satisfies i", "null"), ("for i in 1..2, j in 1..i return j", "[1, 1, 2]"),
    ],
)  # fmt: skip
def test_ranges_in_expressions(text: str, expected: str) -> None:
    assert shown(text) == expected
