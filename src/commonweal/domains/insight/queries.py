"""Answers about simulations; nothing is changed here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import QuerySet

from commonweal.domains.insight.enums import Origin, Status
from commonweal.domains.insight.errors import BulkMissing, NotDone, NotSimulable, SimulationNotFound
from commonweal.domains.insight.models import Checkpoint, Population, Simulation
from commonweal.domains.insight.rules import usable_populations, visible_simulations
from commonweal.domains.insight.simulation.declaring import Declaration, declaration_of, declared_in
from commonweal.domains.insight.simulation.figures import Published, published
from commonweal.domains.insight.simulation.overlays import read_overlay
from commonweal.domains.insight.types import Kept
from commonweal.engines.parameters import Snapshot, Tree
from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.base.types import Actor
from commonweal.kernel.decisions import queries as decisions

if TYPE_CHECKING:
    import pyarrow as pa

    from commonweal.kernel.decisions.programmes.reading import LawModel, Programme

BULK = ("numpy", "pyarrow", "altair", "vl_convert")


def is_bulk_installed() -> bool:
    """Whether the packages of the extra ``bulk`` are there."""
    return all(find_spec(name) is not None for name in BULK)


def hold_bulk() -> None:
    """Refuse to go on without the packages of the extra ``bulk``.

    Raises:
        BulkMissing: They are not installed.
    """
    if not is_bulk_installed():
        raise BulkMissing


# ---- the law that can be simulated -----------------------------------------------------------


@dataclass(frozen=True)
class Baseline:
    """The law in force on a day, ready to be changed.

    Attributes:
        programme: Whose law it is.
        declaration: How it is simulated.
        model: In force.
        snapshot: The figures in force.
    """

    programme: Programme
    declaration: Declaration
    model: LawModel
    snapshot: Snapshot


def simulable_programmes() -> list[Programme]:
    """Return the programmes that say how they are simulated, by key."""
    keys = set(declared_in(root()))
    return [law for law in decisions.programmes() if law.key in keys]


def uploadable_programmes() -> list[Programme]:
    """Return the programmes for which an analyst can bring a population: those whose rows are households of members."""
    found = []
    for law in simulable_programmes():
        declaration = declaration_of(root(), law.key)
        if declaration is not None and declaration.spec.unit == "household":
            found.append(law)
    return found


def baseline_of(programme: str, reference_on: date) -> Baseline:
    """Return the law of a programme in force on a day.

    Raises:
        NotSimulable: The programme does not say how it is simulated, or has no model on that day.
        LawNotFound: There is no such programme.
    """
    law, model, snapshot = decisions.programme_on(programme, reference_on)
    declaration = declaration_of(root(), programme)
    if declaration is None or model is None:
        raise NotSimulable(programme=programme, on=reference_on.isoformat())
    return Baseline(law, declaration, model, snapshot)


# ---- simulations -----------------------------------------------------------------------------


def simulations(actor: Actor) -> QuerySet[Simulation]:
    """Return the simulations that an analyst may see, the latest first, without their figures."""
    return visible_simulations(Simulation.objects.defer("figures", "reform_text"), actor).order_by(
        "-ordered_at", "-id"
    )


def simulation(simulation_id: UUID, actor: Actor) -> Simulation:
    """Return one simulation.

    Raises:
        SimulationNotFound: There is none, or the actor may not see it.
    """
    found = visible_simulations(Simulation.objects.filter(pk=simulation_id), actor).order_by("pk").first()
    if found is None:
        raise SimulationNotFound
    return found


def shown_figures(found: Simulation) -> Published:
    """Return a simulation's figures as they may be shown: small cells are hidden.

    Raises:
        NotDone: It has none yet.
    """
    if found.status != Status.DONE or found.figures is None:
        raise NotDone(simulation=str(found.pk))
    return published(found.figures)


@dataclass(frozen=True)
class Work:
    """All that a simulation rests on, as it was when it was ordered.

    Attributes:
        simulation: The order.
        programme: With its parameters.
        declaration: How it is simulated.
        baseline: The model in force.
        reform: The reform's model.
        snapshot: The figures in force.
        changes: The reform's figures.
    """

    simulation: Simulation
    programme: Programme
    declaration: Declaration
    baseline: LawModel
    reform: LawModel
    snapshot: Snapshot
    changes: dict[str, Tree]


def work_of(found: Simulation) -> Work:
    """Return what a simulation rests on, from the kept law, whatever the files say now.

    Raises:
        LawNotFound: The law was not kept.
        BrokenLaw: This release cannot read it any more.
        NotSimulable: The programme does not say any more how it is simulated.
    """
    law, baseline = decisions.kept_law(found.baseline_law)
    declaration = declaration_of(root(), found.programme)
    if declaration is None:
        raise NotSimulable(programme=found.programme)
    snapshot = law.parameters.at(found.reference_on)
    changes, _errors = read_overlay(law.parameters, snapshot, found.changes)
    reform = baseline
    if found.reform_law is not None:
        reform = decisions.kept_law(found.reform_law)[1]
    elif found.reform_text:
        read, wrong = decisions.proposed_model(found.programme, found.reform_text)
        if read is None:
            raise NotSimulable(programme=found.programme, problems=wrong)
        reform = read
    return Work(found, law, declaration, baseline, reform, snapshot, changes)


def kept_of(found: Simulation, versions: Mapping[str, str]) -> Kept | None:
    """Return what a worker before kept of a simulation; None where there is nothing, or other code made it."""
    there = Checkpoint.objects.filter(simulation=found).order_by("pk").first()
    if there is None or there.versions != dict(versions):
        return None
    return Kept(there.parts, there.rows, bytes(there.tally), there.versions, there.cpu_ms)


@dataclass(frozen=True)
class Repetition:
    """How a simulation compares with the one that it runs again.

    Attributes:
        first: The one before.
        is_same: Whether every figure is the same to the cent; None while it is not done.
        changed_code: Names of what has changed in code and packages since.
    """

    first: Simulation
    is_same: bool | None
    changed_code: tuple[str, ...]


def repetition_of(found: Simulation) -> Repetition | None:
    """Say whether a repetition came to the same figures, and what code has changed in between."""
    first = found.repeats
    if first is None:
        return None
    both_done = found.status == Status.DONE and first.status == Status.DONE
    return Repetition(
        first,
        found.result_hash == first.result_hash if both_done else None,
        changed_between(first.versions, found.versions) if both_done else (),
    )


def changed_between(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, ...]:
    """Return the names of the versions that differ, sorted."""
    return tuple(sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name)))


def schema_of(baseline: Baseline, model: LawModel | None = None) -> pa.Schema:
    """Return the columns of facts that a programme is run on.

    Args:
        baseline: The law in force.
        model: Another model in the place of the one in force.

    Raises:
        BulkMissing: The packages for whole populations are not installed.
        NotSimulable: The model has no such decision, or cannot be run over columns; ``data`` says why.
    """
    hold_bulk()
    from commonweal.domains.insight.simulation.preparing import program_of  # noqa: PLC0415 - optional dependency

    snapshot = baseline.snapshot
    try:
        program = program_of(baseline.declaration, model or baseline.model, snapshot, snapshot.reference_on)
    except ValueError as error:  # what the engines raise
        raise NotSimulable(programme=baseline.programme.key, problems=[str(error)]) from error
    return program.schema


# ---- populations -----------------------------------------------------------------------------


def populations(actor: Actor) -> QuerySet[Population]:
    """Return the uploaded populations that an analyst may use, the latest first."""
    return usable_populations(Population.objects.all(), actor).order_by("-uploaded_at", "-id")


def population(population_id: UUID, actor: Actor) -> Population | None:
    """Return an uploaded population that an analyst may use, or None."""
    return usable_populations(Population.objects.filter(pk=population_id), actor).order_by("pk").first()


def origin_of(found: Simulation) -> Population | None:
    """Return the uploaded population that a simulation was run on; None for made people, or if it is gone."""
    if found.origin != Origin.UPLOADED:
        return None
    return Population.objects.filter(pk=found.population["id"]).order_by("pk").first()
