"""The property tax: an officer confirms an exemption, a monthly plan is agreed at once, hardship is a person's matter."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from tests.factories.people import AT, make_person
from tests.jurisdictions.port_alder.counter import SYSTEM, Counter, letters, open_counter, register

from commonweal.kernel.awards.queries import award_of_case
from commonweal.kernel.base.types import Money
from commonweal.kernel.cases.actions import decide_by_hand
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.cases.models import Case
from commonweal.kernel.catalogue.actions import publish_folder
from commonweal.kernel.proactive.actions import offer

pytestmark = pytest.mark.django_db
ROLL: dict[str, Any] = {"assessed_value": 400000, "approved_band": 0}
EXEMPTION = {
    "request": "exemption",
    "tax_year": 2026,
    "dwelling_id": "EP-0001",
    "months_occupied": 12,
    "birth_date": "1955-04-01",
    "is_disabled": False,
    "is_surviving_spouse": False,
    "yearly_income": 38000,
    "medical_costs": 0,
    "email": "resident@example.org",
}
OTHER = {"tax_year": 2026, "dwelling_id": "EP-0001", "email": "resident@example.org"}


@pytest.fixture
def counter() -> Counter:
    """A resident with a home in the tax roll."""
    register("tax-roll", "EP-0001/2026", ROLL)
    return open_counter("property-tax", dwelling_id="EP-0001")


def test_officer_confirms_an_exemption_for_six_years(counter: Counter) -> None:
    case = counter.send(EXEMPTION)
    assert (case.status, case.due_on) == (Status.UNASSIGNED, date(2026, 10, 27))

    decided = counter.confirm(case)

    award = award_of_case(case.stream)
    assert award is not None
    assert (decided.outcome, award.money, award.ends_on) == (
        "APPROVED_1",
        Money(117120, "USD"),
        date(2031, 12, 31),
    )
    text = letters(case)[0]
    assert "240\\,000\\.00 is exempt" in text
    assert "property tax of 2026 for" in text
    assert "585\\.60 by April 30\\, 2026" in text


@pytest.mark.parametrize(
    ("change", "outcome", "words"),
    [
        ({"birth_date": "1970-01-01"}, "REFUSED_AGE", "born on January 1\\, 1970"),
        ({"months_occupied": 8}, "REFUSED_OCCUPANCY", "You wrote 8"),
        ({"yearly_income": 54001}, "REFUSED_INCOME", "54\\,001\\.00"),
    ],
)
def test_refusals_name_fact_rule_and_appeal(
    counter: Counter, change: dict[str, Any], outcome: str, words: str
) -> None:
    case = counter.send(EXEMPTION | change)

    decided = counter.confirm(case)

    text = letters(case)[0]
    assert (decided.outcome, award_of_case(case.stream)) == (outcome, None)
    assert words in text
    assert "(PAMC 3.36.210)" in text
    assert "Hearing Examiner until October 19\\, 2026" in text


def test_plan_signed_too_late_is_refused_at_once(counter: Counter) -> None:
    case = counter.send(OTHER | {"request": "plan", "payments": 10, "direct_debit": True})

    assert (case.status, case.outcome) == (Status.CLOSED, "PLAN_REFUSED")
    assert "a signature by 31 January" in letters(case)[0]


@pytest.mark.parametrize("names_owner", [True, False])
def test_a_plan_for_a_home_of_somebody_else_is_not_agreed_at_once(names_owner: bool) -> None:
    about = make_person().pk if names_owner else None
    register("tax-roll", "EP-0001/2026", ROLL, about=about)
    counter = open_counter("property-tax", dwelling_id="EP-0001" if names_owner else "EP-0002")

    case = counter.send(OTHER | {"request": "plan", "payments": 10, "direct_debit": True})

    assert (case.status, case.outcome, letters(case)) == (Status.UNASSIGNED, "", [])
    assert ("another owner" if names_owner else "Ask for the title") in case.status_reason


def test_hardship_is_decided_by_a_person(counter: Counter) -> None:
    case = counter.send(
        OTHER | {"request": "deferral", "is_in_hardship": True, "hardship": "Lost my work in June."}
    )
    assert case.status == Status.UNASSIGNED

    decide_by_hand(
        case.pk,
        outcome="DEFERRED",
        reasons="You lost your work, and your savings are used up.",
        legal_ground="PAMC 3.36.260",
        amount=Money(309600, "USD"),
        revision=case.revision,
        by=counter.officer,
        at=AT,
    )

    assert "secured on your home by a lien" in letters(case)[0]


def test_home_that_the_roll_does_not_know_goes_to_an_officer(counter: Counter) -> None:
    case = counter.send(OTHER | {"request": "plan", "payments": 3, "direct_debit": True, "tax_year": 2025})

    assert (case.status, case.outcome) == (Status.UNASSIGNED, "")


JANUARY = AT.replace(month=1, day=20)


def a_plan(counter: Counter) -> Case:
    """Return the case in which a plan of ten payments was agreed in January, with the service that ends plans."""
    case = counter.send(OTHER | {"request": "plan", "payments": 10, "direct_debit": True}, at=JANUARY)
    publish_folder("end-tax-plan", by=SYSTEM, at=AT)
    return case


def looked_at(plan: Case) -> Case | None:
    award = award_of_case(plan.stream)
    assert award is not None
    return offer("end-tax-plan", award.pk, by=SYSTEM, at=AT)


def test_two_returned_debits_end_the_plan_and_the_rest_is_due_in_thirty_days(counter: Counter) -> None:
    plan = a_plan(counter)
    register("tax-roll", "EP-0001/2026", ROLL | {"returned_debits": 2, "paid": 928.8})

    ended = looked_at(plan)

    assert ended is not None
    award = award_of_case(plan.stream)
    assert award is not None
    assert (ended.outcome, ended.status, award.ends_on) == ("PLAN_ENDED", Status.CLOSED, AT.date())
    assert "2\\,167\\.20 until October 19\\, 2026" in letters(ended)[0]
    assert looked_at(plan) is None


@pytest.mark.parametrize("more", [{}, {"returned_debits": 1, "paid": 309.6}])
def test_a_plan_with_one_returned_debit_runs_on(counter: Counter, more: dict[str, Any]) -> None:
    plan = a_plan(counter)
    register("tax-roll", "EP-0001/2026", ROLL | more)

    assert looked_at(plan) is None
    award = award_of_case(plan.stream)
    assert award is not None
    assert award.ends_on == date(2026, 12, 31)
    counter.service = "end-tax-plan"
    asked = counter.send({"dwelling_id": "EP-0001", "tax_year": 2026}, at=AT + timedelta(hours=1))
    assert (asked.outcome, asked.status) == ("PLAN_RUNS", Status.CLOSED)
