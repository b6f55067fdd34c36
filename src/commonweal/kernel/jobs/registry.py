"""The plug-in points of jobs: kinds of work, and when work begins by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from commonweal.kernel.base.registry import Registry
from commonweal.kernel.jobs.enums import Kind, Lane
from commonweal.kernel.jobs.schedule import Schedule

Payload: TypeAlias = dict[str, Any]
Cursor: TypeAlias = dict[str, Any]
Atomic: TypeAlias = Callable[[Payload], None]
Commit: TypeAlias = Callable[[], None]
Effect: TypeAlias = Callable[[Payload], Commit | None]
Chunked: TypeAlias = Callable[[Payload, Cursor | None], Cursor | None]

_H = TypeVar("_H", bound=Callable[..., Any])


@dataclass(frozen=True)
class JobType:
    """A kind of work.

    Attributes:
        key: ``app.verb_noun``; stored, so it never changes.
        kind: Atomic: ``handle(payload)`` runs in one short transaction together with the job's completion. Effect:
            ``handle(payload)`` works outside a transaction (renders, sends) and may return a function, which runs in the
            transaction that completes the job. Chunked: ``handle(payload, cursor)`` does one step in a transaction and
            returns the next cursor, which is saved with it, or None when all is done; the first cursor is None.
        handle: The function.
        max_attempts: After so many errors the job becomes a dead letter.
        lane: Which jobs go first.
    """

    key: str
    kind: Kind
    handle: Callable[..., Any]
    max_attempts: int = 10
    lane: Lane = Lane.NORMAL


@dataclass(frozen=True)
class CronEntry:
    """Work that begins by itself.

    Attributes:
        key: ``app.when_or_what``; stored, so it never changes.
        schedule: Minute, hour, day, month and weekday of the jurisdiction's clock.
        job: Key of the job that is enqueued once for each tick.
        payload: What it is given.
    """

    key: str
    schedule: Schedule
    job: str
    payload: Mapping[str, Any] = field(default_factory=dict)


job_types: Registry[JobType] = Registry("jobs.job")
cron_table: Registry[CronEntry] = Registry("jobs.cron")


def job(
    key: str, *, kind: Kind = Kind.ATOMIC, max_attempts: int = 10, lane: Lane = Lane.NORMAL
) -> Callable[[_H], _H]:
    """Register a function as the work of a job; see :class:`JobType` for its shape.

    Raises:
        ValueError: The key is taken by another function.
    """

    def register(handle: _H) -> _H:
        if key in job_types and job_types[key].handle is not handle:
            raise ValueError(f"jobs.job: the key '{key}' is taken.")
        job_types.register(JobType(key, kind, handle, max_attempts, lane))
        return handle

    return register


def cron(key: str, schedule: str, *, job: str, payload: Mapping[str, Any] | None = None) -> None:
    """Enqueue a job whenever a schedule says so, once for all workers together.

    Ticks that pass while no worker runs are made up for by one job. A schedule that is new begins with its next tick.

    Args:
        key: Permanent name.
        schedule: Five fields as in crontab(5): minute, hour, day of the month, month, day of the week; for
            example ``30 6 * * 1-5``. The clock is the jurisdiction's.
        job: Key of the job.
        payload: What it is given.

    Raises:
        ValueError: The schedule cannot be read, or the key is taken.
    """
    if key in cron_table:
        raise ValueError(f"jobs.cron: the key '{key}' is taken.")
    cron_table.register(CronEntry(key, Schedule.parse(schedule), job, payload or {}))
