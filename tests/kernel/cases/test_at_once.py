"""Two people do the same thing at the same moment: it happens once, and nobody meets a defect."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from tests.factories.people import AT, make_account, make_person, make_team
from tests.kernel.cases.conftest import Town, food_answers
from tests.kernel.cases.test_parking import SYSTEM, answers, officer_of, parking  # noqa: F401 - the fixture

from commonweal.kernel.awards.models import Award, Pool
from commonweal.kernel.base.errors import Conflict
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.cases import actions
from commonweal.kernel.cases.errors import AppliedAlready
from commonweal.kernel.cases.history import history
from commonweal.kernel.cases.models import Case
from commonweal.kernel.catalogue.actions import publish_folder
from commonweal.kernel.decisions.models import Decision
from commonweal.kernel.forms.actions import answer_all, start_sheet
from commonweal.kernel.ledger.queries import events_of
from commonweal.kernel.mailbox.models import Message
from commonweal.kernel.registers import queries as registers
from commonweal.kernel.registers.actions import put_entry
from commonweal.kernel.registers.types import NewEntry

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 3


@pytest.fixture(autouse=True)
def _in_a_file(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """On SQLite, a database in a file for as long as the test takes: one in memory has no lock to wait for."""
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    held, name = connection.connection, connection.settings_dict["NAME"]
    with contextlib.closing(sqlite3.connect(tmp_path / "city.sqlite3")) as copy:
        held.backup(copy)
    connection.settings_dict["NAME"] = str(tmp_path / "city.sqlite3")
    connection.connection = None
    connection.connect()
    yield
    connection.close()
    connection.settings_dict["NAME"], connection.connection = name, held


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Do all at the same moment, each on a connection of its own; return what each gave or met."""
    start = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(number: int, act: Callable[[], Any]) -> None:
        try:
            start.wait(timeout=10)
            results[number] = act()
        except Exception as error:  # noqa: BLE001 - whatever a thread meets is judged below
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def test_of_two_officers_who_decide_at_once_one_decides(town: Town) -> None:
    for _ in range(ROUNDS):
        case = town.send(food_answers(circumstances=["strike"]))

        def decide(by: Any, case: Case = case) -> Case:
            return actions.decide_by_hand(
                case.pk,
                outcome="DENIED_NET",
                reasons="Because.",
                legal_ground="7 CFR 273.9",
                revision=case.revision,
                by=by,
                at=AT,
            )

        found = at_once(lambda: decide(town.officer), lambda: decide(town.colleague))

        assert sorted(type(each).__name__ for each in found) in (
            ["Case", "CaseClosed"],
            ["Case", "CaseMovedOn"],
        )
        assert all(isinstance(each, Case | Conflict) for each in found)
        assert Decision.objects.filter(stream=case.stream, outcome="DENIED_NET").count() == 1
        assert Message.objects.filter(thread__stream=case.stream).count() == 1


def test_a_draft_that_is_sent_twice_at_once_becomes_one_case(town: Town) -> None:
    for _ in range(ROUNDS):
        by = town.neighbour()
        started = start_sheet("food-assistance", by=by, at=AT)
        saved = answer_all(started.sheet_id, food_answers(), revision=0, by=by, at=AT)

        def send(sheet_id: Any = started.sheet_id, revision: int = saved.revision, by: Actor = by) -> Case:
            return actions.submit(sheet_id, applicant_id=by.person_ids[0], revision=revision, by=by, at=AT)

        first, second = at_once(send, send)

        assert isinstance(first, Case), first
        assert first == second
        assert Case.objects.filter(sheet=started.sheet_id).count() == 1
        assert Award.objects.filter(source_stream=first.stream).count() == 1
        assert Message.objects.filter(thread__stream=first.stream).count() == 1


def test_what_is_held_once_is_granted_once_to_who_sends_two_at_once(town: Town) -> None:
    drafts = []
    for _ in range(2):
        drafts.append(start_sheet("food-assistance", by=town.resident, at=AT).sheet_id)
        answer_all(drafts[-1], food_answers(), revision=0, by=town.resident, at=AT)

    def send(sheet_id: UUID) -> Case:
        return actions.submit(sheet_id, applicant_id=town.person.pk, revision=1, by=town.resident, at=AT)

    found = at_once(*(lambda sheet_id=sheet_id: send(sheet_id) for sheet_id in drafts))

    assert sorted(each.outcome for each in found) == ["", "ELIGIBLE"], found
    assert Award.objects.count() == 1


