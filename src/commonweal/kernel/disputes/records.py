"""The value of a record: as it stands, written out for an officer, and put right."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from commonweal.kernel.base.dates import PARTS, NotADay, read_day
from commonweal.kernel.base.free_text import readable
from commonweal.kernel.base.types import Actor
from commonweal.kernel.disputes.errors import RecordGone, ReportInvalid
from commonweal.kernel.disputes.types import Leaf, Record, Written
from commonweal.kernel.people import actions as people_actions
from commonweal.kernel.people import queries as people
from commonweal.kernel.registers import actions as register_actions
from commonweal.kernel.registers import queries as registers
from commonweal.kernel.registers.errors import EntryInvalid
from commonweal.kernel.registers.types import NewEntry

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LONGEST = 500
_MOST_ITEMS = 50
VALUE = "value"


def value_of(record: Record, subject: UUID, reference: str = "") -> Any:
    """Return what a record says now.

    Raises:
        RecordGone: It is not there any more.
    """
    if record.kind == "fact":
        fact = people.facts_about(subject).get(record.name)
        if fact is None:
            raise RecordGone(reference=reference)
        return fact.value
    entry = registers.look_up(record.name, record.key)
    if entry is None:
        raise RecordGone(reference=reference)
    return entry.values.get(record.field)


def lines_of(record: Record, value: Any) -> tuple[str, ...]:
    """Return a record's value in words."""
    return () if value is None else people.fact_lines(record.name if record.kind == "fact" else "", value)


def written(record: Record, value: Any, claimed: Any) -> Written:
    """Return a value as fields that an officer fills in; where it is one value only, with what the resident says."""
    if isinstance(value, Mapping):
        return Written(tuple(_leaf(f"{VALUE}-{key}", key, inner) for key, inner in value.items()), value)
    if isinstance(value, list):
        return Written(_leaves_of(value), value)
    kind, name = _kind(record, value), people.fact_label(record.name)
    if record.kind == "entry":
        fields = registers.register(record.name).fields
        name = next((each.label for each in fields if each.key == record.field), record.field)
    shown = claimed if isinstance(claimed, str | bool | int | float) else value
    return Written((Leaf(VALUE, name, _text(shown), kind),), value)


def _leaves_of(items: list[Any]) -> tuple[Leaf, ...]:
    """Return the fields of a list, with those of one item more; a field of it is of one kind in each item."""
    known = [item for item in items if isinstance(item, Mapping)][:_MOST_ITEMS]
    keys = list(dict.fromkeys(key for item in known for key in item))
    kinds = {
        key: _kind(None, next((item[key] for item in known if item.get(key) is not None), None))
        for key in keys
    }
    return tuple(
        Leaf(
            f"{VALUE}-{at}-{key}",
            f"{people.fact_label(key)} ({at + 1})",
            _text(item.get(key)),
            kinds[key],
        )
        for at, item in enumerate([*known, {}])
        for key in keys
    )


def read_back(form: Written, typed: Mapping[str, Any]) -> Any:
    """Return the value that an officer has filled in.

    Raises:
        ReportInvalid: A field holds no value of its kind, or one that has a value was left out, which takes nothing away:
            only a blank does. ``fields`` names it.
    """
    values, problems = _values(form.leaves, typed)
    shape = form.shape
    if isinstance(shape, Mapping):
        found: Any = {key: _or_blank(values[f"{VALUE}-{key}"]) for key in shape}
    elif isinstance(shape, list):
        found = _items(form, values)
    else:
        found = values[VALUE]
        if found is None:
            problems.setdefault(VALUE, _("Enter what is right."))
    if problems:
        raise ReportInvalid(problems)
    return found


def _values(leaves: Iterable[Leaf], typed: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the value of every field, and what is wrong, by its name."""
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for leaf in leaves:
        text = _sent(leaf, typed)
        if leaf.value and text is None:
            problems[leaf.name] = _("Enter what is right.")
        values[leaf.name], problem = _read(leaf.kind, text or "")
        if problem:
            problems.setdefault(leaf.name, problem)
    return values, problems


def _sent(leaf: Leaf, typed: Mapping[str, Any]) -> str | None:
    """Return what was sent for a leaf, a day's three boxes as one text; None where nothing was."""
    boxes = [str(typed[name]).strip() for part in PARTS if (name := f"{leaf.name}-{part}") in typed]
    if leaf.kind == "date" and boxes:
        return "-".join(boxes) if any(boxes) else ""
    return str(typed[leaf.name]).strip() if leaf.name in typed else None


def _or_blank(value: Any) -> Any:
    return "" if value is None else value


def _items(form: Written, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the items of a list; one whose fields are all blank is taken out."""
    rows: dict[str, dict[str, Any]] = {}
    for leaf in form.leaves:
        at, key = leaf.name.removeprefix(f"{VALUE}-").split("-", 1)
        if values[leaf.name] is not None:
            rows.setdefault(at, {})[key] = values[leaf.name]
    return list(rows.values())


def _leaf(name: str, key: str, value: Any) -> Leaf:
    return Leaf(name, people.fact_label(key), _text(value), _kind(None, value))


def _kind(record: Record | None, value: Any) -> str:
    if record is not None and record.kind == "entry":
        field = next(
            (each for each in registers.register(record.name).fields if each.key == record.field), None
        )
        return field.type if field is not None and field.type in {"date", "number", "boolean"} else "text"
    if isinstance(value, bool):
        return "boolean"
    return "date" if isinstance(value, str) and _DAY.fullmatch(value) else "text"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _read(kind: str, text: str) -> tuple[Any, str]:
    if not text:
        return None, ""
    if len(text) > _LONGEST:
        return None, _("This is too long.")
    if kind == "boolean":
        known = {"yes": True, "no": False, "true": True, "false": False}
        return known.get(text.lower()), "" if text.lower() in known else _("Write yes or no.")
    if kind == "date":
        try:
            return read_day(text).isoformat(), ""
        except NotADay as error:
            return None, str(error)
    seen = readable(text)
    return seen or None, "" if seen else _("Enter what is right.")


def put_right(
    record: Record,
    subject: UUID,
    value: Any,
    *,
    source: str,
    legal_basis: str,
    reference: str,
    by: Actor,
    at: datetime,
) -> None:
    """Let the record say something else from now on; each keeper's own action notes it in the ledger.

    Raises:
        RecordGone: It is not there any more.
        ReportInvalid: The register does not take the value.
    """
    if record.kind == "fact":
        people_actions.record_facts(
            subject,
            {record.name: value},
            source=source,
            legal_basis=legal_basis,
            observed_at=at,
            by=by,
            at=at,
        )
        return
    entry = registers.look_up(record.name, record.key)
    if entry is None:
        raise RecordGone(reference=reference)
    new = NewEntry(entry.key, {**entry.values, record.field: value}, at, entry.subject)
    try:
        register_actions.put_entry(record.name, new, by=by, at=at)
    except EntryInvalid as error:
        raise ReportInvalid({VALUE: next(iter(error.fields.values()), str(error))}) from error
