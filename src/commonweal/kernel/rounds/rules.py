"""Who may open, work out, approve and see a round."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from django.db.models import QuerySet

from commonweal.kernel.base.rules import is_officer, may
from commonweal.kernel.base.types import Actor

if TYPE_CHECKING:
    from commonweal.kernel.rounds.models import Round

M = TypeVar("M", bound="Round")

PREPARE = "rounds.prepare"
APPROVE = "rounds.approve"

may_prepare = may(PREPARE)
may_approve = may(APPROVE)


class _Round(Protocol):
    agency: str


def allows(actor: Actor, one: _Round) -> bool:
    """Whether an actor may see the list of a round: an officer of its agency who prepares them."""
    return is_officer(actor) and may_prepare(actor) and actor.agency == one.agency


def visible(rounds: QuerySet[M], actor: Actor) -> QuerySet[M]:
    """Return those rounds whose list an actor may see."""
    if is_officer(actor) and may_prepare(actor):
        return rounds.filter(agency=actor.agency)
    return rounds.none()
