from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from tests.factories.people import AT, make_account, make_officer, make_person, make_team

from commonweal.kernel.base import clock
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.actions import publish_folder
from commonweal.kernel.disputes.actions import raise_dispute
from commonweal.kernel.disputes.models import Dispute
from commonweal.kernel.forms.actions import start_sheet
from commonweal.kernel.people.models import Officer, Person
from commonweal.kernel.people.queries import actor_of


@dataclass
class Records:
    """A resident whose dwelling is held wrongly, and the team that keeps records."""

    person: Person
    resident: Actor
    officer: Actor
    colleague: Actor
    stranger: Actor
    workers: dict[str, Officer]

    def begin(self, service: str = "parking-permit") -> UUID:
        return start_sheet(service, by=self.resident, at=AT).sheet_id

    def report(self, *, right: str = "HP-0099", reason: str = "I moved.", **more: Any) -> Dispute:
        return raise_dispute(
            self.begin(),
            "dwelling_id",
            {"dwelling_id": right},
            reason=reason,
            revision=0,
            by=self.resident,
            at=AT,
            **more,
        )

    def client(self, who: str = "") -> Client:
        client = Client()
        account = self.workers[who].account if who else self.person.account
        assert account is not None
        client.force_login(account)
        return client


def _actor(worker: Officer) -> Actor:
    assert worker.account is not None
    return actor_of(worker.account)


@pytest.fixture
def records(db: None, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any) -> Records:
    monkeypatch.setattr(clock, "now", lambda: AT)
    settings.MEDIA_ROOT = tmp_path
    publish_folder("parking-permit", by=Actor.system("tests"), at=AT)
    team = make_team(key="resident-records")
    other = make_team(key="parking", agency="transportation")
    person = make_person(
        account=make_account(),
        email="resident@example.org",
        dwelling_id="HP-0042",
        household=[
            {"relation": "child", "birth_date": "2019-03-04", "name": "Bo"},
            {"relation": "partner", "birth_date": "1990-01-02", "name": "Ada"},
        ],
        address={"street": "Pier 1", "unit": "", "city": "Port Alder", "region": "WA", "postcode": "98001"},
    )
    workers = {
        "officer": make_officer(roles=("caseworker",), teams=(team,)),
        "colleague": make_officer(roles=("caseworker",), teams=(team,)),
        "stranger": make_officer(roles=("caseworker",), teams=(other,), agency="transportation"),
    }
    resident = actor_of(person.account) if person.account else Actor.guest()
    return Records(
        person=person,
        resident=resident,
        **{name: _actor(worker) for name, worker in workers.items()},
        workers=workers,
    )
