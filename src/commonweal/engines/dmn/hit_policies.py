"""Hit policies: from the rules that hit to the outcome of a table.

Three kinds of hits come in: certain ones, and (when facts are missing) possible ones. An
outcome is known when it is the same whichever of the possible rules hit.

Source: OMG DMN 1.5, 8.2.10 (hit policy), 8.2.11 (default outputs), 10.3.2.10 (aggregation).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from commonweal.engines.dmn.facts import text_of
from commonweal.engines.feel.errors import Undefined
from commonweal.engines.feel.evaluation import Evaluation
from commonweal.engines.feel.operations import add, compare
from commonweal.engines.feel.types import Value
from commonweal.engines.feel.unknown import UNKNOWN, contains_unknown
from commonweal.engines.feel.values.temporal import DaysDuration, YearsMonthsDuration

_SUMMABLE = (Decimal, DaysDuration, YearsMonthsDuration)
Output = Callable[[int], Value]


@dataclass(slots=True)
class Hits:
    """What a hit policy decides on.

    ``certain`` and ``possible`` are numbers of rules in order; ``output`` gives a rule's
    outcome; ``default`` what the table gives when nothing hits; ``rank`` a number for
    an outcome, less coming first, or None where no order is declared.
    """

    place: str
    certain: list[int]
    possible: list[int]
    output: Output
    default: Callable[[], Value]
    rank: Callable[[Value], tuple[int, ...]]
    evaluation: Evaluation

    def outputs(self, rules: Sequence[int]) -> list[Value]:
        """The outcomes of rules."""
        return [self.output(rule) for rule in rules]

    def warn(self, code: str, message: str) -> None:
        """Record an error of the table."""
        self.evaluation.warn(code, f"{self.place}: {message}")


def same(left: Value, right: Value) -> bool:
    """Are two outcomes equal? A number never equals a truth value."""
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return type(left) is type(right) and left == right


def agreed(outcomes: Sequence[Value]) -> Value:
    """The outcome that all share, or UNKNOWN."""
    first = outcomes[0]
    if contains_unknown(first) or not all(same(first, other) for other in outcomes[1:]):
        return first if len(outcomes) == 1 else UNKNOWN
    return first


def _rule_numbers(rules: Sequence[int]) -> str:
    return ", ".join(str(rule + 1) for rule in rules)


def unique(hits: Hits) -> Value:
    """At most one rule hits."""
    if hits.possible:
        return UNKNOWN if len(hits.certain) < 2 else _several(hits)
    if not hits.certain:
        return hits.default()
    return hits.output(hits.certain[0]) if len(hits.certain) == 1 else _several(hits)


def _several(hits: Hits) -> Value:
    hits.warn("hit-policy", f"rules {_rule_numbers(hits.certain)} hit, and the hit policy is UNIQUE")
    return None


def any_equal(hits: Hits) -> Value:
    """Several rules may hit, with one outcome."""
    if not hits.certain:
        return UNKNOWN if hits.possible else hits.default()
    outcomes = hits.outputs(hits.certain)
    shared = outcomes[0]
    if not all(same(shared, other) for other in outcomes[1:]):
        if any(map(contains_unknown, outcomes)):
            return UNKNOWN
        hits.warn(
            "hit-policy",
            f"rules {_rule_numbers(hits.certain)} hit with different outcomes, and the policy is ANY",
        )
        return None
    return agreed([shared, *hits.outputs(hits.possible)])


def first(hits: Hits) -> Value:
    """The first rule that hits."""
    if not hits.possible:
        return hits.output(hits.certain[0]) if hits.certain else hits.default()
    end = hits.certain[0] if hits.certain else None
    before = [rule for rule in hits.possible if end is None or rule < end]
    last = hits.default() if end is None else hits.output(end)
    return agreed([*hits.outputs(before), last])


def priority(hits: Hits) -> Value:
    """The outcome that comes first in the declared order."""
    if not hits.certain:
        return agreed([hits.default(), *hits.outputs(hits.possible)]) if hits.possible else hits.default()
    outcomes = hits.outputs(hits.certain)
    possible = hits.outputs(hits.possible)
    if any(map(contains_unknown, (*outcomes, *possible))):
        return agreed(outcomes) if len(outcomes) == 1 and not possible else UNKNOWN
    best = min(outcomes, key=hits.rank)
    return (
        best
        if all(hits.rank(best) <= hits.rank(other) or same(best, other) for other in possible)
        else UNKNOWN
    )


def output_order(hits: Hits) -> Value:
    """All outcomes in the declared order."""
    if hits.possible:
        return UNKNOWN
    if not hits.certain:
        return hits.default()
    outcomes = hits.outputs(hits.certain)
    return UNKNOWN if any(map(contains_unknown, outcomes)) else sorted(outcomes, key=hits.rank)


def collected(hits: Hits) -> Value:
    """All outcomes in the order of the rules."""
    if hits.possible:
        return UNKNOWN
    return hits.outputs(hits.certain) if hits.certain else hits.default()


def counted(hits: Hits) -> Value:
    """How many rules hit."""
    if hits.possible:
        return UNKNOWN
    if not hits.certain:
        default = hits.default()
        return Decimal(0) if default is None else default
    return Decimal(len(hits.certain))


def summed(hits: Hits) -> Value:
    """The sum of the outcomes."""
    if hits.possible:
        return UNKNOWN
    if not hits.certain:
        return hits.default()
    outcomes = hits.outputs(hits.certain)
    if any(map(contains_unknown, outcomes)):
        return UNKNOWN
    total: Value = outcomes[0]
    try:
        for value in outcomes[1:]:
            total = add(total, value)
    except Undefined:
        return _uncollectable(hits, outcomes, "C+")
    return total if isinstance(total, _SUMMABLE) else _uncollectable(hits, total, "C+")


def _uncollectable(hits: Hits, value: Value, policy: str) -> Value:
    hits.warn("hit-policy", f"{text_of(value)[:80]} cannot be collected by {policy}")
    return None


def smallest(hits: Hits) -> Value:
    """The least of the outcomes."""
    return _extreme(hits, "C<", 1)


def largest(hits: Hits) -> Value:
    """The greatest of the outcomes."""
    return _extreme(hits, "C>", -1)


def _extreme(hits: Hits, policy: str, sign: int) -> Value:
    if not hits.certain:
        return UNKNOWN if hits.possible else hits.default()
    outcomes = hits.outputs(hits.certain)
    possible = hits.outputs(hits.possible)
    if any(map(contains_unknown, (*outcomes, *possible))):
        return UNKNOWN
    best = outcomes[0]
    try:
        for value in outcomes:
            if value is None:
                return _uncollectable(hits, value, policy)
            if sign * _order(best, value) > 0:
                best = value
        beaten = any(value is None or sign * _order(best, value) > 0 for value in possible)
    except Undefined:
        return UNKNOWN if possible else _uncollectable(hits, outcomes, policy)
    return UNKNOWN if beaten else best


def _order(left: Value, right: Value) -> int:
    order = compare(left, right)
    assert isinstance(order, int)  # no UNKNOWN comes here
    return order


POLICIES: dict[tuple[str, str | None], Callable[[Hits], Value]] = {
    ("UNIQUE", None): unique,
    ("ANY", None): any_equal,
    ("FIRST", None): first,
    ("PRIORITY", None): priority,
    ("RULE ORDER", None): collected,
    ("OUTPUT ORDER", None): output_order,
    ("COLLECT", None): collected,
    ("COLLECT", "SUM"): summed,
    ("COLLECT", "COUNT"): counted,
    ("COLLECT", "MIN"): smallest,
    ("COLLECT", "MAX"): largest,
}
MULTIPLE = frozenset({("RULE ORDER", None), ("OUTPUT ORDER", None), ("COLLECT", None)})
