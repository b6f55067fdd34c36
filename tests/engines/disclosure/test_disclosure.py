"""Hidden cells cannot be worked out from the sums beside them."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonweal.engines import disclosure
from commonweal.engines.disclosure import LEAST, hidden, rounded

TABLES = st.integers(1, 6).flatmap(
    lambda width: st.lists(
        st.lists(st.integers(0, 60), min_size=width, max_size=width), min_size=1, max_size=8
    )
)


def lines_of(table):
    return [*table, *zip(*table, strict=True)]


def test_examples():
    assert doctest.testmod(disclosure).failed == 0


def test_a_table_without_small_counts_is_shown_whole():
    assert hidden([[0, 10], [200, 0]]) == [[False, False], [False, False]]


def test_a_small_count_takes_the_next_smallest_of_its_column_with_it():
    assert hidden([[3], [50], [20]], sums_across=False) == [[True], [False], [True]]


def test_an_empty_cell_protects_only_where_nothing_else_can():
    assert hidden([[3], [0]], sums_across=False) == [[True], [True]]


def test_columns_stand_alone_where_rows_have_no_sum():
    assert hidden([[3, 90], [50, 90], [20, 90]], sums_across=False) == [
        [True, False],
        [False, False],
        [True, False],
    ]


def test_what_is_hidden_for_another_reason_is_protected_too():
    also = [[True], [False], [False]]
    assert hidden([[50], [40], [30]], sums_across=False, also=also) == [[True], [False], [True]]


def test_an_empty_table_hides_nothing():
    assert hidden([]) == []


@pytest.mark.parametrize("table", [[[1, 2], [3]], [[-1]]])
def test_what_is_no_table_of_counts_is_refused(table):
    with pytest.raises(ValueError, match="rows of one length"):
        hidden(table)


@settings(deadline=None)
@given(TABLES, st.booleans())
def test_no_hidden_cell_follows_from_a_sum(table, sums_across):
    mask = hidden(table, sums_across=sums_across)
    pairs = [list(zip(*both, strict=True)) for both in zip(table, mask, strict=True)]
    assert all(is_hidden for row in pairs for count, is_hidden in row if 0 < count < LEAST)
    for line in lines_of(pairs) if sums_across else zip(*pairs, strict=True):
        covered = [count for count, is_hidden in line if is_hidden]
        safe = len(covered) > 1 and sum(covered) >= LEAST
        assert not covered or safe or len(covered) == len(line)


@given(TABLES)
def test_nothing_is_hidden_without_a_small_count(table):
    large = [[count + LEAST for count in row] for row in table]
    assert not any(any(row) for row in hidden(large))


@given(st.integers(0, 10_000), st.integers(2, 100))
def test_a_rounded_count_is_near_and_over_all_draws_right(count: int, base: int) -> None:
    found = [rounded(count, base=base, draw=draw) for draw in range(base)]

    assert {one % base for one in found} == {0}
    assert max(abs(one - count) for one in found) < base
    assert sum(found) == count * base


@pytest.mark.parametrize(("count", "base", "draw"), [(-1, 10, 0), (1, 1, 0), (1, 10, 10), (1, 10, -1)])
def test_what_cannot_be_rounded_is_refused(count: int, base: int, draw: int) -> None:
    with pytest.raises(ValueError, match="A count"):
        rounded(count, base=base, draw=draw)
