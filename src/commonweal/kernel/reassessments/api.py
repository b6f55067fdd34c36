"""The API's door to mass re-assessments, for officers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Query, Router, Schema, Status

from commonweal.kernel.base import clock
from commonweal.kernel.base.api import PROBLEMS, ApiRouter, operation, routers
from commonweal.kernel.base.routes import NOTHING, ActorRequest
from commonweal.kernel.base.types import Money
from commonweal.kernel.ledger.actions import record_access
from commonweal.kernel.reassessments import actions, queries
from commonweal.kernel.reassessments.models import Item, Reassessment
from commonweal.kernel.reassessments.rules import may_approve, may_prepare

PURPOSE = "work out what a change of the law means for people"

router = Router()
routers.register(ApiRouter("reassessments", "", router))

Limit = Annotated[int, Query(ge=1, le=100)]


class Sum(Schema):
    """Money in minor units."""

    minor: int
    currency: str


class Count(Schema):
    """What a re-assessment comes to, for one kind of change.

    Attributes:
        kind: same, changed, ended or officer.
        awards: How many.
        pending: Of them, those not issued yet.
        before: Sum of the amounts until now.
        after: Sum of the amounts under the new law.
    """

    kind: str
    awards: int
    pending: int
    before: Sum
    after: Sum


class RunCard(Schema):
    """A look at every running award of a law, under the law of a day.

    Attributes:
        id: Its id.
        programme: Key of the law.
        reference_on: The day whose law applies.
        known_on: As known on this day.
        status: collecting, ready, proposed, issuing, done or cancelled.
        started_at: When it began.
        finished_at: When the last decision was issued, or it was cancelled.
    """

    id: UUID
    programme: str
    reference_on: date
    known_on: date
    status: str
    started_at: datetime
    finished_at: datetime | None


class RunList(Schema):
    """The agency's latest re-assessments, at most a hundred, the newest first."""

    items: list[RunCard]


class RunDetail(RunCard):
    """A re-assessment with what it comes to.

    Attributes:
        model_hash: SHA-256 of the model.
        parameters_hash: SHA-256 of the parameters.
        totals: For each kind of change.
    """

    model_hash: str
    parameters_hash: str
    totals: list[Count]


class RunAsked(Schema):
    """What to look at again.

    Attributes:
        programme: Key of the law.
        reference_on: The day whose law applies.
    """

    programme: str = Field(max_length=60)
    reference_on: date


class AwardRow(Schema):
    """What a re-assessment means for one award.

    Attributes:
        id: Of this line.
        case: Reference of the case.
        service: Key of the service.
        kind: same, changed, ended or officer.
        stage: pending, issued or left.
        outcome_before: Key of the outcome until now.
        outcome_after: Key of the outcome under the new law; empty where an officer has to decide.
        before: The amount until now.
        after: The amount under the new law.
        reason: Why an officer has to decide.
    """

    id: UUID
    case: str
    service: str
    kind: str
    stage: str
    outcome_before: str
    outcome_after: str
    before: Sum | None
    after: Sum | None
    reason: str


class AwardList(Schema):
    """A stretch of the awards.

    Attributes:
        items: In order.
        next_cursor: Asks for the stretch after this one; null at the end.
    """

    items: list[AwardRow]
    next_cursor: str | None


def _sum(money: Money | None) -> Sum | None:
    return Sum(minor=money.minor, currency=money.currency) if money is not None else None


def _card(run: Reassessment) -> dict[str, Any]:
    return {name: getattr(run, name) for name in RunCard.model_fields}


def _detail(run: Reassessment) -> RunDetail:
    return RunDetail(
        **_card(run),
        model_hash=run.model_hash,
        parameters_hash=run.parameters_hash,
        totals=[
            Count(
                kind=total.kind.value,
                awards=total.awards,
                pending=total.pending,
                before=Sum(minor=total.before.minor, currency=total.before.currency),
                after=Sum(minor=total.after.minor, currency=total.after.currency),
            )
            for total in queries.totals(run)
        ],
    )


