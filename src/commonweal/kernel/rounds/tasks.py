"""Work that goes on by itself: cases of an approved round, one after the other."""

from __future__ import annotations

from uuid import UUID

from commonweal.kernel.base import clock
from commonweal.kernel.base.types import Actor
from commonweal.kernel.jobs.enums import Kind
from commonweal.kernel.jobs.registry import Cursor, Payload, job
from commonweal.kernel.rounds.actions import ISSUE, issue_next


@job(ISSUE, kind=Kind.CHUNKED)
def issue(payload: Payload, cursor: Cursor | None) -> Cursor | None:
    """Let one case a step go on."""
    issued = issue_next(UUID(payload["round"]), by=Actor.system(ISSUE), at=clock.now())
    return {"last": str(issued)} if issued else None
