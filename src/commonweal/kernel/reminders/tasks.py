"""Looks every night whom to remind."""

from __future__ import annotations

from datetime import date
from functools import partial
from uuid import UUID

from commonweal.kernel.awards.queries import next_to_look_at
from commonweal.kernel.base import clock
from commonweal.kernel.base.transactions import try_row
from commonweal.kernel.base.types import Actor
from commonweal.kernel.jobs.enums import Kind
from commonweal.kernel.jobs.registry import Cursor, Payload, cron, job
from commonweal.kernel.reminders.actions import remind_holder
from commonweal.kernel.reminders.queries import services

REMIND = "reminders.remind"


@job(REMIND, kind=Kind.CHUNKED)
def remind_holders(payload: Payload, cursor: Cursor | None) -> Cursor | None:
    """Look at one award a step of which something may be due, service by service; a kill goes on where it stopped."""
    now = clock.now()
    place = cursor or {"service": "", "since": "", "after": ""}
    for service in services():
        if service < place["service"]:
            continue
        is_same = service == place["service"]
        after = (date.fromisoformat(place["since"]), UUID(place["after"])) if is_same else None
        found = next_to_look_at(service, on=clock.today(), after=after)
        if found is not None:
            since, award_id = found
            try_row(REMIND, award_id, partial(remind_holder, award_id, by=Actor.system(REMIND), at=now))
            return {"service": service, "since": since.isoformat(), "after": str(award_id)}
    return None


cron("reminders.every_night", "20 3 * * *", job=REMIND)
