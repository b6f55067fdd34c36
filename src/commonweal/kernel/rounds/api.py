"""The API's door to rounds: what everybody may know, and the steps of officers and applicants."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Field, Query, Router, Schema, Status

from commonweal.kernel.base import clock
from commonweal.kernel.base.api import PROBLEMS, ApiRouter, operation, routers
from commonweal.kernel.base.routes import NOTHING, ActorRequest
from commonweal.kernel.base.rules import anyone, is_resident
from commonweal.kernel.ledger.actions import record_access
from commonweal.kernel.rounds import actions, queries
from commonweal.kernel.rounds.enums import Status as Standing
from commonweal.kernel.rounds.models import Entry, Round
from commonweal.kernel.rounds.rules import may_approve, may_prepare

PURPOSE = "share out what is scarce among those who applied"
OWN = "show people how their own application stands"

router = Router()
routers.register(ApiRouter("rounds", "", router))


class RoundFigure(Schema):
    """A figure of what a round came to.

    Attributes:
        label: What.
        value: How much, as a person reads it.
    """

    label: str
    value: str


class RoundCard(Schema):
    """A sharing-out of what is scarce among all who applied until a day.

    Attributes:
        id: Its id.
        service: Key of the service.
        name: As residents know it.
        closes_on: Last day for an application.
        status: open, ready, issuing, done, closing or closed.
        revision: Grows each time it is worked out; whoever approves says which one they saw.
        seed: Of the lottery; empty until the round is decided.
        figures: What it came to; empty until it is decided.
    """

    id: UUID
    service: str
    name: str
    closes_on: date
    status: str
    revision: int
    seed: str
    figures: list[RoundFigure]


class RoundList(Schema):
    """The latest rounds, at most a hundred."""

    items: list[RoundCard]


class RoundAsked(Schema):
    """A round to open.

    Attributes:
        service: Key of the service.
        name: As residents will know it.
        closes_on: Last day for an application.
        settings: What there is to share out, as a person writes it for the service's method.
    """

    service: str = Field(max_length=60)
    name: str = Field(max_length=100)
    closes_on: date
    settings: str = Field(max_length=10_000)


class RoundEntry(Schema):
    """A case that takes part.

    Attributes:
        case: Reference.
        place: On the list; null where there is none.
        result: The method's word; empty before it is worked out.
        answer: accepted, declined, lapsed, stays (kept, and waits for nothing better), or empty.
    """

    case: str
    place: int | None
    result: str
    answer: str


class RoundEntries(Schema):
    """A stretch of the list.

    Attributes:
        items: The first first.
        count: How many take part.
    """

    items: list[RoundEntry]
    count: int


class OfferAnswer(Schema):
    """What an applicant says to an offer.

    Attributes:
        accepts: Yes or no.
    """

    accepts: bool


class RoundApproval(Schema):
    """What is approved.

    Attributes:
        revision: Of the round, as it was seen.
    """

    revision: int = Field(ge=0, le=2**31 - 1)


def _card(one: Round, *, is_officer: bool = False) -> RoundCard:
    is_told = is_officer or one.status in {Standing.DONE, Standing.CLOSING, Standing.CLOSED}
    found = queries.lines(one) if is_officer else queries.public_lines(one) if is_told else []
    return RoundCard(
        id=one.pk,
        service=one.service_key,
        name=one.name,
        closes_on=one.closes_on,
        status=one.status,
        revision=one.revision,
        seed=one.seed if is_told else "",
        figures=[RoundFigure(label=line.label, value=line.value) for line in found],
    )


def _entry(entry: Entry) -> RoundEntry:
    return RoundEntry(case=entry.case.reference, place=entry.place, result=entry.result, answer=entry.answer)


@router.get(
    "/services/{key}/rounds", response={200: RoundList, **PROBLEMS}, summary="List a service's rounds"
)
@operation(allows=anyone, discloses=NOTHING)
def of_service(request: ActorRequest, key: str) -> RoundList:
    """Return the rounds of a service, and what those came to that are decided."""
    queries.section_of(key)
    return RoundList(items=[_card(one) for one in queries.rounds_of(key)[: queries.MAX_ROWS]])


@router.post("/cases/{reference}/offer", response={200: RoundEntry, **PROBLEMS}, summary="Answer an offer")
@operation(allows=is_resident, discloses=OWN)
def answer(request: ActorRequest, reference: str, said: OfferAnswer) -> RoundEntry:
    """Accept or decline what one was offered."""
    entry = actions.answer_offer(reference, accepts=said.accepts, by=request.actor, at=clock.now())
    record_access(request.actor, [entry.case.applicant_id], OWN, at=clock.now())
    return _entry(entry)


@router.post(
    "/cases/{reference}/offer/keep",
    response={200: RoundEntry, **PROBLEMS},
    summary="Keep what one accepted and leave the waiting lists",
)
@operation(allows=is_resident, discloses=OWN)
def keep(request: ActorRequest, reference: str) -> RoundEntry:
    """Wait for nothing better any more; the case then goes on."""
    entry = actions.leave_waiting(reference, by=request.actor, at=clock.now())
    record_access(request.actor, [entry.case.applicant_id], OWN, at=clock.now())
    return _entry(entry)


@router.get("/workbench/rounds", response={200: RoundList, **PROBLEMS}, summary="List the agency's rounds")
@operation(allows=may_prepare, discloses=NOTHING)
def rounds(request: ActorRequest) -> RoundList:
    """Return the latest rounds of the officer's agency."""
    found = queries.rounds_for(request.actor)[: queries.MAX_ROWS]
    return RoundList(items=[_card(one, is_officer=True) for one in found])


