"""Questions to registers.

Who looks up a person's entry for somebody else to see records the disclosure
(``ledger.actions.record_access``); these functions do not know for whom they are asked.
A rehearsal finds nothing: nobody looks up real people for practice.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from commonweal.engines.feel import Date, Value
from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.base.prepared import Given, Prepared
from commonweal.kernel.base.rehearsal import is_rehearsal
from commonweal.kernel.registers.errors import NotSearchable, RegisterUnknown
from commonweal.kernel.registers.loading import read_registers, registers_of
from commonweal.kernel.registers.models import RegisterEntry
from commonweal.kernel.registers.types import Entry, Register


def declared() -> dict[str, Register]:
    """Return the registers that the jurisdiction declares, by key."""
    return registers_of(root())


def declared_in(folder: Path) -> dict[str, Register]:
    """Return the registers that a jurisdiction's folder declares, as far as their files can be read."""
    return read_registers(folder)[0]


def register(key: str) -> Register:
    """Return a register's declaration.

    Raises:
        RegisterUnknown: The jurisdiction does not keep it.
    """
    try:
        return declared()[key]
    except KeyError:
        raise RegisterUnknown(register=key) from None


_entry_under = Prepared(
    lambda: RegisterEntry.objects.filter(register=Given("register"), key=Given("key")).order_by()
)


def look_up(register_key: str, key: str) -> Entry | None:
    """Return the entry with this key, or None.

    Raises:
        RegisterUnknown: The jurisdiction does not keep this register.
    """
    register(register_key)
    if is_rehearsal():
        return None
    row = _entry_under.one(register=register_key, key=normal_key(key))
    return _entry(row) if row else None


def look_up_many(register_key: str, keys: Iterable[str]) -> dict[str, Entry]:
    """Return the entries with these keys, by key, with one query.

    Raises:
        RegisterUnknown: The jurisdiction does not keep this register.
    """
    register(register_key)
    wanted = {normal_key(key) for key in keys}
    if is_rehearsal():
        return {}
    rows = RegisterEntry.objects.filter(register=register_key, key__in=wanted).order_by("key")
    return {row.key: _entry(row) for row in rows}


def search(register_key: str, *, limit: int = 1_000, **exact: Any) -> list[Entry]:
    """Return the entries whose fields have exactly these values, by key.

    Raises:
        RegisterUnknown: The jurisdiction does not keep this register.
        NotSearchable: A field is not declared as searchable.
    """
    searchable = {field.key for field in register(register_key).fields if field.is_searchable}
    rows = RegisterEntry.objects.filter(register=register_key)
    for field, value in exact.items():
        if field not in searchable:
            raise NotSearchable(register=register_key, field=field)
        rows = rows.filter(
            search_values__register=register_key,
            search_values__field=field,
            search_values__value=searchable_text(value),
        )
    return [] if is_rehearsal() else [_entry(row) for row in rows.order_by("key")[:limit]]


def entries_about(
    person_ids: Iterable[UUID], *, skipped: int = 0, limit: int = 100
) -> dict[str, list[Entry]]:
    """Return the entries that are about a person, under any of the person's records, by register.

    Args:
        person_ids: The records.
        skipped: How many to leave out at the beginning, for a list in pages.
        limit: At most so many.
    """
    rows = RegisterEntry.objects.filter(subject__in=list(person_ids), register__in=list(declared()))
    found: dict[str, list[Entry]] = {}
    for row in [] if is_rehearsal() else rows.order_by("register", "key")[skipped : skipped + limit]:
        found.setdefault(row.register, []).append(_entry(row))
    return found


def feel_value(entry: Entry) -> dict[str, Value]:
    """Return an entry as FEEL sees it: its key, and a value or null for every field of its register."""
    values: dict[str, Value] = {"key": entry.key}
    for field in register(entry.register).fields:
        value = entry.values.get(field.key)
        if value is not None and field.type == "number":
            value = Decimal(value)
        elif value is not None and field.type == "date":
            year, month, day = value.split("-")
            value = Date(int(year), int(month), int(day))
        values[field.key] = value
    return values


def normal_key(key: str) -> str:
    """Return a key in its one form: capitals, without blanks.

    Example:
        >>> normal_key(" abc 1234 ")
        'ABC1234'
    """
    return "".join(key.split()).upper()[:100].replace("\x00", "")


def searchable_text(value: Any) -> str:
    """Return a value as the search keeps it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).replace("\x00", "")[:500]


def _entry(row: RegisterEntry) -> Entry:
    return Entry(row.pk, row.register, row.key, row.values, row.source, row.observed_at, row.subject_id)
