"""Everything that changes registers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import regex
from django.utils.translation import gettext as _

from commonweal.kernel.base.transactions import Transaction
from commonweal.kernel.base.types import Actor
from commonweal.kernel.ledger.actions import record_many
from commonweal.kernel.ledger.types import Entry as LedgerEntry
from commonweal.kernel.registers.errors import EntryInvalid
from commonweal.kernel.registers.models import RegisterEntry, SearchValue
from commonweal.kernel.registers.queries import normal_key, register, searchable_text
from commonweal.kernel.registers.types import NewEntry, Register, RegisterField

LARGEST_BATCH = 1_000


def put_entry(register_key: str, entry: NewEntry, *, by: Actor, at: datetime) -> bool:
    """Put one entry into a register, in place of what was known under its key.

    Raises:
        EntryInvalid, RegisterUnknown: As for :func:`put_entries`.
    """
    return bool(put_entries(register_key, [entry], by=by, at=at))


def put_entries(register_key: str, entries: Sequence[NewEntry], *, by: Actor, at: datetime) -> int:
    """Put entries into a register, in place of what was known under their keys; all of them or none.

    What is older than what is known, or says the same, changes nothing, so that a delivery may be repeated.

    Args:
        register_key: The register.
        entries: At most 1,000.
        by: Who delivers them; named in the ledger.
        at: When.

    Returns:
        How many entries are new or have changed.

    Raises:
        EntryInvalid: An entry does not follow the declaration; ``fields`` names entry and field.
        RegisterUnknown: The jurisdiction does not keep this register.
        ValueError: There are more than 1,000 entries.
    """
    if len(entries) > LARGEST_BATCH:
        raise ValueError(f"At most {LARGEST_BATCH} entries at a time.")
    declared = register(register_key)
    read = _checked(declared, entries)
    with Transaction():
        rows = RegisterEntry.objects.filter(register=register_key, key__in=list(read)).order_by("key")
        known = {row.key: row for row in rows.select_for_update()}
        changed = [_put(declared, known.get(key), key, entry, at) for key, entry in read.items()]
        written = [row for row in changed if row is not None]
        if written:
            _write(declared, written, {row.pk for row in known.values()})
            record_many(
                "registers.entry_put",
                [
                    LedgerEntry(
                        row.stream,
                        row.subject_id,
                        {
                            "register": register_key,
                            "observed_at": row.observed_at,
                            "is_new": row.key not in known,
                        },
                    )
                    for row in written
                ],
                by=by,
                at=at,
            )
    return len(written)


def _checked(declared: Register, entries: Sequence[NewEntry]) -> dict[str, NewEntry]:
    problems: dict[str, str] = {}
    read: dict[str, NewEntry] = {}
    for entry in entries:
        key = normal_key(entry.key)
        if not regex.fullmatch(declared.entry_key.pattern, key, timeout=1):
            problems[key] = _("This is not a key of the register '{name}'.").format(name=declared.name)
        values, wrong = _values(declared, entry)
        problems |= {f"{key}.{name}": text for name, text in wrong.items()}
        if key not in read or read[key].observed_at <= entry.observed_at:
            read[key] = NewEntry(key, values, entry.observed_at, entry.subject)
    if problems:
        raise EntryInvalid(problems)
    return read


def _values(declared: Register, entry: NewEntry) -> tuple[dict[str, Any], dict[str, str]]:
    """Return an entry's values in their stored form, and what is wrong, by field."""
    values: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for field in declared.fields:
        values[field.key], problem = _value(field, entry.values.get(field.key))
        if problem:
            wrong[field.key] = problem
    unknown = sorted(set(entry.values) - set(values))
    return values, wrong | dict.fromkeys(unknown, _("The register has no such field."))


def _value(field: RegisterField, value: Any) -> tuple[Any, str]:
    """Return a value in its stored form, and what is wrong with it (empty where nothing is)."""
    if value is None:
        return None, _("This is missing.") if field.is_required else ""
    if field.type == "boolean":
        return value, "" if isinstance(value, bool) else _("This must be true or false.")
    if field.type == "number":
        return _number(value)
    if field.type == "date":
        return _date(value)
    if not isinstance(value, str) or not 0 < len(value) <= 500 or not value.isprintable():
        return None, _("This must be text of at most 500 characters.")
    if field.type == "choice" and value not in field.options:
        return None, _("This must be one of: {options}.").format(options=", ".join(field.options))
    return value, ""


def _number(value: Any) -> tuple[str | None, str]:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if isinstance(value, bool) or not number.is_finite() or abs(number) >= Decimal(10) ** 15:
        return None, _("This must be a number.")
    return format(number.normalize(), "f"), ""


def _date(value: Any) -> tuple[str | None, str]:
    try:
        return (value if isinstance(value, date) else date.fromisoformat(value)).isoformat()[:10], ""
    except (TypeError, ValueError):
        return None, _("This must be a date such as 2026-09-15.")


def _put(
    declared: Register, row: RegisterEntry | None, key: str, entry: NewEntry, at: datetime
) -> RegisterEntry | None:
    """Return the row to be written, or None where nothing is new."""
    if row is None:
        row = RegisterEntry(register=declared.key, key=key)
    elif row.observed_at > entry.observed_at or (row.values, row.subject_id, row.observed_at) == (
        entry.values,
        entry.subject,
        entry.observed_at,
    ):
        return None
    row.values = dict(entry.values)
    row.subject_id = entry.subject
    row.source = declared.source
    row.observed_at = entry.observed_at
    row.updated_at = at
    return row


def _write(declared: Register, rows: list[RegisterEntry], known: set[Any]) -> None:
    RegisterEntry.objects.bulk_create([row for row in rows if row.pk not in known])
    RegisterEntry.objects.bulk_update(
        [row for row in rows if row.pk in known],
        ["values", "subject", "source", "observed_at", "updated_at"],
    )
    SearchValue.objects.filter(entry__in=[row.pk for row in rows if row.pk in known]).delete()
    SearchValue.objects.bulk_create(
        SearchValue(
            entry=row,
            register=declared.key,
            field=field.key,
            value=searchable_text(row.values[field.key]),
        )
        for row in rows
        for field in declared.fields
        if field.is_searchable and row.values[field.key] is not None
    )
