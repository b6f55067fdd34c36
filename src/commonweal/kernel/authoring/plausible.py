"""Figures that look like a slip: a value that changes by more than anything in this law ever has.

A law is its own measure: how far its figures have moved from one period to the next says what is usual. Twice as much is
never called unusual, and five times always is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from itertools import pairwise

from django.utils.translation import gettext as _

from commonweal.engines.parameters import Entry, Parameter, ParameterSet, Tree

LEAST, MOST = Decimal(2), Decimal(5)
_Leaf = tuple[str, Decimal]
_WIDE = Context(prec=28, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])
"""Divides whatever can be typed; what is larger still is infinite."""
_LONG = 20
"""Digits before or behind the point beyond which a number is written by its power of ten."""


@dataclass(frozen=True, slots=True)
class Unusual:
    """A value that differs much from the one before.

    Attributes:
        key: Of the figure.
        version: Of the value: the day from which it applies, and the day since when it is known.
        words: What is unusual, for whoever typed it.
    """

    key: str
    version: str
    words: str


def usual_factor(law: ParameterSet) -> Decimal:
    """Return the largest factor by which a figure of a law has changed from one period to the next, between 2 and 5."""
    factors = [
        _factor(old, new)
        for figure in law
        for before, after in pairwise(figure.history())
        for _place, old, new in _pairs(before.value, after.value)
    ]
    known = [factor for factor in factors if factor is not None]
    return min(max([LEAST, *known]), MOST)


def unusual(before: ParameterSet, after: ParameterSet) -> list[Unusual]:
    """Return the values that one text has and another had not, and that differ more than is usual from the value before.

    Args:
        before: The figures as they were; they say what is usual.
        after: The same with what was typed.
    """
    usual = usual_factor(before)
    return [one for figure in after for one in _of_figure(figure, before.parameters.get(figure.key), usual)]


def _of_figure(figure: Parameter, was: Parameter | None, usual: Decimal) -> Iterator[Unusual]:
    known = {entry.version: entry.value for entry in was.entries} if was else {}
    earlier: Entry | None = None
    for entry in figure.entries:
        own = known.get(entry.version)
        if own != entry.value:  # the first of a figure is held against what it said itself
            for words in _said(earlier.value if earlier else own, entry.value, usual):
                yield Unusual(figure.key, entry.version, words)
        earlier = entry


def _said(before: Tree | None, after: Tree | None, usual: Decimal) -> Iterator[str]:
    for place, old, new in _pairs(before, after):
        words = _words(old, new, usual)
        if words:
            yield f"{place}: {words}" if place else words


def _words(old: Decimal, new: Decimal, usual: Decimal) -> str:
    names = {"old": _written(old), "new": _written(new), "most": _plain(usual)}
    if new == 0 != old:
        return _("%(new)s after %(old)s: the value falls away altogether.") % names
    factor = _factor(old, new)
    if factor is None or factor <= usual:
        return ""
    names["times"] = _plain(factor)
    if new > old:
        said = _("%(new)s is %(times)s times as much as before (%(old)s).")
    else:
        said = _("%(new)s is less than before (%(old)s), divided by %(times)s.")
    measure = _("More than %(most)s times is unusual in this law.")
    return f"{said % names} {measure % names}"


def _plain(number: Decimal) -> str:
    """Return a factor with at most two digits behind the point, and none that says nothing."""
    if not number.is_finite() or number.adjusted() >= _LONG:
        return f"{number:.2e}"
    text = f"{number.quantize(Decimal('0.01')):f}"
    return text.rstrip("0").rstrip(".")


def _written(number: Decimal) -> str:
    """Return a value as it was typed, as long as somebody can count its digits."""
    return f"{number:f}" if abs(number.adjusted()) < _LONG else f"{number:.2e}"


def _factor(old: Decimal, new: Decimal) -> Decimal | None:
    """Return by how much a value changes, up or down; None from zero, or across it."""
    if old == 0 or new == 0 or (old < 0) != (new < 0):
        return None
    return max(_WIDE.divide(new, old), _WIDE.divide(old, new))


def _pairs(before: Tree | None, after: Tree | None) -> Iterator[tuple[str, Decimal, Decimal]]:
    """Return the numbers that stand at the same place of two values."""
    was, now = dict(_leaves(before, ())), dict(_leaves(after, ()))
    for place, value in now.items():
        if place in was:
            yield ", ".join(place), was[place], value


def _leaves(value: Tree | None, place: Sequence[str]) -> Iterator[tuple[tuple[str, ...], Decimal]]:
    if isinstance(value, Decimal):
        yield tuple(place), value
    elif isinstance(value, list):
        for at, inner in enumerate(value, 1):
            yield from _leaves(inner, (*place, str(at)))
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, (*place, name))
