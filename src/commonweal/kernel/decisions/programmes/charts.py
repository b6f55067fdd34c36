"""Draws a parameter's history as steps: plain numbers for an SVG, no script."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from commonweal.engines.parameters import Entry, Parameter, Tree

WIDTH, HEIGHT = 640, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 84, 16, 20, 40
_MOST_LINES = 8
_LABEL, _LETTER = 19, 11
"""Height of a label, and width of one of its letters."""


@dataclass(frozen=True)
class Line:
    """One line of the chart.

    Attributes:
        label: Key of the table's value; empty for a single value.
        path: The ``d`` of an SVG path.
        last: Where the line ends: x, y. Labels that would touch are moved apart.
    """

    label: str
    path: str
    last: tuple[float, float]


@dataclass(frozen=True)
class Chart:
    """A chart's lines and the marks of its axes.

    Attributes:
        lines: At most eight.
        y_marks: Height and text.
        x_marks: Place and year.
        width: Of the drawing.
        height: Of the drawing.
        left: Where the lines begin.
        right: Where the lines end.
        base: Where the horizontal axis lies.
        day: Where the day asked for lies; None where it is outside.
    """

    lines: tuple[Line, ...]
    y_marks: tuple[tuple[float, str], ...]
    x_marks: tuple[tuple[float, str], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    base: int = HEIGHT - _BOTTOM
    day: float | None = None


def leaves(value: Tree, place: str = "") -> list[tuple[str, str]]:
    """Return the single values of a table with their places, for example ``A 3``.

    Example:
        >>> leaves({"A": [Decimal(1), Decimal(2)]})
        [('A 1', '1'), ('A 2', '2')]
    """
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in leaves(item, f"{place} {key}".strip())]
    if isinstance(value, list):
        return [leaf for at, item in enumerate(value, 1) for leaf in leaves(item, f"{place} {at}".strip())]
    return [(place, str(value))]


def chart_of(parameter: Parameter, *, on: date | None = None) -> Chart | None:
    """Return the chart of a parameter, with a mark at a day; None where its values are no numbers."""
    history = [entry for entry in parameter.history() if entry.value is not None]
    numbers = [_numbers(entry) for entry in history]
    if not history or not all(numbers):
        return None
    begin = history[0].valid_from
    end = _end(history[-1])
    top = max(value for row in numbers for value in row.values()) or Decimal(1)
    frame = _Frame(begin, end, top)
    labels = list(numbers[0])[:_MOST_LINES]
    return Chart(
        lines=_apart([_line(label, history, numbers, frame) for label in labels]),
        y_marks=tuple((frame.y(mark), f"{mark:,}") for mark in frame.marks()),
        x_marks=tuple(
            (frame.x(date(year, 1, 1)), str(year))
            for year in range(begin.year, end.year + 1)
            if begin <= date(year, 1, 1) <= end and (year - begin.year) % frame.every == 0
        ),
        width=WIDTH + _LETTER * max(map(len, labels), default=0),
        day=frame.x(on) if on is not None and begin <= on <= end else None,
    )


def _apart(lines: list[Line]) -> tuple[Line, ...]:
    """Move the labels of lines that end close to each other apart, from the lowest up."""
    placed: dict[str, float] = {}
    below = float(HEIGHT)
    for line in sorted(lines, key=lambda line: -line.last[1]):
        below = min(line.last[1], below - _LABEL)
        placed[line.label] = round(below, 1)
    return tuple(Line(line.label, line.path, (line.last[0], placed[line.label])) for line in lines)


def _numbers(entry: Entry) -> dict[str, Decimal]:
    found = {}
    for place, text in leaves(entry.value) if entry.value is not None else []:
        if not text.removeprefix("-").replace(".", "", 1).isdigit():
            return {}
        found[place] = Decimal(text)
    return found


def _end(last: Entry) -> date:
    return last.valid_until or last.valid_from + timedelta(days=365)


@dataclass(frozen=True)
class _Frame:
    begin: date
    end: date
    top: Decimal

    def x(self, on: date) -> float:
        days = max((self.end - self.begin).days, 1)
        return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * (on - self.begin).days / days, 1)

    def y(self, value: Decimal) -> float:
        return round(float(HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * value / self.ceiling), 1)

    @property
    def ceiling(self) -> Decimal:
        """The round number at or above the largest value."""
        unit = Decimal(1).scaleb(self.top.adjusted())
        return next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= self.top)

    @property
    def every(self) -> int:
        """How many years lie between two marks, so that their texts do not touch."""
        return max(1, -(-(self.end.year - self.begin.year) // 7))

    def marks(self) -> list[Decimal]:
        return [(self.ceiling * part / 4).normalize() + 0 for part in range(5)]


def _line(label: str, history: list[Entry], numbers: list[dict[str, Decimal]], frame: _Frame) -> Line:
    parts: list[str] = []
    place = (0.0, 0.0)
    previous: date | None = None
    for at, (entry, row) in enumerate(zip(history, numbers, strict=True)):
        following = history[at + 1].valid_from if at + 1 < len(history) else None
        until = entry.valid_until or (following - timedelta(days=1) if following else _end(entry))
        if label not in row:
            continue
        start, stop, height = frame.x(entry.valid_from), frame.x(until), frame.y(row[label])
        is_joined = previous is not None and entry.valid_from - previous == timedelta(days=1)
        parts.append(f"{'L' if is_joined else 'M'}{start} {height}H{stop}")
        place, previous = (stop, height), until
    return Line(label, "".join(parts), place)
