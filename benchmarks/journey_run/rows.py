"""Fills a throw-away database with cases in a plausible mix: half of them open, the others answered."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from random import Random
from typing import Any
from uuid import UUID

from django.db import models, transaction

from commonweal.kernel.base.fields import new_id
from commonweal.kernel.base.references import new_reference
from commonweal.kernel.base.rows import insert_rows
from commonweal.kernel.cases.models import Case
from commonweal.kernel.forms.models import Sheet
from commonweal.kernel.ledger.models import Event, Stream
from commonweal.kernel.mailbox.models import Message, Thread
from commonweal.kernel.people.models import Fact, Person
from commonweal.project.demo.names import ORIGINS

AT_ONCE = 1_000
ANSWERS = {
    "members": [{"name": "Me", "age": "35", "earned": "1100"}],
    "rent_or_mortgage": "700",
    "all_members_homeless": False,
    "utilities_heating_or_cooling": True,
    "utilities_kinds": "3",
    "utilities_telephone": True,
    "dependent_care": "0",
    "resources": "0",
    "circumstances": ["strike"],
    "email": "resident@example.org",
    "contact_language": "en",
}
PAGES = ["household", "home", "bills", "care", "savings", "circumstances", "contact"]
EVENTS = ("cases.submitted", "decisions.decided", "mailbox.sent", "cases.closed")
LETTER = "Dear resident,\n\nWe have decided on your application.\n\n" + "A sentence of the letter. " * 40


@dataclass(frozen=True)
class Place:
    """What every case of the benchmark hangs on.

    Attributes:
        service: Key of the service.
        version: Id of its live version.
        agency: Key of the agency.
        team: Id of the team.
        officers: Ids of its officers.
        at: The time now.
    """

    service: str
    version: UUID
    agency: str
    team: UUID
    officers: tuple[UUID, ...]
    at: datetime


class _Batch(dict[type[models.Model], list[dict[str, Any]]]):
    def add(self, model: type[models.Model], **row: Any) -> dict[str, Any]:
        self.setdefault(model, []).append(_defaults(model) | row)
        return row

    def write(self) -> None:
        with transaction.atomic():
            for model, rows in self.items():
                insert_rows(model, rows)


@cache
def _defaults(model: type[models.Model]) -> dict[str, Any]:
    """Return what a column holds that nothing is said of, so that a new one needs no word here."""
    fields = model._meta.concrete_fields  # noqa: SLF001 - Django's documented model API
    return {field.attname: field.get_default() for field in fields if not field.primary_key}


def fill(place: Place, count: int, *, seed: int) -> None:
    """Add cases, each with applicant, answers and events; the answered ones with a letter too."""
    random = Random(seed)
    names = _names(random)
    for start in range(0, count, AT_ONCE):
        batch = _Batch()
        for _ in range(min(AT_ONCE, count - start)):
            _add(batch, place, random, next(names))
        batch.write()


def _add(batch: _Batch, place: Place, random: Random, name: str) -> None:
    opened_at = place.at - timedelta(minutes=random.randint(60, 500_000))
    is_closed = random.random() < 0.5
    worker = random.choice(place.officers) if random.random() < 0.4 else None
    open_status = "assigned" if worker else "unassigned"
    person, sheet, case = new_id(), new_id(), new_id()
    batch.add(
        Person,
        id=person,
        name=name,
        email=f"{person.hex[-12:]}@example.org",
        language="en",
        created_at=opened_at,
    )
    _add_facts(batch, person, random, opened_at)
    batch.add(
        Sheet,
        id=sheet,
        version_id=place.version,
        service_key=place.service,
        agency=place.agency,
        channel="online",
        answers=ANSWERS,
        sources={},
        done_pages=PAGES,
        faults={},
        revision=8,
        owner_id=person,
        token_hash="",
        created_at=opened_at,
        updated_at=opened_at,
        expires_at=opened_at + timedelta(days=30),
        submitted_at=opened_at,
    )
    batch.add(
        Case,
        id=case,
        reference=new_reference(),
        service_key=place.service,
        version_id=place.version,
        agency=place.agency,
        channel="online",
        team_id=place.team,
        applicant_id=person,
        sheet_id=sheet,
        stage="done" if is_closed else "review",
        status="closed" if is_closed else open_status,
        status_reason="" if is_closed else "Somebody in the household is on strike.",
        worker_id=worker,
        outcome="ELIGIBLE" if is_closed else "",
        decision_id=None,
        revision=3,
        opened_at=opened_at,
        due_on=opened_at.date() + timedelta(days=30),
        wake_on=None,
        closed_at=opened_at + timedelta(days=3) if is_closed else None,
        dispose_on=date(2029, 9, 15) if is_closed else None,
    )
    _add_events(batch, place, person, case, EVENTS if is_closed else EVENTS[:2])
    if is_closed:
        _add_letter(batch, place, person, case, opened_at)


def _add_facts(batch: _Batch, person: UUID, random: Random, at: datetime) -> None:
    born = date(1930, 1, 1) + timedelta(days=random.randint(0, 27_000))
    street = f"{random.randint(1, 400)} River Road"
    values = {
        "birth_date": born.isoformat(),
        "address": {"street": street, "city": "Port Alder", "region": "WA"},
    }
    for key, value in values.items():
        batch.add(
            Fact,
            id=new_id(),
            person_id=person,
            key=key,
            value=value,
            source="benchmark",
            legal_basis="benchmark",
            observed_at=at,
            recorded_at=at,
            withdrawn_at=None,
        )


def _add_events(batch: _Batch, place: Place, person: UUID, case: UUID, types: tuple[str, ...]) -> None:
    """Rows as large as real ones; nobody opens them, so they hold noise."""
    batch.add(Stream, name=f"case:{case}", last=len(types))
    for sequence, type_ in enumerate(types, start=1):
        batch.add(
            Event,
            id=new_id(),
            stream=f"case:{case}",
            sequence=sequence,
            type=type_,
            actor_kind="resident",
            actor_id=str(person),
            on_behalf_of=None,
            agency=place.agency,
            at=place.at,
            subject=person,
            key_id=new_id(),
            commitment=secrets.token_bytes(32),
            ciphertext=secrets.token_bytes(300),
        )


def _add_letter(batch: _Batch, place: Place, person: UUID, case: UUID, at: datetime) -> None:
    thread = new_id()
    batch.add(
        Thread, id=thread, recipient_id=person, agency=place.agency, stream=f"case:{case}", created_at=at
    )
    batch.add(
        Message,
        id=new_id(),
        thread_id=thread,
        recipient_id=person,
        agency=place.agency,
        service_key=place.service,
        version_id=place.version,
        letter_key="award",
        language="en",
        reference="",
        subject="Our decision",
        summary="We have decided on your application.",
        body=LETTER,
        address="Port Alder",
        sent_at=at,
        read_at=None,
        unique_key=f"{case}:letter",
    )


def _names(random: Random) -> Iterator[str]:
    while True:
        origin = random.choice(ORIGINS)
        yield f"{random.choice(origin.given_names)} {random.choice(origin.family_names)}"
