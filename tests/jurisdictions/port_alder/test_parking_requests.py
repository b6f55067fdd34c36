"""What holders of a parking permit ask for later: to give it up, another vehicle, another zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from tests.factories.people import make_person
from tests.jurisdictions.port_alder.counter import SYSTEM, Counter, letters, open_counter, register

from commonweal.kernel.awards.actions import expire, grant
from commonweal.kernel.awards.enums import Period, Status
from commonweal.kernel.awards.models import Award
from commonweal.kernel.awards.queries import amount_on, award_of_case, capacity_used
from commonweal.kernel.awards.types import Terms
from commonweal.kernel.base.types import Money
from commonweal.kernel.cases.actions import ask_applicant, lapse, submit
from commonweal.kernel.cases.enums import Status as CaseStatus
from commonweal.kernel.cases.models import Case
from commonweal.kernel.cases.presenting import officer_panels, resident_panels, told_on
from commonweal.kernel.cases.queries import knowledge_of
from commonweal.kernel.catalogue.actions import publish_folder
from commonweal.kernel.catalogue.enums import Channel
from commonweal.kernel.catalogue.queries import compiled
from commonweal.kernel.decisions.queries import decision, latest_decision
from commonweal.kernel.forms.actions import answer_all, answer_page, start_sheet
from commonweal.kernel.forms.queries import open_sheet, page_view
from commonweal.kernel.forms.types.views import QuestionView
from commonweal.kernel.ledger.queries import events_of
from commonweal.kernel.people.models import Person
from commonweal.kernel.places.queries import as_in_mailbox

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


def test_what_was_given_up_is_paid_back_once(counter: Counter) -> None:
    held = permit(counter)
    first = counter.send(asked(last_day="2026-09-15"), at=AT)

    again = counter.send(asked(last_day="2026-09-14"), at=AT)

    held.refresh_from_db()
    assert "You get back $42.50" in text_of(first)
    assert (again.outcome, str(held.ends_on)) == ("NOT_HELD", "2026-09-15")
    assert "You get back" not in text_of(again)


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


# ---- another vehicle ---------------------------------------------------------------------

OLD = {"gross_weight_kg": 1500, "length_m": "4.20", "fuel": "petrol", "first_registered_on": "2019-05-01"}
HOME = {
    "address": "1 Mill Lane",
    "district": "old-mill",
    "zone": "Z2",
    "is_car_free": False,
    "built_on": "1950-01-01",
}


@pytest.fixture
def resident() -> Counter:
    """A resident with a permit for a car of 100 g since 15 March, granted by the law."""
    counter = open_counter("parking-permit", at=AT, dwelling_id="OM-0001")
    register("dwellings", "OM-0001", HOME)
    register("vehicles", "ABC1234", OLD | {"co2": 100, "dwelling_id": "OM-0001"})
    register("vehicles", "NEW2026", OLD | {"co2": 101, "dwelling_id": "OM-0001"})
    at = datetime(2026, 3, 10, 16, tzinfo=UTC)
    counter.confirm(
        counter.send(
            {
                "dwelling_id": "OM-0001",
                "off_street_spaces": 0,
                "number_plate": "ABC1234",
                "vehicle_registered_to": "resident",
                "start_date": "2026-03-15",
                "blue_badge": False,
                "low_income_reason": "none",
                "email": "resident@example.org",
            },
            at=at,
        ),
        at=at,
    )
    for service in ("change-parking-vehicle", "temporary-parking-permit", "visitor-parking"):
        publish_folder(service, by=SYSTEM, at=AT)
    return counter


def changed(**changes: Any) -> dict[str, Any]:
    return {
        "old_plate": "ABC1234",
        "number_plate": "NEW2026",
        "vehicle_registered_to": "resident",
        "email": "resident@example.org",
    } | changes


def test_a_permit_goes_on_with_another_vehicle_and_the_difference_is_due(resident: Counter) -> None:
    resident.service = "change-parking-vehicle"

    case = resident.send(changed(), at=AT)

    held = Award.objects.get(service_key="parking-permit")
    assert (case.outcome, held.item, held.money) == ("CHANGED", "vehicle:NEW2026", Money(12600, "USD"))
    assert (amount_on(held, date(2026, 9, 14)), held.ends_on) == (Money(8400, "USD"), date(2027, 3, 14))
    assert amount_on(held, date(2026, 9, 15)) == Money(12600, "USD")
    assert "You pay $21.00" in text_of(case)
    # given up afterwards, the months of the dearer class are paid back
    resident.service = "give-up-parking-permit"
    publish_folder(resident.service, by=SYSTEM, at=AT)
    ended = resident.send(asked(number_plate="NEW2026", last_day="2026-10-14"), at=AT)
    assert "You get back $42.50" in text_of(ended)


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({"old_plate": "XYZ999"}, "NOT_HELD"),
        ({"number_plate": "ABC1234"}, "REFUSED_VEHICLE"),
        ({"number_plate": "LONG"}, "REFUSED_SIZE"),
    ],
)
def test_a_vehicle_that_does_not_pass_changes_nothing(
    resident: Counter, change: dict[str, Any], outcome: str
) -> None:
    register("vehicles", "LONG", OLD | {"co2": 100, "dwelling_id": "OM-0001", "length_m": "5.51"})
    resident.service = "change-parking-vehicle"

    case = resident.send(changed(**change), at=AT)

    assert (case.outcome, Award.objects.get().item) == (outcome, "vehicle:ABC1234")
    assert "We did not change it" in text_of(case)


def test_a_permit_that_ends_at_that_moment_brings_an_officer_not_a_defect(resident: Counter) -> None:
    resident.service = "change-parking-vehicle"

    def take_back(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found = execute(sql, params, many, context)
        if sql.startswith('INSERT INTO "decisions_decision"'):
            Award.objects.update(status=Status.REVOKED, ended_at=AT)
        return found

    with connection.execute_wrapper(take_back):
        case = resident.send(changed(), at=AT)

    assert (case.status, case.outcome, case.decision_id) == (CaseStatus.UNASSIGNED, "", None)
    assert case.status_reason == "This award has ended already."


# ---- thirty days, and half-days for visitors ---------------------------------------------


def test_a_temporary_permit_comes_once_in_twelve_months(resident: Counter) -> None:
    resident.service = "temporary-parking-permit"
    answers = {
        "dwelling_id": "OM-0001",
        "blue_badge": False,
        "number_plate": "RENT1",
        "weight": 2000,
        "length": "5.00",
        "start_date": "2026-09-20",
        "email": "resident@example.org",
    }

    first = resident.send(answers, at=AT)
    again = resident.send(answers | {"start_date": "2026-12-01"}, at=AT)
    expire(date(2026, 11, 1), by=SYSTEM, at=AT)
    at = datetime(2027, 9, 19, 16, tzinfo=UTC)
    short = resident.send(answers | {"start_date": "2027-09-19"}, at=at)
    later = resident.send(answers | {"start_date": "2027-09-20"}, at=at)

    award = award_of_case(first.stream)
    assert award is not None
    assert (award.starts_on, award.ends_on, award.money) == (
        date(2026, 9, 20),
        date(2026, 10, 19),
        Money(1500, "USD"),
    )
    assert [case.outcome for case in (first, again, short, later)] == [
        "GRANTED",
        "REFUSED_AGAIN",
        "REFUSED_AGAIN",
        "GRANTED",
    ]


def test_a_home_has_fifty_half_days_a_year(resident: Counter) -> None:
    resident.service = "visitor-parking"
    answers = {
        "dwelling_id": "OM-0001",
        "half_days": 12,
        "birth_date": "1951-09-14",
        "email": "resident@example.org",
    }

    first = resident.send(answers, at=AT)
    second = resident.send(answers | {"half_days": 38}, at=AT)
    third = resident.send(answers | {"half_days": 1}, at=AT)
    expire(date(2027, 1, 1), by=SYSTEM, at=AT)
    next_year = resident.send(answers, at=datetime(2027, 1, 4, 16, tzinfo=UTC))

    awards = [award_of_case(case.stream) for case in (first, second, next_year)]
    assert [(award.money, award.units, award.ends_on) for award in awards if award] == [
        (Money(300, "USD"), 12, date(2026, 12, 31)),
        (Money(5700, "USD"), 38, date(2026, 12, 31)),
        (Money(300, "USD"), 12, date(2027, 12, 31)),
    ]
    assert third.outcome == "REFUSED_NUMBER"
    assert "So many are left: 0" in text_of(third)


def test_half_days_asked_for_on_paper_count_in_the_year_in_which_the_paper_came(resident: Counter) -> None:
    resident.service = "visitor-parking"
    answers = {
        "dwelling_id": "OM-0001",
        "half_days": 40,
        "birth_date": "1951-09-14",
        "email": "resident@example.org",
    }
    resident.send(answers, at=AT)
    came, typed_in = (
        datetime(2026, 12, 30, 20, tzinfo=UTC),
        datetime(2027, 1, 4, 16, tzinfo=UTC),
    )
    sheet = start_sheet(
        "visitor-parking", channel=Channel.POST, received_at=came, by=resident.resident, at=typed_in
    )
    saved = answer_all(sheet.sheet_id, answers, revision=0, by=resident.resident, at=typed_in)
    case = submit(
        sheet.sheet_id,
        applicant_id=resident.person.pk,
        revision=saved.revision,
        by=resident.resident,
        at=typed_in,
    )

    # an officer looks, and sees that too many are asked for of the year before
    assert (case.status, case.outcome) == (CaseStatus.UNASSIGNED, "")
    assert case.status_reason == "The application is of an earlier year, and its half-days have ended."
    found = knowledge_of(case, at=typed_in).names()
    assert found["used"] == 40


# ---- what is never completed -------------------------------------------------------------


def test_an_application_never_completed_lapses_and_the_fee_less_15_comes_back() -> None:
    counter = open_counter("parking-permit", at=AT, dwelling_id="OM-0001")
    register("dwellings", "OM-0001", HOME)
    register("vehicles", "ABC1234", OLD | {"co2": 100, "dwelling_id": "OM-0001"})
    case = counter.send(
        {
            "dwelling_id": "OM-0001",
            "off_street_spaces": 0,
            "number_plate": "ABC1234",
            "vehicle_registered_to": "resident",
            "start_date": "2026-10-01",
            "blue_badge": False,
            "low_income_reason": "none",
            "email": "resident@example.org",
        },
        at=AT,
    )
    ask_applicant(case.pk, "Please hand in the registration.", by=counter.officer, at=AT)

    assert lapse(case.pk, on=date(2026, 10, 15), by=SYSTEM, at=AT + timedelta(days=31))

    case.refresh_from_db()
    assert (case.outcome, award_of_case(case.stream)) == ("LAPSED", None)
    assert latest_decision(case.stream).amounts["amount"] == Money(6900, "USD")
    assert "You get back the fee, less $15" in text_of(case)


def test_the_permit_held_is_filled_in_and_of_several_one_is_chosen(counter: Counter) -> None:
    started = start_sheet(counter.service, by=counter.resident, at=AT).sheet_id
    sheet = open_sheet(started, by=counter.resident, at=AT)

    def plate() -> QuestionView:
        return page_view(sheet, "permit", "en", at=AT).questions[0]

    nobody = plate()
    permit(counter)
    one = plate()
    permit(counter, item="vehicle:XYZ9")
    permit(counter, item="vehicle:OLD1", ends_on=date(2026, 9, 1))
    several = plate()

    assert (nobody.value, nobody.prefilled, nobody.choices) == ("", None, ())
    assert one.prefilled is not None
    assert (one.value, one.prefilled.source, one.choices) == ("ABC1234", "what was granted to you", ())
    assert (several.prefilled, [choice.key for choice in several.choices]) == (None, ["ABC1234", "XYZ9"])
    answers = {"number_plate": "XYZ9", "last_day": "2026-09-20"}
    answer_page(started, "permit", answers, revision=0, by=counter.resident, at=AT)
    saved = open_sheet(started, by=counter.resident, at=AT)
    assert page_view(saved, "permit", "en", at=AT).questions[0].chosen == "XYZ9"
    stranger = page_view(sheet, "permit", "en", at=AT, raw={"number_plate": "NONE1"}).questions[0]
    assert (stranger.value, stranger.choices) == ("NONE1", ())


@pytest.mark.parametrize(
    ("service", "answers", "outcome", "told"),
    [
        (
            "give-up-parking-permit",
            asked(number_plate="XYZ999"),
            "NOT_HELD",
            ("Only somebody who holds a permit on that day can give it up.", "PAMC 11.24.070"),
        ),
        (
            "change-parking-vehicle",
            changed(old_plate="XYZ999"),
            "NOT_HELD",
            ("Only a permit that runs can go over to another vehicle", "PAMC 11.24.070"),
        ),
        (
            "change-parking-vehicle",
            changed(number_plate="ABC1234"),
            "REFUSED_VEHICLE",
            ("The vehicle is on another permit already", "PAMC 11.24.034"),
        ),
    ],
)
def test_a_refusal_gives_its_reason_and_its_law(
    resident: Counter, service: str, answers: dict[str, Any], outcome: str, told: tuple[str, ...]
) -> None:
    publish_folder("give-up-parking-permit", by=SYSTEM, at=AT)
    resident.service = service
    case = resident.send(answers, at=AT)
    shown = resident_panels(case, compiled(case.version_id), resident.resident, "en")

    assert case.outcome == outcome
    assert [words for words in told if words not in str(shown["grounds"]["tests"])] == []


def test_officers_read_that_the_resident_pays(resident: Counter) -> None:
    resident.service = "visitor-parking"
    answers = {
        "dwelling_id": "OM-0001",
        "half_days": 12,
        "birth_date": "1951-09-14",
        "email": "resident@example.org",
    }
    case = resident.send(answers, at=AT)
    service = compiled(case.version_id)

    labels = [
        {row["label"] for row in panels(case, service, resident.resident, "en")["award_rows"]}
        for panels in (officer_panels, resident_panels)
    ]

    assert labels == [{"From", "To", "The resident pays"}, {"From", "To", "You pay"}]


def test_the_last_day_to_object_counts_from_when_a_letter_on_paper_is_served(resident: Counter) -> None:
    publish_folder("give-up-parking-permit", by=SYSTEM, at=AT)
    resident.service = "give-up-parking-permit"
    case = resident.send(asked(number_plate="XYZ999"), at=AT)
    made, sent = decision(case.decision_id), [{"sent_at": AT}]
    online = told_on(case, made, sent)
    case.channel = Channel.POST
    Person.objects.filter(pk=case.applicant_id).update(account=None)
    on_paper = told_on(case, made, sent)

    assert online == AT.date()
    assert on_paper == as_in_mailbox(AT.date())
    assert on_paper > online
