"""Changed figures: what a form or a caller says, held against what parameters may be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from commonweal.engines import parameters
from commonweal.engines.parameters import Entry, Kind, Parameter, ParameterSet, Reference, Snapshot, Tree

Overlay = Mapping[str, Tree]
"""Changed values by key of the parameter, whole: a table is given with all its cells."""

Place = tuple[str | int, ...]
_TRUTHS = {"yes": True, "no": False}


@dataclass(frozen=True)
class Cell:
    """One single value of a parameter, as a form shows it.

    Attributes:
        name: Of the form's field.
        place: Keys and indexes that lead to it inside the parameter's value.
        label: What distinguishes it from its neighbours; empty for a single value.
        value: As text; empty where it is not known.
    """

    name: str
    place: Place
    label: str
    value: str


def cells(parameter: Parameter, entry: Entry | None) -> list[Cell]:
    """Return a parameter's single values on a day; one empty cell for each where it is not known."""
    return changed_cells(parameter, entry.value if entry is not None else None)


def changed_cells(parameter: Parameter, value: Tree | None) -> list[Cell]:
    """Return the single values of a changed parameter; one empty cell for each where there is none."""
    places = list(_places(value)) if value is not None else list(_empty(parameter))
    return [
        Cell(
            name=field_name(parameter.key, place),
            place=place,
            label=_label(parameter, place),
            value=_written(leaf),
        )
        for place, leaf in places
    ]


def field_name(key: str, place: Place) -> str:
    """Return the name of a form's field for one value."""
    return ".".join(["p", key, *map(str, place)])


def _places(value: Tree, place: Place = ()) -> Iterator[tuple[Place, Tree]]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _places(part, (*place, key))
    elif isinstance(value, list):
        for at, part in enumerate(value):
            yield from _places(part, (*place, at))
    else:
        yield place, value


def _empty(parameter: Parameter) -> Iterator[tuple[Place, Tree]]:
    if parameter.kind is Kind.SCALE:
        return
    places: list[Place] = [()]
    for dimension in parameter.by:
        keys: list[str | int] = (
            list(range(len(dimension.names))) if dimension.is_numbered else list(dimension.names)
        )
        places = [(*place, key) for place in places for key in keys]
    for place in places:
        yield place, ""


def _label(parameter: Parameter, place: Place) -> str:
    words = []
    for dimension, key in zip(parameter.by, place, strict=False):
        name = dimension.names[key] if isinstance(key, int) else key
        words.append(f"{dimension.label}: {dimension.word(name)}")
    band = place[len(parameter.by) :]
    if band:
        name = _("from above") if band[-1] == "above" else _("value")
        words.append(_("band %(number)s, %(part)s") % {"number": int(band[0]) + 1, "part": name})
    return ", ".join(words)


def _written(leaf: Tree) -> str:
    if isinstance(leaf, bool):
        return "yes" if leaf else "no"
    return f"{leaf.normalize():f}" if isinstance(leaf, Decimal) else str(leaf)


def read_form(
    figures: ParameterSet, snapshot: Snapshot, posted: Mapping[str, str]
) -> tuple[dict[str, Tree], dict[str, str]]:
    """Read the fields of a form.

    Args:
        figures: The programme's parameters.
        snapshot: The law on the day; what equals it is no change.
        posted: Text by name of the field; a parameter without a field stays as it is.

    Returns:
        The changed values, and what is wrong by name of the field.
    """
    changes: dict[str, Tree] = {}
    errors: dict[str, str] = {}
    for parameter in figures:
        fields = cells(parameter, snapshot.entries.get(parameter.key))
        value = _changed(parameter, fields, posted)
        if value is None:
            continue
        wrong = faults_of(parameter, value)
        errors |= {_field_of(parameter.key, place, fields): message for place, message in wrong}
        if not wrong:
            changes[parameter.key] = _read(parameter, value)
    return changes, errors


def _changed(parameter: Parameter, fields: list[Cell], posted: Mapping[str, str]) -> Any:
    """Return a parameter's whole value as it was typed; None where nothing of it differs."""
    given = {cell: posted[cell.name].strip() for cell in fields if cell.name in posted}
    if all(_is_same(text, cell.value, parameter.kind) for cell, text in given.items()):
        return None
    value: Any = None
    for cell in fields:
        value = _put(value, cell.place, _typed(given.get(cell, cell.value), parameter.kind))
    return value


