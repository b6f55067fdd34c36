"""Entries of registers as the page shows them to whom they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from commonweal.kernel.base.jurisdiction import current, root, wordings
from commonweal.kernel.base.templates import isolated, long_date, money, number
from commonweal.kernel.base.types import Money
from commonweal.kernel.registers.queries import entries_about, register
from commonweal.kernel.registers.types import Entry, RegisterField

PAGE_SIZE = 20


@dataclass(frozen=True)
class OwnEntries:
    """A page of the entries that are about somebody.

    Attributes:
        groups: By register, as summaries for the component that draws questions and answers.
        previous: Number of the page before, or 0.
        next: Number of the page after, or 0.
    """

    groups: tuple[Mapping[str, Any], ...]
    previous: int
    next: int


def own_entries(person_ids: Sequence[UUID], *, number_of_page: int = 1) -> OwnEntries:
    """Return what registers hold about a person: every known value, with source, day and law, in the reader's language.

    Args:
        person_ids: The records of the person.
        number_of_page: From 1; at most 20 entries stand on a page.
    """
    skipped = (number_of_page - 1) * PAGE_SIZE
    found = entries_about(person_ids, skipped=skipped, limit=PAGE_SIZE + 1) if person_ids else {}
    entries = [entry for several in found.values() for entry in several]
    say = wordings(root(), get_language() or "")
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for entry in entries[:PAGE_SIZE]:
        groups.setdefault(entry.register, []).append(_row(entry, say))
    titles = {key: register(key).name for key in groups}
    return OwnEntries(
        tuple({"title": say.get(titles[key], titles[key]), "rows": rows} for key, rows in groups.items()),
        previous=number_of_page - 1,
        next=number_of_page + 1 if len(entries) > PAGE_SIZE else 0,
    )


def _row(entry: Entry, say: Mapping[str, str]) -> Mapping[str, Any]:
    kept = register(entry.register)
    label = say.get(kept.entry_key.label, kept.entry_key.label)
    known = [(field, entry.values.get(field.key)) for field in kept.fields]
    return {
        "label": f"{label}: {isolated(entry.key)}",
        "value": [
            f"{say.get(field.label, field.label)}: {_value(field, value, say)}"
            for field, value in known
            if value is not None
        ],
        "note": _("From: %(source)s. As of %(day)s. Legal basis: %(law)s")
        % {
            "source": say.get(entry.source, entry.source),
            "day": long_date(entry.observed_at),
            "law": isolated(kept.legal_basis),
        },
    }


def _value(field: RegisterField, value: Any, say: Mapping[str, str]) -> str:
    if field.type == "boolean":
        return _("yes") if value else _("no")
    if field.type == "date":
        return long_date(date.fromisoformat(value))
    if field.type == "choice":
        return say.get(value, value.replace("_", " ").replace("-", " "))
    if field.type == "text":
        return isolated(value)
    return _number(Decimal(value), field.unit, say)


def _number(value: Decimal, unit: str, say: Mapping[str, str]) -> str:
    if unit == current().currency:
        return money(Money.of(value, unit))
    if not unit:  # a year or a number that only names something has no mark for thousands
        return format(value, "f")
    return isolated(f"{number(value)} {say.get(unit, unit)}")
