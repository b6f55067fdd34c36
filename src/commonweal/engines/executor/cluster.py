"""A Ray cluster: the same work on many machines. Ray is an extra (``cluster``) and imported only here.

Pickles go between our own processes only.
"""

from __future__ import annotations

import pickle  # nosec B403
import time
from collections import deque
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

from commonweal.engines.executor.errors import ExecutorMissing, WorkerLost
from commonweal.engines.executor.local import TRIES
from commonweal.engines.executor.protocol import Item, Outcome, Setup, packed, unpacked


class Ray:  # pragma: no cover - needs a Ray cluster: tests/cluster/three_nodes.py runs it on three nodes
    """Workers of a Ray cluster.

    An item whose node died is run again by Ray on another node; an outcome that was lost with its node is worked out
    anew.

    Args:
        workers: How many items are under way at a time; twice the cluster's cores if left out.
        address: Of the cluster, as Ray has it (``auto``, ``10.0.0.1:6379``); without one, RAY_ADDRESS, else a
            cluster of this machine only.

    Attributes:
        cpu_seconds: See `Executor`.

    Raises:
        ExecutorMissing: Ray is not installed, or there is no cluster at the address.
    """

    is_elsewhere = True

    def __init__(self, workers: int | None = None, *, address: str | None = None) -> None:
        try:
            import ray  # noqa: PLC0415 - optional dependency
        except ImportError as error:
            raise ExecutorMissing(
                "Ray is not installed. Install the extra: pip install 'commonweal[cluster]'."
            ) from error
        self._ray = ray
        self._is_ours = not ray.is_initialized()
        if self._is_ours:
            try:
                ray.init(address=address, log_to_driver=False, logging_level="ERROR")
            except (ConnectionError, ValueError) as error:
                raise ExecutorMissing(f"There is no Ray cluster at {address}: {error}") from error
        self.workers = max(1, workers or 2 * int(ray.cluster_resources().get("CPU", 1)))
        self.cpu_seconds = 0.0
        self._run = ray.remote(max_retries=TRIES, retry_exceptions=False)(_run)

    def map(self, setup: Setup[Item, Outcome], items: Iterable[Item]) -> Iterator[Outcome]:
        """See `Executor.map`."""
        self.cpu_seconds = 0.0
        text = pickle.dumps(setup)
        sent = self._ray.put(text)
        name = sha256(text).hexdigest()
        under_way: deque[Any] = deque()
        for number, item in enumerate(items):
            under_way.append((number, self._run.remote(name, sent, packed(item))))
            if len(under_way) >= self.workers:
                yield self._fetched(*under_way.popleft())
        while under_way:
            yield self._fetched(*under_way.popleft())

    def _fetched(self, number: int, promise: Any) -> Any:
        errors = self._ray.exceptions
        try:
            value, seconds = self._ray.get(promise)
        except errors.RayTaskError as error:
            raise error.cause or error from None
        except (errors.WorkerCrashedError, errors.ObjectLostError, errors.OutOfMemoryError) as error:
            raise WorkerLost(number, TRIES, f" ({type(error).__name__})") from error
        self.cpu_seconds += seconds
        return unpacked(value)

    def close(self) -> None:
        """Leave the cluster, if it was entered here."""
        if self._is_ours:
            self._ray.shutdown()


_works: dict[str, Any] = {}


def _run(
    name: str, setup: bytes, item: Any
) -> tuple[Any, float]:  # pragma: no cover - runs in a process of Ray's
    """Do one item; a worker keeps the work of the setup that it met last."""
    began = time.process_time()
    if name not in _works:
        _works.clear()
        _works[name] = pickle.loads(setup)()  # noqa: S301 - our own driver sent it
    return packed(_works[name](unpacked(item))), time.process_time() - began
