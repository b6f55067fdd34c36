"""What applicants do: submit, answer a question, withdraw."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from commonweal.kernel.awards.queries import award_of_case
from commonweal.kernel.base import clock
from commonweal.kernel.base.encryption import blind_index
from commonweal.kernel.base.errors import Forbidden, Invalid
from commonweal.kernel.base.prepared import together
from commonweal.kernel.base.rows import new
from commonweal.kernel.base.transactions import action
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.cases.errors import AppliedAlready, CaseNotFound, NothingAsked
from commonweal.kernel.cases.errors import CaseClosed as CaseIsClosed
from commonweal.kernel.cases.events import CaseClosed, CaseOpened
from commonweal.kernel.cases.evidence import is_complete, problems_in
from commonweal.kernel.cases.flow import advance, due_on, lock, save, stages_of, years_after
from commonweal.kernel.cases.models import Case, Inquiry
from commonweal.kernel.cases.once import claim_subject
from commonweal.kernel.cases.rules import allows, may_send
from commonweal.kernel.cases.texts import accepted
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.catalogue.enums import Status as ServiceStatus
from commonweal.kernel.catalogue.errors import ServiceSuspended
from commonweal.kernel.forms import actions as forms
from commonweal.kernel.jobs.actions import announce
from commonweal.kernel.ledger.actions import record
from commonweal.kernel.ledger.queries import events_of
from commonweal.kernel.people import queries as people
from commonweal.kernel.places import queries as places

LONGEST_STANDSTILL_DAYS = 60
"""Calendar days for which questions to an applicant stop the clock, all of them together (PAMC 1.16.020)."""

_AGAIN = "cases.applied_again"


def submit(
    sheet_id: UUID, *, applicant_id: UUID, revision: int, by: Actor, at: datetime, token: str = ""
) -> Case:
    """Turn a completed sheet into a case, and take it as far through its stages as it goes by itself.

    Sending a sheet a second time returns its case and changes nothing.

    Args:
        sheet_id: The answers; the row is locked until the transaction ends.
        applicant_id: Whom the application is for.
        revision: What the review showed.
        by: Who sends it.
        at: When.
        token: The link's secret, where the sheet was begun without an account; the account takes it over.

    Raises:
        AnswersInvalid: Answers are missing or wrong; ``fields`` says which.
        SheetMoved: The answers were changed elsewhere since the review was shown.
        SheetNotFound: There is no such sheet for this actor.
        SheetExpired: It was kept as long as promised, and is gone.
        ServiceSuspended: The service takes no applications now.
        AppliedAlready: The service takes one application at a time about the same, and one is open; it says so in its
            history, for its officers.
        Forbidden: An officer sends it, and the applicant has not agreed to that.
    """
    try:
        return _submit(sheet_id, applicant_id, revision=revision, by=by, at=at, token=token)
    except AppliedAlready as refusal:
        _note_again(UUID(refusal.data["case"]), sheet_id, by=by, at=at)
        raise


@action
def _note_again(case_id: UUID, sheet_id: UUID, *, by: Actor, at: datetime) -> None:
    """Note on an open case that somebody applied for the same, once for each sheet, however often it is sent.

    Who it was is not told to its applicant; of the sheet, the entry keeps a blind index.
    """
    case = Case.objects.select_for_update().filter(pk=case_id).order_by("id").first()
    if case is None:
        return
    sheet = blind_index(str(sheet_id), context=_AGAIN)
    noted = (event.payload or {} for event in events_of(case.stream) if event.type == _AGAIN)
    if all(payload.get("sheet") != sheet for payload in noted):
        record(_AGAIN, stream=case.stream, subject=case.applicant_id, by=by, at=at, sheet=sheet)


@action
def _submit(
    sheet_id: UUID, applicant_id: UUID, *, revision: int, by: Actor, at: datetime, token: str
) -> Case:
    if not may_send(by, applicant_id):
        raise Forbidden
    if token:
        forms.claim_sheet(sheet_id, token=token, by=by, at=at)
    sent = forms.submit_sheet(sheet_id, revision=revision, by=by, at=at)
    if not sent.is_new:
        return Case.objects.get(sheet=sheet_id)
    if sent.owner_id in by.person_ids:  # of two merged records, the one that began it
        applicant_id = sent.owner_id
    service = catalogue.compiled(sent.version_id)
    stages = stages_of(service)
    with together(
        catalogue.offered_asked(service.key),
        people.team_asked(stages.team),
        *people.person_with_facts_asked(applicant_id),
    ):
        offered, team = catalogue.offered_service(service.key), people.team(stages.team)
        applicant = people.person_with_facts(applicant_id)
    if offered.status == ServiceStatus.SUSPENDED:
        raise ServiceSuspended(service=service.key)
    subject_index = claim_subject(service, sent.facts, by=by, at=at)
    opened_at = sent.received_at or at  # what came on paper counts from the day on which it came
    case = new(
        Case,
        service_key=service.key,
        version_id=sent.version_id,
        agency=service.info.agency,
        channel=sent.channel,
        team_id=team.pk,
        applicant_id=applicant_id,
        sheet_id=sheet_id,
        subject_index=subject_index,
        stage=stages.stages[0].key,
        opened_at=opened_at,
        due_on=due_on(stages, clock.local(opened_at).date()),
    )
    record(
        "cases.submitted",
        stream=case.stream,
        subject=applicant_id,
        by=by,
        at=at,
        reference=case.reference,
        service=service.key,
        version=case.version_id,
        version_hash=service.hash,
        sheet=sheet_id,
        channel=sent.channel,
    )
    forms.hand_over_files(sent, to=case.stream, subject=applicant_id, by=by, at=at)
    announce(CaseOpened(case_id=case.pk, service_key=service.key, at=at), at=at, agency=case.agency)
    advance(case, by=by, at=at, sent=sent, applicant=applicant)  # it writes the row, once for all stages
    return case


@action
def answer_inquiry(case_id: UUID, text: str, *, lacks: bool = False, by: Actor, at: datetime) -> Case:
    """Answer an officer's question; the case goes back to the officer who asked.

    Where evidence was asked for, there has to be a file for each piece, or the applicant says that they cannot and why.

    The days between question and answer do not count towards the limit for the decision, up to 60 days over all questions.

    Args:
        case_id: The row is locked until the transaction ends.
        text: The answer, or why something cannot be handed in; may be empty where every piece of evidence is there.
        lacks: Whether the applicant says that they cannot hand in everything.
        by: The applicant.
        at: When.

    Raises:
        CaseNotFound: There is none, or it is not the actor's.
        NothingAsked: No question is open.
        TextMissing: The text is empty or too long.
        Invalid: Evidence is missing, or a file is dangerous.
    """
    case = lock(case_id)
    if not allows(by, case):
        raise CaseNotFound
    inquiry = Inquiry.objects.filter(case=case, answered_at=None).order_by("id").first()
    if inquiry is None:
        raise NothingAsked(reference=case.reference)
    problems = problems_in(inquiry, lacks=lacks)
    if problems:
        raise Invalid(problems)
    has_all = bool(inquiry.pieces) and is_complete(inquiry)
    inquiry.answer = accepted(text, "answer") if text.strip() or not has_all else ""
    inquiry.answered_at, inquiry.is_lacking = at, bool(inquiry.pieces) and not has_all
    inquiry.save(update_fields=["answer", "answered_at", "is_lacking"])
    give_back(case, inquiry)
    record("cases.answered", stream=case.stream, subject=case.applicant_id, by=by, at=at, inquiry=inquiry.pk)
    return case


def give_back(case: Case, inquiry: Inquiry) -> None:
    """Let a case go on with the officers after a question; the days that it waited do not count."""
    if case.due_on != date.max:
        case.due_on = places.add_working_days(case.due_on, _stood(inquiry))
    case.status = Status.ASSIGNED if case.worker_id else Status.UNASSIGNED
    save(case)


def _stood(inquiry: Inquiry) -> int:
    """Return for how many working days the clock stood still for an answer; over all questions no longer than it may."""
    earlier = Inquiry.objects.filter(case=inquiry.case_id, answered_at__isnull=False).exclude(pk=inquiry.pk)
    used = sum((_days_waited(each).days for each in earlier.order_by("id")), 0)
    left = timedelta(days=max(0, LONGEST_STANDSTILL_DAYS - used))
    asked_on = clock.local(inquiry.asked_at).date()
    return places.working_days_between(asked_on, asked_on + min(_days_waited(inquiry), left))


def _days_waited(inquiry: Inquiry) -> timedelta:
    assert inquiry.answered_at is not None
    return clock.local(inquiry.answered_at).date() - clock.local(inquiry.asked_at).date()


@action
def withdraw(case_id: UUID, *, by: Actor, at: datetime) -> Case:
    """Take an application back before it is decided.

    Raises:
        CaseNotFound: There is none, or it is not the actor's.
        CaseClosed: It has been answered, or something was granted.
    """
    case = lock(case_id)
    if not allows(by, case):
        raise CaseNotFound
    if award_of_case(case.stream) is not None:
        raise CaseIsClosed(reference=case.reference)
    stages = stages_of(catalogue.compiled(case.version_id))
    case.status, case.closed_at, case.outcome = Status.CLOSED, at, "WITHDRAWN"
    case.dispose_on = years_after(clock.local(at).date(), stages.retention_years)
    save(case)
    record("cases.withdrawn", stream=case.stream, subject=case.applicant_id, by=by, at=at)
    announce(
        CaseClosed(case_id=case.pk, service_key=case.service_key, outcome=case.outcome, at=at),
        at=at,
        agency=case.agency,
    )
    return case


__all__ = ["answer_inquiry", "due_on", "submit", "withdraw"]
