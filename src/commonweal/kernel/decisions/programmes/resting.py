"""Finds what a value of the law rested on: of an ``if`` the branch that was taken, of a table the conditions of the rule that hit.

An expression of the law is turned once into a function that says which decisions, facts and figures its value came from; it
is run over the values of one case. What stood in the expression and made no difference (the other branch, the operands
after one that settled it, a smaller number below ``max``) is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import Any

from commonweal.engines.dmn import model as m
from commonweal.engines.feel import (
    ANY,
    Evaluation,
    Expression,
    FeelError,
    Scope,
    Value,
    parse,
    parse_unary_tests,
    syntax,
)
from commonweal.engines.feel import compile_expression as compiled

LAW = "law"
_HEADS = frozenset({"FIRST", "UNIQUE", "ANY", "PRIORITY"})


class Kind(StrEnum):
    """What something rested on."""

    DECISION = "decision"
    FACT = "fact"
    FIGURE = "figure"


DECISION, FACT, FIGURE = Kind
"""By themselves, for a member of an enumeration is slow to look up."""


@dataclass(slots=True, unsafe_hash=True)
class Rested:
    """One thing that a value rested on; not frozen only because that is slow to make.

    Attributes:
        kind: What it is.
        name: Of the decision; of the law's parameter; of a fact its path, ``Household.rent``.
        value: Of a fact or a figure, as FEEL saw it, once it was looked at.
        read: Reads the value; None where that was done, and of a decision.
    """

    kind: Kind
    name: str
    value: Value = field(compare=False, default=None)
    read: Callable[[], Value] | None = field(compare=False, default=None, repr=False)

    def look(self) -> Value:
        """Return the value of a fact or a figure: many are named, and few are asked for.

        Raises:
            FeelError: A budget of the run is used up.
        """
        if self.read is not None:
            self.value, self.read = self.read(), None
        return self.value


@dataclass(slots=True)
class Case:
    """One case while it is looked at.

    Attributes:
        scope: Of the model.
        values: By name of decision or fact, made when they are asked for.
        frame: Of the scope; a value goes into it when an expression first reads it.
        hits: Rules hit, counted from 1, of the table that is looked at.
        misses: Rules before them that did not hit, each with the column of its first condition that was not met.
        ready: Names whose values are in the frame.
        evaluation: The run.
    """

    scope: Scope
    values: Mapping[str, Value]
    frame: list[Value]
    hits: Sequence[int] = ()
    misses: Sequence[Sequence[int]] = ()
    ready: set[str] = field(default_factory=set)
    evaluation: Evaluation = field(default_factory=Evaluation)

    def run(self, expression: Expression) -> Value:
        """Return the value of a part."""
        if len(self.frame) < self.scope.layout.size or not expression.names <= self.ready:
            self.make_ready(expression.names)
        return expression.run(self.frame, self.evaluation)

    def make_ready(self, names: frozenset[str]) -> None:
        """Put values into the frame; what was compiled since it was made gets its room."""
        room = self.scope.layout.size - len(self.frame)
        if room > 0:
            self.frame.extend([None] * room)
        for name in names - self.ready:
            slot = self.scope.slot(name)
            if slot is not None and name in self.values:
                self.frame[slot] = self.values[name]
        self.ready |= names

    def copy(self) -> Case:
        """Return the same with a frame of its own, for entries that only one decision sees."""
        frame, ready = [*self.frame], {*self.ready}
        return Case(self.scope, self.values, frame, self.hits, self.misses, ready, self.evaluation)


Picked = Callable[[Iterable[Any]], Any]
"""``max`` or ``min``."""

Resting = Callable[[Case], Sequence[Rested]]
"""Says what a value rested on, in the order of the text; the same thing may come twice."""


@dataclass(frozen=True, slots=True)
class Names:
    """What the names of a model stand for.

    Attributes:
        scope: Decisions, facts and ``law``.
        decisions: Names of the decisions.
        facts: Names of the input data.
        aside: Outcomes that are no end, for an officer decides then; what only tells them apart did not decide.
    """

    scope: Scope
    decisions: frozenset[str]
    facts: frozenset[str]
    aside: frozenset[str] = frozenset()

    def is_aside(self, outputs: Sequence[m.Literal]) -> bool:
        """Whether a rule or a branch that gives this is no end."""
        return any((output.text or "").strip().strip('"') in self.aside for output in outputs)


def nothing(case: Case) -> Sequence[Rested]:
    """Rest on nothing: a constant."""
    return []


def resting_of(expression: m.Boxed | None, names: Names, member: str = "") -> Resting:
    """Return what says on what the value of a decision rested.

    Args:
        expression: The decision's.
        names: Of the model.
        member: Only this entry of a value that has several; all of it if left out, or if it cannot be told apart.
    """
    if isinstance(expression, m.Literal):
        return _of_text(expression.text or "", names, {}, names.scope, member)
    if isinstance(expression, m.Context):
        return _of_context(expression, names, member)
    if isinstance(expression, m.DecisionTable):
        return _of_table(expression, names, member)
    return nothing


def _of_text(text: str, names: Names, own: Mapping[str, Resting], scope: Scope, member: str = "") -> Resting:
    try:
        tree: syntax.Node = parse(text, scope)
        if member and isinstance(tree, syntax.ContextLiteral):
            tree = dict(tree.entries).get(member, tree)
        return _Restings(text, names, own, scope).of(tree)
    except FeelError:
        return nothing


def _of_context(context: m.Context, names: Names, member: str) -> Resting:
    """Follow the entry that is asked for, or the result; entries before it stand for what they rest on."""
    own: dict[str, Resting] = {}
    before: list[tuple[int, Expression]] = []
    scope = Scope(
        dict.fromkeys((e.variable.name for e in context.entries if e.variable is not None), ANY),
        parent=names.scope,
    )
    for entry in context.entries:
        if not isinstance(entry.value, m.Literal) or not entry.value.text:
            return nothing
        found = _of_text(entry.value.text, names, dict(own), scope)
        if entry.variable is None or entry.variable.name == member:
            return partial(_after, tuple(before), found)
        slot = scope.slot(entry.variable.name)
        assert slot is not None
        own[entry.variable.name] = found
        before.append((slot, compiled(entry.value.text, scope)))
    return partial(_after, tuple(before), _all_of(own.values()))


def _after(before: Sequence[tuple[int, Expression]], last: Resting, case: Case) -> Sequence[Rested]:
    """Put the values of entries into their places, and look at the last."""
    inner = case.copy()
    for slot, expression in before:
        value = inner.run(expression)
        inner.frame[slot] = value
    return last(inner)


def _all_of(parts: Iterable[Resting]) -> Resting:
    """Return what says what several parts rested on, one after the other; what is the same in every case is put together."""
    kept: list[Resting] = []
    for part in parts:
        if isinstance(part, Same) and kept and isinstance(kept[-1], Same):
            kept[-1] = Same(tuple(dict.fromkeys(kept[-1].found + part.found)))
        elif part is not nothing:
            kept.append(part)
    if not kept:
        return nothing
    return kept[0] if len(kept) == 1 else partial(_each, tuple(kept))


def _each(parts: Sequence[Resting], case: Case) -> Sequence[Rested]:
    return [found for part in parts for found in part(case)]


def _of_table(table: m.DecisionTable, names: Names, member: str) -> Resting:
    """Follow the conditions that the rule that hit has tested, and what it gave."""
    tested = [_of_text(clause.expression.text or "", names, {}, names.scope) for clause in table.inputs]
    outputs = [output.name or "" for output in table.outputs]
    given = slice(outputs.index(member), outputs.index(member) + 1) if member in outputs else slice(None)
    ends = [rule for rule in table.rules if not names.is_aside(rule.outputs)]
    rules = tuple(_of_rule(rule, given, tested, ends, names) for rule in table.rules)
    if table.hit_policy != "FIRST":
        return partial(_of_hits, rules, table.hit_policy in _HEADS)
    barred = frozenset(at for at, rule in enumerate(table.rules, 1) if names.is_aside(rule.outputs))
    return partial(_of_first, rules, tuple(tested), barred)


def _of_rule(
    rule: m.Rule, given: slice, tested: Sequence[Resting], ends: Sequence[m.Rule], names: Names
) -> Resting:
    """Follow the conditions of one rule that tell it apart from others that are an end, and what it gives."""
    conditions = [
        part
        for at, test in enumerate(rule.tests)
        if test.text.strip() not in {"-", ""} and any(one.tests[at].text != test.text for one in ends)
        for part in (tested[at], _of_cell(test.text, names))
    ]
    results = [_of_text(output.text or "", names, {}, names.scope) for output in rule.outputs[given]]
    return _all_of([*conditions, *results])


def _of_cell(text: str, names: Names) -> Resting:
    """Follow what a condition is held against: ``<= Limit``."""
    try:
        tree = parse_unary_tests(text, names.scope)
    except FeelError:
        return nothing
    return _Restings(text, names, {}, names.scope).of(tree)


def _of_hits(rules: Sequence[Resting], is_one: bool, case: Case) -> Sequence[Rested]:  # noqa: FBT001 - bound by partial
    counted = case.hits[:1] if is_one else case.hits
    return [found for hit in counted for found in rules[hit - 1](case)]


def _of_first(
    rules: Sequence[Resting], tested: Sequence[Resting], barred: frozenset[int], case: Case
) -> Sequence[Rested]:
    """Return what the first rule that hit has tested; of one for all other cases, why those before it did not hit."""
    if not case.hits:
        return []
    hit = case.hits[0]
    found = rules[hit - 1](case)
    if found:
        return found
    return [
        one
        for rule, column in case.misses
        if rule < hit and rule not in barred
        for one in tested[column - 1](case)
    ]


class _Restings:
    """Makes what says on what the parts of one expression rest."""

    def __init__(self, text: str, names: Names, own: Mapping[str, Resting], scope: Scope) -> None:
        self.text, self.names, self.own, self.scope = text, names, own, scope

    def of(self, node: syntax.Node) -> Resting:
        if isinstance(node, syntax.If):
            return self._if(node)
        if isinstance(node, (syntax.Conjunction, syntax.Disjunction)):
            return self._together(node)
        if isinstance(node, syntax.Invocation):
            return self._call(node)
        if isinstance(node, (syntax.Name, syntax.Path)):
            return self._name(node)
        if isinstance(node, syntax.Filter):
            return _all_of([self._leaf(node), self.of(node.condition)])
        if isinstance(node, (syntax.For, syntax.Quantified, syntax.FunctionLiteral)):
            return self._over_items(node)
        return _all_of([self.of(child) for child in syntax.children(node)])

    def _part(self, node: syntax.Node) -> Expression:
        return compiled(self.text[node.start : node.end], self.scope)

    def _if(self, node: syntax.If) -> Resting:
        """A chain of conditions: the one that was met and what it gave; all of them where none was."""
        chain: list[tuple[Expression, Resting, Resting]] = []
        last: syntax.Node = node
        while isinstance(last, syntax.If):
            if not self._is_aside(last.consequence):
                chain.append((self._part(last.condition), self.of(last.condition), self.of(last.consequence)))
            last = last.alternative
        return partial(_chained, tuple(chain), self.of(last))

    def _is_aside(self, node: syntax.Node) -> bool:
        return isinstance(node, syntax.StringLiteral) and node.value in self.names.aside

    def _together(self, node: syntax.Conjunction | syntax.Disjunction) -> Resting:
        parts = tuple((self._part(one), self.of(one)) for one in node.operands)
        return partial(_settled, parts, isinstance(node, syntax.Disjunction))

    def _call(self, node: syntax.Invocation) -> Resting:
        name = node.function.name if isinstance(node.function, syntax.Name) else ""
        if name in {"max", "min"} and len(node.arguments) > 1:
            parts = tuple((self._part(one), self.of(one)) for one in node.arguments)
            return partial(_extreme, self._part(node), max if name == "max" else min, parts)
        if name == "get value" and len(node.arguments) == 2:
            return _all_of([self._leaf(node, node.arguments[0]), self.of(node.arguments[1])])
        return _all_of([self.of(argument) for argument in node.arguments])

    def _over_items(self, node: syntax.Node) -> Resting:
        """Of what runs over a list, the names alone: its parts have no value of their own."""
        outside = [
            self._leaf(found)
            for found in syntax.walk(node)
            if isinstance(found, syntax.Name) and found.name in (self.names.decisions | self.names.facts)
        ]
        return _all_of(outside)

    def _name(self, node: syntax.Name | syntax.Path) -> Resting:
        return self._leaf(node)

    def _leaf(self, node: syntax.Node, named: syntax.Node | None = None) -> Resting:
        """A name with a path below it; ``named`` is what names it where ``node`` does more."""
        path = _path(named or node)
        if not path:
            return _all_of([self.of(child) for child in syntax.children(node)]) if named is None else nothing
        base = path[0]
        if base in self.own:
            return self.own[base]
        if base in self.names.decisions:
            return Same((Rested(DECISION, base),))
        if base == LAW and len(path) > 1:
            return partial(_rested, FIGURE, path[1], self._part(node))
        if base in self.names.facts:
            return partial(_rested, FACT, ".".join(path), self._part(node))
        return nothing


def _path(node: syntax.Node) -> tuple[str, ...]:
    """Return the names of a path, the outermost first; a filter stands for what it looks into."""
    if isinstance(node, syntax.Name):
        return (node.name,)
    if isinstance(node, syntax.Path):
        above = _path(node.source)
        return (*above, node.name) if above else ()
    return _path(node.source) if isinstance(node, syntax.Filter) else ()


@dataclass(frozen=True, slots=True)
class Same:
    """Rests on the same things in every case.

    Attributes:
        found: What, each once; decisions alone, for facts and figures have a value of their own in every case.
    """

    found: tuple[Rested, ...]

    def __call__(self, case: Case) -> tuple[Rested, ...]:
        """Return it, whatever the case."""
        return self.found


def _rested(kind: Kind, name: str, part: Expression, case: Case) -> Sequence[Rested]:
    return [Rested(kind, name, None, partial(case.run, part))]


def _chained(
    chain: Sequence[tuple[Expression, Resting, Resting]], last: Resting, case: Case
) -> Sequence[Rested]:
    for condition, why, then in chain:
        if case.run(condition) is True:
            return [*why(case), *then(case)]
    return [*last(case), *(found for _, why, _ in chain for found in why(case))]


def _settled(parts: Sequence[tuple[Expression, Resting]], by: bool, case: Case) -> Sequence[Rested]:  # noqa: FBT001 - bound by partial
    """Return what the first operand that settled it rested on; all operands where none did."""
    for part, rests in parts:
        if case.run(part) is by:
            return rests(case)
    return [found for _, rests in parts for found in rests(case)]


def _extreme(
    whole: Expression, pick: Picked, parts: Sequence[tuple[Expression, Resting]], case: Case
) -> Sequence[Rested]:
    """Return what the argument that won rested on; all of them where a constant won, or several did."""
    values = [case.run(part) for part, _ in parts]
    is_plain = {type(value) for value in values} == {Decimal}
    value = pick(values) if is_plain else case.run(whole)
    if values.count(value) == 1:
        won = parts[values.index(value)][1]
        if won is not nothing:
            return won(case)
    return [found for _, rests in parts for found in rests(case)]
