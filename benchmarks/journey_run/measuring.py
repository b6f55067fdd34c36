"""Processor time of one request: the application's, and the database's where that is a process of its own."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from django.db import connection

T = TypeVar("T")
GARBAGE = 100_000
"""Objects that may gather before they are collected, between two measurements."""

CONTROL = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


class Meter:
    """Collects samples by name.

    Attributes:
        samples: Milliseconds of the application and of the database, by name.
        queries: Statements of one run, by name; those that only open and close transactions are left out.
    """

    def __init__(self) -> None:
        self.samples: dict[str, list[tuple[float, float]]] = {}
        self.queries: dict[str, int] = {}

    def take(self, name: str, work: Callable[[], T]) -> T:
        """Run something once and note what it cost; garbage is collected before, where much has gathered."""
        if gc.get_count()[0] > GARBAGE:
            gc.collect()
        database, application = database_ns(), time.process_time_ns()
        result = work()
        application, database = time.process_time_ns() - application, database_ns() - database
        self.samples.setdefault(name, []).append((application / 1e6, database / 1e6))
        return result

    def count(self, name: str, work: Callable[[], T]) -> T:
        """Run something once and note how many statements it sent."""
        with counted() as statements:
            result = work()
        self.queries[name] = len(statements)
        return result

    def figures(self) -> dict[str, dict[str, Any]]:
        """Return the medians by name."""
        return {
            name: {
                "application_ms": round(statistics.median(sample[0] for sample in samples), 3),
                "database_ms": round(statistics.median(sample[1] for sample in samples), 3),
                "cpu_ms": round(statistics.median(map(sum, samples)), 3),
                "samples": len(samples),
                "queries": self.queries.get(name),
            }
            for name, samples in self.samples.items()
        }


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
