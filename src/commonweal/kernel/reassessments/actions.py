"""Everything that changes a mass re-assessment."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from commonweal.kernel.awards import actions as awards
from commonweal.kernel.awards import queries as award_queries
from commonweal.kernel.awards.errors import AwardEnded
from commonweal.kernel.base import clock
from commonweal.kernel.base.fields import new_id
from commonweal.kernel.base.free_text import readable
from commonweal.kernel.base.jurisdiction import current
from commonweal.kernel.base.rows import insert, insert_rows
from commonweal.kernel.base.transactions import action
from commonweal.kernel.base.types import Actor, Money
from commonweal.kernel.cases import actions as cases
from commonweal.kernel.cases import queries as case_queries
from commonweal.kernel.decisions import actions as decisions
from commonweal.kernel.decisions import queries as made
from commonweal.kernel.decisions.errors import NotAnOfficer, ReasonsMissing
from commonweal.kernel.decisions.rules import may_decide_by_hand
from commonweal.kernel.jobs.actions import enqueue
from commonweal.kernel.ledger.actions import record, record_many
from commonweal.kernel.ledger.types import Entry, Value
from commonweal.kernel.mailbox import actions as mailbox
from commonweal.kernel.mailbox.errors import LetterFault
from commonweal.kernel.reassessments.enums import Kind, Stage, Status
from commonweal.kernel.reassessments.errors import (
    FourEyes,
    NotForHand,
    NothingToReassess,
    ReassessmentNotFound,
    WrongStep,
)
from commonweal.kernel.reassessments.models import Item, Reassessment
from commonweal.kernel.reassessments.queries import item_for, services_under
from commonweal.kernel.reassessments.rules import allows, may_approve
from commonweal.kernel.reassessments.types import CompiledReassessment
from commonweal.kernel.reassessments.working_out import WorkedOut, offered, work_out

if TYPE_CHECKING:
    from commonweal.engines.parameters import Snapshot
    from commonweal.kernel.awards.models import Award
    from commonweal.kernel.decisions.models import Decision
    from commonweal.kernel.decisions.programmes.reading import LawModel, Programme

ASSESS = "reassessments.assess"
ISSUE = "reassessments.issue"
AT_ONCE = 10
"""Awards worked out in one transaction: well under a second, so that nobody waits long for the database."""


@action
def start(programme: str, *, reference_on: date, agency: str, by: Actor, at: datetime) -> Reassessment:
    """Begin to look at every running award of a programme again, under the law of a day as known today.

    A job works the awards out; nothing changes for anybody until it is proposed by one officer and approved by another.
    Starting again while one is open returns that one.

    Args:
        programme: Key of the law.
        reference_on: The day whose law applies, and from which changes count.
        agency: Whose awards.
        by: Who begins it; named in the ledger.
        at: When.

    Raises:
        NothingToReassess: No service of the agency rests on this law, or no law is in force on that day.
    """
    law, model, _snapshot = _law_on(programme, reference_on, at)
    if model is None or not services_under(programme, agency):
        raise NothingToReassess({"programme": str(NothingToReassess.message)})
    run = Reassessment(
        id=new_id(),
        agency=agency,
        programme=programme,
        reference_on=reference_on,
        known_on=clock.local(at).date(),
        model_hash=model.hash,
        parameters_hash=law.parameters.hash,
        status=Status.COLLECTING,
        currency=current().currency,
        started_by=by.id,
        started_at=at,
    )
    if not insert(run, ignore_conflicts=True):
        return Reassessment.objects.exclude(status__in=[Status.DONE, Status.CANCELLED]).get(
            agency=agency, programme=programme, reference_on=reference_on
        )
    record(
        "reassessments.started",
        stream=run.stream,
        by=by,
        at=at,
        programme=programme,
        reference_on=reference_on,
        model_hash=run.model_hash,
        parameters_hash=run.parameters_hash,
    )
    _enqueue(ASSESS, run, at)
    return run


def _law_on(programme: str, on: date, at: datetime) -> tuple[Programme, LawModel | None, Snapshot]:
    return made.programme_on(programme, on, clock.local(at).date())


def _enqueue(key: str, run: Reassessment, at: datetime) -> None:
    enqueue(key, {"run": str(run.pk)}, at=at, unique_key=f"{key}:{run.pk}", agency=run.agency)


@action
def assess_next(run_id: UUID, *, after: UUID | None, by: Actor, at: datetime) -> UUID | None:
    """Work out the next ten awards of a re-assessment; an award that was worked out before is not counted twice.

    Args:
        run_id: The row is locked until the transaction ends.
        after: The award at which the call before ended.
        by: Who works; named in the ledger.
        at: When.

    Returns:
        The last award, to go on behind it; None when all are worked out and officers can look at them.
    """
    run = _locked(run_id)
    if run.status != Status.COLLECTING:
        return None
    services = services_under(run.programme, run.agency)
    found = award_queries.running(services, run.agency, on=run.reference_on, after=after, limit=AT_ONCE)
    rows, entries = [], []
    for award in found:
        worked = work_out(award, on=run.reference_on, known_on=run.known_on, at=at)
        rows.append(_row(run, award, worked))
        payload: dict[str, Value] = {"award": award.pk, "kind": worked.kind.value, "amount": worked.amount}
        entries.append(Entry(run.stream, award.person_id, payload))
    insert_rows(Item, rows, ignore_conflicts=True)
    record_many("reassessments.assessed", entries, by=by, at=at)
    if len(found) == AT_ONCE:
        return found[-1].pk
    run.status, run.assessed_at = Status.READY, at
    run.save(update_fields=["status", "assessed_at"])
    record("reassessments.ready", stream=run.stream, by=by, at=at, awards=run.items.count())
    return None


def _row(run: Reassessment, award: Award, worked: WorkedOut) -> dict[str, object]:
    found = worked.found
    return {
        "id": new_id(),
        "run_id": run.pk,
        "award_id": award.pk,
        "case_reference": worked.case.reference if worked.case else "",
        "service_key": award.service_key,
        "kind": worked.kind.value,
        "stage": Stage.PENDING.value if worked.kind is not Kind.SAME else Stage.LEFT.value,
        "outcome_before": award.outcome,
        "outcome_after": (found.outcome or "") if found and worked.kind is not Kind.OFFICER else "",
        "decision_before": award.decision_id,
        "decision_id": None,
        "before_minor": award.amount_minor,
        "after_minor": worked.amount.minor if worked.amount else (0 if worked.kind is Kind.ENDED else None),
        "currency": run.currency,
        "reason": worked.reason,
        "issued_at": None,
    }


def _locked(run_id: UUID, *allowed: Status) -> Reassessment:
    run = Reassessment.objects.select_for_update().filter(pk=run_id).order_by("pk").first()
    if run is None:
        raise ReassessmentNotFound
    if allowed and run.status not in allowed:
        raise WrongStep(status=str(Status(run.status).label))
    return run


def _locked_for(run_id: UUID, by: Actor, *allowed: Status) -> Reassessment:
    run = _locked(run_id)
    if not allows(by, run):
        raise ReassessmentNotFound
    return _locked(run_id, *allowed)


@action
def propose(run_id: UUID, *, by: Actor, at: datetime) -> Reassessment:
    """Say, as an officer who has looked at the differences, that they should be issued.

    Args:
        run_id: The row is locked until the transaction ends.
        by: The officer.
        at: When.

    Raises:
        ReassessmentNotFound: There is none, or it is another agency's.
        WrongStep: It is not ready, or has been proposed already.
    """
    run = _locked_for(run_id, by, Status.READY)
    run.status, run.proposed_by, run.proposed_at = Status.PROPOSED, by.id, at
    run.save(update_fields=["status", "proposed_by", "proposed_at"])
    record("reassessments.proposed", stream=run.stream, by=by, at=at)
    return run


@action
def approve(run_id: UUID, *, by: Actor, at: datetime) -> Reassessment:
    """Approve, as another officer, that decisions and letters are issued; a job then issues them one by one.

    Args:
        run_id: The row is locked until the transaction ends.
        by: An officer who may approve, and is not the one who proposed it.
        at: When.

    Raises:
        ReassessmentNotFound: There is none, or it is another agency's.
        WrongStep: It has not been proposed, or is approved already.
        FourEyes: The same officer proposed it, or may not approve.
    """
    run = _locked_for(run_id, by, Status.PROPOSED)
    if not may_approve(by) or by.id == run.proposed_by:
        raise FourEyes
    run.status, run.approved_by, run.approved_at = Status.ISSUING, by.id, at
    run.save(update_fields=["status", "approved_by", "approved_at"])
    record("reassessments.approved", stream=run.stream, by=by, at=at, proposed_by=run.proposed_by)
    _enqueue(ISSUE, run, at)
    return run


@action
def cancel(run_id: UUID, *, by: Actor, at: datetime) -> Reassessment:
    """Give a re-assessment up before anything is issued.

    Args:
        run_id: The row is locked until the transaction ends.
        by: An officer of the agency.
        at: When.

    Raises:
        ReassessmentNotFound: There is none, or it is another agency's.
        WrongStep: Decisions are being issued, or it is over.
    """
    run = _locked_for(run_id, by, Status.COLLECTING, Status.READY, Status.PROPOSED)
    run.status, run.finished_at = Status.CANCELLED, at
    run.save(update_fields=["status", "finished_at"])
    record("reassessments.cancelled", stream=run.stream, by=by, at=at)
    return run


@action
def issue_next(run_id: UUID, *, by: Actor, at: datetime) -> UUID | None:
    """Issue the next decision of an approved re-assessment, with its letter, in one transaction.

    The award is worked out anew. If that differs from what was approved (it was changed or revoked meanwhile, or the law
    was), nothing is issued, and an officer has to decide.

    Args:
        run_id: The row is locked until the transaction ends.
        by: Who works; named in the ledger.
        at: When.

    Returns:
        The award's item; None when all are issued.
    """
    run = _locked(run_id)
    if run.status != Status.ISSUING:
        return None
    pending = run.items.filter(stage=Stage.PENDING, kind__in=[Kind.CHANGED, Kind.ENDED]).order_by("pk")
    item = pending.first()
    if item is None:
        run.status, run.finished_at = Status.DONE, at
        run.save(update_fields=["status", "finished_at"])
        record("reassessments.done", stream=run.stream, by=by, at=at)
        return None
    try:
        with transaction.atomic():
            _issue(run, item, by=by, at=at)
    except (_Differs, AwardEnded, LetterFault) as why:
        _leave_to_officer(run, item, str(why), by=by, at=at)
    return item.pk


class _Differs(Exception):
    """What is worked out now is not what was approved."""


def _issue(run: Reassessment, item: Item, *, by: Actor, at: datetime) -> None:
    award = award_queries.locked(item.award_id)
    if award.decision_id != item.decision_before:
        raise _Differs("Another decision was made about this award meanwhile.")
    worked = work_out(award, on=run.reference_on, known_on=run.known_on, at=at, trace=True)
    approved = (item.kind, item.outcome_after, item.after_minor if item.kind == Kind.CHANGED else None)
    case, found = worked.case, worked.found
    if case is None or found is None or worked.version_id is None:
        raise _Differs(worked.reason)
    if (worked.kind, found.outcome or "", worked.amount.minor if worked.amount else None) != approved:
        raise _Differs("What the law gives is not what was approved.")
    decision = decisions.store(
        case.stream,
        award.person_id,
        worked.version_id,
        found,
        reference_on=run.reference_on,
        known_on=run.known_on,
        by=by,
        at=at,
    )
    _carry_out(item, award, decision, case_id=case.pk, amount=worked.amount, by=by, at=at)
    _tell(run, item, worked, award, by=by, at=at)


def _carry_out(
    item: Item,
    award: Award,
    decision: Decision,
    *,
    case_id: UUID,
    amount: Money | None,
    by: Actor,
    at: datetime,
) -> None:
    """Let a decision count: for the award, for the case and in the list."""
    run = item.run
    from_on = max(run.reference_on, award.starts_on)
    outcome, decision_id = decision.outcome, decision.pk
    if decision.grants:
        awards.change_amount(
            award.pk, amount, from_on=from_on, decision_id=decision_id, outcome=outcome, by=by, at=at
        )
    else:
        awards.end_from(award.pk, from_on=from_on, decision_id=decision_id, outcome=outcome, by=by, at=at)
    cases.note_reassessment(case_id, decision_id=decision.pk, outcome=decision.outcome, by=by, at=at)
    item.stage, item.decision_id, item.issued_at = Stage.ISSUED, decision.pk, at
    item.save(update_fields=["stage", "decision_id", "issued_at"])
    record(
        "reassessments.issued",
        stream=run.stream,
        subject=award.person_id,
        by=by,
        at=at,
        award=award.pk,
        decision=decision.pk,
        outcome=decision.outcome,
    )


def _tell(run: Reassessment, item: Item, worked: WorkedOut, award: Award, *, by: Actor, at: datetime) -> None:
    """Send the letter about a change; the same one is never sent twice."""
    section = _letters(item.service_key)
    case = worked.case
    if section is None or case is None or worked.version_id is None or worked.names is None:
        raise _Differs("The service does not say any more how to tell of a change.")
    before, after = item.before, worked.amount
    change = {
        "amount_before": before.amount if before else None,
        "amount_after": after.amount if after else None,
        "from_on": max(run.reference_on, award.starts_on),
    }
    ends = not worked.names["decision"]["grants"]
    mailbox.send(
        award.person_id,
        section.ended if ends else section.changed,
        worked.version_id,
        {**worked.names, "change": change},
        stream=case.stream,
        agency=run.agency,
        by=by,
        at=at,
        unique_key=f"{run.pk}:{award.pk}",
        card=case_queries.knowledge_of(case, at=at).applicant,
    )


def _letters(service_key: str) -> CompiledReassessment | None:
    service = offered(service_key)
    return service.compiled.sections.get("reassessment") if service is not None else None


def _leave_to_officer(run: Reassessment, item: Item, why: str, *, by: Actor, at: datetime) -> None:
    item.kind, item.reason, item.outcome_after, item.after_minor = Kind.OFFICER, why, "", None
    item.save(update_fields=["kind", "reason", "outcome_after", "after_minor"])
    record(
        "reassessments.left_to_officer",
        stream=run.stream,
        subject=item.award.person_id,
        by=by,
        at=at,
        award=item.award_id,
        why=why,
    )


@action
def decide_by_hand(
    item_id: UUID,
    *,
    outcome: str,
    reasons: str,
    legal_ground: str,
    amount: Money | None,
    by: Actor,
    at: datetime,
) -> Item:
    """Decide about one award that the law leaves to an officer, with reasons of one's own; a letter follows.

    Args:
        item_id: The row is locked until the transaction ends.
        outcome: Key of one of the service's outcomes.
        reasons: As the person will read them.
        legal_ground: The rule that the decision rests on.
        amount: What is granted from the day on, where the outcome grants an amount.
        by: An officer of the agency who may decide.
        at: When.

    Raises:
        ReassessmentNotFound: There is none, or it is another agency's.
        NotForHand: It does not wait for an officer, or the re-assessment has not been approved.
        AwardEnded: The award is not running any more.
        Invalid: Outcome, reasons or legal ground are missing.
    """
    item = _for_hand(item_id, by)
    run, award = item.run, award_queries.locked(item.award_id)
    case = case_queries.case_of_stream(award.source_stream)
    service = offered(item.service_key)
    if case is None or service is None:
        raise NotForHand
    decision = decisions.decide_by_hand(
        case.stream,
        award.person_id,
        service.version_id,
        outcome=outcome,
        reasons=reasons,
        legal_ground=legal_ground,
        amounts={} if amount is None else {"amount": amount},
        reference_on=run.reference_on,
        by=by,
        at=at,
    )
    _carry_out(item, award, decision, case_id=case.pk, amount=amount, by=by, at=at)
    known = case_queries.knowledge_of(case, at=at)
    names = {
        **known.answers,
        **known.context(),
        "decision": made.decision_facts(service.compiled, decision, told_on=clock.local(at).date()),
    }
    worked = WorkedOut(Kind.OFFICER, case, service.version_id, amount=amount, names=names)
    _tell(run, item, worked, award, by=by, at=at)
    return item


@action
def leave_as_it_is(item_id: UUID, *, reasons: str, by: Actor, at: datetime) -> Item:
    """Say, as an officer, that an award which the law leaves to a person stays as it is.

    Args:
        item_id: The row is locked until the transaction ends.
        reasons: Why; kept in the record.
        by: An officer of the agency who may decide.
        at: When.

    Raises:
        ReassessmentNotFound: There is none, or it is another agency's.
        NotForHand: It does not wait for an officer, or the re-assessment has not been approved.
        Invalid: The reasons are missing.
    """
    item = _for_hand(item_id, by)
    said = readable(reasons)
    if not said:
        raise ReasonsMissing({"reasons": str(ReasonsMissing.message)})
    item.stage, item.issued_at = Stage.LEFT, at
    item.save(update_fields=["stage", "issued_at"])
    record(
        "reassessments.left",
        stream=item.run.stream,
        subject=item.award.person_id,
        by=by,
        at=at,
        award=item.award_id,
        reasons=said,
    )
    return item


def _for_hand(item_id: UUID, by: Actor) -> Item:
    item_for(item_id, actor=by)
    item = Item.objects.select_for_update(of=("self",)).select_related("run", "award").get(pk=item_id)
    is_approved = item.run.status in {Status.ISSUING, Status.DONE}
    if not is_approved or item.kind != Kind.OFFICER or item.stage != Stage.PENDING:
        raise NotForHand
    if not may_decide_by_hand(by, item.run.agency):
        raise NotAnOfficer(service=item.service_key)
    return item
