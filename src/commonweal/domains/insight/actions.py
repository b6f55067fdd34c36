"""Everything that changes simulations and the populations for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from commonweal.domains.insight.enums import Origin, Status
from commonweal.domains.insight.errors import BadPopulation, BadSimulation, NotSimulable
from commonweal.domains.insight.models import Checkpoint, Population, Simulation
from commonweal.domains.insight.queries import (
    Baseline,
    baseline_of,
    hold_bulk,
    population,
    schema_of,
    simulation,
)
from commonweal.domains.insight.rules import may_simulate
from commonweal.domains.insight.simulation.declaring import unmet
from commonweal.domains.insight.simulation.figures import Figures, result_hash
from commonweal.domains.insight.simulation.overlays import as_json, read_overlay
from commonweal.domains.insight.types import Kept, Order, PopulationChoice
from commonweal.kernel.base.clock import local
from commonweal.kernel.base.errors import Forbidden
from commonweal.kernel.base.free_text import readable
from commonweal.kernel.base.types import Actor
from commonweal.kernel.decisions.actions import keep_law
from commonweal.kernel.decisions.queries import proposed_model
from commonweal.kernel.files.actions import store_file
from commonweal.kernel.jobs.actions import enqueue
from commonweal.kernel.ledger.actions import record

if TYPE_CHECKING:
    from commonweal.kernel.decisions.programmes.reading import LawModel

SIMULATE_JOB = "insight.simulate"
MOST_PEOPLE = 20_000_000
MOST_SEED = 2**31 - 1
KEPT_DAYS = 365
"""So long an uploaded population is kept."""


@transaction.atomic
def order_simulation(order: Order, *, by: Actor, at: datetime) -> Simulation:
    """Order a simulation; a job works it out.

    Args:
        order: The reform and whom it is tried on.
        by: An analyst.
        at: When.

    Returns:
        The simulation, waiting.

    Raises:
        Forbidden: The actor may not simulate.
        BulkMissing: The packages for whole populations are not installed.
        LawNotFound: There is no such programme.
        NotSimulable: It cannot be simulated on that day.
        BadSimulation: A figure, the model or the population cannot be used; ``fields`` says why.
    """
    if not may_simulate(by) or by.agency is None:
        raise Forbidden
    hold_bulk()
    baseline = baseline_of(order.programme, order.reference_on)
    wrong_law = _unmet(baseline, baseline.model)
    errors = {"programme": wrong_law} if wrong_law else {}
    changes, wrong = read_overlay(baseline.programme.parameters, baseline.snapshot, order.changes)
    errors |= wrong
    row = Simulation(
        agency=by.agency,
        title=readable(order.title)[:120] or _("Reform of %(name)s") % {"name": baseline.programme.name},
        programme=order.programme,
        reference_on=order.reference_on,
        baseline_hash=baseline.model.hash,
        parameters_hash=baseline.programme.parameters.hash,
        changes={key: as_json(value) for key, value in changes.items()},
        ordered_by=by.id,
        ordered_at=at,
    )
    errors |= _put_reform(row, order, baseline, at) | _put_population(
        row, order.population, baseline.declaration.spec.unit, by
    )
    if errors:
        raise BadSimulation(errors)
    row.baseline_law = keep_law(order.programme, baseline.model.hash, at=at)
    return _begin(row, by=by, at=at)


def _unmet(baseline: Baseline, model: LawModel) -> str:
    """Say what a model asks for that a population does not hold, or the reverse; empty where all is well."""
    try:
        schema = schema_of(baseline, model)
    except NotSimulable as error:
        return " ".join(map(str, error.data.get("problems", [])))
    from commonweal.domains.insight import populations  # noqa: PLC0415 - optional dependency

    figures, spec = baseline.programme.parameters.parameters, baseline.declaration.spec
    columns = {column.name for column in populations.UNITS[spec.unit].columns}
    return " ".join(unmet(spec, schema.names, figures, columns))


def _put_reform(row: Simulation, order: Order, baseline: Baseline, at: datetime) -> dict[str, str]:
    """Put the reform's model into a row; return what is wrong."""
    row.reform_hash = baseline.model.hash
    if order.model_text:
        read, wrong = proposed_model(order.programme, order.model_text)
        if read is None:
            return {"model_text": " ".join(wrong[:5])}
        row.reform_text, row.reform_hash, row.reform_file = order.model_text, read.hash, read.file
        missing = _unmet(baseline, read)
        return {"model_text": missing} if missing else {}
    if order.model_file and order.model_file != baseline.model.file:
        other = next((model for model in baseline.programme.models if model.file == order.model_file), None)
        if other is None:
            return {"model_file": _("The programme has no such model.")}
        missing = _unmet(baseline, other)
        if missing:
            return {"model_file": missing}
        row.reform_law = keep_law(order.programme, other.hash, at=at)
        row.reform_hash, row.reform_file = other.hash, other.file
    return {}


