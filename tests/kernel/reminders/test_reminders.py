"""Holders of awards are written to when a day comes, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs
from tests.factories.people import AT
from tests.factories.plans import is_read_by, plans_of
from tests.jurisdictions.port_alder.counter import SYSTEM, Counter, open_counter, register

from commonweal.engines.feel import ANY, Scope, compile_expression
from commonweal.kernel.awards.actions import revoke
from commonweal.kernel.awards.models import Award
from commonweal.kernel.awards.queries import award_of_case, next_to_look_at
from commonweal.kernel.base import clock
from commonweal.kernel.base.declarations import Compilation, Source
from commonweal.kernel.base.documents import parse_yaml
from commonweal.kernel.base.jurisdiction import current
from commonweal.kernel.cases.queries import case_of_stream
from commonweal.kernel.cases.registry import nights
from commonweal.kernel.catalogue.actions import set_status
from commonweal.kernel.catalogue.enums import Status
from commonweal.kernel.catalogue.errors import BrokenDeclaration
from commonweal.kernel.catalogue.queries import compiled, live_version
from commonweal.kernel.ledger.queries import events_of
from commonweal.kernel.mailbox.errors import LetterFault
from commonweal.kernel.mailbox.models import Message
from commonweal.kernel.reminders import actions, queries, tasks
from commonweal.kernel.reminders.actions import remind_holder
from commonweal.kernel.reminders.plugins import ReminderSection
from commonweal.kernel.reminders.types import Reminders

pytestmark = pytest.mark.django_db
PARCEL = {
    "district": "old-mill", "lot_m2": 600, "zone": "R2", "is_corner": False, "is_heritage_street": False,
    "is_flood": False,
}  # fmt: skip
FENCE = {"kind": "fence", "value": 3000, "in_front_yard": False, "height_m": "1.90", "is_visible": False, "in_sight_triangle": False}  # fmt: skip


def a_permit() -> tuple[Counter, Award]:
    """Return a permit of 15 September 2026 that ends on 14 March 2027."""
    register("parcels", "OM-0001", PARCEL)
    counter = open_counter("small-works")
    return counter, permit_from(counter)


def permit_from(counter: Counter) -> Award:
    answers: dict[str, Any] = {
        "dwelling_id": "OM-0001", "works": [FENCE], "has_contractor": True, "low_income_reason": "none",
        "email": "resident@example.org",
    }  # fmt: skip
    case = counter.send(answers)
    counter.confirm(case)
    award = award_of_case(case.stream)
    assert award is not None
    assert award.ends_on == date(2027, 3, 14)
    return award


def reminded() -> list[str]:
    return list(Message.objects.filter(letter_key="ends").order_by("id").values_list("subject", flat=True))


def test_a_rehearsal_knows_the_next_day_of_a_reminder_and_sends_it_then() -> None:
    _counter, award = a_permit()
    case = case_of_stream(award.source_stream)
    assert case is not None
    night = nights["reminder"]
    day = night.due_on(case, at=AT)
    assert day == clock.local(AT).date() + timedelta(days=150)
    night.act(case, on=day, by=SYSTEM, at=AT + timedelta(days=149))
    assert reminded() == []
    night.act(case, on=day, by=SYSTEM, at=AT + timedelta(days=150))
    assert reminded() == ["Your small works permit ends soon"]
    assert night.due_on(case, at=AT + timedelta(days=150)) is None
    revoke(award.pk, reason="Gone.", by=SYSTEM, at=AT)
    assert night.due_on(case, at=AT) is None


def every_night(monkeypatch: pytest.MonkeyPatch, *, days: int = 151) -> int:
    """Run the job to its end so many days later, as a worker does; the number of its steps."""
    monkeypatch.setattr(clock, "now", lambda: AT + timedelta(days=days))
    cursor, steps = tasks.remind_holders({}, None), 0
    while cursor is not None:
        cursor, steps = tasks.remind_holders({}, cursor), steps + 1
        assert steps < 10, "it does not end"
    return steps


@pytest.mark.parametrize(
    ("days", "sent"),
    [(149, []), (150, ["Your small works permit ends soon"]), (180, ["Your small works permit ends soon"])],
)
def test_a_reminder_is_sent_once_from_its_day_on(days: int, sent: list[str]) -> None:
    _counter, award = a_permit()
    on = AT + timedelta(days=days)

    first, again = (remind_holder(award.pk, by=SYSTEM, at=on) for _ in range(2))

    assert first == again == ["ends"] * len(sent)
    assert reminded() == sent
    if sent:
        assert "ends on March 14\\, 2027" in Message.objects.get(letter_key="ends").body


def test_a_reminder_that_is_long_past_is_not_sent_any_more() -> None:
    _counter, award = a_permit()
    Award.objects.update(ends_on=date(2027, 1, 14), starts_on=date(2026, 9, 15))
    late = AT + timedelta(days=122)  # 15 January; the day was 15 December

    assert remind_holder(award.pk, by=SYSTEM, at=late) == []


def test_a_new_last_day_brings_a_new_reminder() -> None:
    _counter, award = a_permit()
    remind_holder(award.pk, by=SYSTEM, at=AT + timedelta(days=150))
    Award.objects.update(ends_on=date(2027, 9, 10))

    remind_holder(award.pk, by=SYSTEM, at=AT + timedelta(days=331))

    assert len(reminded()) == 2


def test_nobody_is_reminded_of_what_was_taken_back() -> None:
    _counter, award = a_permit()
    revoke(award.pk, reason="Sold.", by=SYSTEM, at=AT)

    assert remind_holder(award.pk, by=SYSTEM, at=AT + timedelta(days=150)) == []


def test_the_job_looks_at_every_award(monkeypatch: pytest.MonkeyPatch) -> None:
    a_permit()

    assert (every_night(monkeypatch), len(reminded())) == (1, 1)


@pytest.mark.parametrize("status", [Status.SUSPENDED, Status.CLOSED])
def test_a_service_that_is_offered_no_more_still_reminds(
    monkeypatch: pytest.MonkeyPatch, status: Status
) -> None:
    a_permit()
    version = live_version("small-works").pk
    set_status(version, status, by=SYSTEM, at=AT, reason="The law is under review.")

    assert (every_night(monkeypatch), len(reminded())) == (1, 1)


def test_awards_of_a_version_that_cannot_be_read_any_more_are_looked_at_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(version_id: UUID) -> None:
        raise BrokenDeclaration(service="small-works", problems=[])

    _counter, award = a_permit()
    queries._reminds.cache_clear()
    monkeypatch.setattr(queries.catalogue, "compiled", refuse)
    with capture_logs() as logs:
        assert every_night(monkeypatch) == 1
    queries._reminds.cache_clear()

    found = [each for each in logs if each["event"] == "jobs.row_left_out"]
    assert [(each["row"], each["error"]) for each in found] == [(str(award.pk), "BrokenDeclaration")]


def test_a_reminder_that_cannot_be_written_is_noted_once_for_its_day(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_given: Any, **_more: Any) -> None:
        raise LetterFault(letter="ends", expression="award.amount", reason="null")

    def noted() -> list[Any]:
        events = [each for each in events_of(award.source_stream) if each.type == "reminders.failed"]
        return [each.payload and (each.payload["award"], each.payload["day"]) for each in events]

    _counter, award = a_permit()
    monkeypatch.setattr(actions.mailbox, "send", fail)
    for days in (151, 152):
        every_night(monkeypatch, days=days)
    assert noted() == [(str(award.pk), "2027-02-12")]

    Award.objects.update(ends_on=date(2027, 9, 10), look_on=date(2027, 2, 13))
    every_night(monkeypatch, days=340)

    assert noted() == [(str(award.pk), "2027-02-12"), (str(award.pk), "2027-08-11")]


def test_what_goes_wrong_with_one_award_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    counter, one = a_permit()
    first, second = sorted((one, permit_from(counter)), key=lambda award: award.pk)
    reached = []
    sent = tasks.remind_holder

    def remind(award_id: UUID, **who: Any) -> list[str]:
        if award_id == first.pk:
            raise KeyError(award_id)
        reached.append(award_id)
        return sent(award_id, **who)

    monkeypatch.setattr(tasks, "remind_holder", remind)

    every_night(monkeypatch)

    assert (reached, len(reminded())) == ([second.pk], 1)


def test_a_night_reads_what_is_due_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    counter, one = a_permit()
    others = [permit_from(counter) for _ in range(3)]
    assert {award.look_on for award in Award.objects.all()} == {AT.date()}

    assert every_night(monkeypatch, days=1) == 4
    assert set(Award.objects.values_list("look_on", flat=True)) == {date(2027, 2, 12)}
    assert every_night(monkeypatch, days=2) == 0

    Award.objects.filter(pk=one.pk).update(look_on=date(2026, 9, 18))
    revoke(others[0].pk, reason="Sold.", by=SYSTEM, at=AT)
    assert every_night(monkeypatch, days=3) == 1
    assert every_night(monkeypatch, days=150) == 3
    assert len(reminded()) == 3
    assert set(Award.objects.values_list("look_on", flat=True)) == {None}


def test_the_next_award_is_read_from_an_index_in_order() -> None:
    on, after = date(2027, 2, 12), (AT.date(), UUID(int=0))
    plans = plans_of(lambda: next_to_look_at("small-works", on=on, after=after))

    assert [is_read_by("awards_to_look_at", plan) for plan in plans] == [True], plans


@pytest.mark.parametrize(("when", "nights"), [("false", 32), ("true", 1)])
def test_a_reminder_whose_condition_does_not_hold_is_asked_again_until_it_is_too_late(
    monkeypatch: pytest.MonkeyPatch, when: str, nights: int
) -> None:
    _counter, award = a_permit()
    declared = compiled(live_version("small-works").pk).sections["reminders"]
    condition = compile_expression(when, Scope({"award": ANY}))
    monkeypatch.setitem(
        compiled(live_version("small-works").pk).sections,
        "reminders",
        [replace(each, when=condition) for each in declared],
    )

    looked = 0
    day = AT + timedelta(days=149)
    while Award.objects.get(pk=award.pk).look_on is not None:
        day += timedelta(days=1)
        remind_holder(award.pk, by=SYSTEM, at=day)
        looked += 1

    assert (looked, len(reminded())) == (nights, int(when == "true"))


def test_mistakes_are_named() -> None:
    text = """
- {key: one, on: award.ends_on, letter: there}
- {key: one, on: '1 +', letter: missing}
"""
    document = parse_yaml(text.encode(), "services/x/reminders.yaml")
    files = {"service.yaml": "", "letters/there.md": ""}
    compilation = Compilation(Path(), "services/x", "x", current(), files=files)
    source = Source(document, (), Reminders.model_validate(document.data))

    compiled = ReminderSection().compile(source, compilation)

    assert [one.spec.key for one in compiled] == ["one"]
    codes = sorted(found.code for found in compilation.problems if found.is_error)
    assert codes == ["feel.syntax", "reminders.letter", "reminders.twice"]
    assert ReminderSection().compile(None, compilation) == ()
