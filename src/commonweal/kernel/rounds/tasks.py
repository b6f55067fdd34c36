"""Work that goes on by itself: cases of an approved round, one after the other."""

from __future__ import annotations

from uuid import UUID

from commonweal.kernel.base import clock
from commonweal.kernel.base.types import Actor
from commonweal.kernel.jobs.enums import Kind
from commonweal.kernel.jobs.registry import Cursor, Payload, cron, job
from commonweal.kernel.rounds.actions import ISSUE, end_waiting, issue_next
from commonweal.kernel.rounds.queries import rounds_over

END = "rounds.end"


@job(ISSUE, kind=Kind.CHUNKED)
def issue(payload: Payload, cursor: Cursor | None) -> Cursor | None:
    """Let one case a step go on."""
    issued = issue_next(UUID(payload["round"]), by=Actor.system(ISSUE), at=clock.now())
    return {"last": str(issued)} if issued else None


@job(END, kind=Kind.ATOMIC)
def end(payload: Payload) -> None:
    """Close the rounds whose waiting lists have ended by law."""
    for one in rounds_over(clock.today()):
        end_waiting(one.pk, by=Actor.system(END), at=clock.now())


cron("rounds.every_night", "20 1 * * *", job=END)
