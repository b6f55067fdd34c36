"""Work on stored files that goes on by itself."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from commonweal.kernel.base import clock
from commonweal.kernel.base.types import Actor
from commonweal.kernel.files.actions import (
    SCAN_JOB,
    delete_expired,
    scan_file,
    scan_waiting,
    sweep_orphans,
)
from commonweal.kernel.jobs.enums import Kind
from commonweal.kernel.jobs.registry import cron, job

A_STEP = 100


@job(SCAN_JOB, kind=Kind.EFFECT)
def scan(payload: dict[str, Any]) -> None:
    """Let the virus scanner look at a new file; tried again while the scanner is down."""
    scan_file(UUID(payload["file"]), by=Actor.system(SCAN_JOB), at=clock.now())


@job("files.delete_expired", kind=Kind.CHUNKED)
def delete(payload: dict[str, Any], cursor: dict[str, Any] | None) -> dict[str, Any] | None:
    """Delete files whose time is over, some at each step."""
    by = Actor.system("files.delete_expired")
    gone = delete_expired(clock.today(), by=by, at=clock.now(), limit=A_STEP)
    done = (cursor or {"deleted": 0})["deleted"] + gone
    return {"deleted": done} if gone == A_STEP else None


@job("files.sweep_orphans", kind=Kind.EFFECT)
def sweep(payload: dict[str, Any]) -> None:
    """Take away bytes that no row speaks of."""
    sweep_orphans(by=Actor.system("files.sweep_orphans"), at=clock.now())


@job("files.scan_waiting", kind=Kind.ATOMIC)
def scan_what_waits(payload: dict[str, Any]) -> None:
    """Let the virus scanner look at files that came before there was one."""
    scan_waiting(by=Actor.system("files.scan_waiting"), at=clock.now())


cron("files.delete_expired", "15 3 * * *", job="files.delete_expired")
cron("files.sweep_orphans", "45 3 * * *", job="files.sweep_orphans")
cron("files.scan_waiting", "50 * * * *", job="files.scan_waiting")
