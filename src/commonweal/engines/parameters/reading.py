"""Turns a parsed document into a set of parameters, or says what is wrong and where.

The document is plain dicts, lists, strings, numbers, booleans and dates; a fault names the place as a path
of keys and indexes, so that whoever read the file can add the line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from itertools import pairwise
from typing import Any

from commonweal.engines.parameters.model import (
    Dimension,
    Entry,
    Kind,
    Parameter,
    ParameterSet,
    Reference,
    Tree,
)

_KEY = re.compile(r"[a-z][a-z0-9_]*")
_UNIT = re.compile(r"([A-Z]{3}|[a-z][a-z0-9]*)(/(hour|day|week|month|year|km|m2|person))?")
_UNIT_OF = {Kind.TEXT: "text", Kind.BOOLEAN: "yes-no"}
_ENTRY_KEYS = frozenset({"from", "until", "known_from", "reference", "value", "unknown", "corrects", "note"})
_PARAMETER_KEYS = frozenset({"label", "description", "unit", "kind", "by", "minimum", "maximum", "entries"})
_DIMENSION_KEYS = frozenset({"key", "label", "values", "up_to", "labels"})
_MAX_NUMBERED = 200


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a document.

    Attributes:
        path: Keys and indexes that lead to the place.
        code: Stable name of the kind of fault.
        message: What is wrong.
        hint: How to mend it; may be empty.
        is_error: A warning does not make the document unusable.
    """

    path: tuple[str | int, ...]
    code: str
    message: str
    hint: str = ""
    is_error: bool = True

    def __str__(self) -> str:
        where = ".".join(str(part) for part in self.path) or "document"
        return f"{where}: {self.message}" + (f" {self.hint}" if self.hint else "")