def _put_population(row: Simulation, choice: PopulationChoice, unit: str, by: Actor) -> dict[str, str]:
    """Put the population into a row; return what is wrong."""
    if choice.uploaded is not None:
        found = population(choice.uploaded, by)
        if found is None or found.programme != row.programme:
            return {"population": _("There is no such population for this programme.")}
        row.origin, row.population = Origin.UPLOADED, {"id": str(found.pk), "name": found.name}
        row.population_hash, row.rows_expected = found.sha256, found.households
        return {}
    from commonweal.domains.insight import populations  # noqa: PLC0415 - optional dependency

    if choice.place not in populations.PLACES:
        return {"population": _("Choose one of the populations.")}
    if choice.people is not None and not 1_000 <= choice.people <= MOST_PEOPLE:
        return {"people": _("Write a number from 1,000 to 20,000,000.")}
    if not 0 <= choice.seed <= MOST_SEED:
        return {"seed": _("Write a whole number, 0 or above.")}
    made = populations.describe(choice.place, people=choice.people, seed=choice.seed, unit=unit)
    row.origin = Origin.SYNTHETIC
    row.population = {"place": choice.place, "people": made.people, "seed": choice.seed}
    row.population_hash, row.rows_expected = made.fingerprint, _rows(made.people, unit)
    return {}


def _rows(people: int, unit: str) -> int:
    from commonweal.domains.insight import populations  # noqa: PLC0415 - optional dependency

    return people * populations.UNITS[unit].rows_of_1000 // 1000


@dataclass(frozen=True)
class Upload:
    """A population that an analyst brings.

    Attributes:
        programme: Whose facts it holds.
        name: What it is called.
        origin_note: Where the data come from.
        file_name: The file's name.
        content: The file.
    """

    programme: str
    name: str
    origin_note: str
    file_name: str
    content: bytes


def upload_population(upload: Upload, *, by: Actor, at: datetime) -> Population:
    """Read, check and keep a population of made or anonymous people.

    Args:
        upload: The file and what is said of it.
        by: An analyst.
        at: When; the file is kept for a year from then.

    Raises:
        Forbidden: The actor may not simulate.
        BulkMissing: The packages for whole populations are not installed.
        LawNotFound: There is no such programme.
        NotSimulable: It cannot be simulated today.
        BadPopulation: Something in the file is wrong; ``data["faults"]`` names rows and columns.
    """
    if not may_simulate(by) or by.agency is None:
        raise Forbidden
    schema = schema_of(baseline_of(upload.programme, local(at).date()))
    from commonweal.domains.insight.uploading import households, tables  # noqa: PLC0415 - optional dependency

    try:
        found = households.read_population(upload.content, upload.file_name, schema)
    except tables.Unusable as error:
        faults = [str(fault) for fault in error.faults]
        raise BadPopulation({"file": str(BadPopulation.message)}, faults=faults) from None
    kept_until_on = local(at).date() + timedelta(days=KEPT_DAYS)
    row = Population(
        agency=by.agency,
        programme=upload.programme,
        name=readable(upload.name)[:120],
        origin_note=readable(upload.origin_note)[:300],
        sha256=sha256(found.parquet).hexdigest(),
        households=found.households,
        people=found.people,
        uploaded_by=by.id,
        uploaded_at=at,
        kept_until_on=kept_until_on,
    )
    row.file_id = store_file(
        found.parquet,
        name="population.parquet",
        stream=row.stream,
        subject=None,
        purpose="To simulate reforms of the law on it.",
        retention_on=kept_until_on,
        by=by,
        at=at,
    )
    with transaction.atomic():
        row.save(force_insert=True)
        record(
            "insight.population_uploaded",
            stream=row.stream,
            by=by,
            at=at,
            programme=row.programme,
            sha256=row.sha256,
            households=row.households,
            people=row.people,
            kept_until_on=kept_until_on.isoformat(),
        )
    return row