@router.post("/workbench/rounds", response={201: RoundCard, **PROBLEMS}, summary="Open a round")
@operation(allows=may_prepare, discloses=NOTHING)
def begin(request: ActorRequest, asked: RoundAsked) -> Status[RoundCard]:
    """Open a round; applications until its last day take part."""
    one = actions.open_round(
        asked.service,
        name=asked.name,
        closes_on=asked.closes_on,
        settings=asked.settings,
        by=request.actor,
        at=clock.now(),
    )
    return Status(201, _card(one, is_officer=True))


@router.get(
    "/workbench/rounds/{round_id}/entries",
    response={200: RoundEntries, **PROBLEMS},
    summary="List who takes part in a round",
)
@operation(allows=may_prepare, discloses=PURPOSE)
def entries(
    request: ActorRequest,
    round_id: UUID,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
) -> RoundEntries:
    """Return who takes part, the first first."""
    one = queries.round_for(round_id, actor=request.actor)
    found, count = queries.list_of(one, offset=offset, limit=limit)
    record_access(request.actor, {entry.case.applicant_id for entry in found}, PURPOSE, at=clock.now())
    return RoundEntries(items=[_entry(entry) for entry in found], count=count)


@router.post(
    "/workbench/rounds/{round_id}/work-out", response={200: RoundCard, **PROBLEMS}, summary="Work a round out"
)
@operation(allows=may_prepare, discloses=NOTHING)
def work_out(request: ActorRequest, round_id: UUID) -> RoundCard:
    """Share out what there is; nothing is told to anybody before another officer approves it."""
    return _card(actions.work_out(round_id, by=request.actor, at=clock.now()), is_officer=True)


@router.post(
    "/workbench/rounds/{round_id}/approve", response={200: RoundCard, **PROBLEMS}, summary="Approve a round"
)
@operation(allows=may_approve, discloses=NOTHING)
def approve(request: ActorRequest, round_id: UUID, asked: RoundApproval) -> RoundCard:
    """Approve, as another officer, exactly what was seen; what was worked out again since is refused."""
    one = actions.approve(round_id, revision=asked.revision, by=request.actor, at=clock.now())
    return _card(one, is_officer=True)


@router.post(
    "/workbench/rounds/{round_id}/close", response={200: RoundCard, **PROBLEMS}, summary="Close a round"
)
@operation(allows=may_prepare, discloses=NOTHING)
def close(request: ActorRequest, round_id: UUID) -> RoundCard:
    """Let those who still wait go on with what was decided."""
    return _card(actions.close(round_id, by=request.actor, at=clock.now()), is_officer=True)
