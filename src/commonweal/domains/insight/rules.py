"""Who may simulate, and see what was simulated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from commonweal.domains.insight.enums import Origin
from commonweal.kernel.base.rules import may
from commonweal.kernel.base.types import Actor

if TYPE_CHECKING:
    from commonweal.domains.insight.models import Population, Simulation

SIMULATE = "insight.simulate"
may_simulate = may(SIMULATE)
"""A policy analyst."""


def may_see(actor: Actor, simulation: Simulation) -> bool:
    """Whether an analyst may see a simulation: any over made people; over uploaded ones, those of the own agency."""
    return may_simulate(actor) and (
        simulation.origin == Origin.SYNTHETIC or simulation.agency == actor.agency
    )


def visible_simulations(queryset: QuerySet[Simulation], actor: Actor) -> QuerySet[Simulation]:
    """Return those of the simulations that :func:`may_see` allows."""
    if not may_simulate(actor):
        return queryset.none()
    return queryset.filter(Q(origin=Origin.SYNTHETIC) | Q(agency=actor.agency))


def may_use(actor: Actor, population: Population) -> bool:
    """Whether an analyst may use an uploaded population: those of the own agency."""
    return may_simulate(actor) and population.agency == actor.agency


def usable_populations(queryset: QuerySet[Population], actor: Actor) -> QuerySet[Population]:
    """Return those of the populations that :func:`may_use` allows."""
    return queryset.filter(agency=actor.agency) if may_simulate(actor) else queryset.none()
