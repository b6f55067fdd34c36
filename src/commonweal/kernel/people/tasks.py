"""Work of people that nobody waits for."""

from __future__ import annotations

from commonweal.kernel.base import clock
from commonweal.kernel.base.types import Actor
from commonweal.kernel.jobs.enums import Kind
from commonweal.kernel.jobs.registry import Cursor, Payload, cron, job
from commonweal.kernel.people.actions import sweep_sessions

SWEEP = "people.sweep_sessions"


@job(SWEEP, kind=Kind.CHUNKED)
def sweep(payload: Payload, cursor: Cursor | None) -> Cursor | None:
    """Delete sessions that are over and what belongs to them, a thousand at a step."""
    gone = sweep_sessions(by=Actor.system(SWEEP), at=clock.now())
    return {"gone": (cursor or {"gone": 0})["gone"] + gone} if gone else None


cron("people.every_night", "25 3 * * *", job=SWEEP)
