from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.factories.people import make_account, make_officer, make_person, make_team

from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.cases.actions import claim_case, confirm_proposal, submit
from commonweal.kernel.cases.models import Case
from commonweal.kernel.catalogue.actions import publish_folder
from commonweal.kernel.forms.actions import answer_all, start_sheet
from commonweal.kernel.people.models import Officer, Team
from commonweal.kernel.people.queries import actor_of
from commonweal.kernel.rounds.actions import approve, issue_next, open_round, work_out
from commonweal.kernel.rounds.models import Round

SERVICE = "housing-repair"
SENT = datetime(2026, 9, 15, 17, tzinfo=UTC)
CLOSES = date(2026, 9, 30)
AFTER = datetime(2026, 10, 1, 17, tzinfo=UTC)
ROBOT = Actor.system("tests")


def answers(**changes: Any) -> dict[str, Any]:
    """One person of 62 with a danger to health, 63 points and an award of 9,000 dollars."""
    return {
        "dwelling_id": "NG-0001",
        "district": "northgate",
        "months_owned": 60,
        "assessed_value": "300000",
        "energy_label": "F",
        "has_lien": False,
        "household_size": 1,
        "household_income": "18000",
        "who_lives_there": ["senior"],
        "category": "repair",
        "hazard": "B",
        "description": "The roof leaks.",
        "first_quote": "9000",
        "second_quote": "9500",
        "had_grant": False,
        "email": "resident@example.org",
    } | changes


@dataclass
class Office:
    """Housing repair with two officers, and residents who apply."""

    team: Team
    officer: Actor
    supervisor: Actor
    stranger: Actor
    workers: dict[str, Officer]
    residents: dict[UUID, Actor] = field(default_factory=dict)

    def send(self, *, at: datetime = SENT, **changes: Any) -> Case:
        """Have a new resident apply."""
        person = make_person(account=make_account(), email="resident@example.org")
        resident = Actor(ActorKind.RESIDENT, str(person.pk))
        started = start_sheet(SERVICE, by=resident, at=at)
        saved = answer_all(started.sheet_id, answers(**changes), revision=0, by=resident, at=at)
        case = submit(started.sheet_id, applicant_id=person.pk, revision=saved.revision, by=resident, at=at)
        self.residents[case.pk] = resident
        return case

    def check(self, case: Case, *, at: datetime = SENT) -> Case:
        """Have an officer confirm what the law says."""
        claim_case(case.pk, by=self.officer, at=at)
        case.refresh_from_db()
        return confirm_proposal(case.pk, revision=case.revision, by=self.officer, at=at)

    def listed(self, *, at: datetime = SENT, **changes: Any) -> Case:
        """Have somebody apply, and the officer confirm."""
        return self.check(self.send(at=at, **changes), at=at)

    def open(self, budget: str = "60000", closes_on: date = CLOSES) -> Round:
        """Open a round."""
        return open_round(
            SERVICE, name="Autumn 2026", closes_on=closes_on, settings=budget, by=self.officer, at=SENT
        )

    def decide(self, one: Round, *, at: datetime = AFTER) -> Round:
        """Work a round out, approve it and let every case go on."""
        worked_out = work_out(one.pk, by=self.officer, at=at)
        approve(one.pk, revision=worked_out.revision, by=self.supervisor, at=at)
        return self.issue(one, at=at)

    def issue(self, one: Round, *, at: datetime = AFTER) -> Round:
        """Let every case go on, as the job does."""
        while issue_next(one.pk, by=ROBOT, at=at) is not None:
            pass
        one.refresh_from_db()
        return one


@pytest.fixture
def office(db: None) -> Office:
    publish_folder(SERVICE, by=ROBOT, at=SENT - timedelta(days=1))
    team = make_team(key="housing-repair", agency="human-services")
    other = make_team(key="parking", agency="transportation")
    workers = {
        "officer": make_officer(roles=("caseworker",), teams=(team,)),
        "supervisor": make_officer(roles=("supervisor",), teams=(team,)),
        "stranger": make_officer(roles=("supervisor",), teams=(other,), agency="transportation"),
    }
    return Office(team, **{name: actor_of(one.account) for name, one in workers.items()}, workers=workers)
