"""A whole plan: inputs as symbols, each decision in turn, the columns that come out, the faults.

What cannot be compiled is collected decision by decision, so that one look tells all that keeps
a model from being compiled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from commonweal.engines.columnar.columns import Branch, Column, Leaf, Many
from commonweal.engines.columnar.errors import Refusal
from commonweal.engines.columnar.ir import Node, Path, reachable
from commonweal.engines.columnar.lowering import numbers
from commonweal.engines.columnar.lowering.boxed import box
from commonweal.engines.columnar.lowering.calls import COMPILED
from commonweal.engines.columnar.lowering.dates import DATES
from commonweal.engines.columnar.lowering.expressions import entry
from commonweal.engines.columnar.lowering.merging import kind_of, lift
from commonweal.engines.columnar.lowering.scopes import Names
from commonweal.engines.columnar.lowering.typing import converted
from commonweal.engines.columnar.lowering.work import NULL, Work
from commonweal.engines.columnar.outputs import Output
from commonweal.engines.columnar.symbols import (
    Closeness,
    Closure,
    Constant,
    Day,
    Members,
    Number,
    Opaque,
    Record,
    Symbol,
    Text,
    Truth,
)
from commonweal.engines.dmn import model as m
from commonweal.engines.dmn.compiled import CompiledModel
from commonweal.engines.dmn.graph import Instance
from commonweal.engines.dmn.graph import Node as Element
from commonweal.engines.dmn.item_types import TypeTable
from commonweal.engines.dmn.texts import TextCompiler
from commonweal.engines.feel.evaluation import Evaluation
from commonweal.engines.feel.scope import Scope
from commonweal.engines.feel.types import ConstrainedType, FunctionType, Type, Value, base_of
from commonweal.engines.feel.unknown import UNKNOWN

__all__ = ["Lowered", "Made", "leaves_of", "lower_plan"]

FRACTION_SCALE = 6
"""Digits after the point of an output that is a fraction."""
_DEEPEST_CALL = 20


@dataclass(frozen=True, slots=True)
class Made:
    """An output column as nodes.

    Attributes:
        output: The column, with its scale.
        value: What it holds.
        null: Where it holds nothing.
    """

    output: Output
    value: Node
    null: Node


@dataclass(frozen=True, slots=True)
class Lowered:
    """A program in the intermediate representation.

    Attributes:
        outputs: The columns.
        fault: Rows in which it holds are for the Decimal rows.
        texts: The texts, by number.
        watched: Inputs whose range is checked though nothing may read them: outside of their allowed
            values the engine takes them for null, and says so.
    """

    outputs: tuple[Made, ...]
    fault: Node
    texts: tuple[str, ...]
    watched: tuple[Node, ...]

    @property
    def order(self) -> list[Node]:
        """All nodes that are needed, each after what it depends on."""
        return reachable(
            [*self.watched, self.fault, *(n for made in self.outputs for n in (made.value, made.null))]
        )


def leaves_of(program: Lowered) -> frozenset[Path]:
    """The paths of the columns that a program reads."""
    found = {node.extra for node in program.order if node.op in {"value", "valid"}}
    return frozenset(path for path in found if isinstance(path, tuple))


_KINDS: Final = {Number: "number", Truth: "truth", Text: "text", Day: "date"}


class _Failed(Refusal):
    """Something else could not be compiled, and this needs it: not worth a reason of its own."""


@dataclass(frozen=True, slots=True)
class _Missing:
    """What stands for a decision that could not be compiled."""

    name: str


def lower_plan(
    compiled: CompiledModel,
    columns: Mapping[str, Column],
    targets: Sequence[int],
    outputs: Sequence[Output],
    *,
    constants: Mapping[str, Any],
    now: Any,
) -> tuple[Lowered | None, list[tuple[str, str]]]:
    """Lower what the targets need.

    Returns:
        The program, or None and the reasons as (where, why).
    """
    plan = _Plan(compiled, columns, constants, now)
    return plan.lower(targets, outputs)


class _Plan:
    def __init__(
        self, compiled: CompiledModel, columns: Mapping[str, Column], constants: Mapping[str, Any], now: Any
    ) -> None:
        assert COMPILED
        self._compiled = compiled
        self._columns = columns
        self._constants = constants
        self._work = Work(now)
        self._types = dict(_type_tables(compiled.graph.root))
        self._values: dict[int, Symbol | _Missing] = {}
        self._reasons: list[tuple[str, str]] = []
        self._calls = 0

    def lower(
        self, targets: Sequence[int], outputs: Sequence[Output]
    ) -> tuple[Lowered | None, list[tuple[str, str]]]:
        plan = self._compiled.plan_of([self._compiled.graph.nodes[index] for index in targets])
        for node in plan.inputs:
            self._values[node.index] = self._tried(node, self._input, node)
        for step in plan.steps:
            self._values[step.node.index] = self._tried(step.node, self._decision, step.node, self._values)
        made = [self._tried_output(output) for output in outputs]
        if self._reasons:
            return None, self._reasons
        fault = self._work.b.false
        for condition in self._work.faults.values():
            fault = self._work.b.either(fault, condition)
        columns = tuple(one for one in made if one)
        return Lowered(columns, fault, tuple(self._work.texts), tuple(self._work.watched)), []

    def _tried(self, node: Element, do: Callable[..., Symbol], *arguments: Any) -> Symbol | _Missing:
        try:
            return do(*arguments)
        except _Failed:
            pass
        except Refusal as error:
            self._reasons.append((node.full_name, error.why))
        except RecursionError:
            self._reasons.append((node.full_name, "it is nested too deeply"))
        return _Missing(node.full_name)

    # Inputs

    def _input(self, node: Element) -> Symbol:
        name = node.full_name
        if name in self._constants:
            evaluation = Evaluation(now=self._work.now)
            value = self._compiled.read(self._constants[name], node.index, evaluation)
            if evaluation.warnings:
                self._work.fault(self._work.b.true)
            return Constant(value)
        symbol = self._column(self._columns[name], None)
        # Allowed values at any depth are those of the input: outside of them all of it is null.
        return converted(symbol, self._compiled.types[node.index], self._work)

    def _column(self, column: Column, space: Path | None) -> Symbol:
        if isinstance(column, Leaf):
            return self._leaf(column, space)
        if isinstance(column, Branch):
            return Record({name: self._column(member, space) for name, member in column.members})
        return self._many(column, space)

    def _many(self, column: Many, space: Path | None) -> Symbol:
        if space is not None:
            raise Refusal(f"the column {column.name}: a list within a list")
        element = self._column(column.element, column.path)
        return Members(column.path, column.longest, self._work.b.true, element, is_whole=True)

    def _leaf(self, leaf: Leaf, space: Path | None) -> Symbol:
        b = self._work.b
        null = b.opposite(b.valid(leaf.path, space))
        if leaf.kind == "number":
            node = b.value(leaf.path, leaf.low, leaf.high, space)
            if isinstance(leaf.type, ConstrainedType):
                self._work.watched.append(node)
            return Number(node, leaf.scale, null)
        if leaf.kind == "truth":
            return Truth(b.value(leaf.path, 0, 1, space, is_truth=True), null)
        if leaf.kind == "date":
            return Day(b.value(leaf.path, *DATES, space), null)
        if leaf.kind == "text":
            return self._text(leaf, space, null)
        raise Refusal(f"the column {leaf.name} is of type {leaf.type}")

    def _text(self, leaf: Leaf, space: Path | None, null: Node) -> Symbol:
        b = self._work.b
        codes = [self._work.code(text) for text in leaf.texts]
        if not codes:
            return Text(b.value(leaf.path, -1, 2**31, space), null, None)
        node = b.value(leaf.path, -1, max(codes), space)
        # Another text than those allowed makes the whole input null, with a warning.
        self._work.always(b.both(b.lt(node, b.number(0)), b.opposite(null)))
        return Text(node, null, frozenset(leaf.texts))

    # Decisions

    def _decision(self, node: Element, values: Mapping[int, Symbol | _Missing]) -> Symbol:
        decision = node.element
        assert isinstance(decision, m.Decision)
        if node.is_cyclic:
            return self._work.failed()
        names = self._names(node, values)
        symbol = box(decision.expression, names, self._types[id(node.instance)], self._work)
        declared = self._types[id(node.instance)].of(
            decision.variable.type_ref if decision.variable else None
        )
        return converted(symbol, declared, self._work)

    def _names(self, node: Element, values: Mapping[int, Symbol | _Missing]) -> Names:
        tree: dict[str, Any] = {}
        for prefixes, need in node.needs:
            inside = tree
            for prefix in prefixes:
                inside = inside.setdefault(prefix, {})
            inside[need.name] = self._need(need, values)
        found = {name: _together(part) for name, part in tree.items()}
        return Names(found, types=self._types[id(node.instance)].all_types())

    def _need(self, need: Element, values: Mapping[int, Symbol | _Missing]) -> Symbol:
        if isinstance(need.element, m.KnowledgeModel):
            return self._knowledge(need, need.element)
        if isinstance(need.element, m.DecisionService):
            return self._service(need, need.element)
        value = values.get(need.index, NULL)
        if isinstance(value, _Missing):
            raise _Failed(f"{value.name} is not compiled")
        return value

    # Functions of the model

    def _knowledge(self, node: Element, knowledge: m.KnowledgeModel) -> Closure:
        logic = knowledge.logic or m.FunctionDefinition()
        types = self._types[id(node.instance)]
        parameters = tuple(parameter.name for parameter in logic.parameters)
        kinds = tuple(types.of(parameter.type_ref) for parameter in logic.parameters)

        def call(arguments: Sequence[Symbol]) -> Symbol:
            if logic.kind != "FEEL":
                raise Refusal("an external function")
            with self._one_deeper():
                given = [
                    converted(value, kind, self._work) for value, kind in zip(arguments, kinds, strict=True)
                ]
                outer = Names({node.name: closure}, self._names(node, {}))
                names = Names(dict(zip(parameters, given, strict=True)), outer)
                made = box(logic.body, names, types, self._work)
                made = converted(made, _result(types, logic.type_ref), self._work)
                variable = knowledge.variable
                return converted(made, _result(types, variable.type_ref if variable else None), self._work)

        closure = Closure(node.name, parameters, kinds, call)
        return closure

    def _service(self, node: Element, service: m.DecisionService) -> Closure:
        function = self._compiled.functions[node.index]
        resolve = self._compiled.graph.resolve
        given = [
            found[1]
            for href in (*service.input_data, *service.input_decisions)
            if (found := resolve(node.instance, href))
        ]
        wanted = [found[1] for href in service.output_decisions if (found := resolve(node.instance, href))]

        def call(arguments: Sequence[Symbol]) -> Symbol:
            with self._one_deeper():
                values: dict[int, Symbol | _Missing] = {
                    need.index: converted(value, kind, self._work)
                    for need, value, kind in zip(given, arguments, function.parameter_types, strict=True)
                }
                for step in self._compiled.plan_of(wanted, frozenset(values)).steps:
                    values[step.node.index] = self._decision(step.node, values)
                made = {need.name: values[need.index] for need in wanted}
                found = {name: value for name, value in made.items() if not isinstance(value, _Missing)}
                symbol = next(iter(found.values())) if len(found) == 1 else Record(found)
                return converted(symbol, function.result_type, self._work)

        return Closure(node.name, function.parameters, function.parameter_types, call)

    @contextmanager
    def _one_deeper(self) -> Iterator[None]:
        """A guard against functions that call themselves without end."""
        self._calls += 1
        try:
            if self._calls > _DEEPEST_CALL:
                raise Refusal("a function that calls itself")
            yield
        finally:
            self._calls -= 1

    # Outputs

    def _tried_output(self, output: Output) -> Made | None:
        value = self._values[output.node]
        if isinstance(value, _Missing):
            return None
        try:
            symbol: Symbol = value
            for name in output.path:
                symbol = entry(symbol, name, self._work)
            return self._output(output, symbol)
        except Refusal as error:
            self._reasons.append((output.name, error.why))
            return None

    def _output(self, output: Output, symbol: Symbol) -> Made:
        b = self._work.b
        lifted = lift(self._work, symbol)
        if output.kind == "json" and type(lifted) in _KINDS:
            # What the types do not tell, the expression does.
            output = output.of_kind(_KINDS[type(lifted)])
        if isinstance(lifted, Constant):
            return self._constant_output(output, lifted)
        if output.kind == "number" and isinstance(lifted, Number):
            return self._number_output(output, lifted)
        if (output.kind, type(lifted)) in {("truth", Truth), ("date", Day)}:
            assert isinstance(lifted, Truth | Day)
            return Made(output, lifted.node, lifted.null)
        if output.kind == "text" and isinstance(lifted, Text):
            self._work.fault(b.both(b.lt(lifted.node, b.number(0)), b.opposite(lifted.null)))
            return Made(_coded(output), lifted.node, lifted.null)
        why = lifted.why if isinstance(lifted, Opaque) else f"a {kind_of(lifted)}"
        raise Refusal(f"{why} is asked for as a column of kind {output.kind}")

    def _constant_output(self, output: Output, nothing: Constant) -> Made:
        """Null, or a figure that nobody knows."""
        b = self._work.b
        if output.kind == "json":
            raise Refusal("its type is not known")
        if nothing.value is UNKNOWN:
            self._work.fault(b.true)
        scaled = output.with_scale(0) if output.kind == "number" else output
        return Made(_coded(scaled), b.number(0) if output.kind != "truth" else b.false, b.true)

    def _number_output(self, output: Output, number: Number) -> Made:
        scale = number.scale
        if number.closeness is not Closeness.EXACT:
            scale = max(FRACTION_SCALE, min(scale, 9))
        node = number
        if number.divisor is not None or number.scale > scale:
            present = Number(
                number.node,
                number.scale,
                self._work.b.false,
                number.divisor,
                number.closeness,
                number.inexact,
            )
            node = numbers.rounded(self._work, present, scale, "half even")
        return Made(
            output.with_scale(scale), self._work.times(node.node, 10 ** (scale - node.scale)), number.null
        )


def _coded(output: Output) -> Output:
    return Output(
        output.name, output.node, output.path, output.kind, output.scale, is_coded=output.kind == "text"
    )


def _result(types: TypeTable, type_ref: str | None) -> Type:
    found = types.of(type_ref)
    base = base_of(found)
    return base.result if isinstance(base, FunctionType) else found


def _together(part: Any) -> Symbol:
    return (
        Record({name: _together(inner) for name, inner in part.items()}) if isinstance(part, dict) else part
    )


def _type_tables(instance: Instance) -> Iterable[tuple[int, TypeTable]]:
    """The types of a model and of those it imports, by the identity of their appearance."""
    imported = []
    for item, child in instance.children:
        below = list(_type_tables(child))
        imported.append((item.name, below[-1][1]))
        yield from below
    yield id(instance), TypeTable(instance.model, imported, _test)


def _test(text: str, type_: Type, where: str) -> Callable[[Value], bool]:
    scope = Scope({})
    run = TextCompiler(TypeTable(m.Model(name="", namespace=""), [], _test), []).tests(
        text, scope, type_, where
    )

    def allows(value: Value) -> bool:
        return run is None or run(value, scope.frame(), Evaluation()) is True

    return allows
