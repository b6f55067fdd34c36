"""What a service declares about its decision: outcomes, silence, and the days for objecting."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from commonweal.engines.feel import Date, Evaluation, FeelError, Value, to_value
from commonweal.kernel.base.declarations import Compilation
from commonweal.kernel.catalogue.types import CompiledService
from commonweal.kernel.decisions.errors import NotDecidable
from commonweal.kernel.decisions.programmes.evaluating import Fault, as_date, names_of
from commonweal.kernel.decisions.queries.made import DecisionCard
from commonweal.kernel.decisions.types import CompiledDecision, Outcome
from commonweal.kernel.places.errors import CalendarUnknown
from commonweal.kernel.places.queries import objection_until


def decision_of(service: CompiledService) -> CompiledDecision:
    """Return a service's section ``decision``.

    Raises:
        NotDecidable: It has none.
    """
    found = service.sections.get("decision")
    if not isinstance(found, CompiledDecision):
        raise NotDecidable(service=service.key)
    return found


def outcomes_of(service: CompiledService) -> dict[str, Outcome]:
    """Return the ways in which a service can end, by key."""
    return decision_of(service).spec.outcomes


def silent_outcome(service: CompiledService) -> str | None:
    """Return the outcome that comes about by law when the time for a decision is over; None where there is none."""
    outcomes = decision_of(service).spec.outcomes
    return next((key for key, outcome in outcomes.items() if outcome.silent), None)


def comes_by_silence(
    service: CompiledService, outcome: str, answers: Mapping[str, object], context: Mapping[str, object]
) -> bool:
    """Whether a silent outcome comes about in a case; a condition that is not true, or cannot be told, says no.

    Args:
        service: Its section ``decision`` declares the outcome.
        outcome: Key of its silent outcome.
        answers: As for :func:`evaluate`.
        context: Likewise.
    """
    decision = decision_of(service)
    condition = decision.outcomes[outcome].silent_when
    if condition is None:
        return True
    try:
        names = names_of(decision, service.sections.get("form"), answers, context)
        return condition.run(decision.fact_scope.frame(names), Evaluation()) is True
    except (Fault, FeelError):
        return False


def granted_by_silence(compilation: Compilation) -> str | None:
    """Return the silent outcome of a service that is being compiled; None where it has none, or is not compiled so far."""
    found = compilation.compiled.get("decision")
    outcomes = found.spec.outcomes if isinstance(found, CompiledDecision) else {}
    return next((key for key, outcome in outcomes.items() if outcome.silent), None)


def lapsed_outcome(service: CompiledService) -> str | None:
    """Return the outcome that comes about by law when a question stays unanswered; None where there is none."""
    outcomes = decision_of(service).spec.outcomes
    return next((key for key, outcome in outcomes.items() if outcome.lapsed), None)


def appeal_until(service: CompiledService, found: DecisionCard, *, told_on: date) -> date | None:
    """Return the last day for objecting to a decision; None where the calendar does not reach so far.

    Args:
        service: Its section ``decision`` declares how to object.
        found: What was decided.
        told_on: The day on which the applicant was told of it.
    """
    return as_date(_appeal_until(service, decision_of(service).spec.outcomes.get(found.outcome), told_on))


def _appeal_until(service: CompiledService, outcome: Outcome | None, told_on: date) -> Value:
    """Return the last day for objecting to an outcome; null where the calendar does not reach so far."""
    appeal = decision_of(service).spec.appeal
    days = (outcome and outcome.appeal_days) or appeal.days
    try:
        if days is None:
            counted_in = appeal.counted_in or ""
            return to_value(objection_until(told_on, working_days=appeal.working_days, other_days=counted_in))
        return to_value(objection_until(told_on, days))
    except (CalendarUnknown, KeyError, OverflowError, ValueError):
        return None


def appeal_day(service: CompiledService, *, told_on: date) -> date | None:
    """Return the service's usual last day for objecting to a letter of a day; None where the calendar does not reach so far."""
    found = _appeal_until(service, None, told_on)
    return date(found.year, found.month, found.day) if isinstance(found, Date) else None
