"""Who may ask for erasures, check them and place holds."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import QuerySet

from commonweal.kernel.base.rules import is_officer, is_resident, may
from commonweal.kernel.base.types import Actor

if TYPE_CHECKING:
    from commonweal.kernel.consent.models import Erasure

ERASE = "consent.erase"
HOLD = "consent.hold"

may_erase = may(ERASE)
may_hold = may(HOLD)


def is_own_business(actor: Actor, person_id: UUID) -> bool:
    """Whether a resident asks about the own record, and for nobody else."""
    return is_resident(actor) and not actor.on_behalf_of and actor.id == str(person_id)


def allows_erasure(actor: Actor, erasure: Erasure) -> bool:
    """Whether the actor may see a request: the person, or officers who may erase."""
    return is_own_business(actor, erasure.person_id) or (is_officer(actor) and may_erase(actor))


def visible_erasures(rows: QuerySet[Erasure], actor: Actor) -> QuerySet[Erasure]:
    """Return those requests that the actor may see."""
    if is_officer(actor) and may_erase(actor):
        return rows
    if is_resident(actor) and not actor.on_behalf_of:
        return rows.filter(person_id=UUID(actor.id))
    return rows.none()
