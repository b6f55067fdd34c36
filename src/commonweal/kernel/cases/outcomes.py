"""Gives a case its outcome: by the law's own evaluation, or by an officer's hand."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from commonweal.kernel.awards import actions as awards
from commonweal.kernel.awards import queries as award_queries
from commonweal.kernel.awards.errors import AwardEnded, CapacityFull, TermsUnclear
from commonweal.kernel.awards.types import Terms
from commonweal.kernel.base import clock
from commonweal.kernel.base.types import Money
from commonweal.kernel.cases.passing import tell_former_holder
from commonweal.kernel.cases.registry import Run
from commonweal.kernel.catalogue.types import CompiledService
from commonweal.kernel.decisions import actions as decisions
from commonweal.kernel.decisions import queries as made
from commonweal.kernel.decisions.types import Evaluated

if TYPE_CHECKING:
    from commonweal.kernel.decisions.models import Decision

UNGRANTED = (AwardEnded, CapacityFull, TermsUnclear)
"""Why something cannot be granted, or an award cannot be changed, though the law says so."""


def apply_law(run: Run, *, looked_at: bool = False) -> bool:
    """Decide as the law evaluates, and grant what it grants.

    If the last unit of a capacity went to somebody else meanwhile, the law is asked once more: it then sees that
    nothing is left.

    Args:
        run: The case on its way.
        looked_at: Whether an officer has looked at facts that ask for a person, and confirms the law's outcome.

    Returns:
        False where an officer has to decide; the case then says why, and has no decision. What cannot be granted is for
        an officer too.

    Raises:
        AwardEnded, CapacityFull, TermsUnclear: An officer confirms what cannot be granted.
    """
    run.known.hold_awards()
    before = run.case.decision_id, run.case.outcome
    try:
        try:
            with _undone_if_refused(run.service):
                return _decide_and_grant(run, looked_at=looked_at)
        except CapacityFull:
            run.known.look_up_anew()
            with _undone_if_refused(run.service):
                return _decide_and_grant(run, looked_at=looked_at)
    except UNGRANTED as error:
        if looked_at:
            raise
        run.case.decision_id, run.case.outcome = before
        run.case.status_reason = str(error)[:500]
        return False


def _undone_if_refused(service: CompiledService) -> AbstractContextManager[None]:
    """Return a savepoint where something may still be refused when the decision has been stored.

    That is so where an award has to change that may have ended, and where the last unit may be gone. Everything else that
    stands in the way of granting is found out before.
    """
    award: award_queries.CompiledAward | None = service.sections.get("award")
    may_be_refused = service.sections.get("change") is not None or (award is not None and award.is_limited)
    return transaction.atomic() if may_be_refused else nullcontext()


def _decide_and_grant(run: Run, *, looked_at: bool) -> bool:
    case = run.case
    faults = run.known.sheet.faults
    if faults:
        case.status_reason = "; ".join(f"{place}: {fault}" for place, fault in faults.items())[:500]
        return False
    held = run.known.holding
    if held is not None and held.is_twice and not looked_at:
        case.status_reason = held.reason[:500]
        return False
    known_on = clock.local(run.at).date()
    found = made.evaluate(run.service, run.known.answers, known_on=known_on, context=run.known.context())
    if looked_at and found.is_proposal:
        found = replace(found, needs_officer=False, officer_reason="")
    if found.needs_officer:
        _store(run, found, known_on)
        case.status_reason = found.officer_reason[:500]
        return False
    told = run.known.told(found)
    terms = _terms(run, told)  # they may be unclear; nothing is written so far
    _settle(run, _store(run, found, known_on), told, terms)
    return True


def _store(run: Run, found: Evaluated, known_on: date) -> Decision:
    case = run.case
    return decisions.store(
        case.stream,
        case.applicant_id,
        case.version_id,
        found,
        reference_on=None,
        known_on=known_on,
        by=run.by,
        at=run.at,
    )


def apply_by_hand(run: Run, *, outcome: str, reasons: str, legal_ground: str, amount: Money | None) -> None:
    """Decide as an officer says, and grant what the outcome grants.

    Raises:
        Invalid: The service knows no such outcome.
    """
    case = run.case
    run.known.hold_awards()
    decision = decisions.decide_by_hand(
        case.stream,
        case.applicant_id,
        case.version_id,
        outcome=outcome,
        reasons=reasons,
        legal_ground=legal_ground,
        amounts={} if amount is None else {"amount": amount},
        reference_on=clock.local(case.opened_at).date(),
        by=run.by,
        at=run.at,
    )
    told = run.known.told(decision)
    _settle(run, decision, told, _terms(run, told))


def apply_time(run: Run, *, outcome: str, reasons: str) -> None:
    """Decide as the law does when time has passed, and grant what that grants.

    Args:
        run: The case on its way.
        outcome: Key of the outcome, declared as silent or lapsed.
        reasons: In the applicant's language.
    """
    case = run.case
    run.known.hold_awards()
    found = made.evaluate(
        run.service, run.known.answers, known_on=clock.local(run.at).date(), context=run.known.context()
    )
    decision = decisions.decide_by_time(
        case.stream,
        case.applicant_id,
        case.version_id,
        outcome=outcome,
        reasons=reasons,
        amounts=made.amounts_of(run.service, outcome, found),
        reference_on=clock.local(case.opened_at).date(),
        by=run.by,
        at=run.at,
    )
    told = run.known.told(decision)
    _settle(run, decision, told, _terms(run, told))


def _terms(run: Run, told: Mapping[str, object]) -> Terms | None:
    """Return what is to be granted where the decision grants something.

    It may go by an award that the decision ends, for example to its last day: so it is found out before anything changes.
    """
    award = run.service.sections.get("award") if told["grants"] else None
    return award_queries.terms_of(award, run.known.names_with(told), at=run.at) if award is not None else None


def _settle(run: Run, decision: Decision, told: Mapping[str, object], terms: Terms | None) -> None:
    case = run.case
    case.decision_id, case.outcome = decision.pk, decision.outcome
    run.known.note_decision(decision.pk, told)
    if decision.grants or _takes(run):
        _change(run, decision)
    if terms is None:
        return
    awards.grant(
        case.applicant_id,
        terms,
        service_key=case.service_key,
        agency=case.agency,
        source_stream=case.stream,
        decision_id=decision.pk,
        outcome=decision.outcome,
        by=run.by,
        at=run.at,
    )
    run.known.look_up_anew()


def _takes(run: Run) -> bool:
    """Whether the outcome changes an award to the holder's burden."""
    outcome = made.outcomes_of(run.service).get(run.case.outcome)
    return outcome is not None and outcome.takes


def _change(run: Run, decision: Decision) -> None:
    """Change the award that the case is about, where the service says so."""
    change: award_queries.CompiledChange | None = run.service.sections.get("change")
    if change is None:
        return
    names = run.known.names()
    amendment = award_queries.amendment_of(change, names, at=run.at)
    if amendment is None:
        return
    held = names.get(change.spec.award)
    if not isinstance(held, dict):  # an officer may grant where the law found nothing
        raise TermsUnclear(field=change.spec.award)
    changed = awards.amend(
        UUID(held["id"]), amendment, decision_id=decision.pk, reason=decision.outcome, by=run.by, at=run.at
    )
    if amendment.last_day is not None:
        tell_former_holder(run, changed)
    run.known.look_up_anew()


def letter_of(run: Run) -> str:
    """Return the key of the letter that goes with the case's outcome; empty where there is none."""
    outcome = made.outcomes_of(run.service).get(run.case.outcome)
    return (outcome.letter or "") if outcome else ""