class ParametersError(ValueError):
    """A document is not a set of parameters; ``faults`` says why."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(str(fault) for fault in faults))


def load(document: Mapping[str, Any]) -> ParameterSet:
    """Return the parameters that a document declares.

    Raises:
        ParametersError: Something in it is wrong; every fault is named.
    """
    found, faults = read(document)
    if found is None:
        raise ParametersError([fault for fault in faults if fault.is_error])
    return found


def read(document: object) -> tuple[ParameterSet | None, list[Fault]]:
    """Return the parameters (None if there is an error) and all faults, warnings of gaps among them."""
    reader = _Reader()
    found = reader.document(document)
    if any(fault.is_error for fault in reader.faults):
        return None, reader.faults
    reader.warn_of_gaps(found)
    return found, reader.faults


class _Reader:
    """Reads one document and collects its faults."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.bounds: tuple[Decimal, Decimal | None] = (Decimal(), None)
        """Of the figure that is being read."""

    def fault(self, path: tuple[str | int, ...], code: str, message: str, hint: str = "") -> None:
        self.faults.append(Fault(path, f"parameters.{code}", message, hint))

    def document(self, document: object) -> ParameterSet:
        data = self.mapping(document, ())
        self.no_others(data, frozenset({"programme", "name", "summary", "parameters"}), ())
        declared = self.mapping(data.get("parameters"), ("parameters",))
        parameters = {}
        for key, value in declared.items():
            path = ("parameters", key)
            if not _KEY.fullmatch(key):
                self.fault(
                    path, "key", f"'{key}' cannot be a name in FEEL.", "Use small letters, digits and _."
                )
            parameters[key] = self.parameter(key, self.mapping(value, path), path)
        return ParameterSet(
            programme=self.text(data, "programme", ()),
            name=self.text(data, "name", ()),
            parameters=parameters,
            hash=content_hash(document),
        )

    def parameter(self, key: str, data: Mapping[str, Any], path: tuple[str | int, ...]) -> Parameter:
        self.no_others(data, _PARAMETER_KEYS, path)
        kind = self.kind(data, path)
        dimensions = self.sequence(data.get("by", []), (*path, "by"))
        by = tuple(
            self.dimension(self.mapping(value, (*path, "by", at)), (*path, "by", at))
            for at, value in enumerate(dimensions)
        )
        self.bounds = self.declared_bounds(data, kind, path)
        entries = []
        for at, value in enumerate(self.sequence(data.get("entries"), (*path, "entries"))):
            where = (*path, "entries", at)
            entry = self.entry(self.mapping(value, where), kind, by, where)
            if entry is not None:
                entries.append((entry, where))
        self.in_order(entries)
        return Parameter(
            key=key,
            label=self.text(data, "label", path),
            description=self.text(data, "description", path, is_needed=False),
            unit=self.unit(data, kind, path),
            kind=kind,
            by=by,
            entries=tuple(entry for entry, _ in entries),
            minimum=self.bounds[0],
            maximum=self.bounds[1],
        )

    def declared_bounds(
        self, data: Mapping[str, Any], kind: Kind, path: tuple[str | int, ...]
    ) -> tuple[Decimal, Decimal | None]:
        """Read between what a number lies; a figure of the law is not negative where nothing is said."""
        found = {}
        for name in ("minimum", "maximum"):
            if name not in data:
                continue
            if kind not in {Kind.NUMBER, Kind.SCALE}:
                self.fault((*path, name), "bounds", f"A {kind} has no '{name}'.", "Take it away.")
                continue
            found[name] = self.number(data[name], (*path, name))
        least, most = found.get("minimum", Decimal()), found.get("maximum")
        if most is not None and most < least:
            hint = "Write a 'minimum' too, where it may be negative." if "minimum" not in found else ""
            self.fault(
                (*path, "maximum"), "bounds", f"The maximum {most} lies below the minimum {least}.", hint
            )
            return least, None
        return least, most

    def kind(self, data: Mapping[str, Any], path: tuple[str | int, ...]) -> Kind:
        written = data.get("kind", Kind.NUMBER)
        if written not in list(Kind):
            known = ", ".join(Kind)
            self.fault((*path, "kind"), "kind", f"'{written}' is not a kind of value.", f"Known: {known}.")
            return Kind.NUMBER
        return Kind(written)

    def unit(self, data: Mapping[str, Any], kind: Kind, path: tuple[str | int, ...]) -> str:
        unit = self.text(data, "unit", path)
        needed = _UNIT_OF.get(kind)
        if needed and unit != needed:
            self.fault((*path, "unit"), "unit", f"The unit of a {kind} is '{needed}', not '{unit}'.")
        elif not needed and unit and (unit in _UNIT_OF.values() or not _UNIT.fullmatch(unit)):
            hint = "Write a currency or a noun, and what it is for: USD/month, people, share, g/km."
            self.fault((*path, "unit"), "unit", f"'{unit}' is not a unit of numbers.", hint)
        return unit

    def dimension(self, data: Mapping[str, Any], path: tuple[str | int, ...]) -> Dimension:
        self.no_others(data, _DIMENSION_KEYS, path)
        key = self.text(data, "key", path)
        label = self.text(data, "label", path, is_needed=False) or key
        up_to = data.get("up_to")
        if (up_to is None) == (data.get("values") is None):
            self.fault(path, "dimension", "A dimension needs either 'values' (names) or 'up_to' (a number).")
        if up_to is None:
            values = self.sequence(data.get("values", []), (*path, "values"))
            names = tuple(str(value) for value in values)
            return Dimension(key, label, names, is_numbered=False, words=self.words(data, names, path))
        if not isinstance(up_to, int) or not 1 <= up_to <= _MAX_NUMBERED:
            self.fault(
                (*path, "up_to"), "dimension", f"'up_to' must be a whole number from 1 to {_MAX_NUMBERED}."
            )
            up_to = 1
        names = tuple(str(at + 1) for at in range(up_to))
        return Dimension(key, label, names, is_numbered=True, words=self.words(data, names, path))

    def words(
        self, data: Mapping[str, Any], names: tuple[str, ...], path: tuple[str | int, ...]
    ) -> tuple[str, ...]:
        """Return what the keys of a dimension stand for, of all of them or of none."""
        if data.get("labels") is None:
            return ()
        given = {str(name): word for name, word in self.mapping(data["labels"], (*path, "labels")).items()}
        strange, silent = sorted(given.keys() - set(names)), sorted(set(names) - given.keys())
        if strange or silent:
            message = f"'labels' says what each key stands for: {', '.join(strange or silent)} "
            message += "is no key of this dimension." if strange else "has none."
            self.fault((*path, "labels"), "dimension", message)
        return tuple(str(given.get(name, name)) for name in names)

    def entry(
        self, data: Mapping[str, Any], kind: Kind, by: tuple[Dimension, ...], path: tuple[str | int, ...]
    ) -> Entry | None:
        self.no_others(data, _ENTRY_KEYS, path)
        valid_from = self.day(data, "from", path)
        known_from = self.day(data, "known_from", path)
        valid_until = self.day(data, "until", path) if data.get("until") is not None else None
        unknown = self.text(data, "unknown", path, is_needed=False)
        reference = self.reference(data.get("reference"), path)
        value = None
        if ("value" in data) == bool(unknown):
            hint = "Where the figure has not been published, write 'unknown:' and why."
            self.fault(path, "value", "An entry needs either 'value' or 'unknown'.", hint)
        elif not unknown:
            value = self.tree(data["value"], kind, by, (*path, "value"))
        if valid_from is None or known_from is None:
            return None
        if valid_until is not None and valid_until < valid_from:
            self.fault((*path, "until"), "period", "The entry ends before it begins.")
        return Entry(
            valid_from=valid_from,
            valid_until=valid_until,
            known_from=known_from,
            reference=reference,
            value=value,
            unknown=unknown,
            corrects=self.text(data, "corrects", path, is_needed=False),
            note=self.text(data, "note", path, is_needed=False),
        )

    def in_order(self, entries: list[tuple[Entry, tuple[str | int, ...]]]) -> None:
        """Sort the entries; refuse two that claim the same day."""
        if not entries:
            return
        entries.sort(key=lambda pair: (pair[0].valid_from, pair[0].known_from))
        for (before, _), (after, path) in pairwise(entries):
            if before.valid_from == after.valid_from:
                self.correction(before, after, path)
            elif before.valid_until is not None and before.valid_until >= after.valid_from:
                message = (
                    f"This begins on {after.valid_from}, when the entry from {before.valid_from} still runs."
                )
                self.fault(path, "overlap", message, "End that entry on the day before.")

    def correction(self, before: Entry, after: Entry, path: tuple[str | int, ...]) -> None:
        if before.known_from == after.known_from:
            message = f"Two entries begin on {after.valid_from} and were known on the same day."
            self.fault(path, "overlap", message, "Remove one of them.")
        elif not after.corrects:
            message = f"Another entry begins on {after.valid_from} too."
            hint = "If this one replaces it, say why: 'corrects: …'."
            self.fault(path, "overlap", message, hint)

    def tree(self, value: object, kind: Kind, by: tuple[Dimension, ...], path: tuple[str | int, ...]) -> Tree:
        if not by:
            return self.scale(value, path) if kind is Kind.SCALE else self.leaf(value, kind, path)
        return (
            self.numbered(value, kind, by, path) if by[0].is_numbered else self.named(value, kind, by, path)
        )

    def numbered(
        self, value: object, kind: Kind, by: tuple[Dimension, ...], path: tuple[str | int, ...]
    ) -> list[Tree]:
        items = self.sequence(value, path)
        if len(items) != len(by[0].names):
            message = f"{len(items)} values stand here, {by[0].label} runs from 1 to {by[0].names[-1]}."
            self.fault(path, "table", message)
        return [self.tree(item, kind, by[1:], (*path, at)) for at, item in enumerate(items)]

    def named(
        self, value: object, kind: Kind, by: tuple[Dimension, ...], path: tuple[str | int, ...]
    ) -> dict[str, Tree]:
        table = self.mapping(value, path)
        missing = [name for name in by[0].names if name not in table]
        if missing:
            self.fault(path, "table", f"There is no value for {by[0].label} {', '.join(missing)}.")
        for name in table:
            if name not in by[0].names:
                self.fault((*path, name), "table", f"'{name}' is not one of the values of {by[0].label}.")
        shown = [name for name in by[0].names if name in table]
        return {name: self.tree(table[name], kind, by[1:], (*path, name)) for name in shown}

    def scale(self, value: object, path: tuple[str | int, ...]) -> list[Tree]:
        """Read bands: each ``{above, value}`` holds above its threshold, up to the next."""
        bands: list[Tree] = []
        last: Decimal | None = None
        for at, item in enumerate(self.sequence(value, path)):
            where = (*path, at)
            data = self.mapping(item, where)
            self.no_others(data, frozenset({"above", "value"}), where)
            above = self.number(data.get("above"), (*where, "above"))
            if last is not None and above <= last:
                self.fault((*where, "above"), "scale", f"The threshold {above} does not lie above {last}.")
            last = above
            bands.append({"above": above, "value": self.bounded(data.get("value"), (*where, "value"))})
        if not bands:
            self.fault(path, "scale", "A scale needs at least one band.")
        return bands

    def leaf(self, value: object, kind: Kind, path: tuple[str | int, ...]) -> Tree:
        if kind is Kind.NUMBER:
            return self.bounded(value, path)
        if isinstance(value, bool if kind is Kind.BOOLEAN else str):
            return value
        self.fault(path, "value", f"'{value}' is not a {kind}.")
        return ""

    def bounded(self, value: object, path: tuple[str | int, ...]) -> Decimal:
        """Read a number that lies between the figure's bounds."""
        number, (least, most) = self.number(value, path), self.bounds
        if number < least:
            hint = "Where it can be lower, say how low: 'minimum: …' beside its unit."
            message = "The value is negative." if not least else f"The value lies below the minimum, {least}."
            self.fault(path, "low", message, hint)
        elif most is not None and number > most:
            self.fault(path, "high", f"The value lies above the maximum, {most}.")
        return number

    def number(self, value: object, path: tuple[str | int, ...]) -> Decimal:
        """Read a number; a float is taken as the digits somebody wrote."""
        if isinstance(value, int | float | str | Decimal) and not isinstance(value, bool):
            try:
                number = Decimal(str(value))
            except InvalidOperation:
                number = Decimal("NaN")
            if number.is_finite():
                return number
        self.fault(path, "value", f"'{value}' is not a number.")
        return Decimal()

    def reference(self, value: object, path: tuple[str | int, ...]) -> Reference:
        if isinstance(value, str) and value.strip():
            return Reference(value.strip())
        if isinstance(value, Mapping):
            where = (*path, "reference")
            self.no_others(value, frozenset({"text", "url"}), where)
            url = self.text(value, "url", where, is_needed=False)
            return Reference(self.text(value, "text", where), url)
        hint = "Name the article of law, or the document that published the figure."
        self.fault(path, "reference", "The reference is missing.", hint)
        return Reference("")

    def day(self, data: Mapping[str, Any], key: str, path: tuple[str | int, ...]) -> date | None:
        value = data.get(key)
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        if isinstance(value, str):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        message = f"'{key}' is missing." if value is None else f"'{value}' is not a date."
        self.fault((*path, key), "date", message, "Write it as 2026-10-01.")
        return None

    def text(
        self, data: Mapping[str, Any], key: str, path: tuple[str | int, ...], *, is_needed: bool = True
    ) -> str:
        value = data.get(key)
        if isinstance(value, str) and value.strip():
            return " ".join(value.split())
        if value is not None or is_needed:
            message = f"'{key}' must be text." if value is not None else f"'{key}' is missing."
            self.fault((*path, key), "text", message)
        return ""

    def mapping(self, value: object, path: tuple[str | int, ...]) -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            return value
        self.fault(path, "shape", "Keys with values are expected here.")
        return {}

    def sequence(self, value: object, path: tuple[str | int, ...]) -> Sequence[Any]:
        if isinstance(value, list | tuple):
            return value
        self.fault(path, "shape", "A list is expected here.")
        return ()

    def no_others(self, data: Mapping[str, Any], known: frozenset[str], path: tuple[str | int, ...]) -> None:
        for key in data:
            if key not in known:
                hint = f"Known: {', '.join(sorted(known))}."
                self.fault((*path, key), "unknown-key", f"'{key}' is not known here.", hint)

    def warn_of_gaps(self, found: ParameterSet) -> None:
        for parameter, gap in found.gaps():
            until = f"until {gap.until}" if gap.until else "on"
            message = f"{parameter.label} is not known from {gap.since} {until}. {gap.why}".strip()
            hint = "Cases of those days go to an officer."
            path = ("parameters", parameter.key)
            self.faults.append(Fault(path, "parameters.gap", message, hint, is_error=False))


def content_hash(document: object) -> str:
    """Return the SHA-256 of a document's content; layout, comments and the order of keys do not matter."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return sha256(text.encode()).hexdigest()
