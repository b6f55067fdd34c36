"""The API's door to questions of officers: ask with evidence and a day, hand in files, answer."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from django.utils import translation
from ninja import Field, File, Path, Router, Schema, Status
from ninja.files import UploadedFile

from commonweal.kernel.base import clock
from commonweal.kernel.base.api import PROBLEMS, ApiRouter, operation, routers
from commonweal.kernel.base.routes import ActorRequest
from commonweal.kernel.base.rules import is_resident
from commonweal.kernel.cases import actions, queries
from commonweal.kernel.cases.api import OWN, WORK
from commonweal.kernel.cases.errors import NothingAsked
from commonweal.kernel.cases.evidence import MOST_PIECES, consequence, words_for
from commonweal.kernel.cases.models import Case, Inquiry
from commonweal.kernel.cases.rules import may_work
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.ledger.actions import record_access

router = Router()
routers.register(ApiRouter("cases.evidence", "", router))

PieceNumber = Annotated[int, Path(ge=0, lt=MOST_PIECES)]


class Piece(Schema):
    """A piece of evidence that an officer asked for.

    Attributes:
        number: To hand in files for it.
        key: Of the service's evidence; empty where the officer named it in their own words.
        name: In the reader's language.
        files: Ids of what was handed in.
    """

    number: int
    key: str
    name: str
    files: list[UUID]


class Question(Schema):
    """What an officer asked the applicant of a case.

    Attributes:
        question: The officer's words; may be empty where evidence was asked for.
        due_on: Last day for the answer.
        consequence: What happens where no answer comes by then.
        pieces: The evidence.
        is_answered: Whether the answer was sent.
    """

    question: str
    due_on: date
    consequence: str
    pieces: list[Piece]
    is_answered: bool


class AskedFor(Schema):
    """What an officer asks for.

    Attributes:
        question: As the applicant will read it; may be empty where evidence is named.
        evidence: Keys of the service's evidence.
        others: Further pieces in the officer's own words.
        due_on: Last day for the answer, moved to a working day; as the service declares if left out.
        revision: What the case said.
    """

    question: str = Field(default="", max_length=5_000)
    evidence: list[str] = Field(default_factory=list, max_length=MOST_PIECES)
    others: list[str] = Field(default_factory=list, max_length=MOST_PIECES)
    due_on: date | None = None
    revision: int = Field(ge=0, le=2**31 - 1)


class Answered(Schema):
    """The answer to an officer.

    Attributes:
        text: The answer, or why something is missing; may be empty where every piece of evidence is there.
        lacks: Whether one cannot hand in everything.
    """

    text: str = Field(default="", max_length=5_000)
    lacks: bool = False


class EvidenceHandedIn(Schema):
    """A file that belongs to a piece of evidence now."""

    id: UUID


def _written(case: Case, inquiry: Inquiry) -> Question:
    service, language = catalogue.compiled(case.version_id), translation.get_language() or ""
    return Question(
        question=inquiry.question,
        due_on=inquiry.answer_due_on,
        consequence=consequence(service, language),
        pieces=[
            Piece(
                number=number,
                key=piece["key"],
                name=words_for(piece, service, language)[0],
                files=piece["files"],
            )
            for number, piece in enumerate(inquiry.pieces)
        ],
        is_answered=inquiry.answered_at is not None,
    )


def _own(request: ActorRequest, reference: str) -> Case:
    found = queries.case_for(reference, actor=request.actor)
    record_access(request.actor, [found.applicant_id], OWN, at=clock.now())
    return found


@router.get(
    "/cases/{reference}/question",
    response={200: Question, **PROBLEMS},
    summary="Show what an officer asks about a case",
)
@operation(allows=is_resident, discloses=OWN)
def question(request: ActorRequest, reference: str) -> Question:
    """Return the open question about one's own case: words, evidence, last day."""
    case = _own(request, reference)
    inquiry = queries.open_inquiry(case)
    if inquiry is None:
        raise NothingAsked(reference=case.reference)
    return _written(case, inquiry)


@router.post(
    "/cases/{reference}/question/pieces/{piece}/files",
    response={201: EvidenceHandedIn, **PROBLEMS},
    summary="Hand in a file that an officer asked for",
)
@operation(allows=is_resident, discloses=OWN)
def hand_in_evidence(
    request: ActorRequest, reference: str, piece: PieceNumber, file: File[UploadedFile]
) -> Status[EvidenceHandedIn]:
    """Add a file to a piece of evidence; its kind is told by its content."""
    case = _own(request, reference)
    file_id = actions.hand_in_evidence(
        case.pk, piece, file, name=file.name or "", by=request.actor, at=clock.now()
    )
    return Status(201, EvidenceHandedIn(id=file_id))


@router.delete(
    "/cases/{reference}/question/pieces/{piece}/files/{file_id}",
    response={200: EvidenceHandedIn, **PROBLEMS},
    summary="Take back a file that an officer asked for",
)
@operation(allows=is_resident, discloses=OWN)
def take_back_evidence(
    request: ActorRequest, reference: str, piece: PieceNumber, file_id: UUID
) -> EvidenceHandedIn:
    """Delete a file before the answer is sent; taking it back again changes nothing."""
    case = _own(request, reference)
    actions.take_back_evidence(case.pk, piece, file_id, by=request.actor, at=clock.now())
    return EvidenceHandedIn(id=file_id)


@router.post(
    "/cases/{reference}/question/answer",
    response={200: Question, **PROBLEMS},
    summary="Answer what an officer asks",
)
@operation(allows=is_resident, discloses=OWN)
def answer_question(request: ActorRequest, reference: str, sent: Answered) -> Question:
    """Send the answer; the case goes on. ``fields`` of a refusal names the pieces that are missing."""
    case = _own(request, reference)
    inquiry = queries.open_inquiry(case)
    actions.answer_inquiry(case.pk, sent.text, lacks=sent.lacks, by=request.actor, at=clock.now())
    if inquiry is None:
        raise NothingAsked(reference=case.reference)
    inquiry.refresh_from_db()
    return _written(case, inquiry)


@router.post(
    "/workbench/cases/{reference}/ask",
    response={201: Question, **PROBLEMS},
    summary="Ask the applicant for more",
)
@operation(allows=may_work, discloses=WORK)
def ask(request: ActorRequest, reference: str, asked: AskedFor) -> Status[Question]:
    """Ask with words, with evidence to hand in, or both; the limit for the decision stands still."""
    case = queries.case_for(reference, actor=request.actor)
    inquiry = actions.ask_applicant(
        case.pk,
        asked.question,
        evidence=asked.evidence,
        others=asked.others,
        due_on=asked.due_on,
        revision=asked.revision,
        by=request.actor,
        at=clock.now(),
    )
    record_access(request.actor, [case.applicant_id], WORK, at=clock.now())
    return Status(201, _written(case, inquiry))