def test_the_last_permit_of_a_zone_is_granted_once(parking: Town) -> None:  # noqa: F811 - the fixture is meant
    Pool.objects.create(key="parking:Z2", used=3099)
    other = registers.look_up("vehicles", "ABC1234")
    assert other is not None
    put_entry("vehicles", NewEntry("ABC1235", dict(other.values), AT), by=SYSTEM, at=AT)
    plates = ("ABC1234", "ABC1235")
    cases = [parking.send(answers(number_plate=plate), service="parking-permit") for plate in plates]

    def confirm(case: Case) -> Case:
        return actions.confirm_proposal(case.pk, revision=case.revision, by=officer_of(parking), at=AT)

    found = at_once(*(lambda case=case: confirm(case) for case in cases))

    assert all(isinstance(each, Case) for each in found), found
    assert sorted(each.outcome for each in found) == ["GRANTED", "WAITLIST"]
    assert Pool.objects.get(key="parking:Z2").used == 3100
    assert Award.objects.count() == 1


def test_what_can_be_had_once_is_granted_once(parking: Town) -> None:  # noqa: F811 - as above
    publish_folder("temporary-parking-permit", by=SYSTEM, at=AT)
    asked = {
        "dwelling_id": "OM-0001",
        "number_plate": "ABC1234",
        "start_date": "2026-10-01",
        "blue_badge": False,
        "weight": 1500,
        "length": "4.2",
        "email": "resident@example.org",
    }

    def ready() -> Callable[[], Case]:
        started = start_sheet("temporary-parking-permit", by=parking.resident, at=AT)
        saved = answer_all(started.sheet_id, asked, revision=0, by=parking.resident, at=AT)
        return lambda: actions.submit(
            started.sheet_id,
            applicant_id=parking.person.pk,
            revision=saved.revision,
            by=parking.resident,
            at=AT,
        )

    found = at_once(ready(), ready(), ready())

    assert all(isinstance(each, Case) for each in found), found
    assert sorted(each.outcome for each in found) == ["GRANTED", "REFUSED_AGAIN", "REFUSED_AGAIN"]
    assert Award.objects.count() == 1


def test_for_one_child_two_parents_have_one_open_application(town: Town) -> None:
    publish_folder("school-enrolment", by=SYSTEM, at=AT)
    make_team(key="enrolment", agency="schools")
    other = make_person(account=make_account(), email="other@example.org")
    parents = (town.resident, Actor(ActorKind.RESIDENT, str(other.pk)))

    def ready(by: Actor, name: str) -> Callable[[], Case]:
        asked = {
            "child_name": name,
            "child_birth_date": "2022-03-14",
            "start_year": "2027",
            "dwelling_id": "HP-0001",
            "is_shared": False,
            "first_choice": "HP",
            "email": "resident@example.org",
        }
        started = start_sheet("school-enrolment", by=by, at=AT)
        saved = answer_all(started.sheet_id, asked, revision=0, by=by, at=AT)
        return lambda: actions.submit(
            started.sheet_id, applicant_id=UUID(by.id), revision=saved.revision, by=by, at=AT
        )

    # the same child, written in two ways
    found = at_once(ready(parents[0], "José Núñez"), ready(parents[1], " jose  NUNEZ."))

    (case,) = Case.objects.all()
    assert sorted(type(each).__name__ for each in found) == ["AppliedAlready", "Case"], found
    refusal = next(each for each in found if isinstance(each, AppliedAlready))
    assert str(refusal).strip() == (
        "Somebody has applied already for this child and this year. It has no final answer yet."
    )
    assert [event.type for event in events_of(case.stream)][-1] == "cases.applied_again"
    told = {what.what for what in history(case.stream, actor=town.officer)}
    assert told - {what.what for what in history(case.stream, actor=town.resident)} == {
        "Somebody applied for the same again, and was told that this is open"
    }

    # the same sheet sent once more is the same attempt; another sheet is another
    def noted() -> int:
        return [event.type for event in events_of(case.stream)].count("cases.applied_again")

    second = next(by for by in parents if by.id != str(case.applicant_id))
    assert noted() == 1
    send = ready(second, "José-Núñez")
    for _ in range(3):
        with pytest.raises(AppliedAlready):
            send()
    assert noted() == 2

    # another child is another matter, and so is the same one once the first case is closed
    ready(parents[1], "Grace Lee")()
    actions.withdraw(case.pk, by=Actor(ActorKind.RESIDENT, str(case.applicant_id)), at=AT)
    ready(parents[1], "Jose Nunez")()
    assert Case.objects.count() == 3
