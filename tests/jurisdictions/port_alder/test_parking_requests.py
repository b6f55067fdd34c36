"""What holders of a parking permit ask for later: to give it up, another vehicle, another zone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from tests.factories.people import make_person
from tests.jurisdictions.port_alder.counter import SYSTEM, Counter, letters, open_counter

from commonweal.kernel.awards.actions import expire, grant
from commonweal.kernel.awards.enums import Period, Status
from commonweal.kernel.awards.models import Award
from commonweal.kernel.awards.queries import amount_on, capacity_used
from commonweal.kernel.awards.types import Terms
from commonweal.kernel.base.types import Money
from commonweal.kernel.cases.enums import Status as CaseStatus
from commonweal.kernel.cases.models import Case
from commonweal.kernel.ledger.queries import events_of

pytestmark = pytest.mark.django_db
AT = datetime(2026, 9, 14, 16, tzinfo=UTC)


def permit(counter: Counter, **changes: Any) -> Award:
    """A permit of 126 dollars from 15 March 2026 in Old Mill."""
    terms = {
        "starts_on": date(2026, 3, 15),
        "ends_on": date(2027, 3, 14),
        "amount": Money(12600, "USD"),
        "period": Period.YEAR,
        "holder": "dwelling:OM-0001",
        "item": "vehicle:ABC1234",
        "pool": "parking:Z2",
        "capacity": 3100,
    } | changes
    return grant(
        counter.person.pk,
        Terms(**terms),
        service_key="parking-permit",
        agency="transportation",
        source_stream=f"case:{uuid4()}",
        decision_id=uuid4(),
        outcome="GRANTED",
        by=SYSTEM,
        at=AT,
    )


def text_of(case: Case) -> str:
    return letters(case)[0].replace("\\", "")


@pytest.fixture
def counter() -> Counter:
    return open_counter("give-up-parking-permit", at=AT)


def asked(**changes: Any) -> dict[str, Any]:
    return {"number_plate": "ABC1234", "last_day": "2026-09-14", "email": "resident@example.org"} | changes


@pytest.mark.parametrize(("last_day", "refund", "months"), [("2026-09-14", 5300, 6), ("2026-09-15", 4250, 5)])
def test_unused_months_are_paid_back(counter: Counter, last_day: str, refund: int, months: int) -> None:
    held = permit(counter)

    case = counter.send(asked(last_day=last_day), at=AT)

    held.refresh_from_db()
    assert (case.status, case.outcome) == (CaseStatus.CLOSED, "GIVEN_UP")
    assert (str(held.ends_on), held.status) == (last_day, Status.RUNNING)
    assert f"You get back ${refund / 100:.2f}" in text_of(case)
    assert f"permit are left: {months}." in text_of(case)
    event = events_of(held.stream)[-1]
    assert (event.type, event.payload and event.payload["ends_on"]) == ("awards.amended", last_day)
    assert amount_on(held, date(2026, 9, 14)) == Money(12600, "USD")
    assert amount_on(held, date(2026, 9, 16)) is None


def test_the_place_in_the_zone_is_free_when_the_permit_has_ended(counter: Counter) -> None:
    permit(counter)
    counter.send(asked(), at=AT)
    assert capacity_used("parking:Z2") == 1

    assert expire(date(2026, 9, 15), by=SYSTEM, at=AT) == 1

    assert capacity_used("parking:Z2") == 0


def test_a_permit_given_up_before_it_starts_never_begins(counter: Counter) -> None:
    held = permit(counter, starts_on=date(2026, 10, 1), ends_on=date(2027, 9, 30))

    case = counter.send(asked(last_day="2026-09-20"), at=AT)

    held.refresh_from_db()
    assert (held.status, capacity_used("parking:Z2")) == (Status.REVOKED, 0)
    assert "You get back $116.00" in text_of(case)


def test_a_small_refund_is_not_paid(counter: Counter) -> None:
    permit(counter, amount=Money(1700, "USD"))

    text = text_of(counter.send(asked(), at=AT))

    assert "You get nothing back" in text
    assert "cash office" not in text


@pytest.mark.parametrize(
    "change", [{"number_plate": "XYZ999"}, {"last_day": "2027-03-15"}], ids=["other plate", "after its end"]
)
def test_nobody_gives_up_what_they_do_not_hold(counter: Counter, change: dict[str, Any]) -> None:
    held = permit(counter)

    case = counter.send(asked(**change), at=AT)

    held.refresh_from_db()
    assert (case.outcome, held.ends_on) == ("NOT_HELD", date(2027, 3, 14))
    assert "We know of no permit of yours" in text_of(case)


def test_nobody_gives_up_the_permit_of_another(counter: Counter) -> None:
    counter_of_another = Counter(counter.service, make_person(), counter.resident, counter.officer)
    held = permit(counter_of_another)

    assert counter.send(asked(), at=AT).outcome == "NOT_HELD"
    held.refresh_from_db()
    assert held.ends_on == date(2027, 3, 14)


def test_a_permit_is_given_up_once(counter: Counter) -> None:
    permit(counter)
    counter.send(asked(), at=AT)

    assert counter.send(asked(last_day="2026-09-15"), at=AT).outcome == "NOT_HELD"
