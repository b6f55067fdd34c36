"""What an executor is: it maps work over items, keeps their order, and holds few of them at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from functools import reduce as fold
from typing import Any, Protocol, TypeAlias, TypeVar

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")
Total = TypeVar("Total")

Work: TypeAlias = Callable[[Item], Outcome]
"""Turns an item into an outcome."""

Setup: TypeAlias = Callable[[], Callable[[Item], Outcome]]
"""Makes the work ready; each worker calls it once. It is sent to other processes: a function of a module, a
``functools.partial`` of one, or an instance of a module's class."""


class Executor(Protocol):
    """Runs work over many items, here or elsewhere.

    Items and outcomes are Arrow batches or tables, or anything that can be pickled.

    Attributes:
        is_elsewhere: Whether the work is done in other processes than this one.
        cpu_seconds: Processor time that the work of the last `map` took, in all workers together.
    """

    is_elsewhere: bool
    cpu_seconds: float

    def map(self, setup: Setup[Item, Outcome], items: Iterable[Item]) -> Iterator[Outcome]:
        """Give the outcome of every item, in the items' order.

        Items are taken from their source as workers become free, and only a few outcomes wait to be fetched: memory
        is bounded by the workers, not by the items. An item whose worker died is given to another.

        Raises:
            WorkerLost: Workers died over the same item again and again.
            Exception: Whatever the work raised, for the first item in order.
        """
        ...

    def close(self) -> None:
        """Let the workers go."""
        ...


def reduced(
    executor: Executor,
    setup: Setup[Item, Outcome],
    items: Iterable[Item],
    combine: Callable[[Total, Outcome], Total],
    start: Total,
) -> Total:
    """Map, then fold the outcomes together in the items' order: the same total, however many workers.

    >>> from commonweal.engines.executor import Inline
    >>> reduced(Inline(), lambda: abs, [-1, -2, 3], lambda total, outcome: total + outcome, 0)
    6
    """
    return fold(combine, executor.map(setup, items), start)


class Inline:
    """Does the work itself, one item after the other: no process, no waiting.

    Attributes:
        cpu_seconds: See `Executor`.
    """

    is_elsewhere = False

    def __init__(self) -> None:
        self.cpu_seconds = 0.0

    def map(self, setup: Setup[Item, Outcome], items: Iterable[Item]) -> Iterator[Outcome]:
        """See `Executor.map`."""
        self.cpu_seconds = 0.0
        began = time.process_time()
        work = setup()
        self.cpu_seconds += time.process_time() - began
        for item in items:
            began = time.process_time()
            outcome = work(item)
            self.cpu_seconds += time.process_time() - began
            yield outcome

    def close(self) -> None:
        """Nothing is held."""


def packed(value: Any) -> Any:
    """Return a value ready to be sent: an Arrow batch or table as one buffer without what a slice leaves out."""
    if not type(value).__module__.startswith("pyarrow"):
        return value
    import pyarrow as pa  # noqa: PLC0415 - optional dependency

    if not isinstance(value, pa.RecordBatch | pa.Table):
        return value
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, value.schema) as stream:
        stream.write(value)
    return _Packed(isinstance(value, pa.Table), sink.getvalue().to_pybytes())


class _Packed:
    """An Arrow batch or table on its way."""

    def __init__(self, is_table: bool, data: bytes) -> None:  # noqa: FBT001 - only `packed` makes one
        self.is_table = is_table
        self.data = data

    def opened(self) -> Any:
        import pyarrow as pa  # noqa: PLC0415 - optional dependency

        with pa.ipc.open_stream(self.data) as stream:
            table = stream.read_all()
        if self.is_table:
            return table
        batches = table.combine_chunks().to_batches()
        return batches[0] if batches else pa.RecordBatch.from_pylist([], schema=table.schema)


def unpacked(value: Any) -> Any:
    """Return what `packed` was given."""
    return value.opened() if isinstance(value, _Packed) else value
