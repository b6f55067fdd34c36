"""Worker processes of this machine.

Python's own pool gives up altogether when a worker dies; here the item is given to another worker. Workers are
started afresh (``spawn``): they inherit no locks, no open files and no threads. Pickles go between our own processes only.
"""

from __future__ import annotations

import multiprocessing as mp
import os
import pickle  # nosec B403
import signal
import time
import traceback
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import Any

from commonweal.engines.executor.errors import WorkerLost, WorkFailed
from commonweal.engines.executor.protocol import Item, Outcome, Setup, packed, unpacked

TRIES = 3
"""How many workers may die over one item."""

_SPAWN = mp.get_context("spawn")
_PATIENCE_S = 5


class Local:
    """Processes of this machine, as many as it has cores if nothing else is said.

    Args:
        workers: How many processes.
        ahead: How many items a worker may be ahead of the one that is fetched next.

    Attributes:
        cpu_seconds: See `Executor`.
    """

    is_elsewhere = True

    def __init__(self, workers: int | None = None, *, ahead: int = 2) -> None:
        self.workers = max(1, workers or len(os.sched_getaffinity(0)))
        self.ahead = max(1, ahead)
        self.cpu_seconds = 0.0

    def map(self, setup: Setup[Item, Outcome], items: Iterable[Item]) -> Iterator[Outcome]:
        """See `Executor.map`."""
        self.cpu_seconds = 0.0
        crew = _Crew(self, pickle.dumps(setup), items)
        try:
            yield from crew.outcomes()
        finally:
            crew.stop()

    def close(self) -> None:
        """Workers live for one `map` only."""


class _Crew:
    """The workers of one `map`."""

    def __init__(self, executor: Local, setup: bytes, items: Iterable[Any]) -> None:
        self._executor = executor
        self._setup = setup
        self._items = enumerate(items)
        self._window = executor.workers * executor.ahead
        self._again: deque[tuple[int, Any]] = deque()
        self._tries: dict[int, int] = {}
        self._done: dict[int, tuple[bool, Any]] = {}
        self._busy: dict[Connection, _Worker] = {}
        self._idle: list[_Worker] = []
        self._due = 0
        self._next: tuple[int, Any] | None = next(self._items, None)

    def outcomes(self) -> Iterator[Any]:
        """Hand out, collect, and give outcomes in order."""
        while self._next is not None or self._again or self._busy or self._done:
            self._hand_out()
            while self._due in self._done:
                is_good, value = self._done.pop(self._due)
                if not is_good:
                    raise value
                self._due += 1
                yield unpacked(value)
                self._hand_out()
            if self._busy:
                self._collect()

    def _hand_out(self) -> None:
        while len(self._busy) < self._executor.workers:
            job = self._job()
            if job is None:
                return
            worker = self._idle.pop() if self._idle else _Worker(self._setup)
            worker.begin(*job)
            self._busy[worker.line] = worker

    def _job(self) -> tuple[int, Any] | None:
        if self._again:
            return self._again.popleft()
        job = self._next
        if job is None or job[0] >= self._due + self._window:
            return None
        self._next = next(self._items, None)
        return job

    def _collect(self) -> None:
        for line in wait(list(self._busy)):
            assert isinstance(line, Connection)
            worker = self._busy.pop(line)
            number, item = worker.job
            try:
                is_good, value, seconds = line.recv()
            except (EOFError, OSError):
                self._lost(worker, number, item)
                continue
            self._executor.cpu_seconds += seconds
            self._done[number] = (is_good, value)
            self._idle.append(worker)

    def _lost(self, worker: _Worker, number: int, item: Any) -> None:
        how = worker.bury()
        self._tries[number] = self._tries.get(number, 0) + 1
        if self._tries[number] < TRIES:
            self._again.append((number, item))
        else:
            self._done[number] = (False, WorkerLost(number, TRIES, how))

    def stop(self) -> None:
        """End every worker, whatever it does."""
        for worker in (*self._idle, *self._busy.values()):
            worker.stop()


class _Worker:
    """One process and the line to it."""

    def __init__(self, setup: bytes) -> None:
        self.line, theirs = _SPAWN.Pipe()
        self.process = _SPAWN.Process(target=_serve, args=(theirs, setup), daemon=True)
        self.process.start()
        theirs.close()
        self.job: tuple[int, Any] = (-1, None)

    def begin(self, number: int, item: Any) -> None:
        self.job = (number, item)
        with suppress(OSError):  # a worker that died is noticed when its answer is fetched
            self.line.send((number, packed(item)))

    def bury(self) -> str:
        """Clear away a worker that died; say how it died."""
        self.line.close()
        self.process.join(_PATIENCE_S)
        code = self.process.exitcode
        return f" (signal {-code})" if code is not None and code < 0 else ""

    def stop(self) -> None:
        self.line.close()
        self.process.terminate()
        self.process.join(_PATIENCE_S)
        if self.process.is_alive():  # pragma: no cover - only a worker stuck in foreign code survives SIGTERM
            self.process.kill()
            self.process.join()


def _serve(line: Connection, setup: bytes) -> None:  # pragma: no cover - runs in a process of its own
    """Do the work that comes, until the line is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who hands out the work
    work: Any = None
    seen = 0.0
    with suppress(EOFError, OSError):
        while True:
            number, item = line.recv()
            try:
                work = work or pickle.loads(setup)()  # noqa: S301 - our own parent sent it
                answer = (True, packed(work(unpacked(item))))
            except Exception as error:  # noqa: BLE001 - the worker's outer edge: it is raised by the parent
                answer = (False, _sendable(number, error))
            spent = time.process_time()
            line.send((*answer, spent - seen))
            seen = spent


def _sendable(number: int, error: Exception) -> Exception:
    """Return an error that survives the way to another process."""
    try:
        copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - made on the same line
    except Exception:  # noqa: BLE001 - whatever an error's own code raises
        copy = None
    if type(copy) is type(error) and str(copy) == str(error):
        return error
    return WorkFailed(number, "".join(traceback.format_exception_only(error)).strip())
