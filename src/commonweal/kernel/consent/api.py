"""The API's door to the erasure of one's own data, and for officers to erasures and holds."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from ninja import Field, Router, Schema, Status

from commonweal.kernel.base import clock
from commonweal.kernel.base.api import PROBLEMS, ApiRouter, operation, routers
from commonweal.kernel.base.errors import NotFound
from commonweal.kernel.base.routes import ActorRequest
from commonweal.kernel.base.rules import is_resident
from commonweal.kernel.consent import actions, erasing, queries
from commonweal.kernel.consent.models import Erasure, Hold
from commonweal.kernel.consent.rules import may_erase, may_hold
from commonweal.kernel.ledger.actions import record_access
from commonweal.kernel.people import queries as people

PURPOSE = "erase own data"
ERASING = "erase personal data"
HOLDING = "place holds"

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


class ErasureCard(Schema):
    """A request for erasure, as officers see it.

    Attributes:
        id: To deal with it.
        person_id: Whose data.
        agency: Whose officers deal with it; empty until one of them has checked it.
        status: How it stands.
        requested_at: When it was asked for.
        next_on: Day on which more can be erased, where the law keeps something.
    """

    id: UUID
    person_id: UUID
    agency: str
    status: str
    requested_at: datetime
    next_on: date | None


class Refusal(Schema):
    """Why a request is refused; the person reads it."""

    answer: str = Field(max_length=2_000)


class HoldCard(Schema):
    """A hold that stands.

    Attributes:
        id: To end it.
        person_id: The person whom it is on; null where it is on a matter.
        stream: The matter that it is on; empty where it is on a person.
        agency: Whose officers placed it.
        reason: Why.
        placed_at: When.
        is_release_asked: Whether one officer has said that it may end; another one has to agree.
        release_reason: Why it may end.
    """

    id: UUID
    person_id: UUID | None
    stream: str
    agency: str
    reason: str
    placed_at: datetime
    is_release_asked: bool
    release_reason: str


class HoldWanted(Schema):
    """A hold to be placed on a person or on a matter.

    Attributes:
        person_id: The person; null for a matter.
        matter: What people call it, for example the reference of a case, or its stream; empty for a person.
        reason: Why.
    """

    person_id: UUID | None = None
    matter: str = Field("", max_length=120)
    reason: str = Field(max_length=2_000)


class ReleaseWanted(Schema):
    """Why a hold may end."""

    reason: str = Field(max_length=2_000)


def _shown_erasure(request: ActorRequest, found: Erasure) -> ErasureCard:
    record_access(request.actor, [found.person_id], ERASING, at=clock.now())
    return _erasure_card(found)


def _erasure_card(found: Erasure) -> ErasureCard:
    return ErasureCard(
        id=found.pk,
        person_id=found.person_id,
        agency=found.agency,
        status=found.status,
        requested_at=found.requested_at,
        next_on=found.next_on,
    )


def _shown_hold(request: ActorRequest, found: Hold) -> HoldCard:
    record_access(request.actor, [found.subject] if found.subject else [], HOLDING, at=clock.now())
    return _hold_card(found)


def _hold_card(found: Hold) -> HoldCard:
    return HoldCard(
        id=found.pk,
        person_id=found.subject,
        stream=found.stream,
        agency=found.agency,
        reason=found.reason,
        placed_at=found.placed_at,
        is_release_asked=bool(found.release_asked_by) and found.released_at is None,
        release_reason=found.release_reason,
    )


@router.get(
    "/workbench/erasures", response={200: list[ErasureCard], **PROBLEMS}, summary="List requests for erasure"
)
@operation(allows=may_erase, discloses=ERASING)
def erasures(request: ActorRequest) -> list[ErasureCard]:
    """Return the requests of the officer's agency that are not finished, the oldest first; at most 100."""
    found = list(queries.open_erasures(actor=request.actor))
    record_access(request.actor, [each.person_id for each in found], ERASING, at=clock.now())
    return [_erasure_card(each) for each in found]


