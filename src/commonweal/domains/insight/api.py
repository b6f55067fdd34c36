"""The API's door to the policy lab: order a simulation, watch it, read its figures."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Query, Router, Schema, Status

from commonweal.domains.insight import actions, queries
from commonweal.domains.insight.drawing import downloads
from commonweal.domains.insight.models import Simulation
from commonweal.domains.insight.rules import may_simulate
from commonweal.domains.insight.types import Order, PopulationChoice
from commonweal.kernel.base import clock
from commonweal.kernel.base.api import PROBLEMS, ApiRouter, operation, routers
from commonweal.kernel.base.jurisdiction import current
from commonweal.kernel.base.routes import NOTHING, ActorRequest

router = Router()
routers.register(ApiRouter("insight", "/simulations", router))


class PopulationChosen(Schema):
    """Whom a reform is tried on: made people of a place, or an uploaded population.

    Attributes:
        place: ``port-alder`` or ``state``; empty for an uploaded one.
        people: How many are made; as many as live there if left out.
        seed: Another seed, other people.
        uploaded: Id of an uploaded population.
    """

    place: str = Field("", max_length=60)
    people: int | None = Field(None, ge=1_000, le=actions.MOST_PEOPLE)
    seed: int = Field(1, ge=0, le=actions.MOST_SEED)
    uploaded: UUID | None = None


class SimulationOrder(Schema):
    """A reform to be worked out.

    Attributes:
        programme: Key of the programme.
        reference_on: The day whose law is the baseline.
        population: Whom it is tried on.
        title: What it is called.
        changes: Changed figures by key, whole values as `parameters.yaml` has them.
        model_file: Another of the programme's models.
        model_text: A DMN file in the place of the model.
    """

    programme: str = Field(max_length=60)
    reference_on: date
    population: PopulationChosen
    title: str = Field("", max_length=120)
    changes: dict[str, Any] = Field(default_factory=dict)
    model_file: str = Field("", max_length=120)
    model_text: str = Field("", max_length=2_000_000)


class SimulationCard(Schema):
    """A simulation and how it stands.

    Attributes:
        id: To ask for it again.
        title: What it is called.
        programme: Key of the programme.
        reference_on: The day whose law is the baseline.
        origin: ``synthetic`` or ``uploaded``.
        status: ``waiting``, ``running``, ``done`` or ``failed``.
        share_done: Percent.
        error: Why it failed.
        ordered_at: When.
        result_hash: Names its figures, once it is done.
        repeats: The simulation that it runs again.
        is_same: Whether its figures are those of the first, to the cent; null where it is no repetition or not done.
    """

    id: UUID
    title: str
    programme: str
    reference_on: date
    origin: str
    status: str
    share_done: int
    error: str
    ordered_at: datetime
    result_hash: str
    repeats: UUID | None
    is_same: bool | None


class FigureLine(Schema):
    """One number of a simulation.

    Attributes:
        table: ``total``, ``decile``, ``household_type``, ``district``, ``amounts`` or ``margins``.
        group: Key of the group.
        name: What the group is called.
        measure: What is counted.
        unit: ``households``, ``people``, ``share`` or the currency a month.
        value: The number as text; null where it is hidden.
        is_hidden: Whether it counts so few that it is hidden.
    """

    table: str
    group: str
    name: str
    measure: str
    unit: str
    value: str | None
    is_hidden: bool


class SimulationFigures(Schema):
    """Figures and what they rest on."""

    about: dict[str, Any]
    figures: list[FigureLine]


def _card(found: Simulation) -> SimulationCard:
    repetition = queries.repetition_of(found)
    return SimulationCard(
        id=found.pk,
        title=found.title,
        programme=found.programme,
        reference_on=found.reference_on,
        origin=found.origin,
        status=found.status,
        share_done=found.share_done,
        error=found.error,
        ordered_at=found.ordered_at,
        result_hash=found.result_hash,
        repeats=found.repeats_id,
        is_same=repetition.is_same if repetition else None,
    )


@router.post("/", response={202: SimulationCard, **PROBLEMS}, summary="Order a simulation")
@operation(allows=may_simulate, discloses=NOTHING)
def order(request: ActorRequest, sent: SimulationOrder) -> Status[SimulationCard]:
    """Order a simulation; it is worked out by a job. Watch `status` until it is `done` or `failed`."""
    choice = sent.population
    found = actions.order_simulation(
        Order(
            programme=sent.programme,
            reference_on=sent.reference_on,
            population=PopulationChoice(choice.place, choice.people, choice.seed, choice.uploaded),
            title=sent.title,
            changes=sent.changes,
            model_file=sent.model_file,
            model_text=sent.model_text,
        ),
        by=request.actor,
        at=clock.now(),
    )
    return Status(202, _card(found))


@router.get("/", response={200: list[SimulationCard], **PROBLEMS}, summary="List simulations")
@operation(allows=may_simulate, discloses=NOTHING)
def simulations(
    request: ActorRequest, limit: Annotated[int, Query(ge=1, le=100)] = 25
) -> list[SimulationCard]:
    """List the simulations that you may see, the latest first."""
    return [_card(found) for found in queries.simulations(request.actor).select_related("repeats")[:limit]]


@router.get("/{simulation_id}", response={200: SimulationCard, **PROBLEMS}, summary="Watch a simulation")
@operation(allows=may_simulate, discloses=NOTHING)
def watch(request: ActorRequest, simulation_id: UUID) -> SimulationCard:
    """Say how a simulation stands."""
    return _card(queries.simulation(simulation_id, request.actor))


@router.get(
    "/{simulation_id}/figures", response={200: SimulationFigures, **PROBLEMS}, summary="Read its figures"
)
@operation(allows=may_simulate, discloses=NOTHING)
def figures(request: ActorRequest, simulation_id: UUID) -> SimulationFigures:
    """Return the figures of a simulation that is done, small cells hidden, and what they rest on."""
    found = queries.simulation(simulation_id, request.actor)
    lines = list(downloads.lines(queries.shown_figures(found), current().currency))
    link = request.build_absolute_uri(request.path)
    return SimulationFigures.model_validate(downloads.as_json(lines, downloads.about(found, link)))


@router.post("/{simulation_id}/repeat", response={202: SimulationCard, **PROBLEMS}, summary="Run it again")
@operation(allows=may_simulate, discloses=NOTHING)
def repeat(request: ActorRequest, simulation_id: UUID) -> Status[SimulationCard]:
    """Order the same simulation again, with the code of today."""
    return Status(202, _card(actions.repeat_simulation(simulation_id, by=request.actor, at=clock.now())))
