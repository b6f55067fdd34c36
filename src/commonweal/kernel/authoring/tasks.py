"""Work of authoring that nobody waits for."""

from __future__ import annotations

from typing import Any

from commonweal.kernel.authoring.actions import sweep_rehearsals
from commonweal.kernel.base import clock
from commonweal.kernel.base.types import Actor
from commonweal.kernel.jobs.enums import Kind
from commonweal.kernel.jobs.registry import cron, job

BY = Actor.system("authoring.sweep")


@job("authoring.sweep", kind=Kind.CHUNKED)
def sweep(payload: dict[str, Any], cursor: dict[str, Any] | None) -> dict[str, Any] | None:
    """Delete rehearsals whose fortnight is over, a thousand at a step."""
    swept = sweep_rehearsals(by=BY, at=clock.now())
    return {"swept": (cursor or {}).get("swept", 0) + swept} if swept else None


cron("authoring.nightly", "20 3 * * *", job="authoring.sweep")