@transaction.atomic
def repeat_simulation(simulation_id: UUID, *, by: Actor, at: datetime) -> Simulation:
    """Order the same simulation again: the same law, changes and people, with the code of today.

    Raises:
        SimulationNotFound: There is none, or the actor may not see it.
        BulkMissing: The packages for whole populations are not installed.
    """
    hold_bulk()
    first = simulation(simulation_id, by)
    kept = (
        "title",
        "programme",
        "reference_on",
        "origin",
        "population",
        "population_hash",
        "baseline_law",
        "baseline_hash",
        "parameters_hash",
        "changes",
        "reform_law",
        "reform_file",
        "reform_hash",
        "reform_text",
        "rows_expected",
    )
    again = Simulation(
        **{name: getattr(first, name) for name in kept},
        agency=by.agency or first.agency,
        repeats=first,
        ordered_by=by.id,
        ordered_at=at,
    )
    return _begin(again, by=by, at=at)


def _begin(row: Simulation, *, by: Actor, at: datetime) -> Simulation:
    row.save(force_insert=True)
    enqueue(SIMULATE_JOB, {"simulation": str(row.pk)}, at=at, agency=row.agency)
    record(
        "insight.simulation_ordered",
        stream=row.stream,
        by=by,
        at=at,
        programme=row.programme,
        reference_on=row.reference_on.isoformat(),
        baseline_hash=row.baseline_hash,
        parameters_hash=row.parameters_hash,
        reform_hash=row.reform_hash,
        changes=row.changes,
        population=row.population,
        population_hash=row.population_hash,
        repeats=str(row.repeats_id) if row.repeats_id else None,
    )
    return row


@transaction.atomic
def note_progress(simulation_id: UUID, rows_done: int, kept: Kept | None = None) -> None:
    """Note how far a simulation has come, for whoever watches it; one that is over stays as it is.

    Args:
        simulation_id: Whose.
        rows_done: Households worked out.
        kept: What a worker that takes it over can go on from; kept if it goes further than what is there.
    """
    open_ = Simulation.objects.filter(pk=simulation_id).exclude(status__in=[Status.DONE, Status.FAILED])
    if not open_.update(status=Status.RUNNING, rows_done=rows_done) or kept is None:
        return
    there = Checkpoint.objects.filter(simulation_id=simulation_id).order_by("pk").first()
    row = there or Checkpoint(simulation_id=simulation_id, parts=-1)
    if row.parts >= kept.parts and row.versions == kept.versions:
        return
    row.parts, row.rows, row.tally = kept.parts, kept.rows, kept.tally
    row.versions, row.cpu_ms = dict(kept.versions), kept.cpu_ms
    row.save()


@transaction.atomic
def finish_simulation(
    simulation_id: UUID,
    figures: Figures,
    *,
    versions: Mapping[str, Any],
    cpu_ms: int,
    by: Actor,
    at: datetime,
) -> Simulation:
    """Keep the figures of a simulation. One that is over stays as it is.

    Args:
        simulation_id: Whose.
        figures: Exact, as JSON.
        versions: What worked them out.
        cpu_ms: Processor time used.
        by: The job.
        at: When.
    """
    row = Simulation.objects.select_for_update().get(pk=simulation_id)
    if row.is_over:
        return row
    row.status, row.figures, row.result_hash = Status.DONE, dict(figures), result_hash(figures)
    row.versions, row.cpu_ms, row.finished_at = dict(versions), cpu_ms, at
    row.rows_done = row.rows_expected = figures["total"]["households"] + figures["faults"]
    row.save(
        update_fields=[
            "status",
            "figures",
            "result_hash",
            "versions",
            "cpu_ms",
            "finished_at",
            "rows_done",
            "rows_expected",
        ]
    )
    Checkpoint.objects.filter(simulation=row).delete()
    record(
        "insight.simulation_finished",
        stream=row.stream,
        by=by,
        at=at,
        result_hash=row.result_hash,
        versions=row.versions,
    )
    return row


@transaction.atomic
def fail_simulation(simulation_id: UUID, reason: str, *, by: Actor, at: datetime) -> Simulation:
    """Note that a simulation cannot be worked out. One that is over stays as it is.

    Args:
        simulation_id: Which.
        reason: In plain words; what to mend.
        by: The job.
        at: When.
    """
    row = Simulation.objects.select_for_update().get(pk=simulation_id)
    if row.is_over:
        return row
    row.status, row.error, row.finished_at = Status.FAILED, reason[:2_000], at
    row.save(update_fields=["status", "error", "finished_at"])
    Checkpoint.objects.filter(simulation=row).delete()
    record("insight.simulation_failed", stream=row.stream, by=by, at=at, reason=row.error)
    return row
