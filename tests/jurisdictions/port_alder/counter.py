"""A service of the city with a resident who applies and an officer who decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tests.factories.people import AT, make_account, make_fact, make_officer, make_person, make_team

from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.cases.actions import confirm_proposal, submit
from commonweal.kernel.cases.models import Case
from commonweal.kernel.cases.tasks import Find
from commonweal.kernel.catalogue.actions import publish_folder
from commonweal.kernel.catalogue.queries import compiled, live_version
from commonweal.kernel.forms.actions import answer_all, start_sheet
from commonweal.kernel.mailbox.models import Message
from commonweal.kernel.mailbox.queries import messages_about
from commonweal.kernel.people.models import Person
from commonweal.kernel.people.queries import actor_of
from commonweal.kernel.registers.actions import put_entry
from commonweal.kernel.registers.types import NewEntry

SYSTEM = Actor.system("tests")


@dataclass
class Counter:
    """Where one service is asked for and decided."""

    service: str
    person: Person
    resident: Actor
    officer: Actor

    def send(self, answers: dict[str, Any], at: datetime = AT) -> Case:
        """Fill in the form and send it."""
        started = start_sheet(self.service, by=self.resident, at=at)
        saved = answer_all(started.sheet_id, answers, revision=0, by=self.resident, at=at)
        applicant_id = UUID(self.resident.id)
        return submit(
            started.sheet_id, applicant_id=applicant_id, revision=saved.revision, by=self.resident, at=at
        )

    def confirm(self, case: Case, at: datetime = AT) -> Case:
        """Decide as the law proposes."""
        return confirm_proposal(case.pk, revision=case.revision, by=self.officer, at=at)


def open_counter(service: str, *, at: datetime = AT, **facts: Any) -> Counter:
    """Publish a service and appoint an officer of its team; ``facts`` are known about the resident."""
    publish_folder(service, by=SYSTEM, at=at)
    declared = compiled(live_version(service).pk)
    agency = declared.info.agency
    team = make_team(key=declared.sections["stages"].team, agency=agency)
    person = make_person(account=make_account(), email="resident@example.org")
    for key, value in facts.items():
        make_fact(person, key, value)
    officer = make_officer(roles=("caseworker",), teams=(team,), agency=agency)
    return Counter(service, person, Actor(ActorKind.RESIDENT, str(person.pk)), actor_of(officer.account))


def register(name: str, key: str, values: dict[str, Any], *, about: UUID | None = None) -> None:
    """Put an entry into a register; it names a person where ``about`` is given."""
    put_entry(name, NewEntry(key, values, AT, about), by=SYSTEM, at=AT)


def letters(case: Case) -> list[str]:
    """Return the bodies of a case's letters."""
    return [Message.objects.get(pk=line.id).body for line in messages_about(case.stream)]


def due(find: Find, on: date) -> list[UUID]:
    """Return the cases that a job of the night looks at on a day, in its order."""
    found: list[UUID] = []
    place = None
    while (place := find(on=on, after=place)) is not None:
        found.append(place.case_id)
        assert len(found) < 20, "it does not end"
    return found
