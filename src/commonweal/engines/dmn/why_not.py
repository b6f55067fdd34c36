"""Why an outcome was not reached, and what would change that.

For a table, each rule that gives the outcome is looked at: which of its cells fail, and for
what value. For a comparison (``income < 2000 and adults > 0``, or the condition of an ``if``)
the parts that stand in the way are named in the same manner. `what_would_change` then flips
them: it puts values in place of the facts so that they pass, decides again, and reports
only what truly leads to the outcome.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from commonweal.engines.dmn import model as m
from commonweal.engines.dmn.compiled import CompiledModel, Facts, Moment, moment_of
from commonweal.engines.dmn.dimensions import LINES, NotCheckableError, constant_of, constants, cut
from commonweal.engines.dmn.errors import DmnError
from commonweal.engines.dmn.facts import text_of, to_json, value_of
from commonweal.engines.dmn.hit_policies import same
from commonweal.engines.dmn.paths import split, with_fact
from commonweal.engines.dmn.recording import CallNote, TableNote
from commonweal.engines.dmn.tables import Table
from commonweal.engines.dmn.trace import Trace
from commonweal.engines.feel import Scope, compile_expression
from commonweal.engines.feel import syntax as s
from commonweal.engines.feel.evaluation import Evaluation
from commonweal.engines.feel.parser import parse_expression
from commonweal.engines.feel.types import Type, Value, base_of

MAX_TRIALS = 64
MAX_VALUES = 4
MAX_WAYS = 32


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One test that stands in the way: of what, which test, and the value that fails it.

    ``column`` is the number of the table's column, from 1; 0 outside of tables.
    ``candidates`` are values that pass, the nearest first.
    """

    subject: str
    test: str
    value: Value
    column: int = 0
    candidates: tuple[Value, ...] = field(default=(), repr=False)

    def __str__(self) -> str:
        return f"{self.subject} is {text_of(self.value)}, which is not {self.test}"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to the outcome: a rule (0 outside of tables) and what stands in its way.

    ``beaten_by`` are the rules that hit and win, where the rule itself hits too.
    """

    rule: int
    obstacles: tuple[Obstacle, ...]
    beaten_by: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """Facts that, put in place of those given, lead to the outcome; verified by deciding."""

    facts: Mapping[str, Value]
    way: Way

    def as_data(self) -> dict[str, Any]:
        """The change as JSON-able data."""
        return {"facts": {path: to_json(value) for path, value in self.facts.items()}, "rule": self.way.rule}


def why_not(
    compiled: CompiledModel, decision: str, facts: Facts, outcome: object, *, now: Moment = None
) -> tuple[Way, ...]:
    """The ways to an outcome and what stands in each, the shortest way first.

    Nothing comes back when no rule or branch of the decision gives the outcome.

    Raises:
        DmnError: There is no such decision, or the evaluation went over its budget.
    """
    wanted = value_of(outcome)
    result = compiled.decide(decision, facts, now=now, trace=True)
    assert result.trace is not None
    note = next(n for n in reversed(result.trace.decisions) if isinstance(n, CallNote))
    tables = [n for n in note.inside if isinstance(n, TableNote)]
    if tables:
        ways = list(_table_ways(_table_of(compiled, note, tables[-1]), tables[-1], wanted, now))
    else:
        ways = list(itertools.islice(_comparison_ways(compiled, note, result.trace, wanted, now), MAX_WAYS))
    return tuple(sorted(ways, key=lambda way: len(way.obstacles)))


def what_would_change(
    compiled: CompiledModel, decision: str, facts: Facts, outcome: object, *, now: Moment = None
) -> tuple[Change, ...]:
    """Changes of facts that lead to an outcome, each verified by deciding again.

    A change touches only what stands in one way, with the nearest values that pass. A
    required decision that stands in the way is changed as if it were a fact.

    Raises:
        DmnError: There is no such decision, or the evaluation went over its budget.
    """
    wanted = value_of(outcome)
    changes = (
        _change(compiled, decision, facts, way, wanted=wanted, now=now)
        for way in why_not(compiled, decision, facts, outcome, now=now)
    )
    return tuple(change for change in changes if change is not None)


def _change(
    compiled: CompiledModel, decision: str, facts: Facts, way: Way, *, wanted: Value, now: Moment
) -> Change | None:
    if not way.obstacles:
        return None
    names = {**compiled.inputs, **dict.fromkeys(compiled.decisions)}
    subjects = [obstacle.subject for obstacle in way.obstacles]
    if any(split(subject, names)[0] not in names for subject in subjects):
        return None
    choices = itertools.product(*(obstacle.candidates for obstacle in way.obstacles))
    for values in itertools.islice(choices, MAX_TRIALS):
        changed: dict[str, Any] = dict(facts)
        for subject, value in zip(subjects, values, strict=True):
            changed = with_fact(changed, subject, value, names)
        try:
            outcome = compiled.decide(decision, changed, now=now).value
        except DmnError:
            continue
        if same(outcome, wanted):
            return Change(dict(zip(subjects, values, strict=True)), way)
    return None


# ---- tables ------------------------------------------------------------------------------


def _looking(now: Moment) -> Evaluation:
    """An evaluation apart from the decision's own, on the same day."""
    return Evaluation(now=moment_of(now))


