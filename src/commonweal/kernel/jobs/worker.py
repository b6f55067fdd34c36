"""Runs jobs: takes some, does them one after the other, looks again."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from types import FrameType
from uuid import UUID

import structlog
from django.db import DatabaseError, close_old_connections, connection, transaction

from commonweal.kernel.base.clock import now
from commonweal.kernel.base.errors import UnknownKey
from commonweal.kernel.base.failures import describe
from commonweal.kernel.base.fields import new_id
from commonweal.kernel.jobs import leases
from commonweal.kernel.jobs.actions import enqueue_due
from commonweal.kernel.jobs.enums import Kind
from commonweal.kernel.jobs.errors import GiveUp, LeaseLost
from commonweal.kernel.jobs.leases import Lease
from commonweal.kernel.jobs.registry import JobType, job_types

log = structlog.get_logger(__name__)

_SHORTEST_SLEEP_S = 0.02
_LONGEST_SLEEP_S = 0.5
_CRON_EVERY_S = 5.0
_AFTER_DATABASE_ERROR_S = 1.0


@dataclass
class Worker:
    """One process's loop.

    Attributes:
        batch: How many jobs are taken at a time.
        lease_s: How long a job is ours unless renewed; a thread renews it every third of that.
        id: Names the holder of a lease.
    """

    batch: int = 10
    lease_s: float = 60.0
    id: UUID = field(default_factory=new_id)
    _stop: threading.Event = field(default_factory=threading.Event)
    _cron_looked_at: float = field(default=float("-inf"))

    def run(self) -> None:
        """Work until told to stop; a job under way is finished first."""
        with self._heartbeat():
            sleep_s = _SHORTEST_SLEEP_S
            while not self._stop.is_set():
                done = self._survive_one_round()
                sleep_s = _SHORTEST_SLEEP_S if done else min(sleep_s * 1.5, _LONGEST_SLEEP_S)
                if not done:
                    self._stop.wait(sleep_s)

    def run_until_empty(self) -> int:
        """Do what is due now and what comes due by it; return how many jobs were done or failed."""
        total = 0
        while not self._stop.is_set() and (done := self.run_once()):
            total += done
        return total

    def run_once(self) -> int:
        """Take one batch and do it; return how many jobs were done or failed."""
        at = now()
        taken = leases.claim(self.id, self.batch, at=at, until=at + timedelta(seconds=self.lease_s))
        for position, lease in enumerate(taken):
            if self._stop.is_set():
                leases.give_back(taken[position:], at=now())
                return position
            self._do(lease)
        return len(taken)

    def stop(self, signal_number: int = 0, frame: FrameType | None = None) -> None:
        """Finish the job under way, give the others back, and end."""
        self._stop.set()

    def stop_on_signals(self) -> None:
        """Stop on SIGTERM and on Ctrl-C."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)

    def _survive_one_round(self) -> int:
        """Look at the clock and the queue; wait out a database that is away."""
        try:
            if not connection.in_atomic_block:  # as in a test, where it would be cut off
                close_old_connections()
            if time.monotonic() - self._cron_looked_at >= _CRON_EVERY_S:
                self._cron_looked_at = time.monotonic()
                enqueue_due(now())
            return self.run_once()
        except DatabaseError as error:
            log.error("database", error=describe(error))  # noqa: TRY400 - a message may hold a row's data
            connection.close()
            self._stop.wait(_AFTER_DATABASE_ERROR_S)
            return 0

    def _do(self, lease: Lease) -> None:
        """Do one job: the outer edge, where any error becomes a note on the job."""
        started = time.perf_counter()
        try:
            self._handle(lease)
        except LeaseLost:
            log.warning("lease lost", job=str(lease.id), key=lease.key)
        except Exception as error:
            if isinstance(error, DatabaseError) and not connection.is_usable():
                raise  # the database is away: nothing can be noted, and the job is not to blame
            self._note(lease, error)
        else:
            took_ms = round((time.perf_counter() - started) * 1000, 1)
            log.info("job", key=lease.key, job=str(lease.id), ms=took_ms)

    def _note(self, lease: Lease, error: Exception) -> None:
        max_attempts = job_types[lease.key].max_attempts if lease.key in job_types else 1
        is_dead = leases.fail(
            lease,
            describe(error),
            at=now(),
            max_attempts=max_attempts,
            is_final=isinstance(error, (GiveUp, UnknownKey)),
        )
        log.error(
            "dead letter" if is_dead else "job failed",
            key=lease.key,
            job=str(lease.id),
            error=describe(error),
        )

    def _handle(self, lease: Lease) -> None:
        if lease.losses > leases.MOST_LOST:
            raise GiveUp(reason=f"{lease.losses} workers died while they held this job")
        job_type = job_types[lease.key]
        if job_type.kind is Kind.ATOMIC:
            with transaction.atomic():
                leases.complete(lease)
                job_type.handle(lease.payload)
        elif job_type.kind is Kind.EFFECT:
            commit = job_type.handle(lease.payload)
            with transaction.atomic():
                leases.complete(lease)
                if commit is not None:
                    commit()
        else:
            self._handle_chunks(job_type, lease)

    def _handle_chunks(self, job_type: JobType, lease: Lease) -> None:
        position, is_done = lease.cursor, False
        while not is_done:
            with transaction.atomic():
                position = job_type.handle(lease.payload, position)
                is_done = position is None
                if position is None:
                    leases.complete(lease)
                else:
                    leases.save_cursor(lease, position, until=now() + timedelta(seconds=self.lease_s))
            if self._stop.is_set() and not is_done:
                leases.give_back([lease], at=now())
                return

    @contextmanager
    def _heartbeat(self) -> Iterator[None]:
        """Renew our leases in a thread for as long as the block lasts."""
        over = threading.Event()
        thread = threading.Thread(target=self._beat, args=(over,), name="heartbeat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _beat(self, over: threading.Event) -> None:
        try:
            while not over.wait(self.lease_s / 3):
                try:
                    leases.renew(self.id, until=now() + timedelta(seconds=self.lease_s))
                except DatabaseError as error:
                    log.warning("heartbeat missed", error=type(error).__name__)
                    connection.close()
        finally:
            connection.close()
