"""The lease queue itself: take, renew, complete, give back, give up. Each is one statement.

A worker takes due jobs by moving their ``run_at`` to the end of its lease and counting their ``fence`` up, in one
statement. Whoever completes a job must show the fence it was taken with: a worker that slept past its lease finds
that the number has moved on, and its transaction is undone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from commonweal.kernel.jobs.enums import Lane
from commonweal.kernel.jobs.errors import LeaseLost
from commonweal.kernel.jobs.models import Job

MOST_LOST = 20
"""A job whose worker died so often while it was held becomes a dead letter: it may be what kills them."""

_FIRST_DELAY_S = 1.0
_LONGEST_DELAY_S = 3600.0
_random = SystemRandom()

_CLAIM = """
UPDATE jobs_job SET holder = %s, fence = fence + 1, run_at = %s,
    losses = losses + CASE WHEN holder IS NULL THEN 0 ELSE 1 END
WHERE id {which} SELECT id FROM jobs_job WHERE lane = %s AND dead_at IS NULL AND run_at <= %s
    ORDER BY run_at, id LIMIT %s {lock}
RETURNING id, key, payload, cursor, fence, attempts, losses
"""
# An array is computed once; PostgreSQL may run a plain sub-select again and take more rows than the limit.
_CLAIM_SQL = {
    "postgresql": _CLAIM.format(which="= ANY (ARRAY(", lock="FOR UPDATE SKIP LOCKED))"),
    "sqlite": _CLAIM.format(which="IN (", lock=")"),
}


@dataclass(frozen=True, slots=True)
class Lease:
    """A job that was taken.

    Attributes:
        id: Primary key of the job.
        key: What kind of work.
        payload: What it was given.
        cursor: How far a chunked job has come.
        fence: To be shown when completing it.
        attempts: How often it has ended in an error before.
        losses: How often a holder was not heard of again.
    """

    id: UUID
    key: str
    payload: dict[str, Any]
    cursor: dict[str, Any] | None
    fence: int
    attempts: int
    losses: int


def claim(holder: UUID, limit: int, *, at: datetime, until: datetime) -> list[Lease]:
    """Take jobs that are due, urgent ones first.

    Args:
        holder: Who takes them.
        limit: How many at most.
        at: The time now.
        until: The end of the lease, when others may take them.
    """
    taken: list[Lease] = []
    for lane in Lane:
        if len(taken) < limit and (connection.vendor == "postgresql" or _is_any_due(lane, at)):
            taken += _claim(holder, limit - len(taken), lane, at, until)
    return taken


def _is_any_due(lane: Lane, at: datetime) -> bool:
    """Look before queueing for SQLite's one write lock: an idle worker must not hold up others."""
    return Job.objects.filter(lane=lane, dead_at=None, run_at__lte=at).exists()


def _claim(holder: UUID, limit: int, lane: Lane, at: datetime, until: datetime) -> list[Lease]:
    time = connection.ops.adapt_datetimefield_value
    by = Job._meta.get_field("holder").get_db_prep_value(holder, connection)  # noqa: SLF001 - Django's documented model API
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM_SQL[connection.vendor], [by, time(until), int(lane), time(at), limit])
        rows = cursor.fetchall()
    return sorted(
        (
            Lease(
                id_ if isinstance(id_, UUID) else UUID(id_),
                key,
                json.loads(payload),
                json.loads(position) if position else None,
                fence,
                attempts,
                losses,
            )
            for id_, key, payload, position, fence, attempts, losses in rows
        ),
        key=lambda lease: lease.id,
    )


def complete(lease: Lease) -> None:
    """Delete a job as done, in the caller's transaction.

    Raises:
        LeaseLost: Another worker has taken it meanwhile.
    """
    if not Job.objects.filter(pk=lease.id, fence=lease.fence).delete()[0]:
        raise LeaseLost(job=str(lease.id), key=lease.key)


def save_cursor(lease: Lease, cursor: dict[str, Any], *, until: datetime) -> None:
    """Note how far a chunked job has come, in the caller's transaction, and renew the lease.

    Raises:
        LeaseLost: Another worker has taken it meanwhile.
    """
    changed = Job.objects.filter(pk=lease.id, fence=lease.fence).update(
        cursor=json.dumps(cursor), run_at=until
    )
    if not changed:
        raise LeaseLost(job=str(lease.id), key=lease.key)


def renew(holder: UUID, *, until: datetime) -> int:
    """Renew all leases of a worker; return how many there are."""
    if not Job.objects.filter(holder=holder).exists():
        return 0
    with transaction.atomic():
        return Job.objects.filter(holder=holder).update(run_at=until)


def give_back(leases: Iterable[Lease], *, at: datetime) -> None:
    """Let others have jobs that were taken but not begun."""
    with transaction.atomic():
        for lease in leases:
            Job.objects.filter(pk=lease.id, fence=lease.fence).update(holder=None, run_at=at)


def fail(lease: Lease, error: str, *, at: datetime, max_attempts: int, is_final: bool = False) -> bool:
    """Note that a job ended in an error: it is tried again later, or becomes a dead letter.

    Args:
        lease: The job.
        error: What happened, without personal data.
        at: The time now.
        max_attempts: After so many errors it is given up.
        is_final: Whether trying again cannot help.

    Returns:
        Whether it is a dead letter now.
    """
    attempts = lease.attempts + 1
    is_dead = is_final or attempts >= max_attempts
    with transaction.atomic():
        Job.objects.filter(pk=lease.id, fence=lease.fence).update(
            attempts=attempts,
            holder=None,
            error=error[:2000],
            run_at=at + _delay(attempts),
            dead_at=at if is_dead else None,
        )
    return is_dead


def _delay(attempts: int) -> timedelta:
    """Twice as long after each error, up to an hour, give or take half: failed jobs must not come back together."""
    longest = min(_FIRST_DELAY_S * 2.0 ** min(attempts - 1, 20), _LONGEST_DELAY_S)
    return timedelta(seconds=longest * _random.uniform(0.5, 1.5))
