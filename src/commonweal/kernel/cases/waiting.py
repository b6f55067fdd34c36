"""Waiting lists: cases that get what becomes free of a pool, in order."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from django.utils.translation import gettext
from pydantic import Field

from commonweal.engines import feel
from commonweal.kernel.awards.queries import capacity_used
from commonweal.kernel.base.declarations import Compilation, Source
from commonweal.kernel.base.documents import Path_
from commonweal.kernel.base.expressions import compile_feel, new_evaluation
from commonweal.kernel.base.jurisdiction import Declared
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases.deciding import begin
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.cases.flow import stage_of
from commonweal.kernel.cases.look_ups import rank_of
from commonweal.kernel.cases.models import Case, Inquiry, Place
from commonweal.kernel.cases.registry import (
    CaseNotice,
    Notice,
    Run,
    StageKind,
    Step,
    case_notices,
    stage_kinds,
)
from commonweal.kernel.cases.types import CompiledStage
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.ledger.actions import record

if TYPE_CHECKING:
    from django.db.models import QuerySet

LONGEST_POOL = 120
_NOBODY = Actor.system("cases.turns")
Expression = Annotated[str, Field(min_length=1, max_length=2_000)]


class WaitingListSpec(Declared):
    """A list on which cases wait for what becomes free of a pool. All of it is FEEL.

    Attributes:
        pool: Key of the pool, as the section ``award`` names it.
        capacity: How many units the pool holds.
        rank: A whole number up to 32,767; lower ranks come first, and within a rank the application that was complete first.
    """

    pool: Expression
    capacity: Expression
    rank: Expression = "0"


_GIVES = {"pool": feel.STRING, "capacity": feel.NUMBER, "rank": feel.NUMBER}


@stage_kinds.register
class WaitingListStage(StageKind):
    """The case waits until its turn has come; a job calls the next ones when something is free."""

    key = "waiting-list"
    schema = WaitingListSpec
    is_retried = True

    def compile(
        self, spec: Any, source: Source, path: Path_, compilation: Compilation
    ) -> dict[str, feel.Expression | None]:
        """Return the expressions by name."""
        return {
            name: compile_feel(
                getattr(spec, name),
                compilation.scope(),
                source=source,
                path=(*path, name),
                compilation=compilation,
                expects=gives,
                is_loose=True,
            )
            for name, gives in _GIVES.items()
        }

    def enter(self, stage: CompiledStage, run: Run) -> Step:
        """Take a place on the list; where it cannot be told, an officer has to look."""
        case = run.case
        value = _values(stage, run)
        pool, rank = value["pool"], rank_of(value["rank"])
        if not isinstance(pool, str) or not 0 < len(pool) <= LONGEST_POOL or rank is None:
            case.status = Status.ASSIGNED if case.worker_id else Status.UNASSIGNED
            case.status_reason = f"The place on the list of the stage '{stage.label}' cannot be told."
            return Step.STAY
        answered = Inquiry.objects.filter(case=case, answered_at__isnull=False).order_by("-answered_at")
        complete_at = answered.values_list("answered_at", flat=True).first() or case.opened_at
        Place.objects.update_or_create(
            case=case,
            defaults={"stage": stage.key, "pool": pool, "rank": rank, "complete_at": complete_at},
        )
        record("cases.listed", stream=case.stream, subject=case.applicant_id, by=run.by, at=run.at, pool=pool)
        case.status, case.status_reason, case.wake_on = Status.WAITING, "", None
        return Step.STAY


def _values(stage: CompiledStage, run: Run) -> dict[str, Any]:
    names = run.known.names()
    return {
        name: expression.evaluate(names, new_evaluation(run.at)) for name, expression in stage.spec.items()
    }


def next_turn(*, after: str, at: datetime, called: UUID | None = None) -> tuple[str, UUID] | None:
    """Return the first list, by its pool's key from one on, of which something is free, and the case whose turn it is.

    Args:
        after: The pool of the step before; empty at first.
        at: When; the capacity is that of the day.
        called: The case of the step before; where it is still the next one of its list, its turn brought it nothing, and
            the list is left for the next night.
    """
    pool = _first_pool(Place.objects.filter(pool__gte=after))
    while pool is not None:
        place = Place.objects.waiting().filter(pool=pool).select_related("case").first()
        is_new = place is not None and place.case_id != called
        if place is not None and is_new and capacity_used(pool) < _capacity(place.case, at):
            return pool, place.case.pk
        pool = _first_pool(Place.objects.filter(pool__gt=pool))
    return None


def _first_pool(places: QuerySet[Place]) -> str | None:
    """Return the first pool of some places: one look-up in their index, however many wait for it."""
    return places.order_by("pool").values_list("pool", flat=True).first()


def _capacity(case: Case, at: datetime) -> int:
    """Return what the pool of a waiting case holds; nothing where it cannot be told."""
    run = begin(case, catalogue.compiled(case.version_id), by=_NOBODY, at=at)
    value = _values(stage_of(case), run)["capacity"]
    return int(value) if isinstance(value, Decimal) else 0


class WaitingNotice(CaseNotice):
    """Where the applicant stands on a waiting list."""

    key = "cases.waiting"
    section = "stages"

    def notice(self, case: Case) -> Notice | None:
        """Return the place; None where the case does not wait on a list."""
        if case.status != Status.WAITING or case.wake_on is not None:
            return None
        place = Place.objects.filter(case=case, stage=case.stage).order_by("id").first()
        if place is None:
            return None
        number = Place.objects.ahead(place.pool, place.rank, case_id=case.pk).count() + 1
        text = gettext("You are number %(number)d on the waiting list today.") % {"number": number}
        return Notice(text, "", "")


case_notices.register(WaitingNotice)
