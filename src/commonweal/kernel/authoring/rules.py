"""Who may write services, and who may approve what others wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import QuerySet

from commonweal.kernel.base.rules import is_officer, may
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases.rules import may_work
from commonweal.kernel.catalogue.rules import may_publish

if TYPE_CHECKING:
    from commonweal.kernel.authoring.models import Draft

EDIT = "authoring.edit"
may_edit = may(EDIT)
"""An officer who writes services."""


def may_see(actor: Actor) -> bool:
    """An officer who writes services, or approves what others wrote."""
    return is_officer(actor) and (may_edit(actor) or may_publish(actor))


def may_rehearse(actor: Actor) -> bool:
    """An officer who writes services, approves them, or learns to work on cases."""
    return is_officer(actor) and (may_see(actor) or may_work(actor))


def allows(actor: Actor, draft: Draft) -> bool:
    """Whether the actor may see a draft: whoever writes or publishes services of its agency."""
    return may_see(actor) and actor.agency == draft.agency


def visible(drafts: QuerySet[Draft], actor: Actor) -> QuerySet[Draft]:
    """Return those drafts that the actor may see."""
    return drafts.filter(agency=actor.agency) if may_see(actor) else drafts.none()
