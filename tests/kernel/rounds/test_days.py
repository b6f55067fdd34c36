"""Rounds with days of their own: when what they brought is told, until when one may come late, and when the waiting ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from tests.kernel.rounds.conftest import AFTER, CLOSES, ROBOT, SENT, SERVICE, Office
from tests.kernel.rounds.test_actions import _again, _offered
from tests.kernel.rounds.test_declared import problems_of

from commonweal.engines.feel import ANY, Scope, compile_expression
from commonweal.kernel.base import clock
from commonweal.kernel.cases.enums import Status as CaseStatus
from commonweal.kernel.rounds import plugins, queries, tasks
from commonweal.kernel.rounds.actions import approve, issue_next, leave_waiting, work_out
from commonweal.kernel.rounds.enums import Answer, Status
from commonweal.kernel.rounds.errors import NoWaiting, RoundNotFound, WrongStep
from commonweal.kernel.rounds.models import Entry, Round
from commonweal.kernel.rounds.registry import Share, methods
from commonweal.kernel.rounds.types import CompiledRound

DAYS = {
    "last_day": 'date("2026-09-30")',
    "told_on": 'round.closes_on + @"P10D"',
    "ends_on": 'round.closes_on + @"P90D"',
}


@pytest.fixture
def dated(office: Office, monkeypatch: pytest.MonkeyPatch) -> CompiledRound:
    """The section of the grants, as a service with days would declare it."""
    days = {name: compile_expression(text, Scope({"round": ANY})) for name, text in DAYS.items()}
    section = replace(queries.section_of(SERVICE), **days, is_anew=True)

    def section_of(key: str) -> CompiledRound:
        if key != SERVICE:
            raise RoundNotFound
        return section

    monkeypatch.setattr(queries, "section_of", section_of)
    return section


def day(on: date) -> datetime:
    return datetime(on.year, on.month, on.day, 18, tzinfo=SENT.tzinfo)


def test_who_comes_late_is_taken_until_the_end_and_not_by_a_round_that_closes(
    office: Office, dated: CompiledRound
) -> None:
    one = office.open()
    late, over = day(CLOSES + timedelta(days=90)), day(CLOSES + timedelta(days=91))

    def taken(status: Status) -> list[bool]:
        one.status = status
        return [queries.takes(one, dated, at=at) for at in (day(CLOSES), late, over)]

    assert taken(Status.OPEN) == [True, True, False]
    assert taken(Status.DONE) == [False, True, False]
    assert taken(Status.CLOSING) == [False, False, False]


def test_a_case_belongs_to_the_round_of_its_last_day(office: Office, dated: CompiledRound) -> None:
    one, case = office.open(), office.send()
    office.open(closes_on=CLOSES + timedelta(days=30))
    nothing = replace(dated, last_day=compile_expression("null", Scope({})))

    assert list(queries.rounds_to_enter(dated, case, {}, at=SENT)) == [one]
    assert list(queries.rounds_to_enter(nothing, case, {}, at=SENT)) == []
    assert plugins.RoundFact().value(case) is None  # it hangs on what is looked up together with it


def test_nobody_goes_on_before_the_day_on_which_it_is_told(office: Office, dated: CompiledRound) -> None:
    one, case = office.open(), office.listed()
    worked_out = work_out(one.pk, by=office.officer, at=AFTER)
    approve(one.pk, revision=worked_out.revision, by=office.supervisor, at=AFTER)

    assert issue_next(one.pk, by=ROBOT, at=day(CLOSES + timedelta(days=9))) is None
    assert _again(case).status == CaseStatus.WAITING
    assert office.issue(one, at=day(CLOSES + timedelta(days=10))).status == Status.DONE
    assert _again(case).outcome == "FUNDED"


def test_the_waiting_ends_by_law_and_rounds_of_a_service_of_old_stand_in_nobodys_way(
    office: Office, dated: CompiledRound, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, old = office.open(), office.open(closes_on=CLOSES - timedelta(days=9))
    decided = {"worked_out_by": "a", "worked_out_at": AFTER, "approved_by": "b", "approved_at": AFTER}
    Round.objects.update(status=Status.DONE, **decided)
    Round.objects.filter(pk=old.pk).update(service_key="gone")

    for days, status in ((90, Status.DONE), (91, Status.CLOSING), (92, Status.CLOSING)):
        monkeypatch.setattr(clock, "now", lambda days=days: day(CLOSES + timedelta(days=days)))
        tasks.end({})
        one.refresh_from_db()
        assert one.status == status


def test_a_case_is_asked_anew_and_what_cannot_be_told_any_more_stays(
    office: Office, dated: CompiledRound, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, case = office.open(), office.listed()
    entry = Entry.objects.get(case=case)
    said = entry.facts
    Entry.objects.update(facts=said.replace("63", "62"))
    assert Entry.objects.get().facts != said

    work_out(one.pk, by=office.officer, at=AFTER)
    assert Entry.objects.get().facts == said
    monkeypatch.setattr(queries, "said_by", lambda *_of, **_at: None)
    work_out(one.pk, by=office.officer, at=AFTER)
    assert Entry.objects.get().facts == said


def test_of_whom_nothing_is_known_an_officer_has_the_case(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.open()
    monkeypatch.setattr(queries, "said_by", lambda *_of, **_at: None)

    case = office.listed()

    assert (case.status, Entry.objects.count()) == (CaseStatus.ASSIGNED, 0)
    assert case.status_reason == "What the round goes by is not known of this application."


def test_who_accepted_keeps_it_and_waits_no_more(office: Office) -> None:
    offered, _waiting = _offered(office)
    who: dict[str, Any] = {"by": office.residents[offered.pk], "at": AFTER}
    with pytest.raises(NoWaiting):
        leave_waiting(offered.reference, **who)
    Entry.objects.filter(case=offered).update(answer=Answer.ACCEPTED, is_waiting=True)
    Round.objects.update(status=Status.READY)
    with pytest.raises(WrongStep):
        leave_waiting(offered.reference, **who)
    Round.objects.update(status=Status.DONE)

    kept = leave_waiting(offered.reference, **who)

    assert (kept.answer, kept.is_waiting) == (Answer.STAYS, False)
    assert _again(offered).status == CaseStatus.CLOSED
    with pytest.raises(NoWaiting):
        leave_waiting(offered.reference, **who)


def test_where_the_calendar_does_not_reach_a_period_ends_on_its_day() -> None:
    assert plugins._end_of(date(2999, 1, 1), 14) == date(2999, 1, 15)


def test_an_end_without_a_last_day_is_refused() -> None:
    assert "schema.value-error" in problems_of("\nround:\n", '\nround:\n  ends_on: date("2026-12-31")\n')


def test_people_are_counted_for_officers_and_rounded_for_everybody(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = office.open()
    method = methods[queries.section_of(SERVICE).method]
    monkeypatch.setattr(
        method, "shares", lambda *_of: [Share(key="north", available=30, given=13, waiting=2)]
    )

    exact = queries.shares(one, {"north": "North"}, is_public=False)
    told = queries.shares(one, {}, is_public=True)

    assert exact == [{"place": "North", "available": "30", "given": "13", "waiting": "2"}]
    assert told[0]["place"] == "north"
    assert {told[0]["given"], told[0]["waiting"]} <= {"0", "10", "20"}


def test_a_case_says_what_the_law_proposes_where_it_is_asked_anew(
    office: Office, dated: CompiledRound
) -> None:
    office.open()
    case = office.listed()

    assert Entry.objects.get(case=case).facts
