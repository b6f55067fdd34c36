"""The job of revocations."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from commonweal.kernel.base import clock
from commonweal.kernel.base.transactions import try_row
from commonweal.kernel.base.types import Actor
from commonweal.kernel.jobs.enums import Kind
from commonweal.kernel.jobs.registry import Cursor, Payload, cron, job
from commonweal.kernel.revocations.actions import take_effect
from commonweal.kernel.revocations.queries import next_due

EFFECT = "revocations.effect"


@job(EFFECT, kind=Kind.CHUNKED)
def let_take_effect(payload: Payload, cursor: Cursor | None) -> Cursor | None:
    """Take back what was announced to be taken back today, one a step."""
    today = clock.today()
    found = next_due(today, after=UUID(cursor["last"]) if cursor else None)
    if found is None:
        return None
    try_row(EFFECT, found, partial(take_effect, found, on=today, by=Actor.system(EFFECT), at=clock.now()))
    return {"last": str(found)}


cron("revocations.every_night", "2 1 * * *", job=EFFECT)
