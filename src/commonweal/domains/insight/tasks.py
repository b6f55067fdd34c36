"""The job that works a simulation out.

It is an effect job that keeps a checkpoint in short transactions of its own: a step of a chunked job would hold
SQLite's only write lock while it computes.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from django.conf import settings

from commonweal.domains.insight import actions, queries
from commonweal.domains.insight.actions import SIMULATE_JOB
from commonweal.domains.insight.enums import Origin
from commonweal.domains.insight.errors import PopulationGone
from commonweal.domains.insight.models import Simulation
from commonweal.domains.insight.types import Kept
from commonweal.engines import executor
from commonweal.kernel.base.clock import now
from commonweal.kernel.base.errors import CommonwealError, NotFound
from commonweal.kernel.base.types import Actor
from commonweal.kernel.files.errors import FileDeleted
from commonweal.kernel.files.queries import open_file
from commonweal.kernel.jobs.enums import Kind
from commonweal.kernel.jobs.registry import Commit, Payload, job

if TYPE_CHECKING:
    from commonweal.domains.insight.simulation.running import Plan
    from commonweal.domains.insight.simulation.working import Standing

log = structlog.get_logger(__name__)
JOB = Actor.system("insight")
_NOTE_EVERY_S = 1.0
_ROWS = 65_536
_FEW_ROWS = 200_000
_MOST_WORKERS = 4


@job(SIMULATE_JOB, kind=Kind.EFFECT, max_attempts=3)
def run_simulation(payload: Payload) -> Commit | None:
    """Work a simulation out, outside a transaction; its figures are kept when the job completes."""
    found = Simulation.objects.filter(pk=UUID(payload["simulation"])).order_by("pk").first()
    if found is None or found.is_over:
        return None
    actions.note_progress(found.pk, found.rows_done)
    try:
        figures, versions, cpu_ms = _worked_out(found)
    except (CommonwealError, ValueError) as error:  # our own, and what the engines raise
        log.warning("simulation failed", simulation=str(found.pk), error=type(error).__name__)
        return partial(_fail, found.pk, _why(error))
    return partial(_finish, found.pk, figures, versions, cpu_ms)


def _why(error: Exception) -> str:
    problems = error.data.get("problems") if isinstance(error, CommonwealError) else None
    return " ".join([str(error), *map(str, problems or ())])


def _finish(simulation_id: UUID, figures: Any, versions: Any, cpu_ms: int) -> None:
    actions.finish_simulation(simulation_id, figures, versions=versions, cpu_ms=cpu_ms, by=JOB, at=now())


def _fail(simulation_id: UUID, reason: str) -> None:
    actions.fail_simulation(simulation_id, reason, by=JOB, at=now())


def _worked_out(found: Simulation) -> tuple[Any, dict[str, str], int]:
    queries.hold_bulk()
    from commonweal.domains.insight.simulation.exact import exact_figures  # noqa: PLC0415 - optional dependency
    from commonweal.domains.insight.simulation.preparing import plan_of  # noqa: PLC0415 - optional dependency
    from commonweal.domains.insight.simulation.versions import code_versions  # noqa: PLC0415 - optional dependency
    from commonweal.domains.insight.simulation.working import advance  # noqa: PLC0415 - optional dependency

    versions = code_versions()
    work = queries.work_of(found)
    plan = plan_of(work.declaration, work.snapshot, work.baseline, work.reform, work.changes)
    with executor.opened("local", workers=_workers(found)) as crew:
        progress = _Progress(found.pk, versions, crew)
        standing = progress.begin(queries.kept_of(found, versions), plan)
        for now_at in advance(plan, _parts(found), crew, standing):
            progress.note(now_at)
    figures = exact_figures(standing.tally, plan)
    return figures, versions, progress.cpu_ms


def _workers(found: Simulation) -> int:
    """One process for a small population: to start others costs more than the work itself."""
    if found.rows_expected < _FEW_ROWS:
        return 1
    cores = len(os.sched_getaffinity(0))
    return settings.COMMONWEAL_SIMULATION_WORKERS or min(cores, _MOST_WORKERS)


def _parts(found: Simulation) -> Iterable[Any]:
    if found.origin == Origin.UPLOADED:
        return _uploaded(found)
    from commonweal.domains.insight import populations  # noqa: PLC0415 - optional dependency

    made = found.population
    return populations.blocks(made["place"], people=made["people"], seed=made["seed"])


def _uploaded(found: Simulation) -> Iterator[Any]:
    import pyarrow.parquet as pq  # noqa: PLC0415 - optional dependency

    population = queries.origin_of(found)
    if population is None:
        raise PopulationGone
    try:
        opened = open_file(population.file_id, JOB)
    except (FileDeleted, NotFound):
        raise PopulationGone from None
    with opened.content as content:
        yield from pq.ParquetFile(content).iter_batches(batch_size=_ROWS)


class _Progress:
    """Notes how far it has come, once a second at most, so that a killed worker loses no more than that."""

    def __init__(self, simulation_id: UUID, versions: dict[str, str], crew: executor.Executor) -> None:
        self._id, self._versions, self._crew = simulation_id, versions, crew
        self._cpu_before_ms, self._began_s = 0, time.process_time()
        self._noted_at = time.monotonic()

    def begin(self, kept: Kept | None, plan: Plan) -> Standing:
        """Return where an earlier worker stood, or the beginning."""
        from commonweal.domains.insight.simulation.tally import (  # noqa: PLC0415 - optional dependency
            Tally,
            tally_of,
        )
        from commonweal.domains.insight.simulation.working import Standing  # noqa: PLC0415 - optional dependency

        if kept is None:
            return Standing(0, 0, Tally.of(plan.spec))
        self._cpu_before_ms = kept.cpu_ms
        return Standing(kept.parts, kept.rows, tally_of(kept.tally))

    @property
    def cpu_ms(self) -> int:
        """Processor time of all workers so far."""
        elsewhere = self._crew.cpu_seconds if self._crew.is_elsewhere else 0.0
        return self._cpu_before_ms + round((time.process_time() - self._began_s + elsewhere) * 1000)

    def note(self, now_at: Standing) -> None:
        """Keep what there is, if it is time."""
        if time.monotonic() - self._noted_at < _NOTE_EVERY_S:
            return
        self._noted_at = time.monotonic()
        kept = Kept(now_at.parts, now_at.rows, now_at.tally.as_bytes(), self._versions, self.cpu_ms)
        actions.note_progress(self._id, now_at.rows, kept)
