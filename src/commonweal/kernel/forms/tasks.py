"""Work of forms that nobody waits for."""

from __future__ import annotations

from typing import Any

from commonweal.kernel.base import clock
from commonweal.kernel.base.types import Actor
from commonweal.kernel.forms.actions import delete_expired, delete_unsent
from commonweal.kernel.jobs.enums import Kind
from commonweal.kernel.jobs.registry import cron, job

BY = Actor.system("forms.delete_expired")


@job("forms.delete_expired", kind=Kind.CHUNKED)
def delete_expired_sheets(payload: dict[str, Any], cursor: dict[str, Any] | None) -> dict[str, Any] | None:
    """Delete sheets that nobody finished in time, a thousand at a step."""
    deleted = delete_expired(by=BY, at=clock.now())
    return {"deleted": (cursor or {}).get("deleted", 0) + deleted} if deleted else None


@job("forms.delete_unsent")
def delete_unsent_texts(payload: dict[str, Any]) -> None:
    """Delete what was kept for an hour."""
    delete_unsent(by=Actor.system("forms.delete_unsent"), at=clock.now())


cron("forms.hourly", "20 * * * *", job="forms.delete_unsent")
cron("forms.nightly", "10 3 * * *", job="forms.delete_expired")
