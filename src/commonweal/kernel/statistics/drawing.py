"""Draws counts by month as pairs of bars: plain numbers for an SVG, no script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 8, 16, 34
_MARKS = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar, or the place of one whose count is hidden.

    Attributes:
        x: Where it begins.
        y: Its upper end.
        width: How wide it is.
        height: How high it is; nought where the count is hidden.
        is_second: Whether it is the second of its pair.
        is_hidden: Whether the count is hidden.
    """

    x: float
    y: float
    width: float
    height: float
    is_second: bool
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class Bars:
    """A drawing of pairs of bars.

    Attributes:
        bars: Every bar.
        y_marks: Height and number.
        x_marks: Middle of a pair and its label.
        width: Of the drawing.
        height: Of the drawing.
        left: Where the bars begin.
        right: Where they end.
        base: Where the horizontal axis lies.
    """

    bars: tuple[Bar, ...]
    y_marks: tuple[tuple[float, int], ...]
    x_marks: tuple[tuple[float, str], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    base: int = HEIGHT - _BOTTOM


def pairs(labels: Sequence[str], first: Sequence[int | None], second: Sequence[int | None]) -> Bars | None:
    """Draw two counts for each label, side by side; None where there is nothing to draw.

    Args:
        labels: One a pair.
        first: Counts; None is hidden.
        second: Likewise, as many.
    """
    known = [count for count in (*first, *second) if count is not None]
    if not any(known):
        return None
    step, marks = _scale(max(known))
    base, top = HEIGHT - _BOTTOM, _TOP
    unit = (base - top) / (step * marks)
    slot = (WIDTH - _LEFT - _RIGHT) / len(labels)
    width = round(slot * 0.36, 1)
    bars = []
    for at, counts in enumerate(zip(first, second, strict=True)):
        for number, count in enumerate(counts):
            x = round(_LEFT + slot * at + slot * 0.12 + number * (width + slot * 0.04), 1)
            height = round((count or 0) * unit, 1)
            bars.append(Bar(x, round(base - height, 1), width, height, bool(number), count is None))
    return Bars(
        bars=tuple(bars),
        y_marks=tuple((round(base - step * at * unit, 1), step * at) for at in range(marks + 1)),
        x_marks=tuple(
            (round(_LEFT + slot * (at + 0.5), 1), label) for at, label in enumerate(labels) if at % 2 == 0
        ),
    )


def _scale(highest: int) -> tuple[int, int]:
    """Return the step of the marks, one of 1, 2 or 5 times a power of ten, and how many steps there are."""
    step = next(
        digit * 10**power
        for power in range(12)
        for digit in (1, 2, 5)
        if digit * 10**power * _MARKS >= highest
    )
    return step, -(-highest // step)
