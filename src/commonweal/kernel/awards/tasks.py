"""Work that begins by itself."""

from __future__ import annotations

from commonweal.kernel.awards.actions import expire
from commonweal.kernel.base import clock
from commonweal.kernel.base.types import Actor
from commonweal.kernel.jobs.enums import Kind
from commonweal.kernel.jobs.registry import Cursor, Payload, cron, job

EXPIRE = "awards.expire"


@job(EXPIRE, kind=Kind.CHUNKED)
def expire_awards(payload: Payload, cursor: Cursor | None) -> Cursor | None:
    """Mark the awards whose term ended yesterday or before, a thousand at a time."""
    return {"more": True} if expire(clock.today(), by=Actor.system(EXPIRE), at=clock.now()) == 1_000 else None


cron("awards.every_night", "10 0 * * *", job=EXPIRE)