def _row(item: Item) -> AwardRow:
    return AwardRow(
        id=item.pk,
        case=item.case_reference,
        service=item.service_key,
        kind=item.kind,
        stage=item.stage,
        outcome_before=item.outcome_before,
        outcome_after=item.outcome_after,
        before=_sum(item.before),
        after=_sum(item.after),
        reason=item.reason,
    )


@router.get("/workbench/reassessments", response={200: RunList, **PROBLEMS}, summary="List re-assessments")
@operation(allows=may_prepare, discloses=NOTHING)
def runs(request: ActorRequest) -> RunList:
    """Return the latest re-assessments of the officer's agency."""
    found = queries.runs_for(request.actor)[: queries.MAX_ROWS]
    return RunList(items=[RunCard(**_card(run)) for run in found])


@router.post(
    "/workbench/reassessments", response={201: RunDetail, **PROBLEMS}, summary="Begin a re-assessment"
)
@operation(allows=may_prepare, discloses=NOTHING)
def begin(request: ActorRequest, asked: RunAsked) -> Status[RunDetail]:
    """Look at every running award of a law again; begun again while one is open, it gives that one."""
    run = actions.start(
        asked.programme,
        reference_on=asked.reference_on,
        agency=request.actor.agency or "",
        by=request.actor,
        at=clock.now(),
    )
    return Status(201, _detail(run))


@router.get(
    "/workbench/reassessments/{run_id}",
    response={200: RunDetail, **PROBLEMS},
    summary="Show a re-assessment",
)
@operation(allows=may_prepare, discloses=NOTHING)
def run(request: ActorRequest, run_id: UUID) -> RunDetail:
    """Return what a re-assessment comes to."""
    return _detail(queries.run_for(run_id, actor=request.actor))


@router.get(
    "/workbench/reassessments/{run_id}/awards",
    response={200: AwardList, **PROBLEMS},
    summary="List the awards of a re-assessment",
)
@operation(allows=may_prepare, discloses=PURPOSE)
def awards(
    request: ActorRequest,
    run_id: UUID,
    kind: Annotated[str, Query(max_length=20)] = "",
    cursor: UUID | None = None,
    limit: Limit = 25,
) -> AwardList:
    """Return each award, until now and under the new law."""
    found, following = queries.items(
        queries.run_for(run_id, actor=request.actor), kind=kind, after=cursor, limit=limit
    )
    persons = {item.award.person_id for item in found}
    record_access(request.actor, persons, PURPOSE, at=clock.now())
    return AwardList(items=[_row(item) for item in found], next_cursor=str(following) if following else None)


@router.post(
    "/workbench/reassessments/{run_id}/propose",
    response={200: RunDetail, **PROBLEMS},
    summary="Propose a re-assessment",
)
@operation(allows=may_prepare, discloses=NOTHING)
def propose(request: ActorRequest, run_id: UUID) -> RunDetail:
    """Propose that the differences are issued."""
    return _detail(actions.propose(run_id, by=request.actor, at=clock.now()))


@router.post(
    "/workbench/reassessments/{run_id}/approve",
    response={200: RunDetail, **PROBLEMS},
    summary="Approve a re-assessment",
)
@operation(allows=may_approve, discloses=NOTHING)
def approve(request: ActorRequest, run_id: UUID) -> RunDetail:
    """Approve, as another officer, that decisions and letters are issued."""
    return _detail(actions.approve(run_id, by=request.actor, at=clock.now()))


@router.post(
    "/workbench/reassessments/{run_id}/cancel",
    response={200: RunDetail, **PROBLEMS},
    summary="Cancel a re-assessment",
)
@operation(allows=may_prepare, discloses=NOTHING)
def cancel(request: ActorRequest, run_id: UUID) -> RunDetail:
    """Give a re-assessment up before anything is issued."""
    return _detail(actions.cancel(run_id, by=request.actor, at=clock.now()))
