"""The dog licence from the form to the letter: at once where the register agrees, else by an officer or by silence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs
from tests.factories.people import make_account, make_person
from tests.jurisdictions.port_alder.counter import Counter, due, letters, open_counter, register

from commonweal.kernel.awards.actions import amend, expire
from commonweal.kernel.awards.queries import award_of_case
from commonweal.kernel.awards.types import Amendment
from commonweal.kernel.base import clock
from commonweal.kernel.base.fields import new_id
from commonweal.kernel.base.types import Actor, ActorKind, Money
from commonweal.kernel.cases.actions import ask_applicant, keep_silence, wake, withdraw
from commonweal.kernel.cases.due import next_in_silence
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.cases.errors import CaseClosed
from commonweal.kernel.cases.models import Case
from commonweal.kernel.cases.queries import decision_context
from commonweal.kernel.cases.tasks import go_on_after_rest
from commonweal.kernel.ledger.queries import events_of
from commonweal.kernel.mailbox.models import Message
from commonweal.kernel.mailbox.queries import messages_about

pytestmark = pytest.mark.django_db
CHIP = "276098100000001"
DOG = {
    "dwelling_id": "OM-0001",
    "born_on": "2022-03-01",
    "is_neutered": True,
    "is_service_dog": False,
    "is_dangerous": False,
    "rabies_until": "2031-01-31",
}
AT = datetime(2026, 9, 15, 16, tzinfo=UTC)


@pytest.fixture
def counter() -> Counter:
    """A resident with a dog that the register knows."""
    register("dogs", CHIP, DOG)
    return open_counter("dog-licence", birth_date="1985-06-01")


def answers(**changes: Any) -> dict[str, Any]:
    return {
        "request": "licence",
        "chip_number": CHIP,
        "dog_name": "Biscuit",
        "dwelling_id": "OM-0001",
        "stays": True,
        "other_dogs": 0,
        "born_on": "2022-03-01",
        "kept_since": "2026-09-01",
        "is_neutered": True,
        "is_service_dog": False,
        "has_certificate": True,
        "rabies_until": "2031-01-31",
        "was_declared_dangerous": False,
        "years": "3",
        "birth_date": "1985-06-01",
        "low_income_reason": "none",
        "email": "resident@example.org",
    } | changes


def test_licence_comes_at_once_where_register_and_answers_agree(counter: Counter) -> None:
    case = counter.send(answers())

    award = award_of_case(case.stream)
    assert award is not None
    assert (case.status, case.outcome, award.money) == (Status.CLOSED, "LICENSED", Money(5400, "USD"))
    assert (award.starts_on, award.ends_on, award.item) == (
        date(2026, 9, 15),
        date(2029, 9, 14),
        f"dog:{CHIP}",
    )
    assert "It ends on September 14\\, 2029" in letters(case)[0]
    # served on the third day, 18 September; thirty days end on Sunday 18 October
    assert "until October 19\\, 2026" in letters(case)[0]


def test_renewal_of_a_running_licence_is_not_late(counter: Counter) -> None:
    counter.send(answers(kept_since="2026-09-01"))

    again = counter.send(answers(kept_since="2024-09-01", years="1"))

    award = award_of_case(again.stream)
    assert award is not None
    assert award.money == Money(2000, "USD")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"chip_number": "276098100000002"}, "does not know this microchip"),
        ({"rabies_until": "2031-02-28"}, "show different days"),
        ({"is_neutered": False}, "says something else about the dog"),
    ],
)
def test_what_does_not_agree_goes_to_an_officer(
    counter: Counter, change: dict[str, Any], reason: str
) -> None:
    case = counter.send(answers(**change))

    assert (case.status, case.due_on) == (Status.UNASSIGNED, date(2026, 9, 22))
    assert reason in case.status_reason


def test_silence_grants_after_five_working_days(counter: Counter) -> None:
    case = counter.send(answers(rabies_until="2031-02-28"))
    system, late = Actor.system("tests"), datetime(2026, 9, 23, 9, tzinfo=UTC)
    assert due(next_in_silence, date(2026, 9, 22)) == []
    assert due(next_in_silence, date(2026, 9, 23)) == [case.pk]

    assert keep_silence(case.pk, on=late.date(), by=system, at=late)

    case.refresh_from_db()
    award = award_of_case(case.stream)
    assert award is not None
    assert (case.status, case.outcome, award.money) == (
        Status.CLOSED,
        "GRANTED_BY_SILENCE",
        Money(5400, "USD"),
    )
    assert "We did not decide within 5 working days" in letters(case)[0]
    assert not keep_silence(case.pk, on=late.date(), by=system, at=late)
    assert due(next_in_silence, date(2026, 9, 23)) == []


def test_an_open_question_stops_the_clock(counter: Counter) -> None:
    case = counter.send(answers(rabies_until="2031-02-28"))
    ask_applicant(case.pk, "Please send the certificate.", by=counter.officer, at=AT)

    assert due(next_in_silence, date(2026, 12, 1)) == []


def test_fourth_dog_is_refused_with_rule_fact_and_appeal(counter: Counter) -> None:
    case = counter.send(answers(other_dogs=3))

    text = letters(case)[0]
    assert (case.outcome, award_of_case(case.stream)) == ("REFUSED_NUMBER", None)
    assert "may have 3 dogs" in text
    assert "(PAMC 6.08.020)" in text
    assert "appeal to the Hearing Examiner until" in text


def test_new_tag_needs_a_licence(counter: Counter) -> None:
    asked = {"request": "tag", "chip_number": CHIP, "dog_name": "Biscuit", "dwelling_id": "OM-0001"}
    tag = asked | {"email": "resident@example.org"}

    assert counter.send(tag).outcome == "NO_LICENCE"
    counter.send(answers())
    assert counter.send(tag).outcome == "TAG_REPLACED"


def taken_over(counter: Counter, dwelling: str) -> tuple[Case, Case]:
    """A licence of the resident's, and the application of somebody who takes the dog over a month later."""
    first = counter.send(answers())
    person = make_person(account=make_account(), email="new@example.org")
    taker = replace(counter, person=person, resident=Actor(ActorKind.RESIDENT, str(person.pk)))
    asked = {
        "request": "owner",
        "chip_number": CHIP,
        "dog_name": "Biscuit",
        "dwelling_id": dwelling,
        "stays": True,
        "other_dogs": 0,
        "was_declared_dangerous": False,
        "email": "new@example.org",
    }
    return first, taker.send(asked, at=datetime(2026, 10, 15, 16, tzinfo=UTC))


