"""Who may take in forms on paper. ``allows`` and ``visible`` agree (a property test holds them to it)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from commonweal.kernel.base.rules import is_officer, may
from commonweal.kernel.base.types import Actor

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from commonweal.kernel.paper.models import Scan

TAKE_IN = "paper.take_in"

TAKE_IN_LATE = "paper.take_in_late"

may_take_in = may(TAKE_IN)
may_take_in_late = may(TAKE_IN_LATE)


def allows(actor: Actor, scan: Scan) -> bool:
    """Whether an actor may see what came in on paper: the officers of the agency that took it in."""
    return is_officer(actor) and may_take_in(actor) and scan.agency == actor.agency


def visible(rows: QuerySet[Scan], actor: Actor) -> QuerySet[Scan]:
    """Return those that an actor may see."""
    return rows.filter(agency=actor.agency) if is_officer(actor) and may_take_in(actor) else rows.none()
