"""The small works permit: exempt works at once, everything else after an officer has looked at the plans."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from tests.factories.people import AT
from tests.jurisdictions.port_alder.counter import SYSTEM, Counter, letters, open_counter, register

from commonweal.kernel.awards.queries import award_of_case
from commonweal.kernel.base.types import Money
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.catalogue.actions import publish_folder

pytestmark = pytest.mark.django_db
PARCEL: dict[str, Any] = {
    "district": "old-mill",
    "lot_m2": 600,
    "zone": "R2",
    "is_corner": True,
    "is_heritage_street": False,
    "is_flood": False,
}
FENCE = {
    "kind": "fence",
    "value": 3000,
    "in_front_yard": False,
    "height_m": "1.80",
    "in_sight_triangle": False,
    "is_visible": True,
}


def opened(**changes: Any) -> Counter:
    register("parcels", "OM-0001", PARCEL | changes)
    return open_counter("small-works")


def answers(*works: dict[str, Any], has_contractor: bool = True) -> dict[str, Any]:
    return {
        "dwelling_id": "OM-0001",
        "works": list(works),
        "has_contractor": has_contractor,
        "low_income_reason": "none",
        "email": "resident@example.org",
    }


def test_exempt_work_is_answered_at_once() -> None:
    case = opened().send(answers(FENCE))

    assert (case.status, case.outcome, award_of_case(case.stream)) == (Status.CLOSED, "EXEMPT", None)
    assert "You need no permit" in letters(case)[0]


def test_express_permit_is_confirmed_within_ten_working_days() -> None:
    counter = opened()
    case = counter.send(answers(FENCE | {"height_m": "1.90"}))
    assert (case.status, case.due_on) == (Status.UNASSIGNED, date(2026, 9, 29))

    decided = counter.confirm(case)

    award = award_of_case(case.stream)
    assert award is not None
    assert (decided.outcome, award.money) == ("EXPRESS", Money(6950, "USD"))
    assert (award.starts_on, award.ends_on) == (date(2026, 9, 15), date(2027, 3, 14))


def test_a_permit_that_comes_late_costs_half() -> None:
    counter = opened()
    case = counter.send(answers(FENCE | {"height_m": "1.90"}))

    counter.confirm(case, at=datetime(2026, 9, 30, 16, tzinfo=UTC))

    award = award_of_case(case.stream)
    assert award is not None
    assert award.money == Money(3475, "USD")


def test_heritage_street_makes_a_notice_with_twenty_working_days() -> None:
    case = opened(is_heritage_street=True).send(answers(FENCE))

    assert (case.status, case.due_on) == (Status.UNASSIGNED, date(2026, 10, 13))
    assert "A notice" in letters(case)[0]
    assert "you may start" in letters(case)[0]


def test_corner_is_kept_clear_without_a_variance() -> None:
    counter = opened()
    case = counter.send(
        answers(FENCE | {"height_m": "1.00", "in_front_yard": True, "in_sight_triangle": True})
    )

    decided = counter.confirm(case)

    assert decided.outcome == "REFUSED"
    assert "(PAMC 16.08.065)" in letters(case)[0]
    assert "until October 9\\, 2026" in letters(case)[0]


def test_missing_contractor_is_pointed_out() -> None:
    case = opened().send(answers(FENCE | {"height_m": "1.90", "value": 5001}, has_contractor=False))

    assert "owner-builder statement is missing" in case.status_reason
    assert "Still missing" in letters(case)[0]


def test_a_permit_is_extended_once() -> None:
    counter = opened()
    case = counter.send(answers(FENCE | {"height_m": "1.90"}))
    counter.confirm(case)
    publish_folder("extend-works-permit", by=SYSTEM, at=AT)
    counter.service = "extend-works-permit"
    asked = {"dwelling_id": "OM-0001", "email": "resident@example.org"}

    first, again = counter.send(asked), counter.send(asked)

    award = award_of_case(case.stream)
    assert award is not None
    assert (first.outcome, again.outcome) == ("EXTENDED", "REFUSED_AGAIN")
    assert (award.ends_on, award.money) == (date(2027, 9, 10), Money(6950, "USD"))
    assert "Now it runs to September 10\\, 2027" in letters(first)[0]


def test_what_needs_no_permit_is_not_extended() -> None:
    counter = opened()
    counter.send(answers(FENCE))
    publish_folder("extend-works-permit", by=SYSTEM, at=AT)
    counter.service = "extend-works-permit"

    assert counter.send({"dwelling_id": "OM-0001", "email": "resident@example.org"}).outcome == "NOT_HELD"


def a_permit_in_progress() -> tuple[Counter, Any]:
    """Return the counter of the works' progress, with a permit of 15 September 2026, and its case."""
    counter = opened()
    case = counter.send(answers(FENCE | {"height_m": "1.90"}))
    counter.confirm(case)
    publish_folder("works-progress", by=SYSTEM, at=AT)
    counter.service = "works-progress"
    return counter, case


def told(kind: str, **more: Any) -> dict[str, Any]:
    return {"dwelling_id": "OM-0001", "kind": kind, "email": "resident@example.org"} | more


def test_a_start_gives_the_permit_180_days_from_then_and_counts_once() -> None:
    counter, case = a_permit_in_progress()
    later = AT + timedelta(days=100)

    first = counter.send(told("start", started_on="2026-12-20"), at=later)
    again = counter.send(told("start", started_on="2026-12-22"), at=later)

    award = award_of_case(case.stream)
    assert award is not None
    assert (first.outcome, again.outcome) == ("STARTED", "STARTED_BEFORE")
    assert award.ends_on == date(2027, 6, 18)
    assert "is now June 18\\, 2027" in letters(first)[0]


def test_an_inspection_passed_gives_the_permit_180_days_more() -> None:
    counter, case = a_permit_in_progress()
    later = AT + timedelta(days=150)
    asked = counter.send(told("inspection"), at=later)
    assert (asked.status, asked.decision_id) == (Status.UNASSIGNED, None)

    register("works-inspections", "OM-0001", {"passed_on": "2027-02-15"})
    passed = counter.confirm(asked, at=later + timedelta(days=3))

    award = award_of_case(case.stream)
    assert award is not None
    assert (passed.outcome, award.ends_on) == ("INSPECTION_PASSED", date(2027, 8, 14))


def test_an_inspection_not_passed_leaves_the_end_and_says_what_to_mend() -> None:
    counter, case = a_permit_in_progress()
    asked = counter.send(told("inspection"))
    register("works-inspections", "OM-0001", {"failed_on": "2026-09-16", "findings": "A post is loose."})

    failed = counter.confirm(asked, at=AT + timedelta(days=2))

    award = award_of_case(case.stream)
    assert award is not None
    assert (failed.outcome, award.ends_on) == ("INSPECTION_FAILED", date(2027, 3, 14))
    assert "A post is loose" in letters(failed)[0]


def test_a_permit_that_has_started_is_still_extended_once() -> None:
    counter, _case = a_permit_in_progress()
    counter.send(told("start", started_on="2026-09-15"))
    publish_folder("extend-works-permit", by=SYSTEM, at=AT)
    counter.service = "extend-works-permit"
    asked = {"dwelling_id": "OM-0001", "email": "resident@example.org"}

    assert [counter.send(asked).outcome, counter.send(asked).outcome] == ["EXTENDED", "REFUSED_AGAIN"]
