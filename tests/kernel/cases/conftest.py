from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from tests.factories.people import AT, make_account, make_officer, make_person, make_team

from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.cases.actions import submit
from commonweal.kernel.cases.models import Case
from commonweal.kernel.catalogue.actions import publish_folder
from commonweal.kernel.forms.actions import answer_all, start_sheet
from commonweal.kernel.people.models import Officer, Person, Team
from commonweal.kernel.people.queries import actor_of


@dataclass
class Town:
    """A resident, a team with two officers and a supervisor, and the food service."""

    person: Person
    resident: Actor
    team: Team
    officer: Actor
    colleague: Actor
    supervisor: Actor
    stranger: Actor
    workers: dict[str, Officer]

    def send(
        self,
        answers: dict[str, Any],
        *,
        service: str = "food-assistance",
        at: datetime = AT,
        by: Actor | None = None,
    ) -> Case:
        by = by or self.resident
        started = start_sheet(service, by=by, at=at)
        saved = answer_all(started.sheet_id, answers, revision=0, by=by, at=at)
        return submit(started.sheet_id, applicant_id=UUID(by.id), revision=saved.revision, by=by, at=at)

    def neighbour(self) -> Actor:
        """Somebody else who applies: nobody is granted food assistance twice."""
        return Actor(ActorKind.RESIDENT, str(make_person(email="neighbour@example.org").pk))


def food_answers(**changes: Any) -> dict[str, Any]:
    """Answers of one person with wages and rent, who is eligible in September 2026."""
    return {
        "members": [{"name": "Me", "age": 35, "earned": 1100}],
        "rent_or_mortgage": 700,
        "dependent_care": 0,
        "utilities_heating_or_cooling": True,
        "utilities_kinds": 3,
        "utilities_telephone": True,
        "all_members_homeless": False,
        "resources": 0,
        "circumstances": [],
        "email": "resident@example.org",
        "contact_language": "en",
    } | changes


def _actor(officer: Officer) -> Actor:
    return actor_of(officer.account)


def make_town() -> Town:
    publish_folder("food-assistance", by=Actor.system("tests"), at=AT)
    team = make_team(key="food-assistance")
    other = make_team(key="parking", agency="transportation")
    person = make_person(account=make_account(), email="resident@example.org")
    workers = {
        "officer": make_officer(roles=("caseworker",), teams=(team,)),
        "colleague": make_officer(roles=("caseworker",), teams=(team,)),
        "supervisor": make_officer(roles=("supervisor",), teams=(team,)),
        "stranger": make_officer(roles=("caseworker",), teams=(other,), agency="transportation"),
    }
    return Town(
        person=person,
        resident=Actor(ActorKind.RESIDENT, str(person.pk)),
        team=team,
        **{name: _actor(worker) for name, worker in workers.items()},
        workers=workers,
    )


@pytest.fixture
def town(db: None) -> Town:
    return make_town()


@pytest.fixture
def send(town: Town) -> Callable[..., Case]:
    return town.send
