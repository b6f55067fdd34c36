"""Carries out what the tables declare about personal data: finds rows, says what stays and why, erases the rest.

It knows no table by name. Tables are walked from the top floor down, so that what refers to a row goes before it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from django.apps import apps
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from commonweal.kernel.base.personal import Erasure, Kept, Personal, erasers, held_now, keepers
from commonweal.kernel.base.types import Actor
from commonweal.kernel.consent.types import Line, Survey

STEP = 500
Table: TypeAlias = tuple[type[Model], Personal]


def tables() -> list[Table]:
    """Return the tables with personal data, those of the upper floors first."""
    found = [(model, getattr(model, "personal", None)) for model in reversed(apps.get_models())]
    return [(model, declared) for model, declared in found if declared is not None]


def erasable() -> list[Table]:
    """Return the tables whose rows are erased by themselves, and before the person's name."""
    by_themselves = {Erasure.DELETE_ROWS, Erasure.BLANK_FIELDS}
    return [table for table in tables() if table[1].erasure in by_themselves and not table[1].goes_last]


def last() -> list[Table]:
    """Return the tables that are erased when nothing else of the person is left, but the ledger's."""
    return [table for table in tables() if table[1].goes_last and table[1].erasure is not Erasure.DESTROY_KEY]


def rows_about(table: Table, persons: Iterable[UUID]) -> QuerySet[Any]:
    """Return the rows about these records of a person that hold anything still."""
    model, declared = table
    written = [declared.subject_as.format(person) for person in persons]
    rows = model._default_manager.filter(**{f"{declared.subject}__in": written})  # noqa: SLF001 - Django's documented model API
    if declared.erasure is Erasure.BLANK_FIELDS:
        blanked = dict(condition for name in declared.fields for condition in _is_blank(model, name))
        rows = rows.exclude(**blanked) if blanked else rows
    return rows


def _is_blank(model: type[Model], name: str) -> list[tuple[str, Any]]:
    """Return how the database tells that a field was blanked; it cannot look into what is encrypted."""
    field: Any = model._meta.get_field(name)  # noqa: SLF001 - likewise
    if field.null:
        return [(f"{name}__isnull", True)]
    return [] if field.get_internal_type() == "BinaryField" else [(name, _blank(model, name))]


def _blank(model: type[Model], name: str) -> Any:
    """Return what an erased field holds: nothing, or what a new row begins with."""
    field: Any = model._meta.get_field(name)  # noqa: SLF001 - likewise
    if field.null:
        return None
    return field.get_default() if field.has_default() else ""


def may_go(table: Table, rows: QuerySet[Any], kept: Sequence[Kept], *, at: datetime) -> QuerySet[Any]:
    """Return those rows that no law keeps."""
    declared = table[1]
    if declared.kept is not None:
        rows = rows.exclude(declared.kept(at))
    streams = [each.stream for each in kept]
    return rows.exclude(**{f"{declared.stream}__in": streams}) if declared.stream and streams else rows


def erase_rows(table: Table, rows: QuerySet[Any], *, by: Actor, at: datetime) -> None:
    """Erase rows in the way that their table declares."""
    model, declared = table
    label = model._meta.label  # noqa: SLF001 - likewise
    if label in erasers:
        erasers[label].erase(rows, by=by, at=at)
    elif declared.erasure is Erasure.BLANK_FIELDS:
        rows.update(**{name: _blank(model, name) for name in declared.fields})
    else:
        rows.delete()


def batch(rows: QuerySet[Any], *, after: str = "") -> tuple[QuerySet[Any], str]:
    """Return the next rows by their keys, as a set that can be deleted, and the last key; none at the end."""
    if after:
        rows = rows.filter(pk__gt=UUID(after))
    ids = list(rows.order_by("pk").values_list("pk", flat=True)[:STEP])
    found = rows.model._default_manager.filter(pk__in=ids)  # noqa: SLF001 - likewise
    return found, str(ids[-1]) if ids else ""


def kept_of(persons: Sequence[UUID], *, at: datetime) -> list[Kept]:
    """Return what the apps must keep of these records of one person; what is carried with it has no name."""
    kept = [each for keeper in keepers for each in keeper.kept(persons, at=at)]
    streams = [each.stream for each in kept]
    carried = [stream for keeper in keepers for stream in keeper.carried(streams)] if streams else []
    return kept + [Kept("", stream, None, "") for stream in carried]


def obstacles(persons: Sequence[UUID], kept: Sequence[Kept], *, at: datetime) -> Iterator[str]:
    """Say why nothing of a person can be erased now."""
    held = held_now()
    if held.subjects.intersection(persons):
        yield _("A hold has been placed on this person's data.")
    streams = held.streams & _streams_about(persons)
    if streams:
        yield _("A hold has been placed on one of this person's matters.")
    for each in kept:
        if each.is_open:
            yield f"{each.what}: {each.reason}"


def _streams_about(persons: Sequence[UUID]) -> set[str]:
    """Return the streams to which rows about a person belong."""
    found = {f"person:{person}" for person in persons}
    for table in tables():
        if table[1].stream:
            found.update(
                rows_about(table, persons).order_by().values_list(table[1].stream, flat=True).distinct()
            )
    return found


def survey(persons: Sequence[UUID], *, at: datetime) -> Survey:
    """Say what an erasure of a person would do now; nothing is changed."""
    kept = kept_of(persons, at=at)
    stays = [Line(each.what, 1, each.until, each.reason) for each in kept if each.what]
    goes: Counter[str] = Counter()
    is_name_kept = bool(kept)
    for table in erasable():
        declared, rows = table[1], rows_about(table, persons)
        what = str(declared.what) or _("Other records about you")
        goes[what] += may_go(table, rows, kept, at=at).count()
        remaining = _kept_by_themselves(table, rows, kept, at=at)
        if remaining:
            is_name_kept = is_name_kept or not declared.is_kept_nameless
            stays.append(Line(what, remaining, None, _reason(declared)))
    for table in [] if is_name_kept else last():
        goes[str(table[1].what)] += rows_about(table, persons).count()
    return Survey(
        tuple(Line(what, count) for what, count in goes.items() if count),
        tuple(stays),
        tuple(obstacles(persons, kept, at=at)),
        is_name_kept,
        min((line.until for line in stays if line.until), default=None),
    )


def _kept_by_themselves(table: Table, rows: QuerySet[Any], kept: Sequence[Kept], *, at: datetime) -> int:
    """Count the rows that the law keeps, but for those that belong to something named in the survey already."""
    declared = table[1]
    if declared.kept is None or declared.is_told_by_keeper:
        return 0
    rows = rows.filter(declared.kept(at))
    if declared.stream:
        rows = rows.exclude(**{f"{declared.stream}__in": [each.stream for each in kept]})
    return rows.count()


def _reason(declared: Personal) -> str:
    return _("Kept by law: %(retention)s.") % {"retention": declared.retention}
