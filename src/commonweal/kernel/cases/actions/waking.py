"""What happens to cases by the passing of time."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.personal import must_not_be_held
from commonweal.kernel.base.transactions import action
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases.actions.applying import give_back
from commonweal.kernel.cases.deciding import begin
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.cases.errors import CaseMovedOn
from commonweal.kernel.cases.evidence import is_complete
from commonweal.kernel.cases.flow import advance, is_stuck, lock, save, stage_of
from commonweal.kernel.cases.lateness import note_lateness, write_late_letter
from commonweal.kernel.cases.models import Case, Inquiry, Signature
from commonweal.kernel.cases.outcomes import UNGRANTED, apply_time
from commonweal.kernel.cases.registry import Step, stage_kinds
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.consent.actions import erase_stream
from commonweal.kernel.decisions.queries import comes_by_silence, lapsed_outcome, silent_outcome
from commonweal.kernel.forms.actions import delete_submitted
from commonweal.kernel.ledger.actions import record

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

_log = structlog.get_logger(__name__)
_SILENCE = _("No decision was made in the time that the law allows.")
_LAPSE = _("We asked for something and had no answer in time.")


@action
def wake(case_id: UUID, *, on: date, by: Actor, at: datetime) -> bool:
    """Go on with a case whose waiting stage has come to its day; False if there is nothing to do."""
    case = (
        Case.objects.select_for_update()
        .filter(pk=case_id, status=Status.WAITING, wake_on__lte=on)
        .order_by("id")
        .first()
    )
    if case is None:
        return False
    case.status, case.wake_on = Status.RUNNING, None
    record("cases.woken", stream=case.stream, subject=case.applicant_id, by=by, at=at)
    stage = stage_of(case)
    run = begin(case, catalogue.compiled(case.version_id), by=by, at=at)
    if stage_kinds[stage.kind].wake(stage, run) is Step.STAY:
        save(case)
    else:
        advance(case, by=by, at=at, start_after=case.stage)
    return True


@action
def keep_silence(case_id: UUID, *, on: date, by: Actor, at: datetime) -> bool:
    """Let follow what the law says where nobody decided in time: grant, or tell; False if there is nothing to do.

    Where the law grants nothing by silence but says what follows, the case is noted as late, once: ``case.is_late`` is
    true from then on, the applicant gets a letter, and the case stays with the officers.

    Where the outcome has a condition (``silent_when``) that is not true of the case, the case stays with the officers.

    A question to the applicant stops the clock: such a case waits for the answer. Where the award cannot be worked out,
    the one to change has ended, or nothing is left of what is scarce, the case stays with the officers and says why.

    Args:
        case_id: The row is locked until the transaction ends.
        on: The day; the last day for an answer has to lie before it.
        by: Who noticed; named in the ledger.
        at: When.
    """
    case = (
        Case.objects.select_for_update()
        .filter(pk=case_id, status__in=(Status.UNASSIGNED, Status.ASSIGNED), due_on__lt=on)
        .order_by("id")
        .first()
    )
    if case is None:
        return False
    service = catalogue.compiled(case.version_id)
    outcome = silent_outcome(service)
    if outcome is None:
        return _tell_of_silence(case, on=on, by=by, at=at)
    if is_stuck(case):
        return False
    known = begin(case, service, by=by, at=at).known
    if not comes_by_silence(service, outcome, known.answers, known.context()):
        return False
    return _decided_by_time(case, outcome, _SILENCE, by=by, at=at)


def _tell_of_silence(case: Case, *, on: date, by: Actor, at: datetime) -> bool:
    if not note_lateness(case, on=on, by=by, at=at):
        return False
    save(case)
    write_late_letter(case, by=by, at=at)
    return True


@action
def lapse(case_id: UUID, *, on: date, by: Actor, at: datetime) -> bool:
    """Go on with a case whose applicant left a question unanswered; False if there is nothing to do.

    Where the law says so, the case ends; else it goes back to the officers, who decide with what there is.

    Args:
        case_id: The row is locked until the transaction ends.
        on: The day; the last day for the answer has to lie before it.
        by: Who noticed; named in the ledger.
        at: When.
    """
    unanswered = Inquiry.objects.filter(answered_at=None, answer_due_on__lt=on)
    case = (
        Case.objects.select_for_update()
        .filter(pk=case_id, status=Status.ASKED, pk__in=unanswered.values("case"))
        .order_by("id")
        .first()
    )
    if case is None:
        return False
    outcome = lapsed_outcome(catalogue.compiled(case.version_id))
    if outcome is None or not _decided_by_time(case, outcome, _LAPSE, by=by, at=at):
        _close_question(case, by=by, at=at)
    return True


def _close_question(case: Case, *, by: Actor, at: datetime) -> None:
    inquiry = Inquiry.objects.filter(case=case, answered_at=None).order_by("id").get()
    inquiry.answered_at, inquiry.is_lacking = at, bool(inquiry.pieces) and not is_complete(inquiry)
    inquiry.save(update_fields=["answered_at", "is_lacking"])
    record(
        "cases.unanswered", stream=case.stream, subject=case.applicant_id, by=by, at=at, inquiry=inquiry.pk
    )
    give_back(case, inquiry)


def _decided_by_time(case: Case, outcome: str, reasons: StrPromise, *, by: Actor, at: datetime) -> bool:
    """Decide as time does; False where that cannot be granted: the case is as it was, and says why to the officers."""
    try:
        with transaction.atomic():
            _decide_by_time(case, outcome, reasons, by=by, at=at)
    except UNGRANTED as error:
        _log.warning("cases.time_not_kept", case=str(case.pk), reason=error.code)
        case.refresh_from_db()
        if case.status_reason != str(error)[:500]:
            case.status_reason = str(error)[:500]
            save(case)
        return False
    return True


def _decide_by_time(case: Case, outcome: str, reasons: StrPromise, *, by: Actor, at: datetime) -> None:
    run = begin(case, catalogue.compiled(case.version_id), by=by, at=at)
    with translation.override(run.known.applicant.language):
        apply_time(run, outcome=outcome, reasons=str(reasons))
    case.status, case.status_reason = Status.RUNNING, ""
    record("cases.time_passed", stream=case.stream, subject=case.applicant_id, by=by, at=at, outcome=outcome)
    advance(case, by=by, at=at, start_after=case.stage)


@action
def go_on(case_id: UUID, *, by: Actor, at: datetime) -> Case:
    """Go on with a case that waits at its stage for something that has happened now.

    Raises:
        CaseNotFound: There is none.
        CaseClosed: It has been answered.
        CaseMovedOn: It does not wait.
    """
    case = lock(case_id)
    if case.status != Status.WAITING:
        raise CaseMovedOn(reference=case.reference)
    case.status, case.wake_on = Status.RUNNING, None
    record("cases.went_on", stream=case.stream, subject=case.applicant_id, by=by, at=at, stage=case.stage)
    advance(case, by=by, at=at, start_after=case.stage)
    return case


@action
def dispose(case_id: UUID, *, on: date, by: Actor, at: datetime) -> bool:
    """Destroy a closed case whose time of keeping is over; False if there is nothing to do.

    Its answers, letters and files go with it, and what was decided is blanked; an award that still runs stays. The
    ledger's entries stay; the applicant's key decides whether they can still be read.

    Raises:
        UnderHold: A hold on the case or its applicant forbids it.
    """
    case = Case.objects.select_for_update().filter(pk=case_id, dispose_on__lte=on).order_by("id").first()
    if case is None:
        return False
    stream, sheet_id = case.stream, case.sheet_id
    invitations = [each.stream for each in Signature.objects.filter(case=case).order_by("id")]
    must_not_be_held(subjects=[case.applicant_id], streams=[stream])
    record("cases.disposed", stream=stream, by=by, at=at, reference=case.reference)
    case.delete()
    delete_submitted(sheet_id, by=by, at=at)
    for each in (stream, *invitations):
        erase_stream(each, by=by, at=at)
    return True
