"""The API's door to revocations: taking back what was granted, and what its holder says to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

from django.utils import translation
from ninja import Field, Router, Schema, Status

from commonweal.kernel.base import clock
from commonweal.kernel.base.api import PROBLEMS, ApiRouter, operation, routers
from commonweal.kernel.base.routes import ActorRequest
from commonweal.kernel.base.rules import is_resident
from commonweal.kernel.cases import queries as cases
from commonweal.kernel.ledger.actions import record_access
from commonweal.kernel.revocations import actions, presenting
from commonweal.kernel.revocations.letters import announcement
from commonweal.kernel.revocations.models import Revocation
from commonweal.kernel.revocations.queries import (
    case_to_revoke,
    planned,
    revocable,
    revocation_of,
    the_revocation_of,
)
from commonweal.kernel.revocations.rules import may_revoke

if TYPE_CHECKING:
    from commonweal.kernel.cases.models import Case

OWN = "show people what is taken back from them"
WORK = "take back what was granted"

router = Router()
routers.register(ApiRouter("revocations", "", router))
Words = Annotated[str, Field(max_length=20_000)]
"""More than an action takes: it says how much that is."""


class RevocationCard(Schema):
    """How the taking back of what a case granted stands.

    Attributes:
        case: Reference of the case.
        status: announced, suspended, done or dropped.
        ground: Key of the declared ground.
        label: The ground in plain words.
        legal_basis: The rule that says so.
        reasons: As the holder reads them.
        statement: What the holder says to it; empty until they do.
        remark: Why it was suspended, goes on or was dropped, the latest; may be empty.
        announced_at: When the holder was told.
        effective_on: From which day the award does not run any more.
        ended_at: When it took effect or was dropped; null until then.
        revision: Goes back with a change.
    """

    case: str
    status: str
    ground: str
    label: str
    legal_basis: str
    reasons: str
    statement: str
    remark: str
    announced_at: datetime
    effective_on: date
    ended_at: datetime | None
    revision: int


class GroundCard(Schema):
    """A ground on which an officer may take something back.

    Attributes:
        key: To announce it with.
        label: In plain words.
        legal_basis: The rule that says so.
    """

    key: str
    label: str
    legal_basis: str


class RevocationWork(Schema):
    """What an officer can do about what a case granted.

    Attributes:
        revocation: The latest; null where there is none.
        can_be_announced: Whether something runs that can be taken back now.
        grounds: On which.
    """

    revocation: RevocationCard | None
    can_be_announced: bool
    grounds: list[GroundCard]


class Statement(Schema):
    """What the holder says.

    Attributes:
        text: As an officer reads it; it replaces what was said before.
    """

    text: Words


class RevocationPlan(Schema):
    """What would be taken back, and why.

    Attributes:
        ground: Key of one of the service's grounds.
        reasons: As the holder will read them.
    """

    ground: str = Field(max_length=60)
    reasons: Words


class RevocationPreview(Schema):
    """The letter as the holder would get it.

    Attributes:
        effective_on: From which day it would hold; goes back with the announcement.
        language: Of the letter.
        title: One line.
        text: Paragraphs with an empty line between them.
    """

    effective_on: date
    language: str
    title: str
    text: str


class Announcement(RevocationPlan):
    """What is taken back, and why.

    Attributes:
        seen_on: From which day it is to hold, as the preview said; where it would be another meanwhile, nothing is sent. Any
            day where left out.
    """

    seen_on: date | None = None


class RevocationChange(Schema):
    """Why a revocation is suspended, goes on or is dropped.

    Attributes:
        remark: As the holder will read it.
        revision: What was shown.
    """

    remark: Words
    revision: int = Field(ge=0, le=2**31 - 1)


def _case(request: ActorRequest, reference: str, purpose: str) -> Case:
    case = cases.case_for(reference, actor=request.actor)
    record_access(request.actor, [case.applicant_id], purpose, at=clock.now())
    return case


def _card(case: Case, found: Revocation) -> RevocationCard:
    ground = presenting.ground_in_words(case, found.ground, translation.get_language() or "")
    known: dict[str, Any] = {"case": case.reference, "label": ground.label, "legal_basis": ground.legal_basis}
    fields = RevocationCard.model_fields.keys() - known.keys()
    return RevocationCard(**known, **{name: getattr(found, name) for name in fields})


def _changed(
    request: ActorRequest, reference: str, change: Callable[..., Revocation], asked: RevocationChange
) -> RevocationCard:
    case = _case(request, reference, WORK)
    return _card(case, change(reference, **asked.model_dump(), by=request.actor, at=clock.now()))


@router.get(
    "/cases/{reference}/revocation",
    response={200: RevocationCard, **PROBLEMS},
    summary="Show how what was granted is taken back",
)
@operation(allows=is_resident, discloses=OWN)
def own(request: ActorRequest, reference: str) -> RevocationCard:
    """Return ground, reasons and day to the holder."""
    case = _case(request, reference, OWN)
    return _card(case, the_revocation_of(case.pk))


@router.post(
    "/cases/{reference}/revocation/statement",
    response={200: RevocationCard, **PROBLEMS},
    summary="Say what one thinks of a revocation",
)
@operation(allows=is_resident, discloses=OWN)
def state(request: ActorRequest, reference: str, said: Statement) -> RevocationCard:
    """Take the holder's word in, until it takes effect; the latest counts."""
    case = _case(request, reference, OWN)
    return _card(case, actions.state_view(reference, text=said.text, by=request.actor, at=clock.now()))


