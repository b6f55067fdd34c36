"""What changes between two texts of a programme, in plain words: figures by name and day, everything else as it comes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from commonweal.kernel.base.documents import Unreadable, parse_yaml
from commonweal.kernel.catalogue.queries import Difference, DifferenceKind, differences
from commonweal.kernel.decisions.programmes.reading import FIGURES

_LONGEST = 200
_DATES = ("from", "known_from")


def law_changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[Difference]:
    """Return what changed, by file; of the figures, each value that is new, gone or different.

    Example:
        >>> old = "parameters: {fee: {label: Fee, entries: [{from: 2026-01-01, value: 4}]}}"
        >>> new = "parameters: {fee: {label: Fee, entries: [{from: 2026-01-01, value: 5}]}}"
        >>> [str(each) for each in law_changes({"parameters.yaml": old}, {"parameters.yaml": new})]
        ["parameters.yaml: Fee > 2026-01-01 > value changes from '4' to '5'"]
    """
    found = differences(before, after)
    try:
        old, new = (_figures(text.get(FIGURES, "")) for text in (before, after))
    except Unreadable:
        return found
    kept = [each for each in found if each.file != FIGURES or "entries" not in each.place]
    return [*_values(old, new), *kept]


def _figures(text: str) -> dict[str, Any]:
    data = parse_yaml(text.encode(), FIGURES).data
    figures = data.get("parameters") if isinstance(data, dict) else None
    return figures if isinstance(figures, dict) else {}


def _values(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    for key, figure in after.items():
        if key in before and before[key] != figure:
            label = str(figure.get("label") or key) if isinstance(figure, dict) else key
            yield from _entries(label, _by_day(before[key]), _by_day(figure))


def _by_day(figure: Any) -> dict[tuple[str, ...], dict[str, Any]]:
    entries = figure.get("entries") if isinstance(figure, dict) else None
    found = [one for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []
    return {tuple(str(one.get(name, "")) for name in _DATES): one for one in found}


def _entries(
    label: str, before: Mapping[Any, dict[str, Any]], after: Mapping[Any, dict[str, Any]]
) -> Iterator[Difference]:
    known = {**before, **after}
    twice = {day for day, _known in known if sum(each == day for each, _ in known) > 1}
    for at in sorted(known):
        place = (label, f"{at[0]} ({at[1]})" if at[0] in twice else at[0])
        if at not in before:
            yield Difference(FIGURES, place, DifferenceKind.NEW, after=_said(after[at]))
        elif at not in after:
            yield Difference(FIGURES, place, DifferenceKind.GONE, before=_said(before[at]))
        else:
            yield from _fields(place, before[at], after[at])


def _fields(
    place: tuple[str, ...], before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Difference]:
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name), after.get(name)
        if old != new:
            kind = (
                DifferenceKind.NEW
                if old is None
                else DifferenceKind.GONE
                if new is None
                else DifferenceKind.CHANGED
            )
            yield Difference(FIGURES, (*place, name), kind, _text(old), _text(new))


def _said(entry: Mapping[str, Any]) -> str:
    return _text(entry["value"] if "value" in entry else entry.get("unknown"))


def _text(value: Any) -> str:
    """Return a value as people read it: a table as `1: 281, 2: 516`, bands as `above 0: 0.1`."""
    if value is None:
        return ""
    text = " ".join(_flat(value).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_nested(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return ", ".join(f"{at}: {_nested(inner)}" for at, inner in enumerate(value, 1))
    return str(value)


def _nested(value: Any) -> str:
    return f"({_flat(value)})" if isinstance(value, dict | list) else str(value)
