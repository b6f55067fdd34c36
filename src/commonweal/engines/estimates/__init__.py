"""Intervals around a share and around a mean.

>>> low, high = wilson(8, 10)
>>> round(low, 3), round(high, 3)
(0.49, 0.943)
>>> mean_interval([10, 12, 14])
Interval(middle=12.0, low=7.031..., high=16.968...)
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, exp, inf, log, pi, sqrt
from statistics import NormalDist, fmean, stdev
from typing import NamedTuple

__all__ = ["Interval", "mean_interval", "share_difference", "student", "wilson"]


class Interval(NamedTuple):
    """An estimate and the ends of its interval."""

    middle: float
    low: float
    high: float


def wilson(hits: int, number: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Return the score interval of a share.

    It stays within 0 and 1 and holds its level for few people and for shares near the ends.

    Args:
        hits: How many of them.
        number: Of how many; above nought.
        confidence: How often the interval holds the true share.

    Raises:
        ValueError: ``number`` is not above nought, or ``hits`` does not lie between.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927).
    """
    if number <= 0 or not 0 <= hits <= number:
        raise ValueError("A share needs a number above nought, and at most so many hits.")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = hits / number
    middle = share + z * z / (2 * number)
    reach = z * sqrt(share * (1 - share) / number + z * z / (4 * number * number))
    whole = 1 + z * z / number
    return max(0.0, (middle - reach) / whole), min(1.0, (middle + reach) / whole)


def share_difference(
    hits: int, number: int, others_hits: int, others_number: int, *, confidence: float = 0.95
) -> Interval:
    """Return the difference of two shares, with the interval that two score intervals give.

    Raises:
        ValueError: As for :func:`wilson`.

    Source: R. G. Newcombe, Interval estimation for the difference between independent proportions, Statistics in
    Medicine 17 (1998), method 10.
    """
    low, high = wilson(hits, number, confidence=confidence)
    others_low, others_high = wilson(others_hits, others_number, confidence=confidence)
    share, others = hits / number, others_hits / others_number
    below = sqrt((share - low) ** 2 + (others_high - others) ** 2)
    above = sqrt((high - share) ** 2 + (others - others_low) ** 2)
    return Interval(share - others, share - others - below, share - others + above)


def mean_interval(values: Sequence[float], *, confidence: float = 0.95) -> Interval:
    """Return the mean and Student's interval around it.

    One value says nothing of how much values differ: its interval is everything.

    Raises:
        ValueError: There is no value.

    Source: Student, The probable error of a mean, Biometrika 6 (1908).
    """
    if not values:
        raise ValueError("A mean needs a value.")
    middle = fmean(values)
    if len(values) == 1:
        return Interval(middle, -inf, inf)
    reach = student(confidence, len(values) - 1) * stdev(values) / sqrt(len(values))
    return Interval(middle, middle - reach, middle + reach)


def student(confidence: float, freedom: int) -> float:
    """Return how far Student's distribution reaches to both sides with this probability.

    Args:
        confidence: Above nought, below one.
        freedom: Degrees of freedom, at least one.

    Raises:
        ValueError: An argument lies outside.

    Source: inverse of the distribution's closed sums for whole degrees of freedom, M. Abramowitz and I. Stegun,
    Handbook of Mathematical Functions (1964), 26.7.3 and 26.7.4, by bisection.
    """
    if not 0 < confidence < 1 or freedom < 1:
        raise ValueError("The confidence lies between nought and one, degrees of freedom begin at one.")
    if freedom > _MOST_FREEDOM:
        return NormalDist().inv_cdf((1 + confidence) / 2)
    low, high = 0.0, pi / 2
    while high - low > _FINE:
        middle = (low + high) / 2
        if _within(middle, freedom) < confidence:
            low = middle
        else:
            high = middle
    angle = (low + high) / 2
    return sqrt(freedom) * _tangent(angle)


_MOST_FREEDOM = 100_000
_FINE = 1e-15


def _tangent(angle: float) -> float:
    sine = sqrt(max(0.0, 1 - cos(angle) ** 2))
    return sine / cos(angle)


def _within(angle: float, freedom: int) -> float:
    """Return the probability between both ends, where the tangent of the angle is t over the root of freedom."""
    sine, cosine = sqrt(max(0.0, 1 - cos(angle) ** 2)), cos(angle)
    square = cosine * cosine
    if freedom % 2:
        total = _sum(cosine, square, range(3, freedom - 1, 2)) if freedom > 1 else 0.0
        return 2 / pi * (angle + sine * total)
    return sine * _sum(1.0, square, range(2, freedom - 1, 2))


def _sum(first: float, square: float, steps: range) -> float:
    """Sum first * (1 + a/b s + a c/(b d) s² + …), each step's factor being (k - 1) / k."""
    total = term = first
    for step in steps:
        term *= square * (step - 1) / step
        if term < exp(log(total) - 40):
            break
        total += term
    return total
