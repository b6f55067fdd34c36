"""The API's door to applications: begin, answer, send, follow."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _
from ninja import Field, File, Header, Query, Router, Schema, Status
from ninja.files import UploadedFile

from commonweal.kernel.base import clock
from commonweal.kernel.base.api import PROBLEMS, ApiRouter, CursorUnknown, operation, routers
from commonweal.kernel.base.errors import Invalid
from commonweal.kernel.base.routes import NOTHING, ActorRequest
from commonweal.kernel.base.rules import anyone, is_resident
from commonweal.kernel.cases import actions, queries
from commonweal.kernel.cases.deciding import app_facts
from commonweal.kernel.cases.flow import stages_of
from commonweal.kernel.cases.history import history
from commonweal.kernel.cases.models import Case, Signature
from commonweal.kernel.cases.rules import may_work
from commonweal.kernel.cases.schemas import (
    Amount,
    Citation,
    Evaluation,
    ExplainedStep,
    MovedForward,
    NewerVersion,
    is_within,
    written,
)
from commonweal.kernel.cases.vocabulary import vocabulary_of
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.catalogue.types import CompiledService
from commonweal.kernel.decisions import queries as decisions
from commonweal.kernel.forms import actions as forms
from commonweal.kernel.forms import queries as sheets
from commonweal.kernel.ledger.actions import record_access

OWN = "show people their own applications"
KNOWN = "fill in what is known"
WORK = "work on applications"
TO_SIGN = "show what is to be signed"
_MOST_CONTEXT = 10_000
"""Letters and values together; more than registers would say. The form bounds the answers."""
_EARLIEST, _LATEST = date(1900, 1, 1), date(2200, 1, 1)

if TYPE_CHECKING:
    from commonweal.kernel.forms.models import Sheet

router = Router()
routers.register(ApiRouter("cases", "", router))


DraftToken = Annotated[str, Header(alias="Draft-Token")]
Cursor = Annotated[str, Query(max_length=200)]
Limit = Annotated[int, Query(ge=1, le=100)]


class EvaluationRequest(Schema):
    """Facts to evaluate; nothing of them is stored.

    Attributes:
        answers: By question, as the service's form asks them; what is left out is unknown.
        reference_on: The day whose law applies; as the service declares if left out, of an application sent today.
        known_on: The law as known on this day; all that we know if left out.
        context: What registers would say, by the names that the service declares.
    """

    answers: dict[str, Any]
    reference_on: date | None = None
    known_on: date | None = None
    context: dict[str, Any] = Field(default_factory=dict)


class Draft(Schema):
    """An application that has begun.

    Attributes:
        id: To go on with it.
        service: Key of the service.
        version: The version that it stays on.
        revision: Goes back with the next change.
        token: The secret to go on with it without an account; shown once, else empty.
        answers: What has been answered.
        missing: What is still missing or wrong, by page.
        not_asked: Pages with questions that need no answer, because it could no longer change anything.
        expires_at: Until then it is kept.
    """

    id: UUID
    service: str
    version: UUID
    revision: int
    token: str = ""
    answers: dict[str, Any]
    missing: dict[str, str]
    not_asked: list[str]
    expires_at: datetime


class DraftSummary(Schema):
    """An application that has begun, in a list.

    Attributes:
        id: To go on with it.
        service: Key of the service.
        about: What it is about, as far as the answers say so: a child's name, a number plate.
        begun_at: When it was begun.
        saved_at: When it was last answered.
        pages_done: How many pages are complete.
        expires_at: When it is deleted, if nobody goes on with it.
    """

    id: UUID
    service: str
    about: str
    begun_at: datetime
    saved_at: datetime
    pages_done: int
    expires_at: datetime


class FileHandedIn(Schema):
    """A file that belongs to a draft now, and to the answer of its question.

    Attributes:
        id: To name it in a document of answers.
        revision: Goes back with the next change of the draft.
    """

    id: UUID
    revision: int


class AnswersSent(Schema):
    """A whole document of answers.

    Attributes:
        answers: By question; it replaces what was answered before.
        revision: What the draft said.
    """

    answers: dict[str, Any]
    revision: int = Field(ge=0, le=2**31 - 1)


class SignatureDetail(Schema):
    """An invitation to sign an application beside its applicant.

    Attributes:
        id: To answer it.
        reference: Of the application.
        service: Key of the service.
        answer: ``signed``, ``declined``, or empty.
        is_open: Whether it can be answered.
        declaration: What is declared by signing.
        answers: Exactly what was sent; empty once one has declined, or the application has ended without one's signature.
    """

    id: UUID
    reference: str
    service: str
    answer: str
    is_open: bool
    declaration: str
    answers: dict[str, Any]


class SignatureAsked(Schema):
    """Somebody who has to sign one's application.

    Attributes:
        id: To send the invitation again.
        name: As the applicant named them.
        email: Where the invitation went.
        answer: ``signed``, ``declined``, or empty.
        asked_at: When the invitation went out, the last time.
    """

    id: UUID
    name: str
    email: str
    answer: str
    asked_at: datetime


class SignatureAddress(Schema):
    """Where an invitation to sign goes.

    Attributes:
        email: The same address as before, or a corrected one.
    """

    email: str = Field(max_length=320)


class DraftSent(Schema):
    """The order to send a draft."""

    revision: int = Field(ge=0, le=2**31 - 1)


class CaseCard(Schema):
    """A case in a list.

    Attributes:
        reference: What people call it by.
        service: Key of the service.
        status: How it stands.
        outcome: Key of the outcome, once decided.
        opened_at: When it was sent.
        due_on: Last day for an answer; null where there is no limit.
    """

    reference: str
    service: str
    status: str
    outcome: str
    opened_at: datetime
    due_on: date | None

    @classmethod
    def of(cls, case: Case) -> CaseCard:
        """Write a case for the API."""
        return cls(**_card(case))


class CaseList(Schema):
    """A stretch of a list.

    Attributes:
        items: In order.
        next_cursor: Asks for the stretch after this one; null at the end.
    """

    items: list[CaseCard]
    next_cursor: str | None


class Happened(Schema):
    """A line of a case's history."""

    at: datetime
    what: str
    who: str