@router.get(
    "/workbench/cases/{reference}/revocation",
    response={200: RevocationWork, **PROBLEMS},
    summary="Show what of a case can be taken back",
)
@operation(allows=may_revoke, discloses=WORK)
def work(request: ActorRequest, reference: str) -> RevocationWork:
    """Return how a revocation stands, and on which grounds there can be one."""
    case = _case(request, reference, WORK)
    found, language = revocation_of(case.pk), translation.get_language() or ""
    return RevocationWork(
        revocation=_card(case, found) if found else None,
        can_be_announced=revocable(case) is not None,
        grounds=[
            GroundCard(key=ground.key, label=ground.label, legal_basis=ground.legal_basis)
            for ground in presenting.grounds_in_words(case, language)
        ],
    )


@router.post(
    "/workbench/cases/{reference}/revocation/preview",
    response={200: RevocationPreview, **PROBLEMS},
    summary="Show the letter that would take something back",
)
@operation(allows=may_revoke, discloses=WORK)
def preview(request: ActorRequest, reference: str, asked: RevocationPlan) -> RevocationPreview:
    """Return the letter, and from which day it would hold; nothing is sent."""
    case = _case(request, reference, WORK)
    case_to_revoke(reference, actor=request.actor)
    plan = planned(case, ground=asked.ground, reasons=asked.reasons, at=clock.now())
    letter = announcement(case, plan, at=clock.now())
    return RevocationPreview(
        effective_on=plan.effective_on,
        language=letter.reader.language,
        title=letter.title,
        text=letter.text,
    )


@router.post(
    "/workbench/cases/{reference}/revocation/announce",
    response={201: RevocationCard, **PROBLEMS},
    summary="Take back what a case granted",
)
@operation(allows=may_revoke, discloses=WORK)
def announce(request: ActorRequest, reference: str, asked: Announcement) -> Status[RevocationCard]:
    """Write to the holder; it takes effect after the notice that the service declares."""
    case = _case(request, reference, WORK)
    found = actions.announce_revocation(reference, **dict(asked), by=request.actor, at=clock.now())
    return Status(201, _card(case, found))


@router.post(
    "/workbench/cases/{reference}/revocation/suspend",
    response={200: RevocationCard, **PROBLEMS},
    summary="Suspend a revocation",
)
@operation(allows=may_revoke, discloses=WORK)
def suspend(request: ActorRequest, reference: str, asked: RevocationChange) -> RevocationCard:
    """Let what was granted run on for so long, for example because of an appeal."""
    return _changed(request, reference, actions.suspend, asked)


@router.post(
    "/workbench/cases/{reference}/revocation/resume",
    response={200: RevocationCard, **PROBLEMS},
    summary="Go on with a suspended revocation",
)
@operation(allows=may_revoke, discloses=WORK)
def resume(request: ActorRequest, reference: str, asked: RevocationChange) -> RevocationCard:
    """Go on with it; it takes effect at once where its day has passed meanwhile."""
    return _changed(request, reference, actions.resume, asked)


@router.post(
    "/workbench/cases/{reference}/revocation/drop",
    response={200: RevocationCard, **PROBLEMS},
    summary="Give a revocation up",
)
@operation(allows=may_revoke, discloses=WORK)
def drop(request: ActorRequest, reference: str, asked: RevocationChange) -> RevocationCard:
    """Let the holder keep what was granted."""
    return _changed(request, reference, actions.drop, asked)
