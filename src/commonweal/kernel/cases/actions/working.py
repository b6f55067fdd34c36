"""What officers do with a case before it is decided: take it, hand it on, note, ask."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import Forbidden
from commonweal.kernel.base.transactions import action
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases.actions.handing import write_letter
from commonweal.kernel.cases.deciding import applicant_card
from commonweal.kernel.cases.enums import IN_QUEUE, Status
from commonweal.kernel.cases.errors import (
    CaseMovedOn,
    CaseNotFound,
    NothingToDecide,
    NotInTeam,
    TakenByAnother,
)
from commonweal.kernel.cases.evidence import answer_day, named_pieces, reminder_day
from commonweal.kernel.cases.flow import lock, save, stages_of
from commonweal.kernel.cases.models import Case, Inquiry, Note
from commonweal.kernel.cases.rules import may_supervise, works_on
from commonweal.kernel.cases.texts import accepted
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.jobs.actions import queue_mail
from commonweal.kernel.ledger.actions import record
from commonweal.kernel.people import queries as people


def lock_for(case_id: UUID, *, by: Actor, revision: int | None = None) -> Case:
    """Return an open case that an officer works on, its row locked.

    Raises:
        CaseNotFound: There is none, or it is another agency's or team's.
        CaseClosed: It has been answered.
        CaseMovedOn: It has changed since ``revision``.
    """
    case = lock(case_id, revision=revision)
    if not works_on(by, case):
        raise CaseNotFound
    return case


@action
def claim_case(case_id: UUID, *, by: Actor, at: datetime) -> Case:
    """Take a case for oneself. Claiming one's own case changes nothing.

    Raises:
        CaseNotFound: There is none, or it is another team's.
        TakenByAnother: Somebody else has it.
        NothingToDecide: It is not in the queue.
    """
    case = lock_for(case_id, by=by)
    if str(case.worker_id) == by.id:
        return case
    if case.worker_id is not None:
        raise TakenByAnother(reference=case.reference)
    return _give(case, UUID(by.id), by=by, at=at)


@action
def assign_case(case_id: UUID, *, worker_id: UUID, by: Actor, at: datetime) -> Case:
    """Give a case to an officer of its team. Giving it to the one who has it changes nothing.

    Raises:
        CaseNotFound: There is none, or it is another team's.
        Forbidden: ``by`` may not supervise.
        NotInTeam: ``worker_id`` is not in the case's team.
        NothingToDecide: It is not in the queue.
    """
    case = lock_for(case_id, by=by)
    if not may_supervise(by):
        raise Forbidden
    if not people.is_member(worker_id, case.team_id):
        raise NotInTeam
    if case.worker_id == worker_id:
        return case
    return _give(case, worker_id, by=by, at=at)


def _give(case: Case, worker_id: UUID, *, by: Actor, at: datetime) -> Case:
    if case.status not in IN_QUEUE:
        raise NothingToDecide(reference=case.reference)
    case.worker_id = worker_id
    if case.status == Status.UNASSIGNED:
        case.status = Status.ASSIGNED
    save(case)
    record("cases.assigned", stream=case.stream, subject=case.applicant_id, by=by, at=at, worker=worker_id)
    return case


@action
def release_case(case_id: UUID, *, by: Actor, at: datetime) -> Case:
    """Put a case back into the queue. Releasing a case that nobody has changes nothing.

    Raises:
        CaseNotFound: There is none, or it is another team's.
        TakenByAnother: Somebody else has it, and ``by`` may not supervise.
    """
    case = lock_for(case_id, by=by)
    if case.worker_id is None:
        return case
    if str(case.worker_id) != by.id and not may_supervise(by):
        raise TakenByAnother(reference=case.reference)
    case.worker_id = None
    if case.status == Status.ASSIGNED:
        case.status = Status.UNASSIGNED
    save(case)
    record("cases.released", stream=case.stream, subject=case.applicant_id, by=by, at=at)
    return case


@action
def add_note(case_id: UUID, text: str, *, by: Actor, at: datetime) -> Note:
    """Write down something for colleagues; closed cases take notes too.

    Raises:
        CaseNotFound: There is none, or it is another team's.
        TextMissing: The text is empty or too long.
    """
    clean = accepted(text, "note")
    case = Case.objects.select_for_update().filter(pk=case_id).order_by("id").first()
    if case is None or not works_on(by, case):
        raise CaseNotFound
    note = Note.objects.create(case=case, author_id=UUID(by.id), text=clean, written_at=at)
    record("cases.noted", stream=case.stream, subject=case.applicant_id, by=by, at=at, note=note.pk)
    return note


@action
def ask_applicant(
    case_id: UUID,
    question: str,
    *,
    evidence: Sequence[str] = (),
    others: Sequence[str] = (),
    due_on: date | None = None,
    by: Actor,
    at: datetime,
    revision: int | None = None,
) -> Inquiry:
    """Ask the applicant for more; the case waits, and its clock stands still.

    Where evidence is named, a letter lists it; else an e-mail says that there is a question.

    Args:
        case_id: The row is locked until the transaction ends.
        question: As the applicant will read it; may be empty where evidence is named.
        evidence: Keys of the service's evidence to hand in.
        others: Further pieces, in the officer's own words.
        due_on: Last day for the answer, moved to a working day; as the service declares if left out.
        by: An officer of the team.
        at: When.
        revision: What the page showed.

    Raises:
        CaseNotFound: There is none, or it is another team's.
        CaseMovedOn: It has changed since ``revision``.
        NothingToDecide: It is not in the queue, or a question is open already.
        TextMissing: The text is empty or too long.
        Invalid: The evidence is none of the service's, or the day is not after today, or beyond the law.
    """
    case = lock_for(case_id, by=by, revision=revision)
    service, today = catalogue.compiled(case.version_id), clock.local(at).date()
    pieces = named_pieces(service, evidence, others)
    clean = accepted(question, "question") if question.strip() or not pieces else ""
    asking = stages_of(service).asking
    if case.status not in {Status.UNASSIGNED, Status.ASSIGNED}:
        raise NothingToDecide(reference=case.reference)
    last_day = answer_day(asking, due_on, today=today)
    case.worker_id = UUID(by.id)
    case.status = Status.ASKED
    case.checked_on = case.checked_on or today
    save(case)
    inquiry = Inquiry.objects.create(
        case=case,
        asked_by_id=UUID(by.id),
        question=clean,
        pieces=pieces,  # type: ignore[misc]  # the plugin takes JSON for text
        asked_at=at,
        answer_due_on=last_day,
        remind_on=reminder_day(asking, last_day, today=today),
    )
    record(
        "cases.asked",
        stream=case.stream,
        subject=case.applicant_id,
        by=by,
        at=at,
        inquiry=inquiry.pk,
        pieces=len(pieces),
        due_on=last_day.isoformat(),
    )
    if pieces:
        write_letter(case, inquiry, by=by, at=at)
    else:
        _tell(case, inquiry, at)
    return inquiry


@action
def find_complete(case_id: UUID, *, revision: int, by: Actor, at: datetime) -> Case:
    """Note that nothing is missing in an application. Doing it again changes nothing.

    Args:
        case_id: The row is locked until the transaction ends.
        revision: What the page showed.
        by: An officer of the team.
        at: When.

    Raises:
        CaseNotFound: There is none, or it is another team's.
        CaseClosed: It has been answered.
        CaseMovedOn: It has changed since ``revision``.
        NothingToDecide: It does not wait for an officer.
    """
    case = lock_for(case_id, by=by)
    if case.checked_on is not None:
        return case
    if case.revision != revision:
        raise CaseMovedOn(reference=case.reference)
    if case.status not in {Status.UNASSIGNED, Status.ASSIGNED}:
        raise NothingToDecide(reference=case.reference)
    case.checked_on = clock.local(at).date()
    save(case)
    record("cases.found_complete", stream=case.stream, subject=case.applicant_id, by=by, at=at)
    return case


def _tell(case: Case, inquiry: Inquiry, at: datetime) -> None:
    """Promise an e-mail that says where to look, and nothing of what is asked."""
    card = applicant_card(case, at=at)
    if not card.email:
        return
    with translation.override(card.language):
        link = settings.COMMONWEAL_URL.rstrip("/") + reverse(
            "cases:case", kwargs={"reference": case.reference}
        )
        subject = gettext("We have a question about your application")
        text = gettext("Sign in to read and answer it:\n%(link)s\n") % {"link": link}
    queue_mail(
        to=[card.email],
        subject_line=subject,
        text=text,
        idempotency_key=f"cases.asked:{inquiry.pk}",
        at=at,
        subject=case.applicant_id,
        agency=case.agency,
    )
