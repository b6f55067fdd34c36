from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from tests.factories.people import AT, make_fact
from tests.kernel.cases.conftest import Town, _actor

from commonweal.kernel.awards.models import Pool
from commonweal.kernel.awards.queries import award_of_case, capacity_used
from commonweal.kernel.base.types import Actor, Money
from commonweal.kernel.cases import actions
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.cases.models import Case
from commonweal.kernel.catalogue.actions import publish_folder
from commonweal.kernel.decisions.models import Decision
from commonweal.kernel.mailbox.queries import messages_about
from commonweal.kernel.registers.actions import put_entry
from commonweal.kernel.registers.types import NewEntry

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")


@pytest.fixture
def parking(town: Town) -> Town:
    """A dwelling in Old Mill, a petrol car of 100 g, and an officer of the parking team."""
    publish_folder("parking-permit", by=SYSTEM, at=AT)
    make_fact(town.person, "dwelling_id", "OM-0001")
    dwelling = {
        "address": "1 Mill Lane",
        "district": "old-mill",
        "zone": "Z2",
        "is_car_free": False,
        "built_on": "1950-01-01",
    }
    vehicle = {
        "dwelling_id": "OM-0001",
        "gross_weight_kg": 1500,
        "length_m": "4.20",
        "fuel": "petrol",
        "co2": 100,
        "first_registered_on": "2019-05-01",
    }
    put_entry("dwellings", NewEntry("OM-0001", dwelling, AT), by=SYSTEM, at=AT)
    put_entry("vehicles", NewEntry("ABC1234", vehicle, AT), by=SYSTEM, at=AT)
    return town


def answers(**changes: Any) -> dict[str, Any]:
    return {
        "dwelling_id": "OM-0001",
        "off_street_spaces": 0,
        "number_plate": "ABC1234",
        "vehicle_registered_to": "resident",
        "start_date": "2026-10-01",
        "blue_badge": False,
        "low_income_reason": "none",
        "email": "resident@example.org",
    } | changes


def officer_of(town: Town) -> Actor:
    return _actor(town.workers["stranger"])


def confirmed(town: Town, case: Case) -> Case:
    return actions.confirm_proposal(case.pk, revision=case.revision, by=officer_of(town), at=AT)


def test_officer_confirms_what_the_law_proposes(parking: Town) -> None:
    case = parking.send(answers(), service="parking-permit")
    assert (case.status, case.stage, case.due_on) == (Status.UNASSIGNED, "review", date(2026, 9, 29))

    decided = confirmed(parking, case)

    award = award_of_case(case.stream)
    assert award is not None
    assert (decided.status, decided.outcome, award.money) == (Status.CLOSED, "GRANTED", Money(8400, "USD"))
    assert (award.starts_on, award.ends_on) == (date(2026, 10, 1), date(2027, 9, 30))
    assert (award.holder, award.item, award.pool_id) == ("dwelling:OM-0001", "vehicle:ABC1234", "parking:Z2")
    assert [message.letter_key for message in messages_about(case.stream)] == ["permit"]


def test_full_zone_puts_on_the_waiting_list(parking: Town) -> None:
    Pool.objects.create(key="parking:Z2", used=3100)
    case = parking.send(answers(), service="parking-permit")

    decided = confirmed(parking, case)

    assert (decided.outcome, capacity_used("parking:Z2"), award_of_case(case.stream)) == (
        "WAITLIST",
        3100,
        None,
    )
    assert [message.letter_key for message in messages_about(case.stream)] == ["waiting-list"]


def test_unpaid_fines_refuse(parking: Town) -> None:
    for number in range(3):
        fine = {"number_plate": "ABC1234", "amount": 20, "issued_on": "2026-08-01", "is_paid": False}
        put_entry("parking-fines", NewEntry(f"PF00000{number}", fine, AT), by=SYSTEM, at=AT)

    decided = confirmed(parking, parking.send(answers(), service="parking-permit"))

    assert decided.outcome == "REFUSED_FINES"


def test_second_vehicle_ranks_second_and_the_same_vehicle_is_refused(parking: Town) -> None:
    confirmed(parking, parking.send(answers(), service="parking-permit"))
    later = datetime(2026, 10, 5, 16, tzinfo=UTC)
    case = parking.send(answers(start_date="2026-10-06"), service="parking-permit", at=later)

    again = actions.confirm_proposal(case.pk, revision=case.revision, by=officer_of(parking), at=later)

    assert again.outcome == "REFUSED_VEHICLE"


def test_vehicle_that_no_register_knows_needs_an_officer(parking: Town) -> None:
    case = parking.send(answers(number_plate="XYZ999"), service="parking-permit")

    decided = actions.decide_by_hand(
        case.pk,
        outcome="GRANTED",
        reasons="The registration certificate was shown at the counter.",
        legal_ground="PAMC 11.24.034",
        amount=Money(8400, "USD"),
        revision=case.revision,
        by=officer_of(parking),
        at=AT,
    )

    award = award_of_case(case.stream)
    assert award is not None
    assert (decided.status, award.money) == (Status.CLOSED, Money(8400, "USD"))


def test_where_the_last_permit_goes_to_another_meanwhile_the_law_is_asked_once_more(parking: Town) -> None:
    Pool.objects.create(key="parking:Z2", used=3099)
    case = parking.send(answers(), service="parking-permit")
    taken = []

    def take_the_last(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found = execute(sql, params, many, context)
        if sql.startswith('INSERT INTO "decisions_decision"') and not taken:
            taken.append(Pool.objects.update(used=3100))
        return found

    with connection.execute_wrapper(take_the_last):
        decided = confirmed(parking, case)

    # The other's grant went back with the first attempt here; elsewhere it would have stayed.
    assert taken == [1]
    assert (decided.outcome, capacity_used("parking:Z2")) == ("GRANTED", 3100)
    assert Decision.objects.filter(stream=case.stream).count() == 1


def test_silence_grants_after_ten_working_days(parking: Town) -> None:
    case = parking.send(answers(), service="parking-permit")
    system, on = Actor.system("tests"), date(2026, 9, 30)
    assert not actions.keep_silence(case.pk, on=case.due_on, by=system, at=AT)

    assert actions.keep_silence(case.pk, on=on, by=system, at=AT)

    case.refresh_from_db()
    award = award_of_case(case.stream)
    assert award is not None
    assert (case.status, case.outcome, award.money) == (
        Status.CLOSED,
        "GRANTED_BY_SILENCE",
        Money(8400, "USD"),
    )
    assert [message.letter_key for message in messages_about(case.stream)] == ["permit"]
