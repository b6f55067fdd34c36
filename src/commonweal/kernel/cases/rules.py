"""Who may see and work on a case. ``allows`` and ``visible`` agree (a property test holds them to it)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar
from uuid import UUID

from django.db.models import QuerySet

from commonweal.kernel.base.rules import is_officer, is_resident, may
from commonweal.kernel.base.types import Actor

if TYPE_CHECKING:
    from commonweal.kernel.cases.models import Case

M = TypeVar("M", bound="Case")

WORK = "cases.work"
SUPERVISE = "cases.supervise"
SEND_FOR = "cases.send_for"
"""Not granted: an officer holds it where somebody agreed that the officer sends their form."""

may_work = may(WORK)
may_supervise = may(SUPERVISE)


class _Case(Protocol):
    agency: str
    team_id: UUID
    applicant_id: UUID


def allows(actor: Actor, case: _Case) -> bool:
    """Whether an actor may see a case: its applicant, or an officer of its agency and team."""
    if is_resident(actor):
        return case.applicant_id in actor.person_ids
    return (
        is_officer(actor) and may_work(actor) and case.agency == actor.agency and case.team_id in actor.teams
    )


def visible(cases: QuerySet[M], actor: Actor) -> QuerySet[M]:
    """Return those cases that an actor may see."""
    if is_resident(actor):
        first, *others = actor.person_ids
        return cases.filter(applicant__in=[first, *others]) if others else cases.filter(applicant=first)
    if is_officer(actor) and may_work(actor):
        return cases.filter(agency=actor.agency, team__in=actor.teams)
    return cases.none()


def may_send(actor: Actor, applicant_id: UUID) -> bool:
    """Whether an actor may send an application of a person: anybody but an officer to whom the person has not agreed."""
    if not is_officer(actor):
        return True
    return actor.can(SEND_FOR) and actor.on_behalf_of == str(applicant_id)


def works_on(actor: Actor, case: _Case) -> bool:
    """Whether an officer may change a case."""
    return is_officer(actor) and allows(actor, case)
