"""Answers about accounts, persons, officers and teams."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import cast
from uuid import UUID

from django.db.models import Q

from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import NotFound
from commonweal.kernel.base.types import Actor, ActorKind, Json
from commonweal.kernel.people.enums import Face
from commonweal.kernel.people.models import (
    Account,
    Fact,
    Grant,
    Officer,
    Person,
    Team,
)
from commonweal.kernel.people.registry import capabilities_of
from commonweal.kernel.people.types import KnownFact


def account_for_request(account_id: UUID) -> Account | None:
    """Return an account with its person and officer, in one query; None if it is gone."""
    return Account.objects.for_request().filter(pk=account_id).order_by().first()


def faces_of(account: Account) -> list[Face]:
    """Return which faces an account may show, the officer's first; no query after :func:`account_for_request`."""
    officer: Officer | None = getattr(account, "officer", None)
    faces = [Face.OFFICER] if officer is not None and officer.is_active else []
    if getattr(account, "person", None) is not None:
        faces.append(Face.RESIDENT)
    return faces


def actor_of(account: Account, *, face: Face | None = None, on: date | None = None) -> Actor:
    """Return who acts when this account does something.

    Args:
        account: Best from :func:`account_for_request`, which joins what is read here.
        face: The face chosen; without a choice, or without the right to it, an officer acts as an officer.
        on: The day for which grants are read; today by default.

    Returns:
        A guest where the account is suspended or belongs to nobody.
    """
    faces = faces_of(account) if account.is_active else []
    if not faces:
        return Actor.guest()
    if (face if face in faces else faces[0]) is Face.RESIDENT:
        person: Person = account.person
        return Actor(ActorKind.RESIDENT, str(person.merged_into_id or person.pk))
    officer: Officer = account.officer
    granted, teams = _authority(account.authority, officer.pk, officer.agency, on or clock.today())
    return Actor(ActorKind.OFFICER, str(officer.pk), None, officer.agency, granted, teams)


@lru_cache(maxsize=4_096)
def _authority(
    version: UUID, officer_id: UUID, agency: str, on: date
) -> tuple[frozenset[str], tuple[UUID, ...]]:
    """Remembered by process: ``version`` changes with the grants and teams."""
    grants = Grant.objects.in_force(on).filter(officer=officer_id, agency=agency)
    granted: set[str] = set()
    for role, capability in grants.values_list("role", "capability"):
        granted |= capabilities_of(role) if role else {capability}
    teams = Team.objects.filter(memberships__officer=officer_id, is_active=True).values_list("pk", flat=True)
    return frozenset(granted), tuple(teams)


def standing_id(person_id: UUID) -> UUID:
    """Return the id of the record that stands for a person: the given one, or the one it was merged into.

    Raises:
        NotFound: There is no such person.
    """
    row = Person.objects.filter(pk=person_id).values_list("merged_into", flat=True).order_by().first()
    if row is None and not Person.objects.filter(pk=person_id).exists():
        raise NotFound
    return row or person_id


def record_ids(person_id: UUID) -> list[UUID]:
    """Return the ids of all records that are this person, the standing one first."""
    standing = standing_id(person_id)
    return [
        standing,
        *Person.objects.filter(merged_into=standing).order_by("pk").values_list("pk", flat=True),
    ]


def facts_about(person_id: UUID) -> dict[str, KnownFact]:
    """Return the latest that is known of a person under each key."""
    return _facts([person_id]).get(person_id, {})


def _facts(person_ids: Iterable[UUID], keys: Iterable[str] | None = None) -> dict[UUID, dict[str, KnownFact]]:
    asked = list(person_ids)
    records = _records_by_person(asked)
    rows = Fact.objects.filter(person__in=records, withdrawn_at=None).order_by("observed_at", "id")
    if keys is not None:
        rows = rows.filter(key__in=list(keys))
    known: dict[UUID, dict[str, KnownFact]] = {person: {} for person in asked}
    for fact in rows:
        for person in records[fact.person_id]:
            known[person][fact.key] = KnownFact(
                cast("Json", fact.value), fact.source, fact.legal_basis, fact.observed_at
            )
    return known


def _records_by_person(asked: list[UUID]) -> dict[UUID, list[UUID]]:
    """Return, for each record of the persons asked for, under which of the asked ids it counts."""
    group_of = dict(Person.objects.filter(pk__in=asked).values_list("pk", "merged_into"))
    standing = {person: merged_into or person for person, merged_into in group_of.items()}
    records: dict[UUID, list[UUID]] = {}
    everyone = Person.objects.filter(
        Q(pk__in=set(standing.values())) | Q(merged_into__in=set(standing.values()))
    )
    for record, merged_into in everyone.values_list("pk", "merged_into"):
        records[record] = [person for person, stands in standing.items() if stands == (merged_into or record)]
    return records
