"""Work that begins by itself: carrying erasures out, and keeping retention."""

from __future__ import annotations

from uuid import UUID

from commonweal.kernel.base import clock
from commonweal.kernel.base.types import Actor
from commonweal.kernel.consent.actions import ERASE_JOB, erase_step, resume_erasure, retain_step
from commonweal.kernel.consent.queries import erasures_due
from commonweal.kernel.jobs.enums import Kind
from commonweal.kernel.jobs.registry import Cursor, Payload, cron, job

RESUME = "consent.resume"
RETAIN = "consent.retain"


@job(ERASE_JOB, kind=Kind.CHUNKED)
def erase(payload: Payload, cursor: Cursor | None) -> Cursor | None:
    """Carry an erasure out, some rows of one table at a step."""
    done = cursor or {"table": 0, "after": ""}
    reached = erase_step(
        UUID(payload["erasure"]),
        table=done["table"],
        after=done["after"],
        by=Actor.system(ERASE_JOB),
        at=clock.now(),
    )
    return {"table": reached[0], "after": reached[1]} if reached else None


@job(RESUME, kind=Kind.CHUNKED)
def resume(payload: Payload, cursor: Cursor | None) -> Cursor | None:
    """Go on with the erasures of which more can be done today, one a step."""
    due = erasures_due(clock.today()).first()
    if due is None:
        return None
    resume_erasure(due.pk, by=Actor.system(RESUME), at=clock.now())
    return {"last": str(due.pk)}


@job(RETAIN, kind=Kind.CHUNKED)
def retain(payload: Payload, cursor: Cursor | None) -> Cursor | None:
    """Erase what is past its retention, some rows of one table at a step."""
    table = retain_step(table=(cursor or {"table": 0})["table"], by=Actor.system(RETAIN), at=clock.now())
    return None if table is None else {"table": table}


cron("consent.resume", "40 2 * * *", job=RESUME)
cron("consent.retain", "20 3 * * *", job=RETAIN)
