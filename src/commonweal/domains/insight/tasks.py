"""The job that works a simulation out."""

from __future__ import annotations

import time
from functools import partial
from typing import Any
from uuid import UUID

import structlog

from commonweal.domains.insight import actions, queries
from commonweal.domains.insight.actions import SIMULATE_JOB
from commonweal.domains.insight.enums import Origin
from commonweal.domains.insight.errors import PopulationGone
from commonweal.domains.insight.models import Simulation
from commonweal.kernel.base.clock import now
from commonweal.kernel.base.errors import CommonwealError, NotFound
from commonweal.kernel.base.types import Actor
from commonweal.kernel.files.errors import FileDeleted
from commonweal.kernel.files.queries import open_file
from commonweal.kernel.jobs.enums import Kind
from commonweal.kernel.jobs.registry import Commit, Payload, job

log = structlog.get_logger(__name__)
JOB = Actor.system("insight")
_NOTE_EVERY_S = 0.5
_ROWS = 65_536


@job(SIMULATE_JOB, kind=Kind.EFFECT, max_attempts=3)
def run_simulation(payload: Payload) -> Commit | None:
    """Work a simulation out, outside a transaction; its figures are kept when the job completes."""
    found = Simulation.objects.filter(pk=UUID(payload["simulation"])).order_by("pk").first()
    if found is None or found.is_over:
        return None
    actions.note_progress(found.pk, 0)
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
    from commonweal.domains.insight.simulation.running import simulate  # noqa: PLC0415 - optional dependency
    from commonweal.domains.insight.simulation.versions import code_versions  # noqa: PLC0415 - optional dependency

    began = time.process_time()
    work = queries.work_of(found)
    plan = plan_of(work.declaration, work.snapshot, work.baseline, work.reform, work.changes)
    tally = simulate(plan, _batches(found), each=_Progress(found.pk))
    figures = exact_figures(tally, has_poverty=plan.line_first is not None)
    return figures, code_versions(), round((time.process_time() - began) * 1000)


def _batches(found: Simulation) -> Any:
    if found.origin == Origin.UPLOADED:
        return _uploaded(found)
    from commonweal.domains.insight import populations  # noqa: PLC0415 - optional dependency

    made = found.population
    return populations.make(made["place"], people=made["people"], seed=made["seed"])


def _uploaded(found: Simulation) -> Any:
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
    """Notes how far it has come, twice a second at most."""

    def __init__(self, simulation_id: UUID) -> None:
        self._id, self._rows, self._noted_at = simulation_id, 0, time.monotonic()

    def __call__(self, rows: int) -> None:
        self._rows += rows
        if time.monotonic() - self._noted_at >= _NOTE_EVERY_S:
            self._noted_at = time.monotonic()
            actions.note_progress(self._id, self._rows)