def test_a_licence_passes_to_nobody_unseen(counter: Counter) -> None:
    first, second = taken_over(counter, "OM-0001")

    before = award_of_case(first.stream)
    assert before is not None
    assert (second.status, second.outcome, before.ends_on) == (Status.UNASSIGNED, "", date(2029, 9, 14))
    assert "See proof of the transfer" in second.status_reason
    assert len(letters(first)) == 1


@pytest.mark.parametrize("request_", ["owner", "tag"])
def test_silence_grants_a_licence_and_nothing_else(counter: Counter, request_: str) -> None:
    first, second = taken_over(counter, "OM-0001")
    if request_ == "tag":
        dangerous = {"request": "tag", "chip_number": CHIP, "dog_name": "Biscuit", "dwelling_id": "OM-0001"}
        register("dogs", CHIP, DOG | {"is_dangerous": True})
        second = counter.send(dangerous | {"email": "resident@example.org"})
        assert second.status == Status.UNASSIGNED
    late = datetime(2026, 12, 1, 9, tzinfo=UTC)

    assert not keep_silence(second.pk, on=late.date(), by=Actor.system("tests"), at=late)

    second.refresh_from_db()
    before = award_of_case(first.stream)
    assert before is not None
    assert (second.status, award_of_case(second.stream)) == (Status.UNASSIGNED, None)
    assert before.ends_on == date(2029, 9, 14)


