"""The API's door to the erasure of one's own data."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from ninja import Router, Schema, Status

from commonweal.kernel.base import clock
from commonweal.kernel.base.api import PROBLEMS, ApiRouter, operation, routers
from commonweal.kernel.base.errors import NotFound
from commonweal.kernel.base.routes import ActorRequest
from commonweal.kernel.base.rules import is_resident
from commonweal.kernel.consent import actions, erasing, queries
from commonweal.kernel.consent.models import Erasure
from commonweal.kernel.ledger.actions import record_access
from commonweal.kernel.people import queries as people

PURPOSE = "erase own data"

router = Router()
routers.register(ApiRouter("consent", "", router))


class SurveyLine(Schema):
    """One kind of data.

    Attributes:
        what: In plain words.
        count: How many records.
        until: The last day on which they stay; null where they go now, or the day is not known.
        reason: Why they stay; empty where they go.
    """

    what: str
    count: int
    until: date | None
    reason: str


class ErasureState(Schema):
    """How the request stands.

    Attributes:
        status: ``none`` without a request.
        requested_at: When it was asked for.
        next_on: Day on which more can be erased, where the law keeps something.
        answer: Why it was refused.
        goes: What is erased now.
        stays: What the law keeps, and why.
        obstacles: Why nothing can be erased now.
    """

    status: str
    requested_at: datetime | None
    next_on: date | None
    answer: str
    goes: list[SurveyLine]
    stays: list[SurveyLine]
    obstacles: list[str]


def _state(request: ActorRequest, found: Erasure | None) -> ErasureState:
    now = clock.now()
    persons = people.record_ids(UUID(request.actor.id))
    record_access(request.actor, persons, PURPOSE, at=now)
    survey = erasing.survey(persons, at=now)
    lines = [
        [SurveyLine(what=each.what, count=each.count, until=each.until, reason=each.reason) for each in part]
        for part in (survey.goes, survey.stays)
    ]
    return ErasureState(
        status=found.status if found else "none",
        requested_at=found.requested_at if found else None,
        next_on=found.next_on if found else None,
        answer=found.answer if found else "",
        goes=lines[0],
        stays=lines[1],
        obstacles=list(survey.obstacles),
    )


@router.get("/me/erasure", response={200: ErasureState, **PROBLEMS}, summary="Show what an erasure would do")
@operation(allows=is_resident, discloses=PURPOSE)
def erasure(request: ActorRequest) -> ErasureState:
    """Return what would go, what the law keeps, and how one's request stands."""
    return _state(request, queries.erasure_of(UUID(request.actor.id), actor=request.actor))


@router.post("/me/erasure", response={201: ErasureState, **PROBLEMS}, summary="Ask to be erased")
@operation(allows=is_resident, discloses=PURPOSE)
def ask(request: ActorRequest) -> Status[ErasureState]:
    """Ask that one's own data be erased; a request that is open already stands."""
    made = actions.request_erasure(UUID(request.actor.id), by=request.actor, at=clock.now())
    return Status(201, _state(request, made))


@router.delete("/me/erasure", response={200: ErasureState, **PROBLEMS}, summary="Withdraw the request")
@operation(allows=is_resident, discloses=PURPOSE)
def withdraw(request: ActorRequest) -> ErasureState:
    """Take the request back, as long as nothing has been erased."""
    found = queries.erasure_of(UUID(request.actor.id), actor=request.actor)
    if found is None:
        raise NotFound
    return _state(request, actions.withdraw_erasure(found.pk, by=request.actor, at=clock.now()))