class CaseDetail(CaseCard):
    """A case with its history.

    Attributes:
        stage: Key of the stage it stands at.
        revision: Grows with every change.
        closed_at: When it was answered.
        happenings: The newest first.
    """

    stage: str
    revision: int
    closed_at: datetime | None
    happenings: list[Happened]


class DecisionDetail(Schema):
    """What was decided, and why.

    Attributes:
        outcome: Key of the outcome.
        label: In plain words.
        grants: Whether it gives what was asked for.
        is_automatic: Whether the law's model decided.
        reason: The officer's reasons, of a decision by hand.
        legal_ground: Likewise.
        amounts: By name.
        result: Every intermediate figure.
        steps: The explanation.
        citations: The law applied.
        reference_on: The day whose law applied.
        model_hash: SHA-256 of the model.
        parameters_hash: SHA-256 of the parameters.
        engine: Version of the engine.
    """

    outcome: str
    label: str
    grants: bool
    is_automatic: bool
    reason: str
    legal_ground: str
    amounts: dict[str, Amount]
    result: Any
    steps: list[ExplainedStep]
    citations: list[Citation]
    reference_on: date
    model_hash: str
    parameters_hash: str
    engine: str


def _card(case: Case) -> dict[str, Any]:
    return {
        "reference": case.reference,
        "service": case.service_key,
        "status": case.status,
        "outcome": case.outcome,
        "opened_at": case.opened_at,
        "due_on": None if case.due_on == date.max else case.due_on,
    }


