from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from tests.factories.people import AT, make_fact
from tests.factories.plans import is_read_by, plans_of
from tests.kernel.cases.conftest import Town, _actor, food_answers

from commonweal.kernel.awards.models import Award, Pool
from commonweal.kernel.awards.queries import award_of_case, capacity_used
from commonweal.kernel.base import clock
from commonweal.kernel.base.types import Actor, Money
from commonweal.kernel.cases import actions, tasks
from commonweal.kernel.cases.deciding import evaluate
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.cases.models import Case, Place
from commonweal.kernel.cases.queries import granted_label
from commonweal.kernel.cases.waiting import next_turn
from commonweal.kernel.catalogue.actions import publish_folder
from commonweal.kernel.catalogue.queries import compiled
from commonweal.kernel.decisions.models import Decision
from commonweal.kernel.mailbox.queries import messages_about
from commonweal.kernel.registers.actions import put_entry
from commonweal.kernel.registers.types import NewEntry

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
VEHICLE = {
    "dwelling_id": "OM-0001",
    "gross_weight_kg": 1500,
    "length_m": "4.20",
    "fuel": "petrol",
    "co2": 100,
    "first_registered_on": "2019-05-01",
}


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
    put_entry("dwellings", NewEntry("OM-0001", dwelling, AT), by=SYSTEM, at=AT)
    put_entry("vehicles", NewEntry("ABC1234", VEHICLE, AT), by=SYSTEM, at=AT)
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


def test_a_permit_is_called_by_plate_and_zone_as_they_are_now(parking: Town) -> None:
    case = parking.send(answers(), service="parking-permit")
    confirmed(parking, case)
    award = award_of_case(case.stream)
    assert award is not None
    assert granted_label(case, award, at=AT) == "ABC1234 (Z2)"

    award.item = "vehicle:XYZ9876"

    assert granted_label(case, award, at=AT) == "XYZ9876 (Z2)"
    food = parking.send(food_answers())
    assert granted_label(food, award, at=AT) == "", "its service does not say"


def test_the_fee_of_a_permit_is_shown_as_what_one_pays(parking: Town, client: Client) -> None:
    case = confirmed(parking, parking.send(answers(), service="parking-permit"))
    client.force_login(parking.person.account)

    page = client.get(f"/cases/{case.reference}/").content.decode()

    assert "You pay $84.00 a year" in page
    assert page.count("$84.00 a year") == 2


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


def listed(town: Town, plate: str, at: datetime, **changes: Any) -> Case:
    """Somebody with a car of their own asks for a permit of the full zone."""
    put_entry("vehicles", NewEntry(plate, VEHICLE, AT), by=SYSTEM, at=AT)
    case = town.send(answers(number_plate=plate, **changes), service="parking-permit", at=at)
    return actions.confirm_proposal(case.pk, revision=case.revision, by=officer_of(town), at=at)


def call_those_who_wait(at: datetime) -> list[UUID]:
    """Do what the job of every night does, and say whose turn it was."""
    called, after = [], ""
    while (found := next_turn(after=after, at=at)) is not None:
        after = found[0]
        called.append(actions.go_on(found[1], by=SYSTEM, at=at).pk)
    return called


def test_the_waiting_list_goes_by_blue_badge_and_then_by_time(parking: Town) -> None:
    pool = Pool.objects.create(key="parking:Z2", used=3100)
    first = listed(parking, "CAR1", AT)
    second = listed(parking, "CAR2", AT + timedelta(minutes=1))
    badge = listed(parking, "CAR3", AT + timedelta(minutes=2), blue_badge=True, blue_badge_number="BB-1234")
    at = AT + timedelta(days=40)
    assert [case.status for case in (first, second, badge)] == [Status.WAITING] * 3
    assert [
        Place.objects.ahead("parking:Z2", rank, case_id=case.pk).count()
        for case, rank in ((first, 1), (second, 1), (badge, 0))
    ] == [1, 2, 0]
    assert call_those_who_wait(at) == []
    pools, next_one, *_law, further_pools = plans_of(lambda: next_turn(after="", at=at))
    plans = (pools, next_one, further_pools)
    assert [is_read_by("cases_places", plan) for plan in plans] == [True] * 3, plans

    pool.used = 3098
    pool.save()

    assert call_those_who_wait(at) == [badge.pk, first.pk]
    first.refresh_from_db()
    award = award_of_case(first.stream)
    assert award is not None
    assert (first.status, first.outcome, capacity_used("parking:Z2")) == (Status.CLOSED, "GRANTED", 3100)
    # it starts on the day on which the place was free, not on the day asked for
    assert (award.starts_on, award.ends_on) == (date(2026, 10, 25), date(2027, 10, 24))
    assert {message.letter_key for message in messages_about(first.stream)} == {"permit", "waiting-list"}


