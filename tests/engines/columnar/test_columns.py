"""What allowed values and declared ranges say of a column."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.engines.columnar.models import model_of

from commonweal.engines import columnar
from commonweal.engines.columnar.columns import Leaf
from commonweal.engines.columnar.errors import ColumnarError

WIDE = 10**12


def column(allowed: str, ranges=None) -> Leaf:
    """The column of an input whose type allows these values."""
    model = model_of({"x": "Kind"}, {"Out": "x"}, types=f"Kind: number = {allowed}")
    found = columnar.compile(model, "Out", ranges=ranges or {}).columns["x"]
    assert isinstance(found, Leaf)
    return found


def ends(allowed: str) -> tuple[Decimal | None, Decimal | None]:
    """The lowest and highest value; None where it is the widest there is."""
    widest, found = column("not(5)"), column(allowed)
    low, high = (Decimal(end).scaleb(-found.scale) for end in (found.low, found.high))
    return None if found.low == widest.low else low, None if found.high == widest.high else high


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [
        ("[0..10]", (0, 10)),
        ("[-5..-1]", (-5, -1)),
        (">= 3", (3, None)),
        ("< 3", (None, 3)),
        ("= 7", (7, 7)),
        ("!= 7", (None, None)),
        ("1, 2, -3", (-3, 2)),
        ("1, > 2", (1, None)),
        ("[1..4], 9", (1, 9)),
        ("(0..y]", (0, None)),
        ("1 +", (None, None)),
        ("1 + 1", (None, None)),
    ],
)
def test_allowed_values_bound_a_number(allowed, expected):
    assert ends(allowed) == expected


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        ((1,), "a range is"),
        ((5, 1), "no range"),
        ((0, 1, 16), "no range"),
        ((0, 1, "2"), "no range"),
        ((0, 10**18, 2), "62 bits"),
    ],
)
def test_a_declared_range_that_is_none_is_refused(declared, says):
    with pytest.raises(ColumnarError, match=says):
        column("[0..9]", {"x": declared})


@pytest.mark.parametrize("longest", ["3", True, -1, None])
def test_the_length_of_a_list_is_a_whole_number(longest):
    model = model_of({"p": "People"}, {"Out": "count(p)"}, types="P: {age: number}\nPeople: P*")
    with pytest.raises(ColumnarError, match="whole numbers"):
        columnar.compile(model, "Out", ranges={"p": (0, longest)})
