"""Looks every night whom to remind."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from commonweal.kernel.base import clock
from commonweal.kernel.base.transactions import try_row
from commonweal.kernel.base.types import Actor
from commonweal.kernel.jobs.enums import Kind
from commonweal.kernel.jobs.registry import Cursor, Payload, cron, job
from commonweal.kernel.reminders.actions import remind_holder
from commonweal.kernel.reminders.queries import next_award, services

REMIND = "reminders.remind"


@job(REMIND, kind=Kind.CHUNKED)
def remind_holders(payload: Payload, cursor: Cursor | None) -> Cursor | None:
    """Look at one award a step, service by service; a kill goes on where it stopped."""
    now = clock.now()
    done, after = (cursor["service"], cursor["after"]) if cursor else ("", "")
    for key in services():
        if key < done:
            continue
        award = next_award(key, at=now, after=UUID(after) if key == done and after else None)
        if award is not None:
            try_row(REMIND, award.pk, partial(remind_holder, award.pk, by=Actor.system(REMIND), at=now))
            return {"service": key, "after": str(award.pk)}
    return None


cron("reminders.every_night", "20 3 * * *", job=REMIND)
