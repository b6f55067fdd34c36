"""Tests: ``in``, ``instance of`` and the unary tests of table cells.

Source: DMN 1.5, 10.3.2.8 (table 55), 7.3.3 (unary tests), 8.3.3 (cells).
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from commonweal.engines.feel.compiling.compiler import Code, Compiler, compiles
from commonweal.engines.feel.errors import Undefined
from commonweal.engines.feel.evaluation import Evaluation
from commonweal.engines.feel.operations import Ternary, compare, equal, kind_name, matches
from commonweal.engines.feel.syntax import (
    BooleanLiteral,
    ComparisonTest,
    In,
    InstanceOf,
    Name,
    RangeLiteral,
    UnaryTestsNode,
    walk,
)
from commonweal.engines.feel.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATE_TIME,
    DAYS_TIME_DURATION,
    NUMBER,
    STRING,
    TIME,
    YEARS_MONTHS_DURATION,
    Range,
    RangeType,
    Type,
    Value,
    base_of,
)
from commonweal.engines.feel.unknown import UNKNOWN, Unknown

if TYPE_CHECKING:
    from commonweal.engines.feel.syntax import Node

__all__ = ["Tester", "compile_tests"]

Tester = Callable[[Value, list[Value], Evaluation], Ternary]
_SIMPLE: Final = frozenset(
    {NUMBER, STRING, BOOLEAN, DATE, TIME, DATE_TIME, DAYS_TIME_DURATION, YEARS_MONTHS_DURATION}
)


def uses_input(node: Node) -> bool:
    """Does the test speak of the tested value as ``?``?"""
    return any(isinstance(part, Name) and part.name == "?" for part in walk(node))


def compile_tests(node: UnaryTestsNode, input_type: Type, compiler: Compiler) -> Tester:
    """Compile the tests of a cell; the tester gets the value, the frame and the evaluation."""
    if not node.tests:
        return lambda value, frame, evaluation: True
    testers = [_tester(test, input_type, compiler) for test in node.tests]
    any_of = testers[0] if len(testers) == 1 else _any_of(testers)
    return _opposite(any_of) if node.is_negated else any_of


def _any_of(testers: list[Tester]) -> Tester:
    def run(value: Value, frame: list[Value], evaluation: Evaluation) -> Ternary:
        weakest: Ternary = False
        mark = len(evaluation.missing)
        for tester in testers:
            answer = tester(value, frame, evaluation)
            if answer is True:
                evaluation.forget_since(mark)
                return True
            if answer is UNKNOWN:
                weakest = UNKNOWN
            elif answer is None and weakest is False:
                weakest = None
        return weakest

    return run


def _opposite(tester: Tester) -> Tester:
    def run(value: Value, frame: list[Value], evaluation: Evaluation) -> Ternary:
        answer = tester(value, frame, evaluation)
        return not answer if isinstance(answer, bool) else answer

    return run


def _tester(node: Node, input_type: Type, compiler: Compiler) -> Tester:
    if isinstance(node, ComparisonTest):
        operand = compiler.compile(node.operand)
        _report_kinds(node, operand.type, input_type, compiler)
        return _comparison(node.operator, operand)
    code = compiler.compile(node)
    if uses_input(node):
        return _by_answer(code)
    if isinstance(node, BooleanLiteral) or base_of(code.type) != BOOLEAN:
        tested = base_of(code.type)
        _report_kinds(node, tested.element if isinstance(tested, RangeType) else tested, input_type, compiler)
    if code.is_constant and isinstance(code.value, Range):
        return _in_constant_range(code.value)
    if code.is_constant and isinstance(code.value, (Decimal, str)):
        return _equal_to_constant(code.value)
    if isinstance(node, (BooleanLiteral, RangeLiteral)):
        return _by_value(code)
    return _by_value_or_answer(code)


def _report_kinds(node: Node, tested: Type, input_type: Type, compiler: Compiler) -> None:
    one, other = base_of(input_type), base_of(tested)
    moments = {one, other} <= {DATE, DATE_TIME}
    if one in _SIMPLE and other in _SIMPLE and one != other and not moments:
        compiler.problem("operand-type", f"a {one} is tested against a {other}", node)


def _comparison(operator: str, operand: Code) -> Tester:
    decide = _DECISIONS[operator]
    constant = operand.value if operand.is_constant else None
    if isinstance(constant, Decimal):
        return _comparison_with_number(operator, constant)
    run_operand = operand.run

    def run(value: Value, frame: list[Value], evaluation: Evaluation) -> Ternary:
        return decide(value, run_operand(frame, evaluation))

    return run


def _comparison_with_number(operator: str, bound: Decimal) -> Tester:
    decide = _DECISIONS[operator]
    quick = _QUICK[operator](bound)

    def run(value: Value, frame: list[Value], evaluation: Evaluation) -> Ternary:
        return quick(value) if type(value) is Decimal else decide(value, bound)

    return run


_QUICK: Final[dict[str, Callable[[Decimal], Callable[[Decimal], bool]]]] = {
    "<": lambda bound: bound.__gt__,
    "<=": lambda bound: bound.__ge__,
    ">": lambda bound: bound.__lt__,
    ">=": lambda bound: bound.__le__,
    "=": lambda bound: bound.__eq__,
    "!=": lambda bound: bound.__ne__,
}


def _ordered(decide: Callable[[int], bool]) -> Callable[[Value, Value], Ternary]:
    def run(value: Value, bound: Value) -> Ternary:
        try:
            order = compare(value, bound)
        except Undefined:
            return None
        return UNKNOWN if isinstance(order, Unknown) else decide(order)

    return run


def _unequal(value: Value, other: Value) -> Ternary:
    answer = equal(value, other)
    return not answer if isinstance(answer, bool) else answer


_DECISIONS: Final[dict[str, Callable[[Value, Value], Ternary]]] = {
    "<": _ordered(lambda order: order < 0),
    "<=": _ordered(lambda order: order <= 0),
    ">": _ordered(lambda order: order > 0),
    ">=": _ordered(lambda order: order >= 0),
    "=": equal,
    "!=": _unequal,
}


def _in_constant_range(range_: Range) -> Tester:
    low, high = range_.low, range_.high
    if not isinstance(low, Decimal) or not isinstance(high, Decimal):
        return lambda value, frame, evaluation: matches(value, range_)
    above = low.__le__ if range_.low_closed else low.__lt__
    below = high.__ge__ if range_.high_closed else high.__gt__

    def run(value: Value, frame: list[Value], evaluation: Evaluation) -> Ternary:
        if type(value) is Decimal:
            return above(value) and below(value)
        return matches(value, range_)

    return run


def _equal_to_constant(constant: Decimal | str) -> Tester:
    kind = type(constant)

    def run(value: Value, frame: list[Value], evaluation: Evaluation) -> Ternary:
        if type(value) is kind:
            return value == constant
        return matches(value, constant)

    return run


def _by_answer(code: Code) -> Tester:
    """A condition on ``?``: its answer counts; a value that is no boolean is compared."""
    run_code = code.run

    def run(value: Value, frame: list[Value], evaluation: Evaluation) -> Ternary:
        answer = run_code(frame, evaluation)
        if answer is None or isinstance(answer, (bool, Unknown)):
            return answer
        return matches(value, answer)

    return run


def _by_value(code: Code) -> Tester:
    run_code = code.run

    def run(value: Value, frame: list[Value], evaluation: Evaluation) -> Ternary:
        test = run_code(frame, evaluation)
        evaluation.spend_on(test)
        return None if test is None else matches(value, test)

    return run


def _by_value_or_answer(code: Code) -> Tester:
    """A value to compare with, or (where the input is no boolean) a condition on other names."""
    run_code = code.run

    def run(value: Value, frame: list[Value], evaluation: Evaluation) -> Ternary:
        answer = run_code(frame, evaluation)
        if isinstance(answer, bool) and value is not None and not isinstance(value, (bool, Unknown)):
            return answer
        evaluation.spend_on(answer)
        return matches(value, answer)

    return run


@compiles(ComparisonTest)
def _lone_comparison(node: ComparisonTest, compiler: Compiler) -> Code:
    """A test outside of its place; the tests around compile its operand themselves."""
    raise AssertionError("a comparison test stands only among tests")


@compiles(In)
def _in(node: In, compiler: Compiler) -> Code:
    value = compiler.compile(node.value)
    run_value = value.run
    with compiler.local_names() as add:
        slot = None
        if any(uses_input(test) for test in node.tests) and compiler.resolve("?") is None:
            slot = add("?", value.type)
        testers = [_tester(test, value.type, compiler) for test in node.tests]
    test = testers[0] if len(testers) == 1 else _any_of(testers)
    at = compiler.position(node)

    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        tested = run_value(frame, evaluation)
        if slot is not None:
            frame[slot] = tested
        answer = test(tested, frame, evaluation)
        if answer is None:
            evaluation.warn("operand-type", f"`in` is not defined for this {kind_name(tested)}", at)
        return answer

    return Code(run, BOOLEAN)


@compiles(InstanceOf)
def _instance_of(node: InstanceOf, compiler: Compiler) -> Code:
    value = compiler.compile(node.value)
    run_value, type_, at = value.run, node.type.type, compiler.position(node.type)
    if type_ is None:
        compiler.problem("unknown-type", f"there is no type `{node.type.text}`", node.type)

    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        tested = run_value(frame, evaluation)
        if tested is UNKNOWN:
            return UNKNOWN
        evaluation.spend_on(tested)
        if type_ is None:
            evaluation.warn("unknown-type", f"there is no type `{node.type.text}`", at)
            return None
        return type_.contains(tested)

    return compiler.folded(Code(run, BOOLEAN if type_ is not None else ANY), value)
