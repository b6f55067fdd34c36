"""Loops: ``for``, ``some`` and ``every``.

Source: DMN 1.5, 10.3.2.14 (for), 10.3.2.15 (quantified).
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from commonweal.engines.feel.compiling.compiler import Closure, Code, Compiler, compiles, failed
from commonweal.engines.feel.errors import Position, Undefined
from commonweal.engines.feel.evaluation import Evaluation
from commonweal.engines.feel.operations import compare, kind_name
from commonweal.engines.feel.syntax import For, Iteration, Name, Quantified, walk
from commonweal.engines.feel.types import (
    ANY,
    BOOLEAN,
    NOTHING,
    ListType,
    Range,
    RangeType,
    Type,
    Value,
    base_of,
)
from commonweal.engines.feel.unknown import UNKNOWN, Unknown
from commonweal.engines.feel.values.numbers import DECIMAL128, is_whole
from commonweal.engines.feel.values.temporal import Date

_Source = Callable[[list[Value], Evaluation], "list[Value] | Unknown"]


def _span(low: Value, high: Value, evaluation: Evaluation) -> list[Value]:
    """Whole steps from one end to the other, up or down."""
    if isinstance(low, Decimal) and isinstance(high, Decimal):
        if not is_whole(low) or not is_whole(high) or max(abs(low), abs(high)) > 10**30:
            raise Undefined("an iteration counts in whole numbers", "iteration")
        count = int(DECIMAL128.subtract(high, low))
        evaluation.check_size(abs(count) + 1)
        step = 1 if count >= 0 else -1
        first = int(low)
        return [Decimal(first + step * index) for index in range(abs(count) + 1)]
    if isinstance(low, Date) and isinstance(high, Date):
        days = high.ordinal - low.ordinal
        evaluation.check_size(abs(days) + 1)
        step = 1 if days >= 0 else -1
        return [low.plus_days(step * index) for index in range(abs(days) + 1)]
    raise Undefined(f"nothing to count between {kind_name(low)} and {kind_name(high)}", "iteration")


def _range_elements(range_: Range, evaluation: Evaluation) -> list[Value]:
    elements = _span(range_.low, range_.high, evaluation)
    if elements and not range_.low_closed:
        elements = elements[1:]
    if elements and not range_.high_closed and compare(elements[-1], range_.high) == 0:
        elements = elements[:-1]
    return elements


def _elements(value: Value, evaluation: Evaluation) -> list[Value] | Unknown:
    if isinstance(value, list):
        return value
    if isinstance(value, Unknown):
        return UNKNOWN
    if isinstance(value, Range):
        return _range_elements(value, evaluation)
    if value is None:
        raise Undefined("null cannot be iterated over", "iteration")
    return [value]


def _source(node: Iteration, compiler: Compiler) -> tuple[_Source, Type]:
    """What gives the elements of an iteration, and their type."""
    low = compiler.compile(node.source)
    run_low = low.run
    if node.end_source is None:
        base = base_of(low.type)
        element = base.element if isinstance(base, ListType | RangeType) else low.type
        return (lambda frame, evaluation: _elements(run_low(frame, evaluation), evaluation)), element
    high = compiler.compile(node.end_source)
    run_high = high.run

    def span(frame: list[Value], evaluation: Evaluation) -> list[Value] | Unknown:
        one, other = run_low(frame, evaluation), run_high(frame, evaluation)
        if one is UNKNOWN or other is UNKNOWN:
            return UNKNOWN
        return _span(one, other, evaluation)

    return span, low.type


def _note_unknown_element(elements: list[Value], index: int, evaluation: Evaluation) -> None:
    place = evaluation.place_of(elements)
    if place is not None:
        evaluation.note_missing(f"{place}[{index}]")


_Plan = list[tuple[_Source, int]]
_Round = Callable[[list[Value], Evaluation], bool]


def _rounds(plan: _Plan, frame: list[Value], evaluation: Evaluation, do: _Round) -> bool:
    """Run ``do`` for every combination until it says stop; false when a source was UNKNOWN."""
    source, slot = plan[0]
    elements = source(frame, evaluation)
    if isinstance(elements, Unknown):
        return False
    evaluation.spend(len(elements))
    complete = True
    for index, element in enumerate(elements, start=1):
        frame[slot] = element
        if element is UNKNOWN:
            _note_unknown_element(elements, index, evaluation)
        if len(plan) > 1:
            complete = _rounds(plan[1:], frame, evaluation, do) and complete
        elif do(frame, evaluation):
            raise _Decided
    return complete


class _Decided(Exception):
    """The answer of a quantified expression is known."""


@compiles(For)
def _for(node: For, compiler: Compiler) -> Code:
    plan: _Plan = []
    with compiler.local_names() as add:
        for iteration in node.iterations:
            source, element = _source(iteration, compiler)
            plan.append((source, add(iteration.name, element)))
        partial_slot = add("partial", ListType(ANY))
        body = compiler.compile(node.body)
    uses_partial = any(isinstance(part, Name) and part.name == "partial" for part in walk(node.body))
    at, run_body = compiler.position(node), body.run

    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        results: list[Value] = []

        def do(frame: list[Value], evaluation: Evaluation) -> bool:
            if uses_partial:
                evaluation.spend(len(results) // 16)
                frame[partial_slot] = results[:]
            results.append(run_body(frame, evaluation))
            return False

        try:
            complete = _rounds(plan, frame, evaluation, do)
        except Undefined as error:
            return failed(evaluation, error, at)
        return results if complete else UNKNOWN

    return Code(run, ListType(body.type))


@compiles(Quantified)
def _quantified(node: Quantified, compiler: Compiler) -> Code:
    plan: _Plan = []
    with compiler.local_names() as add:
        for iteration in node.iterations:
            source, element = _source(iteration, compiler)
            plan.append((source, add(iteration.name, element)))
        condition = compiler.compile(node.condition)
    if base_of(condition.type) not in {BOOLEAN, ANY, NOTHING}:
        message = f"the condition of `{node.quantifier}` must be a boolean"
        compiler.problem("operand-type", message, node.condition)
    run = _quantifier(plan, condition.run, compiler.position(node), decisive=node.quantifier == "some")
    return Code(run, BOOLEAN)


def _quantifier(plan: _Plan, condition: Closure, at: Position, *, decisive: bool) -> Closure:
    neutral = not decisive

    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        weakest: Value = neutral
        mark = len(evaluation.missing)

        def do(frame: list[Value], evaluation: Evaluation) -> bool:
            nonlocal weakest
            answer = condition(frame, evaluation)
            if answer is UNKNOWN:
                weakest = UNKNOWN
            elif answer is not neutral and answer is not decisive and weakest is not UNKNOWN:
                weakest = None
            return answer is decisive

        try:
            complete = _rounds(plan, frame, evaluation, do)
        except _Decided:
            evaluation.forget_since(mark)
            return decisive
        except Undefined as error:
            return failed(evaluation, error, at)
        return weakest if complete else UNKNOWN

    return run
