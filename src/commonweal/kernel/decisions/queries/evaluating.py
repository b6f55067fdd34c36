"""What the law says of some answers; nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from commonweal.engines.dmn.facts import value_of
from commonweal.engines.feel import Evaluation, Value
from commonweal.kernel.base.jurisdiction import current
from commonweal.kernel.base.types import Money
from commonweal.kernel.catalogue.types import CompiledService
from commonweal.kernel.decisions.programmes.evaluating import Fault, Run, as_date, is_left_open, names_of
from commonweal.kernel.decisions.programmes.mattering import foresee
from commonweal.kernel.decisions.programmes.reading import programme
from commonweal.kernel.decisions.queries.declared import decision_of
from commonweal.kernel.decisions.types import CompiledDecision, Evaluated, Foreseen


def evaluate(
    service: CompiledService,
    answers: Mapping[str, object],
    *,
    reference_on: date | None = None,
    known_on: date | None = None,
    context: Mapping[str, object] | None = None,
    trace: bool = True,
) -> Evaluated:
    """Say what the law says of some answers; nothing is stored.

    Args:
        service: Its section ``decision`` names the law.
        answers: By question; FEEL values as ``forms`` gives them, or plain JSON as it is stored or as the API takes
            it. An optional question left out is blank, a required one unknown.
        reference_on: The day whose law applies; worked out as the service declares if left out.
        known_on: As known on this day; everything that we hold if left out.
        context: ``applicant``, ``case`` and the facts that the service lists as given. ``case.submitted_on`` is the
            reference date if left out.
        trace: Whether to explain; a mass run does without.

    Returns:
        The outcome, or a fault that names what is missing.

    Raises:
        NotDecidable: The service declares no decision.
        BrokenLaw: Its law cannot be read.
    """
    decision = decision_of(service)
    law = programme(decision.spec.programme)
    try:
        names = names_of(decision, service.sections.get("form"), answers, _completed(context, reference_on))
        on = reference_on or _reference_date(decision, names)
    except Fault as fault:
        return _nothing(str(fault))
    is_open = is_left_open(service.sections.get("form"), names)
    return Run(decision, law, names, on, known_on, trace, is_open=is_open).evaluate()


def foreseen(service: CompiledService, known: Mapping[str, Value], *, on: date) -> Foreseen:
    """Say how a service's decision would end with what is known so far; nothing is stored.

    Args:
        service: Its section ``decision`` names the law.
        known: FEEL values by the names that its facts are made of: questions, given facts, ``applicant``; the others
            are unknown.
        on: The day on which somebody would apply.

    Raises:
        NotDecidable: The service declares no decision.
        BrokenLaw: Its law cannot be read.
    """
    return foresee(decision_of(service), known, on)


def evaluate_again(
    service: CompiledService,
    recorded: Mapping[str, object],
    answers: Mapping[str, object],
    *,
    reference_on: date,
    known_on: date | None = None,
    context: Mapping[str, object] | None = None,
    trace: bool = True,
) -> Evaluated:
    """Say what the law of another day says of the facts that an earlier decision recorded; nothing is stored.

    Args:
        service: Its section ``decision`` names the law, outcomes and amounts.
        recorded: What went into the model then (:attr:`DecisionBasis.facts`).
        answers: For expressions of the service other than facts, as for :func:`evaluate`.
        reference_on: The day whose law applies.
        known_on: As known on this day; everything that we hold if left out.
        context: As for :func:`evaluate`.
        trace: Whether to explain.

    Raises:
        NotDecidable: The service declares no decision.
        BrokenLaw: Its law cannot be read.
    """
    decision = decision_of(service)
    law = programme(decision.spec.programme)
    try:
        names = names_of(decision, service.sections.get("form"), answers, context or {})
    except Fault as fault:
        return _nothing(str(fault))
    is_open = is_left_open(service.sections.get("form"), names)
    return Run(decision, law, names, reference_on, known_on, trace, recorded, is_open).evaluate()


def reference_date(
    service: CompiledService, answers: Mapping[str, object], context: Mapping[str, object]
) -> date | None:
    """Return the day whose law applies, as the service declares it; None if it is not known yet."""
    decision = decision_of(service)
    try:
        names = names_of(decision, service.sections.get("form"), answers, context)
        return _reference_date(decision, names)
    except Fault:
        return None


def _reference_date(decision: CompiledDecision, names: Mapping[str, Value]) -> date:
    value = decision.reference_on.run(decision.fact_scope.frame(names), Evaluation())
    found = as_date(value)
    if found is None:
        raise Fault(f"The day whose law applies ({decision.reference_on.text}) is not known.")
    return found


def _completed(context: Mapping[str, object] | None, reference_on: date | None) -> dict[str, object]:
    known = dict(context or {})
    case = known.get("case")
    if reference_on is not None and (not isinstance(case, Mapping) or "submitted_on" not in case):
        known["case"] = {**(case if isinstance(case, Mapping) else {}), "submitted_on": reference_on}
    return known


def _nothing(reason: str) -> Evaluated:
    return Evaluated(
        outcome=None,
        is_fault=True,
        fault_reason=reason,
        needs_officer=True,
        officer_reason=reason,
        result=None,
        amounts={},
        facts={},
        trace=None,
        explain=lambda _called: (),
        citations=(),
        versions=None,
    )


def amounts_of(service: CompiledService, outcome: str, found: Evaluated) -> dict[str, Money]:
    """Return what the amounts of an outcome come to over the result of an evaluation; what cannot be told is left out.

    Args:
        service: Its section ``decision`` declares the outcome.
        outcome: Any of its outcomes, not only that of the evaluation.
        found: What the law says of the case.
    """
    decision = decision_of(service)
    scope = decision.result_scope
    result = {decision.spec.decision: value_of(found.result, scope.names[decision.spec.decision])}
    amounts = {}
    for name, expression in decision.outcomes[outcome].amounts.items():
        amount = expression.run(scope.frame(result), Evaluation()) if found.result is not None else None
        if isinstance(amount, Decimal):
            amounts[name] = Money.of(amount, current().currency)
    return amounts
