"""Runs work over many Arrow batches: in this process, in processes of this machine, or on a Ray cluster.

    from commonweal.engines import executor

    with executor.opened("local", workers=4) as crew:
        for outcome in crew.map(setup, batches):
            ...

Outcomes come in the items' order, few are held at a time, and an item whose worker died is run again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from commonweal.engines.executor.cluster import Ray
from commonweal.engines.executor.errors import ExecutorError, ExecutorMissing, WorkerLost, WorkFailed
from commonweal.engines.executor.local import Local
from commonweal.engines.executor.protocol import Executor, Inline, Setup, Work, reduced

__all__ = [
    "NAMES",
    "Executor",
    "ExecutorError",
    "ExecutorMissing",
    "Inline",
    "Local",
    "Ray",
    "Setup",
    "Work",
    "WorkFailed",
    "WorkerLost",
    "open_executor",
    "opened",
    "reduced",
]

NAMES = ("local", "ray")


def open_executor(name: str = "local", *, workers: int | None = None, address: str | None = None) -> Executor:
    """Return an executor by its name; ``local`` with one worker needs no process of its own.

    Args:
        name: One of `NAMES`.
        workers: How many items are worked on at a time; a sensible number if left out.
        address: Of a Ray cluster.

    Raises:
        ExecutorMissing: There is none of this name, or what it needs is not installed.
    """
    if name == "ray":
        return Ray(workers, address=address)
    if name != "local":
        raise ExecutorMissing(f"There is no executor {name!r}; there are: {', '.join(NAMES)}.")
    return Inline() if workers == 1 else Local(workers)


@contextmanager
def opened(
    name: str = "local", *, workers: int | None = None, address: str | None = None
) -> Iterator[Executor]:
    """Return an executor as `open_executor` does, and let its workers go at the end."""
    found = open_executor(name, workers=workers, address=address)
    try:
        yield found
    finally:
        found.close()
