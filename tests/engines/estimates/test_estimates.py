"""Intervals, held against published tables."""

from __future__ import annotations

import doctest
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.engines import estimates
from commonweal.engines.estimates import Interval, mean_interval, share_difference, student, wilson


def test_examples():
    assert doctest.testmod(estimates, optionflags=doctest.ELLIPSIS).failed == 0


# Percentage points of t, two sides, as every table of them prints them.
@pytest.mark.parametrize(
    ("confidence", "freedom", "reach"),
    [
        (0.95, 1, 12.706), (0.95, 2, 4.303), (0.95, 3, 3.182), (0.95, 4, 2.776), (0.95, 10, 2.228),
        (0.95, 30, 2.042), (0.95, 120, 1.980), (0.99, 5, 4.032), (0.99, 29, 2.756), (0.90, 7, 1.895),
        (0.95, 1_000, 1.962), (0.95, 200_000, 1.960),
    ],
)  # fmt: skip
def test_student_agrees_with_the_printed_table(confidence, freedom, reach):
    assert student(confidence, freedom) == pytest.approx(reach, abs=0.0006)


@pytest.mark.parametrize(("confidence", "freedom"), [(0, 3), (1, 3), (0.95, 0)])
def test_student_refuses_what_has_no_answer(confidence, freedom):
    with pytest.raises(ValueError, match="confidence"):
        student(confidence, freedom)


# Newcombe 1998, Interval estimation for the single proportion, table I: score method without correction.
@pytest.mark.parametrize(
    ("hits", "number", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_agrees_with_the_published_examples(hits, number, low, high):
    assert wilson(hits, number) == (pytest.approx(low, abs=6e-5), pytest.approx(high, abs=6e-5))


# Newcombe 1998, table II, method 10.
@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [((56, 70, 48, 80), 0.0524, 0.3339), ((9, 10, 3, 10), 0.1705, 0.8090), ((10, 10, 0, 10), 0.6075, 1.0)],
)
def test_the_difference_agrees_with_the_published_examples(counts, low, high):
    found = share_difference(*counts)
    assert (found.low, found.high) == (pytest.approx(low, abs=6e-5), pytest.approx(high, abs=6e-5))


@given(st.integers(1, 5_000).flatmap(lambda number: st.tuples(st.integers(0, number), st.just(number))))
def test_wilson_holds_the_share_and_stays_a_share(pair):
    hits, number = pair
    low, high = wilson(hits, number)
    assert 0 <= low <= hits / number + 1e-12
    assert hits / number - 1e-12 <= high <= 1


@pytest.mark.parametrize(("hits", "number"), [(0, 0), (3, 2), (-1, 2)])
def test_wilson_refuses_what_is_no_share(hits, number):
    with pytest.raises(ValueError, match="share"):
        wilson(hits, number)


def test_a_mean_of_one_value_says_nothing():
    assert mean_interval([4]) == Interval(4, -inf, inf)
    with pytest.raises(ValueError, match="value"):
        mean_interval([])
