"""Reads a service's decisions with the law that each rested on, and works its fairness report out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from commonweal.engines.dmn.errors import DmnError
from commonweal.engines.dmn.facts import to_json, value_of
from commonweal.engines.feel import ANY, UNKNOWN, Evaluation, Expression, FeelError, Scope, Value
from commonweal.kernel.decisions.errors import BrokenLaw
from commonweal.kernel.decisions.fairness.figures import Flips, Sums
from commonweal.kernel.decisions.fairness.flipping import Rule, Verdict, changes, rules_of
from commonweal.kernel.decisions.models import Decision, LawVersion
from commonweal.kernel.decisions.programmes.evaluating import law_context, snapshot_of
from commonweal.kernel.decisions.programmes.explaining import revived, slim
from commonweal.kernel.decisions.programmes.reading import LawModel, Programme, from_texts
from commonweal.kernel.decisions.types import CompiledDecision, CompiledFairness

MOST_FLIPPED = 500
"""Decisions whose facts are flipped: the latest ones."""


def sums_of(service_key: str, decision: CompiledDecision) -> Sums:
    """Work a service's fairness out from its decisions.

    Args:
        service_key: Whose decisions.
        decision: The live service's section, which declares groups and protected attributes.
    """
    fairness = decision.fairness
    sums = Sums()
    if fairness is None:
        return sums
    sums.groups = {name: {} for name in fairness.groups}
    sums.flips = {name: Flips() for name in fairness.spec.protected}
    for made in _latest(service_key):
        if made.is_fault:
            sums.faults += 1
            continue
        facts = _facts(made)
        if facts is None:
            sums.faults += 1
            continue
        keys = {
            name: group_of(expression, fairness.scope, facts) for name, expression in fairness.groups.items()
        }
        sums.add(keys, grants=made.grants, amount_minor=_amount_minor(made))
        if sums.flipped < MOST_FLIPPED:
            _flip(made, facts, decision, fairness, sums)
    return sums


def _latest(service_key: str) -> Iterator[Decision]:
    """Return the latest automatic decision of each case, the latest first."""
    seen: set[str] = set()
    made = (
        Decision.objects.filter(service_key=service_key, is_automatic=True)
        .defer("result", "trace", "reason")
        .order_by("-made_at", "-id")
    )
    for decision in made.iterator(chunk_size=500):
        if decision.stream not in seen:
            seen.add(decision.stream)
            yield decision


@cache
def _law(law_id: Any) -> tuple[Programme, LawModel, tuple[Rule, ...]]:
    kept = LawVersion.objects.get(pk=law_id)
    programme, model = from_texts(kept.programme, kept.model_file, kept.model_text, kept.parameters_text)
    return programme, model, rules_of(model.compiled)


def _facts(made: Decision) -> dict[str, Value] | None:
    """Return the recorded facts as FEEL values; None where they are gone, or this release cannot read them."""
    recorded = json.loads(made.facts) if made.facts else {}
    if not recorded or made.law_id is None:
        return None
    try:
        _programme, model, _rules = _law(made.law_id)
        types = model.compiled.inputs
        return {
            name: value_of(revived(value), types.get(name, ANY), name) for name, value in recorded.items()
        }
    except (BrokenLaw, DmnError):
        return None


def _amount_minor(made: Decision) -> int | None:
    amounts = json.loads(made.amounts)
    return int(amounts["amount"][0]) if "amount" in amounts else None


def group_of(expression: Expression, scope: Scope, facts: Mapping[str, Value]) -> str:
    """Return the group of some facts; empty where it cannot be told."""
    try:
        value = expression.run(scope.frame(dict(facts), missing=UNKNOWN), Evaluation())
    except FeelError:
        return ""
    return value if isinstance(value, str) else ""


def _flip(
    made: Decision,
    facts: Mapping[str, Value],
    decision: CompiledDecision,
    fairness: CompiledFairness,
    sums: Sums,
) -> None:
    programme, model, rules = _law(made.law_id)
    judge = Judge(
        decision, model, _law_values(programme, made.reference_on, made.known_on), made.reference_on
    )
    sums.flipped += 1
    sums.not_repeated += judge(facts).outcome != made.outcome
    for name, attribute in fairness.spec.protected.items():
        values: list[Value] = [
            value if isinstance(value, bool | str) else Decimal(value) for value in attribute.values
        ]
        for change in changes(facts, attribute.path, values, judge, rules):
            sums.flips[name].add(change)


@lru_cache(maxsize=64)
def _law_values(programme: Programme, reference_on: date, known_on: date | None) -> Mapping[str, object]:
    return law_context(snapshot_of(programme, reference_on, known_on))


class Judge:
    """Asks one law of one day.

    Args:
        decision: The service's section: which decision, and how its result is read.
        model: The law's model.
        law: Its figures.
        reference_on: The day.
    """

    def __init__(
        self, decision: CompiledDecision, model: LawModel, law: Mapping[str, object], reference_on: date
    ) -> None:
        self._decision, self._model, self._law, self._on = decision, model, law, reference_on

    def __call__(self, facts: Mapping[str, Value]) -> Verdict:
        """Say what the law says of some facts; a fault has no outcome."""
        name = self._decision.spec.decision
        try:
            result = self._model.compiled.decide(
                name, {**facts, "law": self._law}, now=self._on, trace=True, unknown=True
            )
        except DmnError:
            return Verdict("", "", {})
        trace = slim(result.trace) if result.trace is not None else {"decisions": []}
        values = {note["name"]: note["value"] for note in trace["decisions"]}
        outcome = self._read(self._decision.outcome, result.value)
        key = outcome if isinstance(outcome, str) and not result.warnings else ""
        compiled = self._decision.outcomes.get(key)
        written = compiled.amounts.get("amount") if compiled else None
        amount = self._read(written, result.value) if written is not None else None
        return Verdict(key, "" if amount is None else str(to_json(amount)), values)

    def _read(self, expression: Expression, value: Value) -> Value:
        scope = self._decision.result_scope
        try:
            return expression.run(
                scope.frame({self._decision.spec.decision: value}, missing=UNKNOWN), Evaluation()
            )
        except FeelError:
            return None