def _table_of(compiled: CompiledModel, note: CallNote, table: TableNote) -> Table:
    return next(t for t in compiled.tables[note.index] if t.text is table.table)


def _table_ways(table: Table, note: TableNote, wanted: Value, now: Moment) -> Iterator[Way]:
    for rule, cells in enumerate(table.rules):
        if not same(table.outputs[rule](note.frame.copy(), _looking(now)), wanted):
            continue
        failing = [
            column for column, run in cells if run(note.inputs[column], note.frame, _looking(now)) is not True
        ]
        obstacles = tuple(
            Obstacle(
                note.table.inputs[column],
                note.table.cells[rule][column],
                note.inputs[column],
                column + 1,
                _passing(table, note, rule, column, now),
            )
            for column in failing
        )
        beaten = () if obstacles else tuple(hit + 1 for hit in note.hits if hit != rule)
        yield Way(rule + 1, obstacles, beaten, note.table.notes[rule])


def _passing(table: Table, note: TableNote, rule: int, column: int, now: Moment) -> tuple[Value, ...]:
    """Values of a column that pass the rule's cell, the nearest to the one given first."""
    type_ = table.columns[column]
    points: list[Value] = []
    for cells in table.text.cells:
        try:
            points.extend(constants(cells[column] or "-", table.scope, type_))
        except NotCheckableError:
            continue
    run = next(run for number, run in table.rules[rule] if number == column)
    frame = note.frame.copy()

    def passes(value: Value) -> bool:
        admits = table.admits[column]
        admitted = admits is None or admits(value, frame, _looking(now)) is True
        return admitted and run(value, frame, _looking(now)) is True

    return _nearest(note.table.inputs[column], type_, points, note.inputs[column], passes)


def _nearest(name: str, type_: Type, points: list[Value], given: Value, passes: Any) -> tuple[Value, ...]:
    try:
        segments = cut(name, base_of(type_).name, points).segments
    except NotCheckableError:
        return ()
    fitting = [segment.witness for segment in segments if passes(segment.witness)]
    line = LINES.get(type(given))
    if line is not None and all(type(value) is type(given) for value in fitting):
        here = line.key(given)
        fitting.sort(key=lambda value: abs(line.key(value) - here))
    return tuple(fitting[:MAX_VALUES])


# ---- comparisons -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a comparison is looked at: its text, its names, their values, the day."""

    text: str
    scope: Scope
    frame: list[Value]
    now: Moment

    def source(self, node: s.Node) -> str:
        return self.text[node.start : node.end].strip()

    def value(self, node: s.Node) -> Value:
        expression = compile_expression(self.source(node), self.scope)
        frame = self.frame + [None] * (self.scope.layout.size - len(self.frame))
        value: Value = expression.run(frame, _looking(self.now))
        return value

    def type(self, node: s.Node) -> Type:
        type_: Type = compile_expression(self.source(node), self.scope).type
        return type_


def _comparison_ways(
    compiled: CompiledModel, note: CallNote, trace: Trace, wanted: Value, now: Moment
) -> Iterator[Way]:
    expression = getattr(compiled.graph.nodes[note.index].element, "expression", None)
    if not isinstance(expression, m.Literal) or not expression.text:
        return
    step = compiled.steps[note.index]
    place = _Place(expression.text, step.scope, step.fill(trace.values), now)
    tree = parse_expression(expression.text, step.scope)
    for obstacles in _leading_to(place, tree, wanted):
        yield Way(0, tuple(obstacles))


