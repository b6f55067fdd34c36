"""Counts what happened, one thing at a time. Runs inside the transaction that delivers an announcement, so exactly once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F

from commonweal.kernel.base import clock
from commonweal.kernel.base.rows import insert_rows
from commonweal.kernel.statistics.enums import Kind, Timely
from commonweal.kernel.statistics.models import Tally

MOST_DAYS = 3_650


@dataclass(frozen=True, slots=True)
class Counted:
    """A case as it is counted.

    Attributes:
        service_key: The service.
        agency: Key of the agency answerable for it.
        channel: The way by which it reached us.
        outcome: Key of the outcome, once answered.
        opened_at: When it was received.
        closed_at: When it was answered; None while it is open.
        due_on: Last day for the answer; the end of time where there is no limit.
    """

    service_key: str
    agency: str
    channel: str
    outcome: str
    opened_at: datetime
    closed_at: datetime | None
    due_on: date


def count_received(case: Counted) -> None:
    """Count an application that was received."""
    opened_on = clock.local(case.opened_at).date()
    _add(case, opened_on, Kind.RECEIVED, case.channel)
    _add(case, opened_on, Kind.OPEN, opened_on.isoformat())


def count_answered(case: Counted) -> None:
    """Count an application that was answered; it no longer waits."""
    for month, kind, key in _answer(case):
        _add(case, month, kind, key)
    opened_on = clock.local(case.opened_at).date()
    _add(case, opened_on, Kind.OPEN, opened_on.isoformat(), by=-1)
    assert case.closed_at is not None
    month = clock.local(case.closed_at).date().replace(day=1)
    Tally.objects.filter(service_key=case.service_key, kind=Kind.LEFT, starts_on__lt=month).delete()


def _answer(case: Counted) -> Iterator[tuple[date, Kind, str]]:
    assert case.closed_at is not None
    opened_on, closed_on = clock.local(case.opened_at).date(), clock.local(case.closed_at).date()
    days = min(max((closed_on - opened_on).days, 0), MOST_DAYS)
    yield closed_on, Kind.DECIDED, case.outcome
    yield closed_on, Kind.DAYS, str(days)
    yield closed_on, Kind.LEFT, opened_on.isoformat()
    if case.due_on == date.max:
        timely = Timely.NO_LIMIT
    else:
        timely = Timely.IN_TIME if closed_on <= case.due_on else Timely.LATE
    yield closed_on, Kind.TIMELY, timely.value


def _add(case: Counted, on: date, kind: Kind, key: str, *, by: int = 1) -> None:
    """Add to a count; a row that comes to nothing goes.

    An answer may be delivered before the receipt: a count of those waiting is below nought until that comes too.
    """
    place = {"service_key": case.service_key, "kind": kind.value, "starts_on": on.replace(day=1), "key": key}
    insert_rows(Tally, [{**place, "agency": case.agency, "count": 0}], ignore_conflicts=True)
    Tally.objects.filter(**place).update(count=F("count") + by)
    if kind is Kind.OPEN:
        Tally.objects.filter(**place, count=0).delete()
