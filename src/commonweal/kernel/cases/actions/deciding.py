"""What officers decide."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from commonweal.kernel.base import clock
from commonweal.kernel.base.transactions import action
from commonweal.kernel.base.types import Actor, Money
from commonweal.kernel.cases.actions.working import lock_for
from commonweal.kernel.cases.deciding import applicant_card, begin
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.cases.errors import CaseNotFound, NothingToDecide, NotStuck, TakenByAnother
from commonweal.kernel.cases.flow import advance, is_stuck, letter_key, stage_of
from commonweal.kernel.cases.lateness import note_lateness
from commonweal.kernel.cases.models import Case
from commonweal.kernel.cases.outcomes import apply_by_hand, apply_law
from commonweal.kernel.cases.texts import accepted
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.ledger.actions import record
from commonweal.kernel.mailbox import actions as mailbox

TITLE_LENGTH = 150


def _lock_to_decide(case_id: UUID, *, revision: int, by: Actor, at: datetime) -> Case:
    case = lock_for(case_id, by=by, revision=revision)
    if case.status not in {Status.UNASSIGNED, Status.ASSIGNED} or is_stuck(case):
        raise NothingToDecide(reference=case.reference)
    _take(case, by)
    note_lateness(case, on=clock.local(at).date(), by=by, at=at)
    return case


def _lock_stuck(case_id: UUID, *, by: Actor, revision: int) -> Case:
    case = lock_for(case_id, by=by, revision=revision)
    if not is_stuck(case):
        raise NotStuck(reference=case.reference)
    _take(case, by)
    return case


def _take(case: Case, by: Actor) -> None:
    if case.worker_id is not None and str(case.worker_id) != by.id:
        raise TakenByAnother(reference=case.reference)
    case.worker_id = UUID(by.id)


@action
def confirm_proposal(case_id: UUID, *, revision: int, by: Actor, at: datetime) -> Case:
    """Decide a case as the law's own evaluation proposes, and go on with it.

    Args:
        case_id: The row is locked until the transaction ends.
        revision: What the page showed; of two officers who decide at once, one wins.
        by: An officer of the team.
        at: When.

    Raises:
        CaseNotFound: There is none, or it is another team's.
        CaseClosed: It has been answered.
        CaseMovedOn: It has changed since ``revision``.
        NothingToDecide: It does not wait for a decision, or the law gives no answer.
        TakenByAnother: Another officer has it.
    """
    case = _lock_to_decide(case_id, revision=revision, by=by, at=at)
    run = begin(case, catalogue.compiled(case.version_id), by=by, at=at)
    if not apply_law(run, looked_at=True):
        raise NothingToDecide(reference=case.reference)
    return _go_on(case, by, at)


@action
def decide_by_hand(
    case_id: UUID,
    *,
    outcome: str,
    reasons: str,
    legal_ground: str,
    revision: int,
    by: Actor,
    at: datetime,
    amount: Money | None = None,
) -> Case:
    """Decide a case with reasons of one's own, and go on with it.

    Args:
        case_id: The row is locked until the transaction ends.
        outcome: Key of one of the service's outcomes.
        reasons: As the applicant will read them.
        legal_ground: The rule that the decision rests on.
        revision: What the page showed; of two officers who decide at once, one wins.
        by: An officer of the team.
        at: When.
        amount: What is granted, where the outcome grants an amount.

    Raises:
        CaseNotFound: There is none, or it is another team's.
        CaseClosed: It has been answered.
        CaseMovedOn: It has changed since ``revision``.
        NothingToDecide: It does not wait for a decision.
        TakenByAnother: Another officer has it.
        TextMissing: Reasons or legal ground are empty or too long.
        Invalid: The service knows no such outcome.
    """
    reasons, legal_ground = accepted(reasons, "reasons"), accepted(legal_ground, "legal_ground")
    case = _lock_to_decide(case_id, revision=revision, by=by, at=at)
    run = begin(case, catalogue.compiled(case.version_id), by=by, at=at)
    apply_by_hand(run, outcome=outcome, reasons=reasons, legal_ground=legal_ground, amount=amount)
    return _go_on(case, by, at)


@action
def retry_stage(case_id: UUID, *, revision: int, by: Actor, at: datetime) -> Case:
    """Go through a stage once more that could not be gone through: send its letter, or tell its day.

    Where it fails again, the case stays with the officer, with the reason of this time.

    Args:
        case_id: The row is locked until the transaction ends.
        revision: What the page showed.
        by: An officer of the team.
        at: When.

    Raises:
        CaseNotFound: There is none, or it is another team's.
        CaseClosed: It has been answered.
        CaseMovedOn: It has changed since ``revision``.
        NotStuck: Its stage went through.
        TakenByAnother: Another officer has it.
    """
    case = _lock_stuck(case_id, by=by, revision=revision)
    case.status, case.status_reason = Status.RUNNING, ""
    record(
        "cases.stage_retried", stream=case.stream, subject=case.applicant_id, by=by, at=at, stage=case.stage
    )
    advance(case, by=by, at=at)
    return case


@action
def send_letter_by_hand(
    case_id: UUID, *, title: str, text: str, revision: int, by: Actor, at: datetime
) -> Case:
    """Send a letter in one's own words in place of one that cannot be written, and go on with the case.

    Args:
        case_id: The row is locked until the transaction ends.
        title: One line.
        text: As the applicant will read it; no markup.
        revision: What the page showed.
        by: An officer of the team.
        at: When.

    Raises:
        CaseNotFound: There is none, or it is another team's.
        CaseClosed: It has been answered.
        CaseMovedOn: It has changed since ``revision``.
        NotStuck: Its stage went through, or is none of a letter.
        TakenByAnother: Another officer has it.
        TextMissing: Title or text are empty or too long.
    """
    title, text = accepted(title, "title", limit=TITLE_LENGTH), accepted(text, "letter")
    case = _lock_stuck(case_id, by=by, revision=revision)
    if stage_of(case).kind != "letter":
        raise NotStuck(reference=case.reference)
    mailbox.write(
        case.applicant_id,
        case,
        title=title,
        text=text,
        by=by,
        at=at,
        unique_key=letter_key(case),
        card=applicant_card(case, at=at),
    )
    record(
        "cases.letter_by_hand", stream=case.stream, subject=case.applicant_id, by=by, at=at, stage=case.stage
    )
    return _go_on(case, by, at)


@action
def pass_over_stage(
    case_id: UUID, *, kind: str, reasons: str, revision: int, by: Actor, at: datetime
) -> Case:
    """Go on behind a stage that cannot be gone through; the reasons stand in the ledger.

    Whoever calls says for which kind of stage that is right.

    Args:
        case_id: The row is locked until the transaction ends.
        kind: Of the stage at which the case has to stand.
        reasons: Why.
        revision: What the page showed.
        by: An officer of the team.
        at: When.

    Raises:
        CaseNotFound: There is none, or it is another team's.
        CaseClosed: It has been answered.
        CaseMovedOn: It has changed since ``revision``.
        NotStuck: Its stage went through, or is of another kind.
        TakenByAnother: Another officer has it.
        TextMissing: The reasons are empty or too long.
    """
    reasons = accepted(reasons, "reasons")
    case = _lock_stuck(case_id, by=by, revision=revision)
    if stage_of(case).kind != kind:
        raise NotStuck(reference=case.reference)
    record(
        "cases.stage_passed_over",
        stream=case.stream,
        subject=case.applicant_id,
        by=by,
        at=at,
        stage=case.stage,
        reasons=reasons,
    )
    return _go_on(case, by, at)


def _go_on(case: Case, by: Actor, at: datetime) -> Case:
    case.status, case.status_reason = Status.RUNNING, ""
    advance(case, by=by, at=at, start_after=case.stage)
    return case


@action
def note_reassessment(case_id: UUID, *, decision_id: UUID, outcome: str, by: Actor, at: datetime) -> Case:
    """Let a later decision count in a case that was answered; the case itself stays closed.

    Args:
        case_id: The row is locked until the transaction ends.
        decision_id: The decision, made on the case's stream.
        outcome: Key of its outcome.
        by: Who decided; named in the ledger.
        at: When.

    Raises:
        CaseNotFound: There is no such case.
    """
    try:
        case = Case.objects.select_for_update().get(pk=case_id)
    except Case.DoesNotExist:
        raise CaseNotFound from None
    case.decision_id, case.outcome, case.revision = decision_id, outcome, case.revision + 1
    case.save(update_fields=["decision_id", "outcome", "revision"])
    record(
        "cases.reassessed",
        stream=case.stream,
        subject=case.applicant_id,
        by=by,
        at=at,
        decision=decision_id,
        outcome=outcome,
    )
    return case