def _draft(request: ActorRequest, sheet: Sheet, token: str = "") -> Draft:
    now = clock.now()
    review = sheets.review(sheet, translation.get_language() or "", at=now)
    owners = [sheet.owner_id] if review.is_known and sheet.owner_id else []
    record_access(request.actor, owners, KNOWN, at=now)
    return Draft(
        id=sheet.pk,
        service=sheet.service_key,
        version=sheet.version_id,
        revision=sheet.revision,
        token=token,
        answers=sheet.answers,
        missing=dict(review.problems),
        not_asked=[left.page_key for left in review.left_out],
        expires_at=sheet.expires_at,
    )


@router.post("/services/{key}/evaluate", response={200: Evaluation, **PROBLEMS}, summary="Evaluate facts")
@operation(allows=anyone, discloses=NOTHING)
def evaluate(request: ActorRequest, key: str, asked: EvaluationRequest) -> Evaluation:
    """Decide and explain; nothing is stored, and nobody has to sign in."""
    service = catalogue.offered_service(key).compiled
    form = service.sections["form"]
    checked = sheets.check_part(
        form, asked.answers, at=clock.now(), translate=service.translator(translation.get_language() or "")
    )
    wrong = dict(checked.problems)
    for name, day in (("reference_on", asked.reference_on), ("known_on", asked.known_on)):
        if day is not None and not _EARLIEST <= day <= _LATEST:
            wrong[name] = _("Enter a day between 1900 and 2200.")
    if not is_within(asked.context, _MOST_CONTEXT):
        wrong["context"] = _("Send fewer facts, or shorter ones.")
    if wrong:
        raise Invalid(wrong)
    found = decisions.evaluate(
        service,
        sheets.feel_facts(form, checked.answers, at=clock.now()),
        reference_on=asked.reference_on,
        known_on=asked.known_on,
        context=_as_if_sent(service, asked),
    )
    label = ""
    if found.outcome is not None:
        translate = service.translator(translation.get_language() or "")
        label = translate(decisions.outcomes_of(service)[found.outcome].label)
    return written(found, label)


def _as_if_sent(service: CompiledService, asked: EvaluationRequest) -> dict[str, Any]:
    """Return the context as of an application sent on the reference date, or today, of which no app knows anything yet."""
    case = asked.context.get("case")
    said = case if isinstance(case, dict) else {}
    nothing = {fact.key: None for fact in app_facts(service)}
    return {**nothing, **asked.context, "case": {"submitted_on": asked.reference_on or clock.today(), **said}}


@router.post("/services/{key}/drafts", response={201: Draft, **PROBLEMS}, summary="Begin an application")
@operation(allows=anyone, discloses=NOTHING)
def start(request: ActorRequest, key: str) -> Status[Draft]:
    """Begin an application; without an account, the token is the only way back to it."""
    started = forms.start_sheet(key, by=request.actor, at=clock.now())
    sheet = sheets.open_sheet(started.sheet_id, by=request.actor, at=clock.now(), token=started.token)
    return Status(201, _draft(request, sheet, started.token))


@router.get("/drafts", response={200: list[DraftSummary], **PROBLEMS}, summary="List one's drafts")
@operation(allows=is_resident, discloses=OWN)
def drafts(request: ActorRequest) -> list[DraftSummary]:
    """Return what one has begun and not sent, at most 100, the one answered last first."""
    now = clock.now()
    record_access(request.actor, request.actor.person_ids, OWN, at=now)
    return [
        DraftSummary(
            id=card.id,
            service=card.service_key,
            about=card.about,
            begun_at=card.created_at,
            saved_at=card.updated_at,
            pages_done=card.pages_done,
            expires_at=card.expires_at,
        )
        for card in sheets.draft_cards(request.actor, translation.get_language() or "", at=now)
    ]


@router.delete("/drafts/{draft_id}", response={204: None, **PROBLEMS}, summary="Delete a draft")
@operation(allows=anyone, discloses=NOTHING)
def delete_draft(request: ActorRequest, draft_id: UUID, draft_token: DraftToken = "") -> Status[None]:
    """Delete what was begun and not sent, with its files; it cannot be undone."""
    forms.delete_draft(draft_id, by=request.actor, at=clock.now(), token=draft_token)
    return Status(204, None)


