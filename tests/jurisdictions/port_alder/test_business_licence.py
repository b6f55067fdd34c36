"""The business licence: inspections come first where they are needed, and an unanswered question ends the application."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from tests.factories.people import AT
from tests.jurisdictions.port_alder.counter import Counter, letters, open_counter, register

from commonweal.kernel.awards.queries import award_of_case
from commonweal.kernel.base.types import Actor, Money
from commonweal.kernel.cases.actions import ask_applicant, lapse
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.cases.errors import NothingToDecide
from commonweal.kernel.cases.queries import next_unanswered

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


def test_unanswered_question_lets_the_application_lapse(counter: Counter) -> None:
    case = counter.send(answers())
    ask_applicant(case.pk, "Please send the lease.", by=counter.officer, at=AT)
    system, late = Actor.system("tests"), datetime(2026, 10, 16, 9, tzinfo=UTC)
    assert next_unanswered(on=date(2026, 10, 15), after=None) is None
    assert not lapse(case.pk, on=date(2026, 10, 15), by=system, at=late)
    assert next_unanswered(on=late.date(), after=None) == case.pk

    assert lapse(case.pk, on=late.date(), by=system, at=late)

    case.refresh_from_db()
    assert (case.status, case.outcome, award_of_case(case.stream)) == (Status.CLOSED, "LAPSED", None)
    assert "no answer within 30 days" in letters(case)[0]
    assert not lapse(case.pk, on=late.date(), by=system, at=late)
