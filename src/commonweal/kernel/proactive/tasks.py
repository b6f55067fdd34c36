"""Looks every night for whom the law lets be granted something without an application."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from commonweal.kernel.base import clock
from commonweal.kernel.base.transactions import try_row
from commonweal.kernel.base.types import Actor
from commonweal.kernel.jobs.enums import Kind
from commonweal.kernel.jobs.registry import Cursor, Payload, cron, job
from commonweal.kernel.proactive.actions import offer
from commonweal.kernel.proactive.queries import next_award, services

OFFER = "proactive.offer"


@job(OFFER, kind=Kind.CHUNKED)
def offer_to_holders(payload: Payload, cursor: Cursor | None) -> Cursor | None:
    """Look at the holder of one award a step, service by service; a kill goes on where it stopped."""
    now = clock.now()
    done, after = (cursor["service"], cursor["after"]) if cursor else ("", "")
    for key, section in services():
        if key < done:
            continue
        last = UUID(after) if key == done and after else None
        award_id = next_award(section.spec.award, at=now, after=last)
        if award_id is not None:
            try_row(OFFER, award_id, partial(offer, key, award_id, by=Actor.system(OFFER), at=now))
            return {"service": key, "after": str(award_id)}
    return None


cron("proactive.every_night", "40 2 * * *", job=OFFER)
