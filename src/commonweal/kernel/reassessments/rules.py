"""Who may prepare, approve and see a mass re-assessment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from django.db.models import QuerySet

from commonweal.kernel.base.rules import is_officer, may
from commonweal.kernel.base.types import Actor

if TYPE_CHECKING:
    from commonweal.kernel.reassessments.models import Reassessment

M = TypeVar("M", bound="Reassessment")

PREPARE = "reassessments.prepare"
APPROVE = "reassessments.approve"

may_prepare = may(PREPARE)
may_approve = may(APPROVE)


class _Run(Protocol):
    agency: str


def allows(actor: Actor, run: _Run) -> bool:
    """Whether an actor may see a re-assessment: an officer of its agency who prepares them."""
    return is_officer(actor) and may_prepare(actor) and actor.agency == run.agency


def visible(runs: QuerySet[M], actor: Actor) -> QuerySet[M]:
    """Return those re-assessments that an actor may see."""
    if is_officer(actor) and may_prepare(actor):
        return runs.filter(agency=actor.agency)
    return runs.none()