@router.get("/drafts/{draft_id}", response={200: Draft, **PROBLEMS}, summary="Show a draft")
@operation(allows=anyone, discloses=KNOWN)
def draft(request: ActorRequest, draft_id: UUID, draft_token: DraftToken = "") -> Draft:
    """Return what has been answered, and what is missing."""
    return _draft(request, sheets.open_sheet(draft_id, by=request.actor, at=clock.now(), token=draft_token))


@router.get(
    "/drafts/{draft_id}/newer",
    response={200: NewerVersion, **PROBLEMS},
    summary="Show what the newer version means for an application",
)
@operation(allows=anyone, discloses=NOTHING)
def newer(request: ActorRequest, draft_id: UUID, draft_token: DraftToken = "") -> NewerVersion:
    """Return which answers would go, and what would be asked, if the application went on with the newer version."""
    now = clock.now()
    sheet = sheets.open_sheet(draft_id, by=request.actor, at=now, token=draft_token)
    found = None
    if sheet.submitted_at is None:
        found = sheets.moving(sheet, translation.get_language() or "", at=now)
    if found is None:
        return NewerVersion(version=None, lost={}, new=[], again=[])
    lost = {one.key: [one.label, *one.lines] for one in found.lost}
    return NewerVersion(version=found.version_id, lost=lost, new=list(found.new), again=list(found.again))


@router.post(
    "/drafts/{draft_id}/newer",
    response={200: Draft, **PROBLEMS},
    summary="Go on with the newer version",
)
@operation(allows=anyone, discloses=NOTHING)
def move_forward(
    request: ActorRequest, draft_id: UUID, sent: MovedForward, draft_token: DraftToken = ""
) -> Draft:
    """Go on with the version that was shown; the answers that it has no place for go."""
    now = clock.now()
    forms.move_forward(
        draft_id, to=sent.version, revision=sent.revision, by=request.actor, at=now, token=draft_token
    )
    return _draft(request, sheets.open_sheet(draft_id, by=request.actor, at=now, token=draft_token))


@router.put("/drafts/{draft_id}/answers", response={200: Draft, **PROBLEMS}, summary="Answer")
@operation(allows=anyone, discloses=NOTHING)
def answer(
    request: ActorRequest,
    draft_id: UUID,
    sent: AnswersSent,
    draft_token: DraftToken = "",
) -> Draft:
    """Replace all answers; ``fields`` of a refusal names every problem by its path."""
    now = clock.now()
    forms.answer_all(
        draft_id, sent.answers, revision=sent.revision, by=request.actor, at=now, token=draft_token
    )
    return _draft(request, sheets.open_sheet(draft_id, by=request.actor, at=now, token=draft_token))


@router.post(
    "/drafts/{draft_id}/files/{question}", response={201: FileHandedIn, **PROBLEMS}, summary="Hand in a file"
)
@operation(allows=anyone, discloses=NOTHING)
def hand_in(
    request: ActorRequest,
    draft_id: UUID,
    question: str,
    file: File[UploadedFile],
    draft_token: DraftToken = "",
) -> Status[FileHandedIn]:
    """Add a file to the answer of a question for files; its kind is told by its content."""
    done = forms.attach_file(
        draft_id,
        question,
        file,
        name=file.name or "",
        by=request.actor,
        at=clock.now(),
        token=draft_token,
    )
    return Status(201, FileHandedIn(id=done.file_id, revision=done.revision))


@router.delete(
    "/drafts/{draft_id}/files/{question}/{file_id}",
    response={200: FileHandedIn, **PROBLEMS},
    summary="Take a file back",
)
@operation(allows=anyone, discloses=NOTHING)
def take_back(
    request: ActorRequest, draft_id: UUID, question: str, file_id: UUID, draft_token: DraftToken = ""
) -> FileHandedIn:
    """Delete a file that was handed in for a draft; taking it back again changes nothing."""
    done = forms.remove_file(draft_id, question, file_id, by=request.actor, at=clock.now(), token=draft_token)
    return FileHandedIn(id=done.file_id, revision=done.revision)