def _field_of(key: str, place: Place, fields: list[Cell]) -> str:
    """Return the field that a fault belongs to; the parameter's first where it belongs to none alone."""
    name = field_name(key, place)
    known = [cell.name for cell in fields]
    return name if name in known else known[0]


def _is_same(text: str, value: str, kind: Kind) -> bool:
    if text == value:
        return True
    if kind in {Kind.NUMBER, Kind.SCALE} and text and value:
        try:
            return Decimal(text) == Decimal(value)
        except InvalidOperation:
            return False
    return False


def _typed(text: str, kind: Kind) -> Any:
    return _TRUTHS.get(text, text) if kind is Kind.BOOLEAN else text


def _put(tree: Any, place: Place, leaf: Any) -> Any:
    if not place:
        return leaf
    first, rest = place[0], place[1:]
    if isinstance(first, int):
        items: list[Any] = tree if tree is not None else []
        items += [None] * (first + 1 - len(items))
        items[first] = _put(items[first], rest, leaf)
        return items
    table: dict[str, Any] = tree if tree is not None else {}
    table[first] = _put(table.get(first), rest, leaf)
    return table


def read_overlay(
    figures: ParameterSet, snapshot: Snapshot, given: Mapping[str, object]
) -> tuple[dict[str, Tree], dict[str, str]]:
    """Read changed values as the API takes them: whole values by key of the parameter.

    Returns:
        The changed values, without those that are as they were; and what is wrong by key.
    """
    changes: dict[str, Tree] = {}
    errors: dict[str, str] = {}
    for key, value in given.items():
        parameter = figures.parameters.get(key)
        if parameter is None:
            errors[key] = _("The programme has no such figure.")
            continue
        wrong = faults_of(parameter, value)
        if wrong:
            errors[key] = " ".join(message for _place, message in wrong)
            continue
        read = _read(parameter, value)
        entry = snapshot.entries.get(key)
        if entry is None or entry.value != read:
            changes[key] = read
    return changes, errors


def faults_of(parameter: Parameter, value: object) -> list[tuple[Place, str]]:
    """Say what keeps a value from being one of this parameter, in the words that `commonweal check` has for it."""
    _found, faults = parameters.read(_document(parameter, value))
    inside = ("parameters", parameter.key, "entries", 0, "value")
    return [
        (fault.path[len(inside) :], " ".join(part for part in (fault.message, fault.hint) if part))
        for fault in faults
        if fault.is_error
    ]


def _read(parameter: Parameter, value: object) -> Tree:
    read = parameters.load(_document(parameter, value)).parameters[parameter.key].entries[0].value
    if read is None:
        raise ValueError(f"{parameter.key} has no value.")
    return read


def _document(parameter: Parameter, value: object) -> dict[str, Any]:
    """Return a document with this parameter alone, so that changed values meet the reader of parameters.yaml."""
    by = [
        {"key": dimension.key, "label": dimension.label}
        | ({"up_to": len(dimension.names)} if dimension.is_numbered else {"values": list(dimension.names)})
        for dimension in parameter.by
    ]
    entry = {"from": "2000-01-01", "known_from": "2000-01-01", "reference": "a reform", "value": value}
    declared = {
        "label": parameter.label,
        "unit": parameter.unit,
        "kind": str(parameter.kind),
        "entries": [entry],
        **({"by": by} if by else {}),
        **({"minimum": parameter.minimum} if parameter.minimum else {}),
        **({"maximum": parameter.maximum} if parameter.maximum is not None else {}),
    }
    return {"programme": "reform", "name": "reform", "parameters": {parameter.key: declared}}


def overlaid(snapshot: Snapshot, overlay: Overlay, reference_on: date) -> Snapshot:
    """Return the law on a day with changed figures."""
    reform = Reference(_("Proposed change"))
    entries = {key: Entry(reference_on, None, reference_on, reform, value) for key, value in overlay.items()}
    unknown = {key: why for key, why in snapshot.unknown.items() if key not in overlay}
    return replace(snapshot, entries={**snapshot.entries, **entries}, unknown=unknown)


def as_json(tree: Tree) -> Any:
    """Return a value as JSON: numbers as text, so that no digit is lost."""
    if isinstance(tree, Mapping):
        return {key: as_json(part) for key, part in tree.items()}
    if isinstance(tree, list):
        return [as_json(part) for part in tree]
    return str(tree) if isinstance(tree, Decimal) else tree
