"""Who may see counts that are not hidden: officers who work on cases, of their own agency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from django.db.models import QuerySet

from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases.rules import may_work

if TYPE_CHECKING:
    from commonweal.kernel.statistics.models import Tally


class _Counted(Protocol):
    @property
    def agency(self) -> str: ...


def allows(actor: Actor, counted: _Counted) -> bool:
    """Whether an actor may see a service's counts as they are."""
    return may_work(actor) and actor.agency == counted.agency


def visible(tallies: QuerySet[Tally], actor: Actor) -> QuerySet[Tally]:
    """Return the counts that an actor may see as they are."""
    return tallies.filter(agency=actor.agency) if may_work(actor) else tallies.none()
