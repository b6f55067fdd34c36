"""What some residents of the practice city find on their home besides applications."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.disputes.actions import raise_dispute
from commonweal.kernel.entitlements.actions import agree
from commonweal.kernel.forms.actions import start_sheet
from commonweal.kernel.jobs.actions import enqueue
from commonweal.kernel.proactive.tasks import OFFER
from commonweal.project.demo.identities import TOUR_RESIDENT
from commonweal.project.demo.population import Population, Resident


def report_a_mistake(population: Population, persons: Mapping[str, UUID], *, at: datetime) -> None:
    """Let a resident with an account say that the number of the dwelling is wrong.

    Args:
        population: The city.
        persons: Ids by the residents' keys.
        at: When the city opens.
    """
    who = others(population)[0]
    by = Actor(ActorKind.RESIDENT, str(persons[who.key]))
    raise_dispute(
        start_sheet("parking-permit", by=by, at=at).sheet_id,
        "dwelling_id",
        {"dwelling_id": population.households[-1].dwelling.key},
        reason="I moved here in August. The register still has my old home.",
        revision=0,
        by=by,
        at=at,
    )


def want_suggestions(population: Population, persons: Mapping[str, UUID], *, at: datetime) -> None:
    """Let a parent with an account agree to suggestions, and anybody else where there is none.

    Args:
        population: The city.
        persons: Ids by the residents' keys.
        at: When the city opens.
    """
    parents = [
        household.head.key
        for household in population.households
        if household.head.email
        and household.head.email != TOUR_RESIDENT
        and any(member.relation == "child" for member in household.members)
    ]
    who = next(iter(parents), others(population)[-1].key)
    agree(by=Actor(ActorKind.RESIDENT, str(persons[who])), at=at)


def look_for_offers(*, at: datetime) -> None:
    """Let the worker grant what facts alone decide, as every night."""
    enqueue(OFFER, {}, at=at)


def others(population: Population) -> list[Resident]:
    """Return the residents with an account besides the one of the tour, in order."""
    return [
        member
        for household in population.households[:-1]
        for member in household.members
        if member.email and member.email != TOUR_RESIDENT
    ]