@router.post("/drafts/{draft_id}/submit", response={201: CaseDetail, **PROBLEMS}, summary="Send a draft")
@operation(allows=is_resident, discloses=OWN)
def submit(
    request: ActorRequest,
    draft_id: UUID,
    sent: DraftSent,
    draft_token: DraftToken = "",
) -> Status[CaseDetail]:
    """Send an application; sending it again gives the same case."""
    case = actions.submit(
        draft_id,
        applicant_id=request.actor.person_ids[0],
        revision=sent.revision,
        token=draft_token,
        by=request.actor,
        at=clock.now(),
    )
    return Status(201, _detail(request, case, OWN))


@router.get("/cases", response={200: CaseList, **PROBLEMS}, summary="List one's own cases")
@operation(allows=is_resident, discloses=OWN)
def cases(request: ActorRequest, cursor: Cursor = "", limit: Limit = 25) -> CaseList:
    """Return the cases of the resident who asks, the newest first."""
    record_access(request.actor, request.actor.person_ids, OWN, at=clock.now())
    found, next_cursor = queries.own_cases(request.actor, cursor=_known(cursor), limit=limit)
    return CaseList(items=[CaseCard.of(case) for case in found], next_cursor=next_cursor)


@router.get("/cases/{reference}", response={200: CaseDetail, **PROBLEMS}, summary="Show a case")
@operation(allows=is_resident, discloses=OWN)
def case(request: ActorRequest, reference: str) -> CaseDetail:
    """Return how a case stands."""
    return _detail(request, queries.case_for(reference, actor=request.actor), OWN)


@router.get(
    "/cases/{reference}/decision", response={200: DecisionDetail, **PROBLEMS}, summary="Show the decision"
)
@operation(allows=is_resident, discloses=OWN)
def decision(request: ActorRequest, reference: str) -> DecisionDetail:
    """Return what was decided, step by step."""
    found = queries.case_for(reference, actor=request.actor)
    record_access(request.actor, [found.applicant_id], OWN, at=clock.now())
    service, language = catalogue.compiled(found.version_id), translation.get_language() or ""
    decision_id, called = queries.decision_id_of(found), vocabulary_of(service, language).called
    card, steps = decisions.explained(decision_id, called)
    basis = decisions.basis_of(decision_id)
    label = service.translator(language)(decisions.outcomes_of(service)[card.outcome].label)
    known = vars(basis) | vars(card)
    return DecisionDetail(
        **{name: known[name] for name in DecisionDetail.model_fields if name in known}
        | {
            "label": label,
            "amounts": {name: Amount.of(money) for name, money in card.amounts.items()},
            "steps": [ExplainedStep.of(step) for step in steps],
            "citations": [Citation.of(citation) for citation in basis.citations],
        }
    )


def _detail(request: ActorRequest, found: Case, purpose: str) -> CaseDetail:
    record_access(request.actor, [found.applicant_id], purpose, at=clock.now())
    return CaseDetail(
        **_card(found),
        stage=found.stage,
        revision=found.revision,
        closed_at=found.closed_at,
        happenings=[
            Happened(at=line.at, what=line.what, who=line.who)
            for line in history(found.stream, actor=request.actor)
        ],
    )


def _signature(request: ActorRequest, found: Signature) -> SignatureDetail:
    record_access(request.actor, [found.case.applicant_id], TO_SIGN, at=clock.now())
    service = catalogue.compiled(found.case.version_id)
    spec = stages_of(service).signing
    translate = service.translator(translation.get_language() or "")
    return SignatureDetail(
        id=found.pk,
        reference=found.case.reference,
        service=found.case.service_key,
        answer=found.answer,
        is_open=not found.answer and found.case.is_open,
        declaration=translate(spec.declaration) if spec else "",
        answers=sheets.submitted_sheet(found.case.sheet_id).answers if queries.may_read(found) else {},
    )


def _asked(found: Signature) -> SignatureAsked:
    return SignatureAsked(
        id=found.pk, name=found.name, email=found.email, answer=found.answer, asked_at=found.asked_at
    )


