"""The API's door to consultations: commenting with a code, and what officers do about the neighbours of a case."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from django.utils import translation
from ninja import Field, Query, Router, Schema

from commonweal.kernel.base import clock
from commonweal.kernel.base.api import PROBLEMS, ApiRouter, operation, routers
from commonweal.kernel.base.routes import NOTHING, ActorRequest
from commonweal.kernel.base.rules import anyone
from commonweal.kernel.cases import queries as cases
from commonweal.kernel.cases.rules import may_work
from commonweal.kernel.consultations import actions, codes, queries
from commonweal.kernel.consultations.models import Neighbour
from commonweal.kernel.consultations.presenting import public_view
from commonweal.kernel.ledger.actions import record_access

if TYPE_CHECKING:
    from commonweal.kernel.cases.models import Case

PURPOSE = "ask neighbours about a case and weigh what they say"

router = Router()
routers.register(ApiRouter("consultations", "", router))
Revision = Annotated[int, Field(ge=0, le=2**31 - 1)]


class PlannedNearby(Schema):
    """What is public of a matter, and what a household says to it.

    Attributes:
        service: Its name.
        place: The address that it is about.
        about: What is planned.
        until_on: Last day for a comment; before the letters are posted, the one that they have if posted today.
        is_open: Whether a comment still counts.
        comment: What the household says; empty until it does.
        commented_at: When it did, the last time.
        outcome: How it was decided; empty until it is.
        appeal: How to appeal then; may be empty.
    """

    service: str
    place: str
    about: list[str]
    until_on: date
    is_open: bool
    comment: str
    commented_at: datetime | None
    outcome: str
    appeal: str


class Comment(Schema):
    """What a household says.

    Attributes:
        text: It replaces what was said before.
    """

    text: str = Field(max_length=20_000)


class NeighbourCard(Schema):
    """A household that is written to.

    Attributes:
        id: Of the household in this case.
        address: One line.
        code: Of its letter; nobody else is told it.
        comment: Empty until there is one.
        commented_at: When it came, the last time.
    """

    id: UUID
    address: str
    code: str
    comment: str
    commented_at: datetime | None


class NeighbourList(Schema):
    """Whom a case concerns.

    Attributes:
        case: Reference of the case.
        revision: Of the case; goes back with what is done about it.
        is_waiting: Whether the case waits for an officer here.
        place: The address that it is about; empty where nobody could be written to.
        about: What the letters make public, in the service's main language.
        posted_on: When the letters were posted; null until an officer says so.
        until_on: Last day for comments; null until the letters are posted.
        items: A stretch of the households, those that commented first.
        next_cursor: Asks for the stretch after this one; null at the end.
    """

    case: str
    revision: int
    is_waiting: bool
    place: str
    about: list[str]
    posted_on: date | None
    until_on: date | None
    items: list[NeighbourCard]
    next_cursor: int | None


class PostedToday(Schema):
    """That the letters were posted today.

    Attributes:
        revision: Of the case, as it was shown.
    """

    revision: Revision


class NobodyAsked(Schema):
    """Why a case goes on without its neighbours.

    Attributes:
        reasons: For the record of the case.
        revision: Of the case, as it was shown.
    """

    reasons: str = Field(max_length=20_000)
    revision: Revision


def _planned(neighbour: Neighbour) -> PlannedNearby:
    view = public_view(neighbour.consultation, translation.get_language() or "", on=clock.today())
    return PlannedNearby(**asdict(view), comment=neighbour.comment, commented_at=neighbour.commented_at)


def _list(case: Case, *, offset: int = 0, limit: int = 25) -> NeighbourList:
    found = queries.consultation_of(case.pk)
    rows = list(queries.neighbours_of(found)[offset : offset + limit + 1]) if found else []
    return NeighbourList(
        case=case.reference,
        revision=case.revision,
        is_waiting=queries.is_to_be_worked_on(case),
        place=found.place if found else "",
        about=found.about if found else [],
        posted_on=found.posted_on if found else None,
        until_on=found.until_on if found else None,
        items=[
            NeighbourCard(**{name: getattr(row, name) for name in NeighbourCard.model_fields})
            for row in rows[:limit]
        ],
        next_cursor=offset + limit if len(rows) > limit else None,
    )


def _case(request: ActorRequest, reference: str) -> Case:
    case = cases.case_for(reference, actor=request.actor)
    record_access(request.actor, [case.applicant_id], PURPOSE, at=clock.now())
    return case


@router.get(
    "/comments/{letter_code}",
    response={200: PlannedNearby, **PROBLEMS},
    summary="Show what is planned nearby",
)
@operation(allows=anyone, discloses=NOTHING)
def planned(request: ActorRequest, letter_code: str) -> PlannedNearby:
    """Return what the law makes public to the household that got a letter with this code."""
    return _planned(codes.known(request, letter_code))


@router.put(
    "/comments/{letter_code}",
    response={200: PlannedNearby, **PROBLEMS},
    summary="Comment on what is planned nearby",
)
@operation(allows=anyone, discloses=NOTHING)
def comment(request: ActorRequest, letter_code: str, said: Comment) -> PlannedNearby:
    """Take in what the household says; it may be changed until the last day."""
    codes.comment(request, letter_code, said.text, at=clock.now())
    return _planned(codes.known(request, letter_code))


@router.get(
    "/workbench/cases/{reference}/neighbours",
    response={200: NeighbourList, **PROBLEMS},
    summary="List whom a case concerns, and what they say",
)
@operation(allows=may_work, discloses=PURPOSE)
def neighbours(
    request: ActorRequest,
    reference: str,
    cursor: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
) -> NeighbourList:
    """Return the households with the codes of their letters, and their comments."""
    return _list(_case(request, reference), offset=cursor, limit=limit)


@router.post(
    "/workbench/cases/{reference}/neighbours/posted",
    response={200: NeighbourList, **PROBLEMS},
    summary="Say that the letters to the neighbours were posted",
)
@operation(allows=may_work, discloses=PURPOSE)
def posted(request: ActorRequest, reference: str, said: PostedToday) -> NeighbourList:
    """Let the days for comments run from today."""
    case = _case(request, reference)
    done = actions.note_posted(case.pk, revision=said.revision, by=request.actor, at=clock.now())
    return _list(done)


@router.post(
    "/workbench/cases/{reference}/neighbours/none",
    response={200: NeighbourList, **PROBLEMS},
    summary="Go on with a case without its neighbours",
)
@operation(allows=may_work, discloses=PURPOSE)
def without(request: ActorRequest, reference: str, said: NobodyAsked) -> NeighbourList:
    """Go on with a case whose neighbours cannot be heard."""
    case = _case(request, reference)
    done = actions.go_on_without(
        case.pk, reasons=said.reasons, revision=said.revision, by=request.actor, at=clock.now()
    )
    return _list(done)
