"""The guide "Write a service" works word for word."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from pytest_django import Settings
from tests.factories.people import make_account, make_fact, make_officer, make_person, make_team
from tools.declarations import PAGE, page

from commonweal.kernel.base import clock
from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.cases.actions import submit
from commonweal.kernel.cases.models import Case
from commonweal.kernel.catalogue.cli import main, publish
from commonweal.kernel.catalogue.queries import search_services
from commonweal.kernel.forms.actions import answer_all, start_sheet
from commonweal.kernel.jobs.actions import DELIVER
from commonweal.kernel.jobs.models import Job
from commonweal.kernel.jobs.tasks import deliver_event
from commonweal.kernel.mailbox.queries import messages_about
from commonweal.kernel.people.models import Account, Fact
from commonweal.kernel.people.queries import actor_of
from commonweal.kernel.registers.actions import put_entry
from commonweal.kernel.registers.types import NewEntry
from commonweal.kernel.statistics.queries import whole_figures

GUIDE = Path(__file__).resolve().parents[3] / "docs/guides/write-a-service.md"
AT = datetime(2026, 9, 15, 9, tzinfo=UTC)
BLOCK = re.compile(r"^(File|Add to) `([^`]+)`:\n\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)
ANSWERS = {
    "birth_date": "2012-09-15",
    "shares_card": True,
    "others": [{"other_name": "Bo", "is_child": True}],
    "email": "ada@example.org",
}


@pytest.fixture
def city(tmp_path: Path, settings: Settings) -> Path:
    for name in ("jurisdiction.yaml", "life-events.yaml"):
        shutil.copy(root() / name, tmp_path / name)
    shutil.copytree(root() / "registers", tmp_path / "registers")
    settings.COMMONWEAL_JURISDICTION = str(tmp_path)
    for how, name, text in BLOCK.findall(GUIDE.read_text()):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{path.read_text()}\n{text}" if how == "Add to" else text)
    return tmp_path


def test_the_service_of_the_guide_compiles_and_says_what_is_not_translated(
    city: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(city / "services/library-card")]) == 0
    told = capsys.readouterr().out
    assert "texts have no translation" in told
    assert "1 service checked: no errors, 5 warnings." in told  # a text and four letters


def test_the_mistake_of_the_guide_is_explained(city: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = city / "services/library-card/service.yaml"
    path.write_text(path.read_text().replace("agency: finance", "agency: finances"))

    assert main([str(city / "services/library-card")]) == 1
    assert "Did you mean 'finance'?" in capsys.readouterr().out


def test_the_cases_of_the_guide_are_decided(city: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, was in (
        ("services/library-card/cases.yaml", "outcome: GRANTED"),
        ("law/library/cases.yaml", "Age: 14"),
    ):
        path = city / name
        path.write_text(path.read_text().replace(was, {"Age: 14": "Age: 12"}.get(was, "outcome: TOO_YOUNG")))

    assert main([str(city)]) == 1
    told = capsys.readouterr().out
    assert "S01" in told
    assert "L01" in told


@dataclass
class Reader:
    """Somebody who wants a card."""

    actor: Actor

    def apply(self, **changes: Any) -> Case:
        """Fill in the form and send it."""
        started = start_sheet("library-card", by=self.actor, at=AT)
        saved = answer_all(started.sheet_id, ANSWERS | changes, revision=0, by=self.actor, at=AT)
        who = UUID(self.actor.id)
        return submit(started.sheet_id, applicant_id=who, revision=saved.revision, by=self.actor, at=AT)


@pytest.fixture
def reader(city: Path, db: None) -> Reader:
    """Somebody whose dwelling the register knows; the service is published as the guide says."""
    assert publish(["library-card"]) == 0
    make_team(key="licences", agency="finance")
    by = Actor.system("tests")
    fields = {"address": "7 River Road", "district": "old-mill", "zone": "Z2", "is_car_free": False}
    put_entry("dwellings", NewEntry("OM-0001", fields, observed_at=AT), by=by, at=AT)
    person = make_person(account=make_account(), email="ada@example.org")
    make_fact(person, "dwelling_id", "OM-0001", source="Register of residents")
    return Reader(Actor(ActorKind.RESIDENT, str(person.pk)))


def test_the_service_of_the_guide_is_found_decides_writes_and_is_counted(
    reader: Reader, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)
    cases = [reader.apply(), reader.apply(birth_date="2012-09-16")]

    assert [(case.outcome, case.status) for case in cases] == [("GRANTED", "closed"), ("TOO_YOUNG", "closed")]
    letters = [message.subject for case in cases for message in messages_about(case.stream)]
    assert letters == ["Your library card", "Your application for a library card"]
    assert [service.name for service in search_services("biblioteca", "es")] == ["Carné de biblioteca"]
    assert "Library card" in client.get("/services/?q=books").content.decode()

    for job in Job.objects.filter(key=DELIVER).order_by("id"):
        deliver_event(json.loads(job.payload))
    officer = make_officer(roles=("caseworker",), agency="finance")
    _, figures = whole_figures("library-card", actor=actor_of(officer.account), today=AT.date())
    assert dict(zip(figures.answered.columns, figures.answered.column_sums, strict=True)) == {
        "GRANTED": 1,
        "TOO_YOUNG": 1,
    }
    assert client.get("/services/library-card/statistics/").status_code == 200


def test_the_service_of_the_guide_says_how_it_came_to_its_decision(
    reader: Reader, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)
    granted, refused = reader.apply(), reader.apply(birth_date="2012-09-16")
    client.force_login(Account.objects.get(person__pk=reader.actor.id))

    why = " ".join(client.get(f"/cases/{granted.reference}/").content.decode().split())
    why_not = " ".join(client.get(f"/cases/{refused.reference}/").content.decode().split())
    steps = " ".join(client.get(f"/cases/{refused.reference}/decision/").content.decode().split())

    for part in ("How we came to this decision", "Old enough, and lives here", "PAMC 2.40.030"):
        assert part in why
    assert "Too young for a card" in why_not
    assert "<dt>Least age for a card</dt><dd>14</dd>" in why_not
    assert "See every step of how we worked it out" in why_not
    assert "outcome: You do not get a card of your own; years: 0" in steps


def test_an_officer_decides_where_no_register_shows_an_address(reader: Reader) -> None:
    Fact.objects.all().delete()

    case = reader.apply()

    assert (case.status, case.stage) == ("unassigned", "review")
    assert "bill or a lease" in case.status_reason


def test_the_reference_of_the_declaration_language_is_current() -> None:
    assert PAGE.read_text() == page(), "run `python -m tools.declarations`"
