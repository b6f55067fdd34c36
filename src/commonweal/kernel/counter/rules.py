"""Who may fill in for somebody, and who sees that they may. ``allows`` and ``visible`` agree."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q, QuerySet

from commonweal.kernel.base.rules import is_officer, may
from commonweal.kernel.base.types import Actor

if TYPE_CHECKING:
    from commonweal.kernel.counter.models import Assistance

HELP = "counter.help"

may_help = may(HELP)


def allows(actor: Actor, assistance: Assistance) -> bool:
    """Whether an actor may see a help: who is helped, and the officer who helps, as long as the officer may."""
    if assistance.person_id in actor.person_ids:
        return True
    return is_officer(actor) and may_help(actor) and actor.id == str(assistance.officer_id)


def visible(rows: QuerySet[Assistance], actor: Actor) -> QuerySet[Assistance]:
    """Return those which an actor may see."""
    if is_officer(actor) and may_help(actor):
        return rows.filter(officer=UUID(actor.id))
    return rows.filter(Q(person__in=actor.person_ids))
