"""What letters and statements know of a decision."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from commonweal.engines.dmn.errors import FactError
from commonweal.engines.dmn.facts import value_of
from commonweal.engines.feel import Evaluation, Value
from commonweal.kernel.base.jurisdiction import current
from commonweal.kernel.base.types import Json, Money
from commonweal.kernel.catalogue.types import CompiledService
from commonweal.kernel.decisions.models import Decision
from commonweal.kernel.decisions.programmes.explaining import revived
from commonweal.kernel.decisions.queries.declared import _appeal_until, decision_of
from commonweal.kernel.decisions.queries.made import DecisionCard, read_amounts
from commonweal.kernel.decisions.types import Evaluated, Figure, Step


def statement_of(service: CompiledService, result: Json, steps: tuple[Step, ...]) -> tuple[Figure, ...]:
    """Return the lines of a service's statement for a result; empty where it declares none, or nothing was decided.

    Args:
        service: Its section ``decision`` may hold a statement.
        result: The decision's value as JSON, of :class:`Evaluated` or :class:`DecisionCard`.
        steps: The explanation, for the articles of law.
    """
    decision = decision_of(service)
    if result is None or not decision.lines:
        return ()
    citations = {step.name: step.citations for step in steps}
    scope = decision.lines[0].amount.scope
    frame = scope.frame(
        {decision.spec.decision: value_of(revived(result), scope.names[decision.spec.decision])}
    )
    found = []
    for line in decision.lines:
        amount = line.amount.run(frame, Evaluation())
        if not isinstance(amount, Decimal) or (line.when and line.when.run(frame, Evaluation()) is not True):
            continue
        cents = amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
        money = Money.of(cents, current().currency)
        found.append(Figure(line.spec.label, money, line.spec.total, citations.get(line.spec.step or "", ())))
    return tuple(found)


def decision_facts(
    service: CompiledService, found: Evaluated | DecisionCard | Decision, *, told_on: date, language: str = ""
) -> dict[str, object]:
    """Return what later sections of the service (letters, stages) know as ``decision``.

    Args:
        service: Its section ``decision`` declares outcomes and how to object.
        found: What the law says, or what was decided.
        told_on: The day on which the letter goes out; the last day for objecting is counted from it.
        language: Of whoever is told, for the outcome's label; the service's main one by default.
    """
    if isinstance(found, Decision):
        amounts, result = read_amounts(found.amounts), json.loads(found.result)
    else:
        amounts, result = dict(found.amounts), found.result
    return _known_as_decision(
        service,
        found.outcome or "",
        amounts,
        result=result,
        reason=found.officer_reason if isinstance(found, Evaluated) else found.reason,
        told_on=told_on,
        language=language,
    )


def _known_as_decision(
    service: CompiledService,
    outcome: str,
    amounts: Mapping[str, Money],
    *,
    result: Json,
    reason: str,
    told_on: date,
    language: str,
) -> dict[str, object]:
    outcomes = decision_of(service).spec.outcomes
    spec = outcomes.get(outcome)
    declared = dict.fromkeys(name for one in outcomes.values() for name in one.money)
    return {
        "outcome": outcome or None,
        "label": service.translator(language)(spec.label) if spec else None,
        "grants": spec.grants if spec else False,
        "amounts": {**declared, **{name: money.amount for name, money in amounts.items()}},
        "result": _as_typed(service, result),
        "reason": reason,
        "appeal_until": _appeal_until(service, spec, told_on),
    }


def _as_typed(service: CompiledService, result: Json) -> Value:
    """Return a stored result with the types of the service's model: days are days, and no text.

    A result of another version of the model that cannot be read so stays as it was stored.
    """
    decision, known = decision_of(service), revived(result)
    try:
        return value_of(known, decision.result_scope.names[decision.spec.decision])
    except FactError:
        return value_of(known)
