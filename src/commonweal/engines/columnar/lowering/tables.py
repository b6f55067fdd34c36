"""Decision tables: each rule a truth, the outcome a choice between outputs.

Source: DMN 1.5, chapter 8; 8.2.10 (hit policies), 8.2.11 (default outputs), 10.3.2.10 (aggregation).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from commonweal.engines.columnar.errors import Refusal
from commonweal.engines.columnar.ir import Node
from commonweal.engines.columnar.lowering.aggregates import count, extreme, total
from commonweal.engines.columnar.lowering.expressions import lower_text
from commonweal.engines.columnar.lowering.merging import merge, null_of
from commonweal.engines.columnar.lowering.scopes import Names
from commonweal.engines.columnar.lowering.testing import cell
from commonweal.engines.columnar.lowering.truths import equals, is_unknown, truth
from commonweal.engines.columnar.lowering.typing import converted
from commonweal.engines.columnar.lowering.work import NULL, Work
from commonweal.engines.columnar.symbols import Constant, Items, Number, Record, Symbol
from commonweal.engines.dmn import model as m
from commonweal.engines.dmn.item_types import TypeTable
from commonweal.engines.feel.types import Value

__all__ = ["table"]


class _Table:
    """One table while it is compiled."""

    def __init__(self, boxed: m.DecisionTable, names: Names, types: TypeTable, work: Work) -> None:
        self.boxed, self.names, self.types, self.work = boxed, names, types, work
        self.hits = self._hits()

    # Rules

    def _hits(self) -> list[Node]:
        b = self.work.b
        inputs = [self._input(clause) for clause in self.boxed.inputs]
        hits, settled = [], b.false
        for rule in self.boxed.rules:
            in_doubt, hit = self._hit(rule, inputs)
            if in_doubt:
                self.work.fault(b.both(hit, b.opposite(settled)))
                hit = b.false
            hits.append(hit)
            if self.boxed.hit_policy == "FIRST":
                # Once a rule hits, what later rules would say no longer matters.
                settled = b.either(settled, hit)
        return hits

    def _input(self, clause: m.InputClause) -> Symbol:
        work = self.work
        value = lower_text(clause.expression.text, self.names, work)
        value = converted(value, self.types.of(clause.expression.type_ref), work)
        if clause.values is None or is_unknown(value):
            return value
        passes = truth(work, cell(clause.values.text, value, self.names, work))
        work.fault(work.b.both(work.b.opposite(passes.node), work.b.opposite(null_of(work, value))))
        return value

    def _hit(self, rule: m.Rule, inputs: list[Symbol]) -> tuple[bool, Node]:
        """Does a rule wait for a figure that nobody knows, and where do its other cells pass?"""
        b = self.work.b
        hit, in_doubt = b.true, False
        for test, value in zip(rule.tests, inputs, strict=True):
            if not test.text.strip() or test.text.strip() == "-":
                continue
            with self.work.under(hit):
                answer = cell(test.text, value, self.names, self.work)
                if is_unknown(answer):
                    in_doubt = True
                    continue
                passes = b.false if answer == NULL else truth(self.work, answer).node
            hit = b.both(hit, passes)
        return in_doubt, hit

    # Outputs

    def output(self, number: int) -> Symbol:
        """The outcome of a rule, looked at only where it is asked for."""
        rule = self.boxed.rules[number]
        parts: dict[str, Symbol] = {}
        for place, (out, clause) in enumerate(zip(rule.outputs, self.boxed.outputs, strict=True), 1):
            value = lower_text(out.text, self.names, self.work)
            value = converted(value, self.types.of(out.type_ref), self.work)
            value = converted(value, self.types.of(clause.type_ref), self.work)
            parts[clause.name or f"output {place}"] = self._allowed(value, clause)
        return self._together(parts)

    def _allowed(self, value: Symbol, clause: m.OutputClause) -> Symbol:
        if clause.values is None or is_unknown(value):
            return value
        work = self.work
        passes = truth(work, cell(clause.values.text, value, self.names, work))
        work.fault(work.b.both(work.b.opposite(passes.node), work.b.opposite(null_of(work, value))))
        return value

    def _together(self, parts: dict[str, Symbol]) -> Symbol:
        return next(iter(parts.values())) if len(parts) == 1 else Record(parts)

    def default(self) -> Symbol:
        """What the table gives where no rule hits."""
        if not any(clause.default for clause in self.boxed.outputs):
            return NULL
        parts = {}
        for place, clause in enumerate(self.boxed.outputs, 1):
            value = lower_text(clause.default.text if clause.default else None, self.names, self.work)
            value = converted(value, self.types.of(clause.type_ref), self.work)
            parts[clause.name or f"output {place}"] = value
        return self._together(parts)

    def chosen(self, takes: list[Node]) -> Symbol:
        """The output of the one rule that is taken, else the default."""
        work = self.work
        none = work.b.true
        for taken in takes:
            none = work.b.both(none, work.b.opposite(taken))
        with work.under(none):
            default = self.default()
        outputs = []
        for number, taken in enumerate(takes):
            with work.under(taken):
                outputs.append(NULL if taken is work.b.false else self.output(number))
        # Where no rule is left out, the default is never looked at.
        result: Symbol | None = None if none is work.b.false else default
        for taken, output in zip(reversed(takes), reversed(outputs), strict=True):
            if taken is not work.b.false:
                result = output if result is None else _merged(work, taken, output, result)
        return default if result is None else result


def _merged(work: Work, taken: Node, output: Symbol, other: Symbol) -> Symbol:
    """A context or nothing: rows with nothing are for the Decimal rows."""
    for one, rest, holds in ((output, other, taken), (other, output, work.b.opposite(taken))):
        if isinstance(rest, Record) and isinstance(one, Constant) and one.value is None:
            nothing = Record(dict.fromkeys(rest.entries, NULL))
            work.fault(holds)
            return merge(
                work, taken, nothing if one is output else output, nothing if one is other else other
            )
    return merge(work, taken, output, other)


def table(boxed: m.DecisionTable, names: Names, types: TypeTable, work: Work) -> Symbol:
    """Lower a decision table.

    Raises:
        Refusal: One of its expressions cannot be compiled, or its hit policy gives a list.
    """
    policy = _POLICIES.get((boxed.hit_policy, boxed.aggregation if boxed.hit_policy == "COLLECT" else None))
    if policy is None:
        raise Refusal(f"the hit policy {boxed.hit_policy} is not compiled")
    return policy(_Table(boxed, names, types, work))


def _unique(made: _Table) -> Symbol:
    b = made.work.b
    seen, twice = b.false, b.false
    for hit in made.hits:
        twice = b.either(twice, b.both(seen, hit))
        seen = b.either(seen, hit)
    made.work.fault(twice)
    return made.chosen(made.hits)


def _first(made: _Table) -> Symbol:
    return made.chosen(_firsts(made))


def _firsts(made: _Table) -> list[Node]:
    b = made.work.b
    takes, before = [], b.false
    for hit in made.hits:
        takes.append(b.both(hit, b.opposite(before)))
        before = b.either(before, hit)
    return takes


def _any(made: _Table) -> Symbol:
    """The outcome of the first rule; rules that hit with another one are at fault."""
    work = made.work
    result = made.chosen(_firsts(made))
    for number, hit in enumerate(made.hits):
        with work.under(hit):
            output = made.output(number)
            work.fault(work.b.opposite(_is_same(work, output, result)))
    return result


def _is_same(work: Work, a: Symbol, b: Symbol) -> Node:
    if isinstance(a, Record) and isinstance(b, Record):
        same = work.b.true
        for name, part in a.entries.items():
            same = work.b.both(same, _is_same(work, part, b.entries[name]))
        return same
    return truth(work, equals(work, a, b, warns=False)).node


def _priority(made: _Table) -> Symbol:
    """The outcome that comes first in the order of the output values."""
    work = made.work
    if len(made.boxed.outputs) != 1:
        raise Refusal("the hit policy PRIORITY with several outputs")
    clause = made.boxed.outputs[0]
    text = clause.values.text if clause.values else made.types.allowed_text(clause.type_ref)
    text = text or made.types.allowed_text(made.boxed.type_ref)
    order = _constant_list(f"[{text}]", work) if text else []
    outputs = [made.output(number) for number in range(len(made.hits))]
    if not all(isinstance(output, Constant) for output in outputs):
        raise Refusal("the hit policy PRIORITY with outputs that differ by row")
    ranks = [
        order.index(o.value) if o.value in order else len(order) for o in outputs if isinstance(o, Constant)
    ]
    return made.chosen([_unbeaten(made, ranks, number) for number in range(len(ranks))])


def _unbeaten(made: _Table, ranks: list[int], number: int) -> Node:
    """Where a rule hits and none that comes before it in the order does."""
    b = made.work.b
    beaten = b.false
    for other, rank in enumerate(ranks):
        if (rank, other) < (ranks[number], number):
            beaten = b.either(beaten, made.hits[other])
    return b.both(made.hits[number], b.opposite(beaten))


def _constant_list(text: str, work: Work) -> list[Value]:
    made = lower_text(text, Names({}), work)
    return made.value if isinstance(made, Constant) and isinstance(made.value, list) else []


def _collected(made: _Table) -> Items:
    parts = []
    for number, hit in enumerate(made.hits):
        with made.work.under(hit):
            parts.append((hit, made.output(number)))
    return Items(tuple(parts))


def _aggregated(made: _Table, gather: Callable[[Items, Work], Symbol]) -> Symbol:
    work = made.work
    some = work.b.false
    for hit in made.hits:
        some = work.b.either(some, hit)
    with work.under(some):
        result = gather(_collected(made), work)
    with work.under(work.b.opposite(some)):
        default = made.default()
    return merge(work, some, result, default)


def _sum(made: _Table) -> Symbol:
    return _aggregated(made, total)


def _least(made: _Table) -> Symbol:
    return _aggregated(made, lambda items, work: extreme(items, work, is_greatest=False))


def _greatest(made: _Table) -> Symbol:
    return _aggregated(made, lambda items, work: extreme(items, work, is_greatest=True))


def _count(made: _Table) -> Symbol:
    work = made.work
    length = count(Items(tuple((hit, NULL) for hit in made.hits)), work)
    assert isinstance(length, Number)
    default = made.default()
    if isinstance(default, Constant) and default.value is None:
        return length
    return merge(work, work.b.eq(length.node, work.b.number(0)), default, length)


_POLICIES: Final[dict[tuple[str, str | None], Callable[[_Table], Symbol]]] = {
    ("UNIQUE", None): _unique,
    ("FIRST", None): _first,
    ("ANY", None): _any,
    ("PRIORITY", None): _priority,
    ("COLLECT", "SUM"): _sum,
    ("COLLECT", "MIN"): _least,
    ("COLLECT", "MAX"): _greatest,
    ("COLLECT", "COUNT"): _count,
    ("COLLECT", None): _collected,
    ("RULE ORDER", None): _collected,
}