@router.get(
    "/cases/{reference}/signatures",
    response={200: list[SignatureAsked], **PROBLEMS},
    summary="List who has to sign an application",
)
@operation(allows=is_resident, discloses=OWN)
def asked_to_sign(request: ActorRequest, reference: str) -> list[SignatureAsked]:
    """Return who was asked to sign one's own application, and what they said."""
    found = queries.case_for(reference, actor=request.actor)
    record_access(request.actor, [found.applicant_id], OWN, at=clock.now())
    return [_asked(each) for each in queries.signatures_in(found)]


@router.post(
    "/cases/{reference}/signatures/{signature_id}/invite-again",
    response={200: SignatureAsked, **PROBLEMS},
    summary="Send an invitation to sign again",
)
@operation(allows=is_resident, discloses=OWN)
def invite_again(
    request: ActorRequest, reference: str, signature_id: UUID, asked: SignatureAddress
) -> SignatureAsked:
    """Send an invitation once more, to the same address or a corrected one; the one before stops working."""
    case = queries.case_for(reference, actor=request.actor)
    found = queries.signature_asked_in(signature_id, case=case)
    sent = actions.invite_again(found.pk, email=asked.email, by=request.actor, at=clock.now())
    record_access(request.actor, [case.applicant_id], OWN, at=clock.now())
    return _asked(sent)


@router.get(
    "/signatures", response={200: list[SignatureDetail], **PROBLEMS}, summary="List invitations to sign"
)
@operation(allows=is_resident, discloses=TO_SIGN)
def signatures(request: ActorRequest) -> list[SignatureDetail]:
    """Return what the resident was asked to sign and has not answered yet, at most 25."""
    record_access(request.actor, [], TO_SIGN, at=clock.now())
    return [_signature(request, each) for each in queries.signatures_asked_of(request.actor)]


@router.get(
    "/signatures/{signature_id}",
    response={200: SignatureDetail, **PROBLEMS},
    summary="Show what is to be signed",
)
@operation(allows=is_resident, discloses=TO_SIGN)
def signature(request: ActorRequest, signature_id: UUID) -> SignatureDetail:
    """Return exactly what was sent."""
    return _signature(request, queries.signature_for(signature_id, actor=request.actor))


@router.post("/signatures/{signature_id}/sign", response={200: SignatureDetail, **PROBLEMS}, summary="Sign")
@operation(allows=is_resident, discloses=TO_SIGN)
def sign(request: ActorRequest, signature_id: UUID) -> SignatureDetail:
    """Sign an application beside its applicant; signing it again changes nothing."""
    actions.sign(signature_id, by=request.actor, at=clock.now())
    return _signature(request, queries.signature_for(signature_id, actor=request.actor))


@router.post(
    "/signatures/{signature_id}/decline", response={200: SignatureDetail, **PROBLEMS}, summary="Decline"
)
@operation(allows=is_resident, discloses=TO_SIGN)
def decline(request: ActorRequest, signature_id: UUID) -> SignatureDetail:
    """Decline to sign an application, which ends it."""
    actions.decline(signature_id, by=request.actor, at=clock.now())
    return _signature(request, queries.signature_for(signature_id, actor=request.actor))


@router.get("/workbench/cases", response={200: CaseList, **PROBLEMS}, summary="List the team's open cases")
@operation(allows=may_work, discloses=WORK)
def work(request: ActorRequest, cursor: Cursor = "", limit: Limit = 25) -> CaseList:
    """Return the open cases of the officer's teams, the most urgent first."""
    found, next_cursor = queries.open_cases(request.actor, cursor=_known(cursor), limit=limit)
    record_access(request.actor, {case.applicant_id for case in found}, WORK, at=clock.now())
    return CaseList(items=[CaseCard.of(case) for case in found], next_cursor=next_cursor)


def _known(cursor: str) -> str:
    if cursor and not queries.is_cursor(cursor):
        raise CursorUnknown
    return cursor