def test_the_night_ends_where_a_turn_brings_nothing(parking: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = Pool.objects.create(key="parking:Z2", used=3100)
    waiting = listed(parking, "CAR1", AT)
    pool.used = 3099
    pool.save()
    called: list[UUID] = []
    monkeypatch.setattr(clock, "now", lambda: AT)
    monkeypatch.setattr(tasks, "go_on", lambda case_id, **_who: called.append(case_id))

    cursor = tasks.call_those_who_wait({}, None)
    assert cursor == {"pool": "parking:Z2", "last": str(waiting.pk)}
    assert tasks.call_those_who_wait({}, cursor) is None
    assert called == [waiting.pk]


def test_whose_turn_brings_nothing_keeps_the_place(parking: Town) -> None:
    pool = Pool.objects.create(key="parking:Z2", used=3100)
    first, second = (listed(parking, f"CAR{at}", AT + timedelta(minutes=at)) for at in (1, 2))

    for days in (
        30,
        60,
    ):  # called, but the law sees a full zone: the cap was lowered, or an officer gave it away
        found = actions.go_on(first.pk, by=SYSTEM, at=AT + timedelta(days=days))

        assert (found.status, found.stage, found.outcome) == (Status.WAITING, "list", "WAITLIST")
        assert Place.objects.ahead("parking:Z2", 1, case_id=first.pk).count() == 0
        assert Place.objects.ahead("parking:Z2", 1, case_id=second.pk).count() == 1
    assert [message.letter_key for message in messages_about(first.stream)] == ["waiting-list"]

    pool.used = 3099
    pool.save()
    assert call_those_who_wait(AT + timedelta(days=61)) == [first.pk]


def test_fines_of_the_time_on_the_list_can_be_paid(parking: Town) -> None:
    pool = Pool.objects.create(key="parking:Z2", used=3100)
    case = confirmed(parking, parking.send(answers(), service="parking-permit"))
    assert case.stage == "list"
    fined()
    pool.used = 3099
    pool.save()
    later = datetime(2026, 10, 15, 9, tzinfo=UTC)

    found = actions.go_on(case.pk, by=SYSTEM, at=later)

    assert (found.outcome, found.status, found.wake_on) == (
        "REFUSED_FINES",
        Status.WAITING,
        date(2026, 11, 3),  # fourteen days from the 18th end on a Sunday
    )
    assert sorted(message.letter_key for message in messages_about(case.stream)) == [
        "refusal",
        "waiting-list",
    ]


def test_nobody_overtakes_those_who_wait(parking: Town) -> None:
    pool = Pool.objects.create(key="parking:Z2", used=3100)
    waiting = listed(parking, "CAR1", AT)
    pool.used = 3099
    pool.save()

    assert listed(parking, "CAR2", AT + timedelta(hours=1)).outcome == "WAITLIST"

    assert call_those_who_wait(AT) == [waiting.pk]


def test_who_leaves_the_list_is_not_called(parking: Town) -> None:
    pool = Pool.objects.create(key="parking:Z2", used=3100)
    waiting = listed(parking, "CAR1", AT)
    actions.withdraw(waiting.pk, by=parking.resident, at=AT)
    pool.used = 0
    pool.save()

    assert call_those_who_wait(AT) == []


def test_who_waits_is_told_the_place(parking: Town, client: Client) -> None:
    Pool.objects.create(key="parking:Z2", used=3100)
    listed(parking, "CAR1", AT)
    case = listed(parking, "CAR2", AT + timedelta(minutes=1))

    client.force_login(parking.person.account)
    page = client.get(f"/cases/{case.reference}/").content.decode()

    assert "You are number 2 on the waiting list today." in page


def fined(count: int = 3, *, paid: bool = False) -> None:
    for number in range(count):
        fine = {"number_plate": "ABC1234", "amount": 20, "issued_on": "2026-08-01", "is_paid": paid}
        put_entry("parking-fines", NewEntry(f"PF00000{number}", fine, AT), by=SYSTEM, at=AT)


@pytest.mark.parametrize(
    ("paid", "outcome", "letters"),
    [(True, "GRANTED", ["permit", "refusal"]), (False, "REFUSED_FINES", ["refusal"])],
)
def test_fines_paid_in_time_cure_the_refusal(
    parking: Town, paid: bool, outcome: str, letters: list[str]
) -> None:
    fined()
    case = confirmed(parking, parking.send(answers(), service="parking-permit"))
    # told on 15 September, served on the 18th; fourteen days end on 2 October
    assert (case.outcome, case.status, case.wake_on) == ("REFUSED_FINES", Status.WAITING, date(2026, 10, 3))

    fined(1 if paid else 0, paid=paid)
    later = datetime(2026, 10, 3, 9, tzinfo=UTC)
    assert actions.wake(case.pk, on=date(2026, 10, 3), by=SYSTEM, at=later)

    case.refresh_from_db()
    award = award_of_case(case.stream)
    assert (case.status, case.outcome) == (Status.CLOSED, outcome)
    assert sorted(message.letter_key for message in messages_about(case.stream)) == letters
    assert (award.starts_on if award else None) == (date(2026, 10, 3) if paid else None)


@pytest.mark.parametrize(
    ("given_up", "refund"), [(None, 4600), (date(2027, 3, 31), 0)], ids=["running", "given up before"]
)
def test_a_move_ends_the_old_permit_keeps_its_rank_and_pays_back_its_months_once(
    parking: Town, given_up: date | None, refund: int
) -> None:
    old = confirmed(parking, parking.send(answers(), service="parking-permit"))
    dwelling = {"address": "2 Elm Row", "district": "elm-park", "zone": "Z4", "is_car_free": False, "built_on": "1950-01-01"}  # fmt: skip
    put_entry("dwellings", NewEntry("EP-0001", dwelling, AT), by=SYSTEM, at=AT)
    put_entry("vehicles", NewEntry("ABC1234", VEHICLE | {"dwelling_id": "EP-0001"}, AT), by=SYSTEM, at=AT)
    make_fact(parking.person, "dwelling_id", "EP-0001")
    at = datetime(2027, 1, 10, 16, tzinfo=UTC)
    if given_up is not None:
        Award.objects.filter(source_stream=old.stream).update(ends_on=given_up)
    case = parking.send(
        answers(dwelling_id="EP-0001", start_date="2027-02-01"), service="parking-permit", at=at
    )

    actions.confirm_proposal(case.pk, revision=case.revision, by=officer_of(parking), at=at)

    before, after = award_of_case(old.stream), award_of_case(case.stream)
    assert before is not None
    assert after is not None
    assert (before.ends_on, after.starts_on, after.pool_id) == (
        date(2027, 1, 31),
        date(2027, 2, 1),
        "parking:Z4",
    )
    # 90 x 0.8; eight months of 84 are left: 56 less 10
    decision = Decision.objects.get(stream=case.stream)
    assert (after.money, json.loads(decision.amounts)["refund_of_old"]) == (
        Money(7200, "USD"),
        [refund, "USD"],
    )


def test_a_permit_is_renewed_before_it_ends(parking: Town) -> None:
    confirmed(parking, parking.send(answers(), service="parking-permit"))
    at = datetime(2027, 9, 1, 16, tzinfo=UTC)
    case = parking.send(
        answers(start_date="2027-10-01", low_income_reason="none"), service="parking-permit", at=at
    )

    proposed = evaluate(case, compiled(case.version_id), at=at)

    assert proposed.outcome == "GRANTED"
    assert isinstance(proposed.result, dict)
    assert proposed.result["rank"] == 1


def test_the_first_of_two_permits_stays_the_first_when_it_is_renewed(parking: Town) -> None:
    put_entry("vehicles", NewEntry("DEF5678", VEHICLE, AT), by=SYSTEM, at=AT)
    confirmed(parking, parking.send(answers(), service="parking-permit"))
    second = answers(number_plate="DEF5678", start_date="2026-10-02")
    confirmed(parking, parking.send(second, service="parking-permit"))
    at = datetime(2027, 9, 1, 16, tzinfo=UTC)

    renewed = []
    for plate, day in (("ABC1234", "2027-10-01"), ("DEF5678", "2027-10-02")):
        asked = answers(number_plate=plate, start_date=day, low_income_reason="none")
        case = parking.send(asked, service="parking-permit", at=at)
        proposed = evaluate(case, compiled(case.version_id), at=at)
        assert isinstance(proposed.result, dict)
        renewed.append((proposed.outcome, proposed.result["rank"]))
        actions.confirm_proposal(case.pk, revision=case.revision, by=officer_of(parking), at=at)

    assert renewed == [("GRANTED", 1), ("GRANTED", 2)]


@pytest.mark.parametrize(
    ("asked", "outcome", "rank"),
    [({"number_plate": "DEF5678"}, "GRANTED", 2), ({}, "REFUSED_VEHICLE", 2)],
    ids=["another vehicle", "the same vehicle"],
)
def test_a_permit_that_begins_later_counts_from_the_day_it_is_granted(
    parking: Town, asked: dict[str, Any], outcome: str, rank: int
) -> None:
    put_entry("vehicles", NewEntry("DEF5678", VEHICLE, AT), by=SYSTEM, at=AT)
    confirmed(parking, parking.send(answers(start_date="2026-10-15"), service="parking-permit"))

    case = parking.send(answers(**asked), service="parking-permit")

    proposed = evaluate(case, compiled(case.version_id), at=AT)
    assert isinstance(proposed.result, dict)
    assert (proposed.outcome, proposed.result["rank"]) == (outcome, rank)


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
