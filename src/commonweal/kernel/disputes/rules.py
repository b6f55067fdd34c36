"""Who may see and answer a dispute. ``allows`` and ``visible`` agree (a property test holds them to it)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar
from uuid import UUID

from django.db.models import QuerySet

from commonweal.kernel.base.rules import is_officer, is_resident, may
from commonweal.kernel.base.types import Actor

if TYPE_CHECKING:
    from commonweal.kernel.disputes.models import Dispute

M = TypeVar("M", bound="Dispute")

CORRECT = "disputes.correct"
may_correct = may(CORRECT)


class _Dispute(Protocol):
    agency: str
    team_id: UUID
    subject_id: UUID


def allows(actor: Actor, dispute: _Dispute) -> bool:
    """Whether an actor may see a dispute: who raised it, or an officer of the team that keeps the record."""
    if is_resident(actor):
        return dispute.subject_id in actor.person_ids
    return answers(actor, dispute)


def answers(actor: Actor, dispute: _Dispute) -> bool:
    """Whether an officer may answer a dispute."""
    return (
        is_officer(actor)
        and may_correct(actor)
        and dispute.agency == actor.agency
        and dispute.team_id in actor.teams
    )


def visible(disputes: QuerySet[M], actor: Actor) -> QuerySet[M]:
    """Return those disputes that an actor may see."""
    if is_resident(actor):
        return disputes.filter(subject__in=actor.person_ids)
    if is_officer(actor) and may_correct(actor):
        return disputes.filter(agency=actor.agency, team__in=actor.teams)
    return disputes.none()
