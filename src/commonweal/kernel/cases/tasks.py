"""Work that begins by itself: waking, and destroying what is no longer needed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from commonweal.kernel.awards.actions import run_on
from commonweal.kernel.awards.queries import next_resting
from commonweal.kernel.base import clock
from commonweal.kernel.base.transactions import try_row
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases.actions import dispose, go_on, keep_silence, lapse, remind, wake
from commonweal.kernel.cases.due import (
    Due,
    next_in_silence,
    next_to_dispose,
    next_to_remind,
    next_to_wake,
    next_unanswered,
)
from commonweal.kernel.cases.resting import rested_case
from commonweal.kernel.cases.waiting import next_turn
from commonweal.kernel.jobs.enums import Kind
from commonweal.kernel.jobs.registry import Cursor, Payload, cron, job

if TYPE_CHECKING:
    from commonweal.kernel.awards.models import Award

WAKE = "cases.wake"
DISPOSE = "cases.dispose"
SILENCE = "cases.silence"
LAPSE = "cases.lapse"
REMIND = "cases.remind"
TURNS = "cases.turns"
RESTS = "cases.rests"


class Find(Protocol):
    """Answers which case is next."""

    def __call__(self, *, on: date, after: Due | None) -> Due | None:
        """Return the next case of a day behind a place; None at the end."""


def _look(job_key: str, cursor: Cursor | None, find: Find, act: Callable[..., object]) -> Cursor | None:
    """Do what is due of the next case; a kill goes on where it stopped, and one bad case stops no other."""
    today, now = clock.today(), clock.now()
    due = find(on=today, after=Due.of(cursor))
    if due is None:
        return None
    work = partial(act, due.case_id, on=today, by=Actor.system(job_key), at=now)
    try_row(job_key, due.case_id, work)
    return due.cursor()


@job(WAKE, kind=Kind.CHUNKED)
def wake_cases(payload: Payload, cursor: Cursor | None) -> Cursor | None:
    """Go on with the waiting cases whose day has come, one a step."""
    return _look(WAKE, cursor, next_to_wake, wake)


@job(DISPOSE, kind=Kind.CHUNKED)
def dispose_of_cases(payload: Payload, cursor: Cursor | None) -> Cursor | None:
    """Destroy the cases whose time of keeping is over, one a step."""
    return _look(DISPOSE, cursor, next_to_dispose, dispose)


@job(SILENCE, kind=Kind.CHUNKED)
def grant_by_silence(payload: Payload, cursor: Cursor | None) -> Cursor | None:
    """Grant the cases that nobody decided in time, where the law says so, one a step."""
    return _look(SILENCE, cursor, next_in_silence, keep_silence)


@job(LAPSE, kind=Kind.CHUNKED)
def end_unanswered(payload: Payload, cursor: Cursor | None) -> Cursor | None:
    """Go on with the cases whose applicants left a question unanswered, as the law says, one a step."""
    return _look(LAPSE, cursor, next_unanswered, lapse)


@job(REMIND, kind=Kind.CHUNKED)
def remind_of_questions(payload: Payload, cursor: Cursor | None) -> Cursor | None:
    """Remind applicants of what they were asked, once, some days before the last one; one a step."""
    return _look(REMIND, cursor, next_to_remind, remind)


@job(TURNS, kind=Kind.CHUNKED)
def call_those_who_wait(payload: Payload, cursor: Cursor | None) -> Cursor | None:
    """Go on with the cases on waiting lists for which something is free, one a step, in order."""
    now = clock.now()
    called = UUID(cursor["last"]) if cursor else None
    found = next_turn(after=cursor["pool"] if cursor else "", at=now, called=called)
    if found is None:
        return None
    pool, case_id = found
    try_row(TURNS, case_id, partial(go_on, case_id, by=Actor.system(TURNS), at=now))
    return {"pool": pool, "last": str(case_id)}


@job(RESTS, kind=Kind.CHUNKED)
def go_on_after_rest(payload: Payload, cursor: Cursor | None) -> Cursor | None:
    """Go on with the cases whose award has rested for long enough, or has ended, one award a step."""
    now = clock.now()
    award = next_resting(after=UUID(cursor["last"]) if cursor else None)
    if award is None:
        return None
    try_row(RESTS, award.pk, partial(_go_on_after, award, now))
    return {"last": str(award.pk)}


def _go_on_after(award: Award, at: datetime) -> None:
    case_id, by = rested_case(award, at=at), Actor.system(RESTS)
    if case_id is not None:
        go_on(case_id, by=by, at=at)
    elif award.has_ended(clock.local(at).date()):  # no case waits for it any more: do not look at it again
        run_on(award.pk, by=by, at=at)


cron("cases.every_morning", "5 1 * * *", job=WAKE)
cron("cases.after_the_term", "10 1 * * *", job=SILENCE)
cron("cases.after_a_question", "15 1 * * *", job=LAPSE)
cron("cases.before_the_day", "20 1 * * *", job=REMIND)
cron("cases.rests", "40 1 * * *", job=RESTS)
cron("cases.waiting_lists", "45 1 * * *", job=TURNS)
cron("cases.every_night", "30 2 * * *", job=DISPOSE)
