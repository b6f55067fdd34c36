"""The business licence: inspections come first where they are needed, and an unanswered question ends the application."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from tests.factories.people import AT, make_officer, make_team
from tests.jurisdictions.port_alder.counter import Counter, due, letters, open_counter, register

from commonweal.kernel.awards.queries import award_of_case
from commonweal.kernel.base.types import Actor, Money
from commonweal.kernel.cases.actions import (
    ask_applicant,
    confirm_proposal,
    decide_by_hand,
    find_complete,
    keep_silence,
    lapse,
)
from commonweal.kernel.cases.deciding import evaluate
from commonweal.kernel.cases.due import next_in_silence, next_unanswered
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.cases.errors import CaseMovedOn, NothingToDecide
from commonweal.kernel.cases.models import Case
from commonweal.kernel.cases.queries import ask_day, queue_rows
from commonweal.kernel.catalogue.queries import compiled
from commonweal.kernel.forms.actions import answer_all, start_sheet
from commonweal.kernel.forms.queries import open_sheet, review
from commonweal.kernel.ledger.queries import events_of
from commonweal.kernel.people.models import Person
from commonweal.kernel.people.queries import actor_of

pytestmark = pytest.mark.django_db
PARCEL = {
    "district": "harbour",
    "lot_m2": 600,
    "zone": "R3",
    "is_corner": False,
    "is_heritage_street": False,
    "is_flood": False,
    "allowed_uses": "G F1 F3 H",
}


@pytest.fixture
def counter() -> Counter:
    """A resident with a place where the plan allows shops and kitchens."""
    register("parcels", "HP-0001", PARCEL)
    return open_counter("business-licence")


def answers(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "first",
        "start_date": "2026-10-14",
        "business_name": "Corner Shop",
        "tax_number": "12-3456789",
        "business_type": "G",
        "receipts": 60000,
        "has_fixed_place": True,
        "days_a_year": 300,
        "place_id": "HP-0001",
        "is_further_place": False,
        "staff": 6,
        "occupant_load": 10,
        "open_flame": False,
        "deep_frying": False,
        "flammable_l": 0,
        "gas_kg": 0,
        "sleeping_guests": 0,
        "email": "resident@example.org",
    } | changes


def test_officer_confirms_a_licence_to_the_end_of_a_month(counter: Counter) -> None:
    case = counter.send(answers())
    assert (case.status, case.due_on, letters(case)) == (Status.UNASSIGNED, date(2026, 10, 13), [])

    decided = counter.confirm(case)

    award = award_of_case(case.stream)
    assert award is not None
    assert (decided.outcome, award.money, award.ends_on) == (
        "LICENSED",
        Money(13000, "USD"),
        date(2027, 9, 30),
    )


def test_kitchen_is_inspected_first_and_licensed_then(counter: Counter) -> None:
    case = counter.send(answers(business_type="F3"))
    assert (case.status, case.due_on) == (Status.UNASSIGNED, date(2026, 11, 18))
    assert "- Fire safety" in letters(case)[0]
    assert "- Health" in letters(case)[0]
    assert "not later than October 6\\, 2026" in letters(case)[0]
    with pytest.raises(NothingToDecide):
        counter.confirm(case)

    passed = {"fire_passed_on": "2026-09-20", "health_passed_on": "2026-09-21", "has_conditions": True}
    register("inspections", "HP-0001", passed | {"reinspections": 1})
    decided = counter.confirm(case)

    award = award_of_case(case.stream)
    assert award is not None
    assert (decided.outcome, award.money) == ("LICENSED_CONDITIONS", Money(74000, "USD"))


@pytest.mark.parametrize(
    ("change", "outcome", "words"),
    [
        ({"business_type": "P", "has_conviction": False}, "REFUSED_ZONING", "PAMC 5.04.030"),
        ({"has_fixed_place": False, "days_a_year": 30}, "NOT_NEEDED", "You wrote 30 days"),
    ],
)
def test_refusals_name_fact_rule_and_appeal(
    counter: Counter, change: dict[str, Any], outcome: str, words: str
) -> None:
    case = counter.send(answers(**change))

    decided = counter.confirm(case)

    assert decided.outcome == outcome
    assert words in letters(case)[0]
    assert "Hearing Examiner until October 19\\, 2026" in letters(case)[0]


def test_renewal_in_the_days_of_grace_costs_a_quarter_more(counter: Counter) -> None:
    case = counter.send(answers(kind="renewal", old_ends_on="2026-08-31") | {"start_date": None})

    counter.confirm(case)

    award = award_of_case(case.stream)
    assert award is not None
    assert (award.money, award.starts_on) == (Money(16250, "USD"), date(2026, 9, 1))


def test_a_licence_decided_late_begins_on_the_day_of_deciding(counter: Counter) -> None:
    case = counter.send(answers(start_date="2026-09-16"))

    counter.confirm(case, datetime(2026, 10, 2, 16, tzinfo=UTC))

    award = award_of_case(case.stream)
    assert award is not None
    assert (award.starts_on, award.ends_on) == (date(2026, 10, 2), date(2027, 9, 30))
    assert "good from October 2\\, 2026 until September 30\\, 2027" in letters(case)[0]


def test_an_officer_sees_whether_the_licence_to_renew_is_the_applicants(counter: Counter) -> None:
    first = counter.send(answers(start_date="2026-09-16"))
    counter.confirm(first)
    at = datetime(2027, 8, 10, 16, tzinfo=UTC)

    def asked(old_ends_on: str) -> str:
        renewal = answers(kind="renewal", old_ends_on=old_ends_on) | {"start_date": None}
        case = counter.send(renewal, at)
        return evaluate(case, compiled(case.version_id), at=at).officer_reason

    assert asked("2027-08-31") == ""
    assert "We know of no licence of the applicant" in asked("2027-09-30")


def test_unanswered_question_lets_the_application_lapse(counter: Counter) -> None:
    case = counter.send(answers())
    ask_applicant(case.pk, "Please send the lease.", by=counter.officer, at=AT)
    system, late = Actor.system("tests"), datetime(2026, 10, 16, 9, tzinfo=UTC)
    assert due(next_unanswered, date(2026, 10, 15)) == []
    assert not lapse(case.pk, on=date(2026, 10, 15), by=system, at=late)
    assert due(next_unanswered, late.date()) == [case.pk]

    assert lapse(case.pk, on=late.date(), by=system, at=late)

    case.refresh_from_db()
    assert (case.status, case.outcome, award_of_case(case.stream)) == (Status.CLOSED, "LAPSED", None)
    assert "no answer within 30 days" in letters(case)[0]
    assert not lapse(case.pk, on=late.date(), by=system, at=late)


def test_silence_halves_the_fee_and_says_where_to_complain(counter: Counter) -> None:
    case = counter.send(answers())  # 20 working days end on 13 October 2026
    system, late = Actor.system("tests"), datetime(2026, 10, 14, 9, tzinfo=UTC)
    assert due(next_in_silence, date(2026, 10, 13)) == []
    assert not keep_silence(case.pk, on=date(2026, 10, 13), by=system, at=late)
    assert due(next_in_silence, late.date()) == [case.pk]

    assert keep_silence(case.pk, on=late.date(), by=system, at=late)

    case.refresh_from_db()
    assert (case.status, case.outcome, case.late_on) == (Status.UNASSIGNED, "", late.date())
    (letter,) = letters(case)
    assert "We had to decide by October 13, 2026" in letter.replace("\\", "")
    assert "complain to the Hearing Examiner" in letter
    assert [event.type for event in events_of(case.stream)].count("cases.became_late") == 1
    assert due(next_in_silence, late.date()) == []
    assert not keep_silence(case.pk, on=late.date(), by=system, at=late)

    decided = counter.confirm(case, at=late)

    award = award_of_case(case.stream)
    assert award is not None
    assert (decided.outcome, award.money) == ("LICENSED", Money(6500, "USD"))
    assert "So the licence costs half as much" in letters(decided)[-1]
    assert len(letters(decided)) == 2


def test_silence_counts_although_no_night_has_noticed_it(counter: Counter) -> None:
    case = counter.send(answers())

    counter.confirm(case, at=datetime(2026, 10, 14, 9, tzinfo=UTC))

    award = award_of_case(case.stream)
    assert award is not None
    assert (award.money, len(letters(case))) == (Money(6500, "USD"), 1)


def test_the_last_day_is_in_time(counter: Counter) -> None:
    case = counter.send(answers())

    counter.confirm(case, at=datetime(2026, 10, 13, 23, tzinfo=UTC))

    award = award_of_case(case.stream)
    assert award is not None
    assert award.money == Money(13000, "USD")


def test_what_is_missing_is_asked_for_within_five_working_days(counter: Counter) -> None:
    case = counter.send(answers())
    assert ask_day(case) == date(2026, 9, 22)
    shown = [
        (row.ask_by, row.is_asking_late)
        for day in (22, 23)
        for row in queue_rows([case], today=date(2026, 9, day))
    ]
    assert shown == [(date(2026, 9, 22), False), (date(2026, 9, 22), True)]

    with pytest.raises(CaseMovedOn):
        find_complete(case.pk, revision=case.revision + 1, by=counter.officer, at=AT)
    found = find_complete(case.pk, revision=case.revision, by=counter.officer, at=AT)

    assert (found.checked_on, ask_day(found)) == (date(2026, 9, 15), None)
    assert find_complete(case.pk, revision=0, by=counter.officer, at=AT).revision == found.revision
    assert [event.type for event in events_of(case.stream)].count("cases.found_complete") == 1


def test_who_asks_has_looked_for_what_is_missing(counter: Counter) -> None:
    case = counter.send(answers())

    ask_applicant(case.pk, "Please send the lease.", by=counter.officer, at=AT)

    case.refresh_from_db()
    assert (case.checked_on, ask_day(case)) == (date(2026, 9, 15), None)


def test_an_old_conviction_goes_before_the_board(counter: Counter) -> None:
    register("parcels", "HP-0001", PARCEL | {"allowed_uses": "P"})
    team = make_team(key="licensing-board", agency="finance")
    member = actor_of(make_officer(roles=("caseworker",), teams=(team,), agency="finance").account)
    old = {"business_type": "P", "has_conviction": True, "convicted_on": "2020-03-01"}

    case = counter.send(answers(**old))

    assert (case.stage, case.status, case.team_id) == ("board", Status.UNASSIGNED, team.pk)
    with pytest.raises(NothingToDecide):
        confirm_proposal(case.pk, revision=case.revision, by=member, at=AT)
    decided = decide_by_hand(
        case.pk,
        outcome="LICENSED",
        reasons="Nothing has come to light since.",
        legal_ground="PAMC 5.04.034",
        amount=Money(54000, "USD"),
        revision=case.revision,
        by=member,
        at=AT,
    )
    award = award_of_case(case.stream)
    assert award is not None
    assert (decided.status, decided.outcome, award.money) == (Status.CLOSED, "LICENSED", Money(54000, "USD"))


@pytest.mark.parametrize(
    ("channel", "has_account", "until"),
    [
        ("online", False, "October 19"),  # served on 18 September, thirty days end on a Sunday
        ("post", True, "October 19"),
        ("post", False, "October 20"),  # served on 20 September
        ("counter", False, "October 20"),
    ],
)
def test_a_letter_on_paper_counts_as_served_on_the_fifth_day(
    counter: Counter, channel: str, has_account: bool, until: str
) -> None:
    register("parcels", "HP-0001", PARCEL | {"allowed_uses": "H"})
    case = counter.send(answers())
    Case.objects.filter(pk=case.pk).update(channel=channel)
    if not has_account:
        Person.objects.filter(pk=counter.person.pk).update(account=None)

    decided = counter.confirm(case)

    assert decided.outcome == "REFUSED_ZONING"
    assert f"Hearing Examiner until {until}" in letters(case)[0]


@pytest.mark.parametrize(
    ("change", "papers"),
    [
        ({"occupant_load": 49}, {"lease"}),
        ({"occupant_load": 50}, {"lease", "floor_plan"}),
        (
            {"business_type": "S", "in_school_hours": False, "insured_for": 300000},
            {"lease", "insurance_paper"},
        ),
        ({"kind": "renewal", "old_ends_on": "2026-08-31", "start_date": None}, set()),
    ],
)
def test_papers_can_be_handed_in_where_the_chapter_asks_for_them(
    counter: Counter, change: dict[str, Any], papers: set[str]
) -> None:
    started = start_sheet("business-licence", by=counter.resident, at=AT).sheet_id
    answer_all(started, answers(**change), revision=0, by=counter.resident, at=AT)

    groups = review(open_sheet(started, by=counter.resident, at=AT), "en", at=AT).groups

    asked = {answer.key for group in groups for answer in group.answers}
    assert asked & {"lease", "floor_plan", "insurance_paper"} == papers
