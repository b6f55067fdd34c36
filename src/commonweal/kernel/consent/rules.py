"""Who may ask for erasures, check them and place holds."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import QuerySet

from commonweal.kernel.base.rules import is_officer, is_resident, may
from commonweal.kernel.base.types import Actor

if TYPE_CHECKING:
    from commonweal.kernel.consent.models import Erasure, Hold

ERASE = "consent.erase"
HOLD = "consent.hold"

may_erase = may(ERASE)
may_hold = may(HOLD)


def is_own_business(actor: Actor, person_id: UUID) -> bool:
    """Whether a resident asks about the own record, and for nobody else."""
    return is_resident(actor) and not actor.on_behalf_of and actor.id == str(person_id)


def _is_of(actor: Actor, agency: str) -> bool:
    """Whether something is the business of an officer's agency, or of none yet."""
    return is_officer(actor) and agency in {"", actor.agency}


def allows_erasure(actor: Actor, erasure: Erasure) -> bool:
    """Whether the actor may see a request: the person, or officers who may erase, of the agency that deals with it."""
    if is_own_business(actor, erasure.person_id):
        return True
    return may_erase(actor) and _is_of(actor, erasure.agency)


def visible_erasures(rows: QuerySet[Erasure], actor: Actor) -> QuerySet[Erasure]:
    """Return those requests that the actor may see."""
    if is_officer(actor) and may_erase(actor):
        return rows.filter(agency__in=["", actor.agency or ""])
    if is_resident(actor) and not actor.on_behalf_of:
        return rows.filter(person_id=UUID(actor.id))
    return rows.none()


def allows_hold(actor: Actor, hold: Hold) -> bool:
    """Whether the actor may see a hold and end it: officers who may place holds, of the agency that placed it."""
    return may_hold(actor) and _is_of(actor, hold.agency)


def visible_holds(rows: QuerySet[Hold], actor: Actor) -> QuerySet[Hold]:
    """Return those holds that the actor may see."""
    if is_officer(actor) and may_hold(actor):
        return rows.filter(agency__in=["", actor.agency or ""])
    return rows.none()
