"""Literals, lists, contexts and ranges.

Source: DMN 1.5, 10.3.2.1 to 10.3.2.7, 10.3.2.15 (contexts).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from commonweal.engines.feel.compiling.compiler import Closure, Code, Compiler, compiles, constant, failed
from commonweal.engines.feel.errors import Undefined
from commonweal.engines.feel.operations import compare
from commonweal.engines.feel.syntax import (
    AtLiteral,
    BooleanLiteral,
    ContextLiteral,
    ListLiteral,
    NullLiteral,
    NumberLiteral,
    RangeLiteral,
    StringLiteral,
)
from commonweal.engines.feel.types import (
    ANY,
    BOOLEAN,
    NOTHING,
    NUMBER,
    STRING,
    ContextType,
    Function,
    ListType,
    Range,
    RangeType,
    Type,
    Value,
    join,
    type_of,
)
from commonweal.engines.feel.unknown import UNKNOWN
from commonweal.engines.feel.values.temporal import parse_temporal

if TYPE_CHECKING:
    from commonweal.engines.feel.errors import Position
    from commonweal.engines.feel.evaluation import Evaluation


@compiles(NumberLiteral)
def _number(node: NumberLiteral, compiler: Compiler) -> Code:
    return constant(node.value, NUMBER)


@compiles(StringLiteral)
def _string(node: StringLiteral, compiler: Compiler) -> Code:
    return constant(node.value, STRING)


@compiles(BooleanLiteral)
def _boolean(node: BooleanLiteral, compiler: Compiler) -> Code:
    return constant(node.value, BOOLEAN)


@compiles(NullLiteral)
def _null(node: NullLiteral, compiler: Compiler) -> Code:
    return constant(None, NOTHING)


@compiles(AtLiteral)
def _at(node: AtLiteral, compiler: Compiler) -> Code:
    value = parse_temporal(node.text)
    if value is not None:
        return constant(value, type_of(value))
    at = compiler.position(node)
    message = f'"{node.text}" is no date, time, date and time or duration'
    compiler.problem("literal", message, node, hint='write @"2026-09-15", @"10:00:00", @"P1D" or @"P2Y"')

    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        evaluation.warn("literal", message, at)
        return None

    return Code(run)


@compiles(ListLiteral)
def _list(node: ListLiteral, compiler: Compiler) -> Code:
    codes = [compiler.compile(element) for element in node.elements]
    element_type: Type = codes[0].type if codes else ANY
    for code in codes[1:]:
        element_type = join(element_type, code.type)
    runs = [code.run for code in codes]
    type_ = ListType(element_type)
    if all(code.is_constant for code in codes) and not compiler.is_tracing:
        values = [code.value for code in codes]
        return constant(values, type_)
    return Code(lambda frame, evaluation: [run(frame, evaluation) for run in runs], type_)


@compiles(ContextLiteral)
def _context(node: ContextLiteral, compiler: Compiler) -> Code:
    repeated = {key for key, _ in node.entries if sum(key == other for other, _ in node.entries) > 1}
    if repeated:
        return _repeated_entries(sorted(repeated), node, compiler)
    entries: list[tuple[str, int, Code]] = []
    with compiler.local_names() as add:
        for key, value_node in node.entries:
            code = compiler.compile(value_node)
            entries.append((key, add(key, code.type), code))
    plan = [(key, slot, code.run) for key, slot, code in entries]

    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        context: dict[str, Value] = {}
        for key, slot, entry in plan:
            context[key] = frame[slot] = entry(frame, evaluation)
        return context

    return Code(run, ContextType(tuple((key, code.type) for key, _, code in entries)))


def _repeated_entries(names: list[str], node: ContextLiteral, compiler: Compiler) -> Code:
    message = f"the entry `{names[0]}` stands twice in the context"
    compiler.problem("repeated-entry", message, node)
    at = compiler.position(node)

    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        evaluation.warn("repeated-entry", message, at)
        return None

    return Code(run)


@compiles(RangeLiteral)
def _range(node: RangeLiteral, compiler: Compiler) -> Code:
    low = compiler.compile(node.low) if node.low is not None else None
    high = compiler.compile(node.high) if node.high is not None else None
    codes = [code for code in (low, high) if code is not None]
    low_run, high_run = low.run if low else None, high.run if high else None
    run = _range_closure(node, low_run, high_run, compiler.position(node))
    return compiler.folded(Code(run, RangeType(join(codes[0].type, codes[-1].type))), *codes)


def _range_closure(node: RangeLiteral, low: Closure | None, high: Closure | None, at: Position) -> Closure:
    low_closed, high_closed = node.low_closed, node.high_closed

    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        low_value = low(frame, evaluation) if low else None
        high_value = high(frame, evaluation) if high else None
        if low_value is UNKNOWN or high_value is UNKNOWN:
            return UNKNOWN
        try:
            _check_end(low_value, is_written=low is not None)
            _check_end(high_value, is_written=high is not None)
            if low and high:
                compare(low_value, high_value)
        except Undefined as error:
            return failed(evaluation, error, at)
        return Range(low_value, high_value, low_closed, high_closed)

    return run


def _check_end(end: Value, *, is_written: bool) -> None:
    if (end is None and is_written) or isinstance(end, list | dict | bool | Function | Range):
        raise Undefined("an end of a range must be a number, a string, a moment or a duration", "range")
