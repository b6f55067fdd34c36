"""The renewal of a driving licence: online at once, or at the office once its register knows the test."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from tests.factories.people import AT, make_person
from tests.jurisdictions.port_alder.counter import Counter, letters, open_counter, register

from commonweal.kernel.awards.queries import award_of_case
from commonweal.kernel.base.types import Money
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.cases.errors import NothingToDecide

pytestmark = pytest.mark.django_db
NUMBER = "WDL0A1B2C3D4"
LICENCE: dict[str, Any] = {
    "birth_date": "1985-06-01",
    "standing": "valid",
    "expires_on": "2026-12-31",
    "has_b": True,
    "has_m": False,
    "has_c": False,
    "has_p": False,
    "photo_taken_on": "2020-01-15",
    "vision_tested_on": "2020-01-15",
}
VISIT = {
    "made_on": "2026-09-15",
    "acuity_better": 50,
    "acuity_worse": 50,
    "field_of_vision": 130,
    "wears_lenses": True,
    "written_passed": False,
}


@pytest.fixture
def counter() -> Counter:
    """A resident before the licensing office."""
    return open_counter("driving-licence", birth_date=LICENCE["birth_date"])


def answers(**changes: Any) -> dict[str, Any]:
    return {
        "licence_number": NUMBER,
        "name_changed": False,
        "vision_changed": False,
        "low_income_reason": "none",
        "email": "resident@example.org",
    } | changes


def test_most_renew_online_at_once(counter: Counter) -> None:
    register("driving-licences", NUMBER, LICENCE)

    case = counter.send(answers())

    award = award_of_case(case.stream)
    assert award is not None
    assert (case.status, case.outcome, award.money) == (Status.CLOSED, "RENEWED", Money(7200, "USD"))
    assert (award.starts_on, award.ends_on) == (date(2026, 12, 31), date(2034, 12, 31))
    assert "You may drive the classes B" in letters(case)[0]


@pytest.mark.parametrize("birth_date", ["1985-06-02", None])
def test_a_number_alone_proves_nobody_the_holder(birth_date: str | None) -> None:
    known = {} if birth_date is None else {"birth_date": birth_date}
    counter = open_counter("driving-licence", **known)
    register("driving-licences", NUMBER, LICENCE)

    case = counter.send(answers())

    assert (case.status, award_of_case(case.stream)) == (Status.UNASSIGNED, None)
    assert "Nothing shows that the licence is the applicant's." in case.status_reason


def test_the_register_names_the_holder_and_a_stranger_learns_nothing() -> None:
    holder, stranger = open_counter("driving-licence"), make_person()
    register("driving-licences", NUMBER, LICENCE, about=stranger.pk)

    refused = holder.send(answers())
    register("driving-licences", NUMBER, LICENCE, about=holder.person.pk)
    renewed = holder.send(answers(), AT + timedelta(hours=1))

    assert (refused.status, refused.outcome, letters(refused)) == (Status.UNASSIGNED, "", [])
    assert (renewed.status, renewed.outcome) == (Status.CLOSED, "RENEWED")


def test_who_needs_a_test_is_invited_and_decided_when_it_is_made(counter: Counter) -> None:
    register("driving-licences", NUMBER, LICENCE)
    case = counter.send(answers(vision_changed=True))
    assert (case.status, case.due_on) == (Status.UNASSIGNED, date(2026, 9, 22))
    assert "temporary licence\nfor 60 days" in letters(case)[0]
    with pytest.raises(NothingToDecide):
        counter.confirm(case)

    register("driver-examinations", NUMBER, VISIT)
    decided = counter.confirm(case)

    assert (decided.status, decided.outcome) == (Status.CLOSED, "RENEWED")
    assert "Only by day" in letters(case)[-1]
    assert "With glasses or lenses" in letters(case)[-1]


def test_the_medical_board_has_thirty_working_days(counter: Counter) -> None:
    register("driving-licences", NUMBER, LICENCE)

    case = counter.send(answers(conditions=["epilepsy"], last_seizure_on="2026-08-01"))

    assert (case.status, case.due_on) == (Status.UNASSIGNED, date(2026, 10, 27))


def test_licence_that_no_register_knows_goes_to_an_officer_without_an_invitation(counter: Counter) -> None:
    case = counter.send(answers())

    assert (case.status, case.due_on, letters(case)) == (Status.UNASSIGNED, date(2026, 9, 22), [])


@pytest.mark.parametrize(
    ("change", "outcome", "words"),
    [
        ({"standing": "suspended"}, "REFUSED_SUSPENDED", "suspended or revoked"),
        ({"standing": "court_order"}, "HOLD", "a court order that is not paid"),
        ({"expires_on": "2027-09-16"}, "TOO_EARLY", "ends on September 16\\, 2027"),
        ({"expires_on": "2023-09-14"}, "REAPPLY", "more than 1,096 days ago"),
    ],
)
def test_refusals_name_fact_rule_and_appeal(
    counter: Counter, change: dict[str, Any], outcome: str, words: str
) -> None:
    register("driving-licences", NUMBER, LICENCE | change)

    case = counter.send(answers())

    text = letters(case)[0]
    assert case.outcome == outcome
    assert words in text
    assert "(SVC 20.1" in text
    assert "Licensing Appeals Board until October 8\\, 2026" in text