@router.post(
    "/workbench/erasures/{erasure_id}/check",
    response={200: ErasureCard, **PROBLEMS},
    summary="Check a request for erasure",
)
@operation(allows=may_erase, discloses=ERASING)
def check(request: ActorRequest, erasure_id: UUID) -> ErasureCard:
    """Note that one has looked at what goes and what stays."""
    return _shown_erasure(request, actions.check_erasure(erasure_id, by=request.actor, at=clock.now()))


@router.post(
    "/workbench/erasures/{erasure_id}/confirm",
    response={200: ErasureCard, **PROBLEMS},
    summary="Confirm a request for erasure",
)
@operation(allows=may_erase, discloses=ERASING)
def confirm(request: ActorRequest, erasure_id: UUID) -> ErasureCard:
    """Let it be carried out, as another officer than the one who checked it."""
    return _shown_erasure(request, actions.confirm_erasure(erasure_id, by=request.actor, at=clock.now()))


@router.post(
    "/workbench/erasures/{erasure_id}/refuse",
    response={200: ErasureCard, **PROBLEMS},
    summary="Refuse a request for erasure",
)
@operation(allows=may_erase, discloses=ERASING)
def refuse(request: ActorRequest, erasure_id: UUID, sent: Refusal) -> ErasureCard:
    """Refuse it, with an answer that the person reads."""
    made = actions.refuse_erasure(erasure_id, answer=sent.answer, by=request.actor, at=clock.now())
    return _shown_erasure(request, made)


@router.get("/workbench/holds", response={200: list[HoldCard], **PROBLEMS}, summary="List holds")
@operation(allows=may_hold, discloses=HOLDING)
def holds(request: ActorRequest) -> list[HoldCard]:
    """Return the holds of the officer's agency that stand, the newest first; at most 100."""
    found = list(queries.standing_holds(actor=request.actor))
    record_access(request.actor, [each.subject for each in found if each.subject], HOLDING, at=clock.now())
    return [_hold_card(each) for each in found]


@router.post("/workbench/holds", response={201: HoldCard, **PROBLEMS}, summary="Place a hold")
@operation(allows=may_hold, discloses=HOLDING)
def place(request: ActorRequest, sent: HoldWanted) -> Status[HoldCard]:
    """Forbid that anything of a person, or of a matter of the officer's agency, is deleted."""
    made = actions.place_hold(
        reason=sent.reason,
        person_id=sent.person_id,
        stream=sent.matter,
        by=request.actor,
        at=clock.now(),
    )
    return Status(201, _shown_hold(request, made))


@router.post(
    "/workbench/holds/{hold_id}/ask-release",
    response={200: HoldCard, **PROBLEMS},
    summary="Ask that a hold end",
)
@operation(allows=may_hold, discloses=HOLDING)
def ask_release(request: ActorRequest, hold_id: UUID, sent: ReleaseWanted) -> HoldCard:
    """Say as the first officer that it may end."""
    made = actions.ask_release(hold_id, reason=sent.reason, by=request.actor, at=clock.now())
    return _shown_hold(request, made)


@router.post("/workbench/holds/{hold_id}/release", response={200: HoldCard, **PROBLEMS}, summary="End a hold")
@operation(allows=may_hold, discloses=HOLDING)
def release(request: ActorRequest, hold_id: UUID) -> HoldCard:
    """End it, as another officer than the one who asked."""
    return _shown_hold(request, actions.release_hold(hold_id, by=request.actor, at=clock.now()))


@router.post(
    "/workbench/holds/{hold_id}/keep", response={200: HoldCard, **PROBLEMS}, summary="Let a hold stand"
)
@operation(allows=may_hold, discloses=HOLDING)
def keep(request: ActorRequest, hold_id: UUID) -> HoldCard:
    """Let it stand after all."""
    return _shown_hold(request, actions.keep_hold(hold_id, by=request.actor, at=clock.now()))
