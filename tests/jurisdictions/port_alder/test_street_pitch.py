"""Pitches for street trading: the lottery, the waiting lists, and the licence that looks the pitch up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
from tests.factories.people import make_account, make_officer, make_person
from tests.jurisdictions.port_alder.counter import SYSTEM, Counter, letters, open_counter, register
from tests.jurisdictions.port_alder.test_business_licence import PARCEL
from tests.jurisdictions.port_alder.test_business_licence import answers as licence_answers

from commonweal.engines import allocation
from commonweal.kernel.awards.queries import award_of_case, capacity_used
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.cases.errors import AppliedAlready
from commonweal.kernel.cases.models import Case
from commonweal.kernel.catalogue.actions import publish_folder
from commonweal.kernel.people.models import Team
from commonweal.kernel.people.queries import actor_of
from commonweal.kernel.rounds.actions import (
    answer_offer,
    approve,
    end_waiting,
    issue_next,
    open_round,
    work_out,
)
from commonweal.kernel.rounds.models import Round
from commonweal.kernel.rounds.queries import standings

pytestmark = pytest.mark.django_db
SERVICE = "street-pitch"
SENT = datetime(2026, 12, 1, 17, tzinfo=UTC)
DRAWN = datetime(2027, 1, 15, 18, tzinfo=UTC)
JUNE = datetime(2027, 6, 1, 17, tzinfo=UTC)
PLACES = {"SP-01": ("Harbour Square", 400), "SP-02": ("Ferry Landing", 50), "SP-06": ("School Street", 49)}


@dataclass
class Trader:
    """Somebody who applies, and what came of it."""

    actor: Actor
    case: Case

    @property
    def outcome(self) -> str:
        self.case.refresh_from_db()
        return self.case.outcome

    def answer(self, *, accepts: bool, at: datetime = DRAWN) -> None:
        answer_offer(self.case.reference, accepts=accepts, by=self.actor, at=at)


@dataclass
class Office:
    """The lottery with two officers, and traders who apply."""

    counter: Counter
    supervisor: Actor

    def open(self, pitches: str, *, year: int = 2027, at: datetime = SENT) -> Round:
        day, by = date(year, 1, 14), self.counter.officer
        return open_round(SERVICE, name=str(year), closes_on=day, settings=pitches, by=by, at=at)

    def apply(self, number: int, *wishes: str, at: datetime = SENT, **changes: Any) -> Trader:
        person = make_person(account=make_account(email=f"trader{number}@example.org"), email="t@example.org")
        actor = Actor(ActorKind.RESIDENT, str(person.pk))
        one = Counter(SERVICE, person, actor, self.counter.officer)
        words = ("first_choice", "second_choice", "third_choice")
        asked = {
            "business_name": f"Stall {number}",
            "tax_number": f"12-34567{number:02}",
            "pitch_year": "2027",
            "email": "trader@example.org",
            **dict(zip(words, wishes, strict=False)),
        }
        return Trader(actor, one.send(asked | changes, at=at))

    def draw(self, one: Round, *, at: datetime = DRAWN) -> None:
        seen = work_out(one.pk, by=self.counter.officer, at=at)
        approve(one.pk, revision=seen.revision, by=self.supervisor, at=at)
        self.issue(one, at)

    def issue(self, one: Round, at: datetime) -> None:
        while issue_next(one.pk, by=SYSTEM, at=at) is not None:
            pass


@pytest.fixture
def office() -> Office:
    counter = open_counter(SERVICE, at=datetime(2026, 9, 1, tzinfo=UTC))
    supervisor = make_officer(
        roles=("supervisor",), teams=(Team.objects.get(key="licences"),), agency="finance"
    )
    for key, (name, metres) in PLACES.items():
        values = {"name": name, "district": "harbour", "school_distance_m": metres, "is_given_out": True}
        register("street-pitches", key, values | {"opens_at": "7:00", "closes_at": "21:00"})
    return Office(counter, actor_of(supervisor.account))


def in_order(one: Round, *traders: Trader) -> list[Trader]:
    """The traders by their number in the published lottery."""
    one.refresh_from_db()
    return sorted(traders, key=lambda trader: allocation.lottery(one.seed, trader.case.reference))


def licence(trader: Trader, office: Office, *, at: datetime = DRAWN, **changes: Any) -> Case:
    """A trader applies for a licence, and an officer confirms what the law says."""
    publish_folder("business-licence", by=SYSTEM, at=SENT)
    register("parcels", "HP-0001", PARCEL | {"allowed_uses": "S"})
    one = Counter("business-licence", office.counter.person, trader.actor, office.counter.officer)
    asked = {
        "start_date": "2027-02-01",
        "business_type": "S",
        "insured_for": 300000,
        "in_school_hours": False,
    }
    return one.confirm(one.send(licence_answers(**asked | changes), at=at), at=at)


def test_the_lottery_gives_each_pitch_once_and_the_rest_wait(office: Office) -> None:
    one = office.open("SP-01 1\nSP-02 1\nSP-06 1")
    traders = [office.apply(number, "SP-01", "SP-02") for number in (1, 2, 3)]
    assert [trader.outcome for trader in traders] == ["LISTED"] * 3

    office.draw(one)

    first, second, third = in_order(one, *traders)
    found = standings(one)
    assert [found[trader.case.reference].detail["school"] for trader in (first, second, third)] == [
        "SP-01",
        "SP-02",
        None,  # School Street is free, but nobody chose it
    ]
    assert [trader.outcome for trader in (first, second, third)] == ["OFFERED", "OFFERED", "NO_PITCH"]
    assert "We offer you the pitch Harbour Square." in letters(first.case)[-1]
    assert "Harbour Square: you are number 2" in letters(third.case)[-1]
    assert "Ferry Landing: you are number 1" in letters(third.case)[-1]

    first.answer(accepts=True)
    award = award_of_case(first.case.stream)
    assert award is not None
    assert (first.outcome, award.starts_on, award.ends_on, award.holder) == (
        "HELD",
        date(2027, 1, 15),
        date(2027, 12, 31),
        "pitch:SP-01",
    )
    assert capacity_used("pitch:2027:SP-01") == 1
    assert "from\n7\\:00 to 21\\:00" in letters(first.case)[-1]

    second.answer(accepts=False)
    office.draw(one, at=JUNE)
    assert [trader.outcome for trader in (second, third)] == ["WITHDRAWN", "OFFERED"]
    third.answer(accepts=True, at=JUNE)
    assert (third.outcome, third.case.status) == ("HELD", Status.CLOSED)
    assert "Ferry Landing" in letters(third.case)[-1]
    assert len(letters(third.case)) == 4


def test_late_applications_go_behind_and_the_lists_end_with_the_year(office: Office) -> None:
    one = office.open("SP-01 1")
    in_time = office.apply(1, "SP-01")
    late = office.apply(2, "SP-01", at=DRAWN)
    assert late.outcome == "LATE"

    office.draw(one)

    assert [trader.outcome for trader in (in_time, late)] == ["OFFERED", "NO_PITCH"]
    in_time.answer(accepts=True)
    new_year = datetime(2028, 1, 3, 17, tzinfo=UTC)
    assert end_waiting(one.pk, by=SYSTEM, at=new_year)
    office.issue(one, new_year)
    assert (late.outcome, late.case.status) == ("NO_PITCH", Status.CLOSED)
    assert "The waiting lists have ended" in letters(late.case)[-1]


def test_a_business_applies_once_and_a_trader_has_one_pitch(office: Office) -> None:
    one = office.open("SP-01 1\nSP-02 1")
    trader = office.apply(1, "SP-01")
    with pytest.raises(AppliedAlready):
        office.apply(2, "SP-02", tax_number="123456701")
    office.draw(one)
    trader.answer(accepts=True)

    again = Counter(SERVICE, office.counter.person, trader.actor, office.counter.officer).send(
        {
            "business_name": "Second stall",
            "tax_number": "12-3456799",
            "pitch_year": "2027",
            "first_choice": "SP-02",
            "email": "trader@example.org",
        },
        at=JUNE,
    )

    assert (again.outcome, again.status) == ("REFUSED_HELD", Status.CLOSED)
    assert len(letters(again)) == 1
    assert "you have one for 2027 already" in letters(again)[0]


def test_the_licence_finds_the_pitch_and_bars_school_hours_near_a_gate(office: Office) -> None:
    one = office.open("SP-02 1\nSP-06 1")
    near, far = office.apply(1, "SP-06"), office.apply(2, "SP-02")
    office.draw(one)
    assert "You may not trade there from 7:30 to 16:30." in letters(near.case)[-1]
    assert "7:30" not in letters(far.case)[-1]
    for trader in (near, far):
        trader.answer(accepts=True)
    assert "You may not trade there from 7:30 to 16:30." in letters(near.case)[-1]

    licensed = licence(near, office)
    assert licensed.outcome == "LICENSED"
    assert "You may not trade there from 7:30 to 16:30." in letters(licensed)[0]
    refused = licence(near, office, in_school_hours=True)
    assert refused.outcome == "REFUSED_PITCH"
    assert "Your pitch is within 50 metres" in letters(refused)[0]

    all_day = licence(far, office, in_school_hours=True)
    assert all_day.outcome == "LICENSED"
    assert "7:30" not in letters(all_day)[0]


def test_without_a_pitch_of_that_year_the_licence_says_where_to_apply(office: Office) -> None:
    one = office.open("SP-01 1", year=2026, at=datetime(2026, 1, 5, 17, tzinfo=UTC))
    trader = office.apply(1, "SP-01", pitch_year="2026")
    office.draw(one, at=SENT)
    trader.answer(accepts=True, at=SENT)
    assert trader.outcome == "HELD"

    of_2026 = licence(trader, office, start_date="2026-12-20", at=SENT)
    of_2027 = licence(trader, office, start_date="2027-01-01", at=SENT)

    assert (of_2026.outcome, of_2027.outcome) == ("LICENSED", "REFUSED_PITCH")
    assert "Apply first for a pitch for street" in letters(of_2027)[0]
