"""Deciding with half of the facts: what is settled, and what to ask next.

Source: the project's design, "Unknown is not false"; the order of questions is by trying:
a fact comes first whose possible values most often settle the outcome at once.
"""

from __future__ import annotations

from dataclasses import dataclass

from commonweal.engines.dmn.compiled import CompiledModel, Facts, Moment, Result
from commonweal.engines.dmn.paths import with_fact
from commonweal.engines.dmn.samples import samples
from commonweal.engines.feel.types import Value

MAX_TRIALS = 400


@dataclass(frozen=True, slots=True)
class Need:
    """A missing fact that still matters.

    Attributes:
        path: Where it belongs, such as ``applicant.age``.
        settles: Share of the values tried that settle the outcome, from 0 to 1.
        leaves: Number of facts that still matter after it, on average.
    """

    path: str
    settles: float
    leaves: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """What can be said with the facts at hand.

    Attributes:
        is_known: Is the outcome the same whatever the missing facts are?
        value: The outcome, or UNKNOWN (or a value that holds UNKNOWN).
        needs: The missing facts that still matter, those that decide most first.
        result: The result as decided, with its warnings.
    """

    is_known: bool
    value: Value
    needs: tuple[Need, ...]
    result: Result


def outlook(compiled: CompiledModel, decision: str, facts: Facts, *, now: Moment = None) -> Outlook:
    """Decide with the facts at hand, and say which others still matter, in order.

    Raises:
        DmnError: There is no such decision, or the evaluation went over its budget.
    """
    result = compiled.decide(decision, facts, now=now, unknown=True)
    if result.is_known:
        return Outlook(is_known=True, value=result.value, needs=(), result=result)
    trials = max(1, MAX_TRIALS // max(1, len(result.missing)))
    needs = [
        _need(compiled, decision, facts, path, now=now, missing=len(result.missing), trials=trials)
        for path in result.missing
    ]
    needs.sort(key=lambda need: (-need.settles, need.leaves))
    return Outlook(is_known=False, value=result.value, needs=tuple(needs), result=result)


def _need(
    compiled: CompiledModel, decision: str, facts: Facts, path: str, *, now: Moment, missing: int, trials: int
) -> Need:
    outcomes = [
        compiled.decide(decision, with_fact(facts, path, value, compiled.inputs), now=now, unknown=True)
        for value in samples(compiled, path)[:trials]
    ]
    if not outcomes:
        return Need(path, 0.0, float(missing - 1))
    return Need(
        path,
        sum(outcome.is_known for outcome in outcomes) / len(outcomes),
        sum(len(outcome.missing) for outcome in outcomes) / len(outcomes),
    )