@pytest.mark.parametrize(
    ("language", "title", "said"),
    [
        ("en", "What you hold passes to somebody else", "Your last day is October 14"),
        ("es", "Lo que usted tiene pasa a otra persona", "Su último día es el 14 de octubre"),
        ("ar", "ما لديك ينتقل إلى شخص آخر", "آخر يوم لك هو"),
    ],
)
def test_the_holder_hears_that_the_licence_passed_to_somebody_else(
    counter: Counter, language: str, title: str, said: str
) -> None:
    counter.person.language = language
    counter.person.save(update_fields=["language"])
    first, second = taken_over(counter, "OM-0001")

    counter.confirm(second, at=datetime(2026, 10, 15, 17, tzinfo=UTC))

    told = Message.objects.get(unique_key__startswith="cases.passed:")
    assert (told.recipient_id, told.subject, told.reference) == (counter.person.pk, title, first.reference)
    assert said in told.body
    assert told.pk in [line.id for line in messages_about(first.stream)]


def test_a_licence_passes_to_the_new_owner_until_its_end(counter: Counter) -> None:
    first, second = taken_over(counter, "OM-0001")
    second = counter.confirm(second, at=datetime(2026, 10, 15, 17, tzinfo=UTC))

    before, after = award_of_case(first.stream), award_of_case(second.stream)
    assert before is not None
    assert after is not None
    assert (second.outcome, after.money, str(after.person_id)) == (
        "OWNER_CHANGED",
        Money(300, "USD"),
        str(second.applicant_id),
    )
    assert (before.ends_on, after.starts_on, after.ends_on) == (
        date(2026, 10, 14),
        date(2026, 10, 15),
        date(2029, 9, 14),
    )


def test_a_dog_that_the_register_shows_elsewhere_is_not_taken_over_unseen(counter: Counter) -> None:
    first, second = taken_over(counter, "OM-0002")

    before = award_of_case(first.stream)
    assert before is not None
    assert (second.status, second.outcome, before.ends_on) == (
        Status.UNASSIGNED,
        "",
        date(2029, 9, 14),
    )
    assert "shows the dog at another home" in second.status_reason


def puppy(**changes: Any) -> dict[str, Any]:
    """A dog of ten months whose owner promises to have it neutered."""
    return (
        answers(
            born_on="2025-11-15",
            is_neutered=False,
            promises_to_neuter=True,
            kept_since="2026-09-01",
            years="1",
        )
        | changes
    )


@pytest.mark.parametrize(("is_kept", "sent"), [(True, 1), (False, 2)])
def test_a_promise_is_kept_within_ninety_days_or_the_difference_falls_due(
    counter: Counter, is_kept: bool, sent: int
) -> None:
    register("dogs", CHIP, DOG | {"born_on": "2025-11-15", "is_neutered": False})
    case = counter.send(puppy())
    # ninety days after 15 September end on 14 December
    assert (case.outcome, case.status, case.wake_on) == ("LICENSED", Status.WAITING, date(2026, 12, 15))
    with pytest.raises(CaseClosed):
        withdraw(case.pk, by=counter.resident, at=AT)

    register("dogs", CHIP, DOG | {"born_on": "2025-11-15", "is_neutered": is_kept})
    wake(case.pk, on=date(2026, 12, 15), by=Actor.system("tests"), at=datetime(2026, 12, 15, 9, tzinfo=UTC))

    case.refresh_from_db()
    found = [text.replace("\\", "") for text in letters(case)]
    assert (case.status, len(found)) == (Status.CLOSED, sent)
    assert any("You owe another $40.00" in text for text in found) is not is_kept


def provisional(counter: Counter, until: str) -> Case:
    """A licence whose certificate has ended, and what the register says on the day after."""
    register("dogs", CHIP, DOG | {"rabies_until": "2027-03-31"})
    case = counter.send(answers(rabies_until="2027-03-31"))
    assert (case.outcome, case.wake_on) == ("PROVISIONAL", date(2027, 4, 1))
    register("dogs", CHIP, DOG | {"rabies_until": until})
    wake(case.pk, on=date(2027, 4, 1), by=Actor.system("tests"), at=datetime(2027, 4, 1, 9, tzinfo=UTC))
    case.refresh_from_db()
    return case


def rested_on(case: Case) -> date | None:
    award = award_of_case(case.stream)
    assert award is not None
    return award.rested_on


