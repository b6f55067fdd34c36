"""The API's door to disputes: reporting a mistake, following it, and answering it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Query, Router, Schema, Status

from commonweal.kernel.base import clock
from commonweal.kernel.base.api import PROBLEMS, ApiRouter, operation, routers
from commonweal.kernel.base.routes import ActorRequest
from commonweal.kernel.base.rules import is_resident
from commonweal.kernel.disputes import actions, queries
from commonweal.kernel.disputes.models import Dispute
from commonweal.kernel.disputes.rules import may_correct
from commonweal.kernel.ledger.actions import record_access

OWN = "show people the mistakes that they reported"
WORK = "put right what is held wrongly"

router = Router()
routers.register(ApiRouter("disputes", "", router))
Revision = Annotated[int, Field(ge=0, le=2**31 - 1)]
Limit = Annotated[int, Query(ge=1, le=100)]


class MistakeReported(Schema):
    """What is wrong with a value that a form showed as known.

    Attributes:
        question: Key of the question.
        answer: What is right, as an answer of the form.
        claimed: The same in words, where the question is a repeating group.
        reason: Why.
        revision: Of the draft.
    """

    question: str = Field(max_length=60)
    answer: Any = None
    claimed: str = Field("", max_length=5_000)
    reason: str = Field(max_length=5_000)
    revision: Revision


class DisputeCard(Schema):
    """A mistake that somebody reported.

    Attributes:
        reference: What people call it by.
        status: open, accepted or refused.
        label: What the value is called.
        held: What the record said, in words.
        claimed: What is right, in words.
        reason: Why.
        source: Who said what the record holds.
        legal_basis: The ground on which it is held.
        observed_at: When it was so.
        raised_at: When it was reported.
        due_on: Last day for an answer.
        corrected: What the record says now; empty where nothing was changed.
        reasons: Why it was not changed; empty where it was, or is not answered.
        legal_ground: The rule that this rests on.
        answered_at: When.
        revision: Goes back with an answer.
    """

    reference: str
    status: str
    label: str
    held: str
    claimed: str
    reason: str
    source: str
    legal_basis: str
    observed_at: datetime
    raised_at: datetime
    due_on: date
    corrected: str
    reasons: str
    legal_ground: str
    answered_at: datetime | None
    revision: int

    @classmethod
    def of(cls, dispute: Dispute) -> DisputeCard:
        """Return the card of a dispute."""
        return cls(**{name: getattr(dispute, name) for name in cls.model_fields})


class DisputeAccepted(Schema):
    """How the record is put right.

    Attributes:
        value: What it says from now on, by field: ``value`` for a single value, else ``value-<part>``.
        revision: What was shown.
    """

    value: dict[str, str]
    revision: Revision


class DisputeRefused(Schema):
    """Why the record stays as it is.

    Attributes:
        reasons: As the person will read them.
        legal_ground: The rule that this rests on.
        revision: What was shown.
    """

    reasons: str = Field(max_length=5_000)
    legal_ground: str = Field(max_length=300)
    revision: Revision


def _card(request: ActorRequest, found: Dispute, purpose: str) -> DisputeCard:
    record_access(request.actor, [found.subject_id], purpose, at=clock.now())
    return DisputeCard.of(found)


@router.post(
    "/drafts/{draft_id}/disputes",
    response={201: DisputeCard, **PROBLEMS},
    summary="Say that a known value is wrong",
)
@operation(allows=is_resident, discloses=OWN)
def report(request: ActorRequest, draft_id: UUID, sent: MistakeReported) -> Status[DisputeCard]:
    """Answer with what is right, and ask the team that keeps the record to put it right."""
    dispute = actions.raise_dispute(
        draft_id,
        sent.question,
        {sent.question: sent.answer},
        claimed=sent.claimed,
        reason=sent.reason,
        revision=sent.revision,
        by=request.actor,
        at=clock.now(),
    )
    return Status(201, _card(request, dispute, OWN))


@router.get(
    "/disputes", response={200: list[DisputeCard], **PROBLEMS}, summary="List the mistakes one reported"
)
@operation(allows=is_resident, discloses=OWN)
def own(request: ActorRequest) -> list[DisputeCard]:
    """Return the latest 25, the newest first."""
    record_access(request.actor, request.actor.person_ids, OWN, at=clock.now())
    return [DisputeCard.of(found) for found in queries.latest_disputes(request.actor)]


@router.get(
    "/disputes/{reference}", response={200: DisputeCard, **PROBLEMS}, summary="Show a reported mistake"
)
@operation(allows=is_resident, discloses=OWN)
def show(request: ActorRequest, reference: str) -> DisputeCard:
    """Return how it stands."""
    return _card(request, queries.dispute_for(reference, actor=request.actor), OWN)


@router.get(
    "/workbench/disputes",
    response={200: list[DisputeCard], **PROBLEMS},
    summary="List the mistakes to look into",
)
@operation(allows=may_correct, discloses=WORK)
def work(request: ActorRequest, limit: Limit = 25) -> list[DisputeCard]:
    """Return the open ones of the officer's teams, the most urgent first."""
    found, _more = queries.open_disputes(request.actor, limit=limit)
    record_access(request.actor, {each.subject_id for each in found}, WORK, at=clock.now())
    return [DisputeCard.of(each) for each in found]


@router.post(
    "/workbench/disputes/{reference}/claim",
    response={200: DisputeCard, **PROBLEMS},
    summary="Take a reported mistake for oneself",
)
@operation(allows=may_correct, discloses=WORK)
def claim(request: ActorRequest, reference: str) -> DisputeCard:
    """Take it; taking one's own again changes nothing."""
    found = queries.dispute_for(reference, actor=request.actor)
    return _card(request, actions.claim_dispute(found.pk, by=request.actor, at=clock.now()), WORK)


@router.post(
    "/workbench/disputes/{reference}/accept",
    response={200: DisputeCard, **PROBLEMS},
    summary="Put a record right",
)
@operation(allows=may_correct, discloses=WORK)
def accept(request: ActorRequest, reference: str, sent: DisputeAccepted) -> DisputeCard:
    """Change the record, and tell the person by letter."""
    found = queries.dispute_for(reference, actor=request.actor)
    done = actions.accept_dispute(
        found.pk, sent.value, revision=sent.revision, by=request.actor, at=clock.now()
    )
    return _card(request, done, WORK)


@router.post(
    "/workbench/disputes/{reference}/refuse",
    response={200: DisputeCard, **PROBLEMS},
    summary="Leave a record as it is",
)
@operation(allows=may_correct, discloses=WORK)
def refuse(request: ActorRequest, reference: str, sent: DisputeRefused) -> DisputeCard:
    """Tell the person why by letter, and how to object."""
    found = queries.dispute_for(reference, actor=request.actor)
    done = actions.refuse_dispute(
        found.pk,
        reasons=sent.reasons,
        legal_ground=sent.legal_ground,
        revision=sent.revision,
        by=request.actor,
        at=clock.now(),
    )
    return _card(request, done, WORK)
