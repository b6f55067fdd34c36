"""Processor time of one request: the application's, and the database's where that is a process of its own."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.journey_run.figures import Sample
from benchmarks.journey_run.host import FixedWork
from django.db import connection

T = TypeVar("T")
GARBAGE = 100_000
"""Objects that may gather before they are collected, between two measurements."""

CONTROL = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


class Meter:
    """Collects samples by name.

    Attributes:
        samples: By name.
        queries: Statements of one run, by name; those that only open and close transactions are left out.
        paces: What the fixed work took each time.
    """

    def __init__(self) -> None:
        self.samples: dict[str, list[Sample]] = {}
        self.queries: dict[str, int] = {}
        self.paces: list[float] = []
        self._fixed = FixedWork()
        self._fixed.take_ms()

    def look_at_host(self) -> None:
        """Do the fixed work, for the samples that follow."""
        self.paces.append(self._fixed.take_ms())

    def take(self, name: str, work: Callable[[], T]) -> T:
        """Run something once and note what it cost; garbage is collected before, where much has gathered."""
        if gc.get_count()[0] > GARBAGE:
            gc.collect()
        if not self.paces:
            self.look_at_host()
        database, application = database_ns(), time.process_time_ns()
        result = work()
        application, database = time.process_time_ns() - application, database_ns() - database
        sample = Sample(application / 1e6, database / 1e6, self.paces[-1])
        self.samples.setdefault(name, []).append(sample)
        return result

    def count(self, name: str, work: Callable[[], T]) -> T:
        """Run something once and note how many statements it sent."""
        with counted() as statements:
            result = work()
        self.queries[name] = len(statements)
        return result

    def forget(self) -> None:
        """Begin anew: what was measured so far was to get warm."""
        self.samples.clear()
        self.paces.clear()

    def told(self) -> dict[str, Any]:
        """Return everything that was measured, for JSON."""
        return {"samples": self.samples, "queries": self.queries, "paces": self.paces}


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect the statements that are sent inside the block."""
    statements: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 - Django's signature
        if not sql.startswith(CONTROL):
            statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield statements


def database_ns() -> int:
    """Return the processor time that PostgreSQL's process behind our connection has used; nought on SQLite."""
    if connection.vendor != "postgresql":
        return 0
    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])