def night(monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    """Let the job of resting awards run to its end."""
    monkeypatch.setattr(clock, "now", lambda: at)
    cursor = go_on_after_rest({}, None)
    while cursor is not None:
        cursor = go_on_after_rest({}, cursor)


def test_a_provisional_licence_goes_on_with_a_new_certificate(counter: Counter) -> None:
    case = provisional(counter, "2028-01-31")

    assert (case.status, rested_on(case)) == (Status.CLOSED, None)
    assert "good until January 31" in letters(case)[-1]


def test_a_provisional_licence_rests_until_a_new_certificate(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = provisional(counter, "2027-03-31")
    assert (case.status, case.stage, rested_on(case)) == (Status.WAITING, "resting", date(2027, 4, 1))
    assert "licence rests from that day on" in letters(case)[-1]

    night(monkeypatch, datetime(2027, 5, 1, 9, tzinfo=UTC))
    assert rested_on(case) == date(2027, 4, 1)
    register("dogs", CHIP, DOG | {"rabies_until": "2028-05-01"})
    night(monkeypatch, datetime(2027, 5, 2, 9, tzinfo=UTC))

    case.refresh_from_db()
    assert (case.status, rested_on(case), len(letters(case))) == (Status.CLOSED, None, 3)
    assert "good until May 1" in letters(case)[-1]
    kinds = [event.type for event in events_of(f"award:{award_id(case)}")]
    assert kinds == ["awards.granted", "awards.rests", "awards.ran_on"]


def test_a_resting_licence_whose_case_cannot_be_read_does_not_stop_the_night(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = provisional(counter, "2027-03-31")
    Case.objects.filter(pk=case.pk).update(stage="no-such-stage")

    with capture_logs() as logs:
        night(monkeypatch, datetime(2027, 5, 1, 9, tzinfo=UTC))

    assert rested_on(case) == date(2027, 4, 1)
    assert [each["row"] for each in logs if each["event"] == "jobs.row_left_out"] == [str(award_id(case))]


def test_a_licence_that_ends_while_it_rests_rests_no_more(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = provisional(counter, "2027-03-31")
    later = datetime(2027, 9, 16, 9, tzinfo=UTC)
    expire(later.date(), by=Actor.system("tests"), at=later)

    night(monkeypatch, later)

    case.refresh_from_db()
    assert (case.status, rested_on(case), len(letters(case))) == (Status.CLOSED, None, 2)


TAG = {
    "request": "tag",
    "chip_number": CHIP,
    "dog_name": "Biscuit",
    "dwelling_id": "OM-0001",
    "email": "resident@example.org",
}


def test_a_licence_that_rests_gives_no_tag_and_still_counts_for_the_home(counter: Counter) -> None:
    provisional(counter, "2027-03-31")
    later = datetime(2027, 4, 2, 9, tzinfo=UTC)

    tag = counter.send(TAG, at=later)
    fourth = "276098100000004"
    register("dogs", fourth, DOG)
    home = counter.send(answers(chip_number=fourth, other_dogs=0, kept_since="2027-04-01"), at=later)

    assert (tag.status, tag.outcome) == (Status.UNASSIGNED, "")
    assert "The licence of this dog rests" in tag.status_reason
    context = decision_context(home, at=later)
    assert (context["home_licences"], context["dog_licences"]) == (2, 1)
    seen = decision_context(tag, at=later)
    assert (seen["dog_licences"], seen["good_licences"], seen["running_licence"]) == (1, 0, None)


@pytest.mark.parametrize("until", ["2027-03-31", "2028-01-31"])
def test_whose_licence_has_passed_on_hears_nothing_more_of_it(counter: Counter, until: str) -> None:
    register("dogs", CHIP, DOG | {"rabies_until": "2027-03-31"})
    case = counter.send(answers(rabies_until="2027-03-31"))
    award = award_of_case(case.stream)
    assert award is not None
    ended = Amendment(last_day=date(2026, 10, 14))
    amend(award.pk, ended, decision_id=new_id(), reason="passed on", by=Actor.system("tests"), at=AT)
    register("dogs", CHIP, DOG | {"rabies_until": until})

    woken = datetime(2027, 4, 1, 9, tzinfo=UTC)
    wake(case.pk, on=woken.date(), by=Actor.system("tests"), at=woken)

    case.refresh_from_db()
    assert (case.status, rested_on(case), len(letters(case))) == (Status.CLOSED, None, 1)


def award_id(case: Case) -> UUID:
    award = award_of_case(case.stream)
    assert award is not None
    return award.pk