def _leading_to(place: _Place, node: s.Node, wanted: Value) -> Iterator[list[Obstacle]]:
    """The sets of obstacles between a part of the expression and a value."""
    if isinstance(node, s.If):
        yield from _of_branches(place, node, wanted)
    elif same(place.value(node), wanted):
        yield []
    elif not isinstance(wanted, bool):
        return
    elif isinstance(node, s.Conjunction | s.Disjunction):
        yield from _of_operands(place, node, wanted)
    elif isinstance(node, s.Invocation) and node.function == s.Name("not"):
        yield from _leading_to(place, node.arguments[0], not wanted)
    else:
        yield from _of_comparison(place, node, wanted)


def _of_branches(place: _Place, node: s.If, wanted: Value) -> Iterator[list[Obstacle]]:
    for branch, truth in ((node.consequence, True), (node.alternative, False)):
        for inside in _leading_to(place, branch, wanted):
            for before in _leading_to(place, node.condition, truth):
                yield before + inside


def _of_operands(
    place: _Place, node: s.Conjunction | s.Disjunction, wanted: object
) -> Iterator[list[Obstacle]]:
    if isinstance(node, s.Conjunction) is wanted:
        ways = [
            list(itertools.islice(_leading_to(place, operand, bool(wanted)), 4)) for operand in node.operands
        ]
        for choice in itertools.islice(itertools.product(*ways), MAX_WAYS):
            yield [obstacle for part in choice for obstacle in part]
    else:
        for operand in node.operands:
            yield from _leading_to(place, operand, bool(wanted))


def _of_comparison(place: _Place, node: s.Node, wanted: object) -> Iterator[list[Obstacle]]:
    if isinstance(node, s.Name | s.Path):
        yield [Obstacle(place.source(node), text_of(bool(wanted)), place.value(node), 0, (bool(wanted),))]
        return
    subject, points = _compared(place, node)
    if subject is None:
        return
    source = place.source(node)
    test = source if wanted else f"not({source})"
    name = place.source(subject)
    inner = Scope({"?": place.type(subject)}, parent=place.scope)
    replaced = source.replace(name, "?", 1) if source.startswith(name) else "?".join(source.rsplit(name, 1))
    run = compile_expression(replaced, inner).run
    frame = place.frame + [None] * (inner.layout.size - len(place.frame))
    slot = inner.slot("?")
    assert slot is not None

    def passes(value: Value) -> bool:
        frame[slot] = value
        return run(frame, _looking(place.now)) is wanted

    given = place.value(subject)
    yield [Obstacle(name, test, given, 0, _nearest(name, place.type(subject), points, given, passes))]


def _compared(place: _Place, node: s.Node) -> tuple[s.Node | None, list[Value]]:
    """The name or path that a comparison is about, and the values it is compared with."""
    if isinstance(node, s.Binary) and node.operator in s.COMPARISONS:
        sides: tuple[s.Node, ...] = (node.left, node.right)
    elif isinstance(node, s.Between):
        sides = (node.value, node.low, node.high)
    elif isinstance(node, s.In) and isinstance(node.value, s.Name | s.Path):
        return _tested(place, node, node.value)
    else:
        return None, []
    subjects = [side for side in sides if isinstance(side, s.Name | s.Path)]
    if not subjects:
        return None, []
    others = [side for side in sides if side is not subjects[0]]
    return subjects[0], [_point(place, side) for side in others]


def _tested(place: _Place, node: s.In, subject: s.Node) -> tuple[s.Node | None, list[Value]]:
    """What ``in`` is about, and the values of its tests."""
    type_ = place.type(subject)
    try:
        tests = [constants(place.source(test), place.scope, type_) for test in node.tests]
    except NotCheckableError:
        return None, []
    return subject, [point for points in tests for point in points]


def _point(place: _Place, node: s.Node) -> Value:
    try:
        return constant_of(node, place.text)
    except NotCheckableError:
        value = place.value(node)
        return value if isinstance(value, Decimal | str | bool) or type(value) in LINES else None
