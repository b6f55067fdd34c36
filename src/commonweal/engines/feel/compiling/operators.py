"""Arithmetic, comparison, logic and the conditional.

Each closure tests for the usual classes first and leaves the rest to ``operations``.

Source: DMN 1.5, 10.3.2.8 (ternary logic), tables 50 to 60.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from commonweal.engines.feel import operations
from commonweal.engines.feel.compiling.compiler import Closure, Code, Compiler, compiles, failed
from commonweal.engines.feel.errors import Position, Undefined
from commonweal.engines.feel.evaluation import Evaluation
from commonweal.engines.feel.operations import Ternary, all_of, compare, equal, kind_name
from commonweal.engines.feel.syntax import (
    ARITHMETIC,
    Between,
    Binary,
    Conjunction,
    Disjunction,
    If,
    Negation,
    Node,
)
from commonweal.engines.feel.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATE_TIME,
    DAYS_TIME_DURATION,
    NOTHING,
    NUMBER,
    STRING,
    TIME,
    YEARS_MONTHS_DURATION,
    Type,
    Value,
    base_of,
    check_weight,
    join,
)
from commonweal.engines.feel.unknown import UNKNOWN, Unknown
from commonweal.engines.feel.values.numbers import DECIMAL128, DecimalException

_Quick = Callable[[Decimal, Decimal], Decimal]
_Slow = Callable[[Value, Value], Value]
_QUICK: Final[dict[str, _Quick]] = {
    "+": DECIMAL128.add,
    "-": DECIMAL128.subtract,
    "*": DECIMAL128.multiply,
    "/": DECIMAL128.divide,
}
_SLOW: Final[dict[str, _Slow]] = {
    "+": operations.add,
    "-": operations.subtract,
    "*": operations.multiply,
    "/": operations.divide,
    "**": operations.power,
}
_DAYS, _MONTHS = DAYS_TIME_DURATION, YEARS_MONTHS_DURATION
_RESULTS: Final[dict[tuple[str, Type, Type], Type]] = {
    **{(operator, NUMBER, NUMBER): NUMBER for operator in ARITHMETIC},
    ("+", STRING, STRING): STRING,
    **{(operator, kind, kind): kind for operator in "+-" for kind in (_DAYS, _MONTHS)},
    **{("/", kind, kind): NUMBER for kind in (_DAYS, _MONTHS)},
    **{(operator, kind, NUMBER): kind for operator in "*/" for kind in (_DAYS, _MONTHS)},
    **{("*", NUMBER, kind): kind for kind in (_DAYS, _MONTHS)},
    **{(operator, kind, _DAYS): kind for operator in "+-" for kind in (DATE, TIME, DATE_TIME)},
    **{(operator, kind, _MONTHS): kind for operator in "+-" for kind in (DATE, DATE_TIME)},
    **{("+", _DAYS, kind): kind for kind in (DATE, TIME, DATE_TIME)},
    **{("+", _MONTHS, kind): kind for kind in (DATE, DATE_TIME)},
    **{("-", one, other): _DAYS for one in (DATE, DATE_TIME) for other in (DATE, DATE_TIME)},
    ("-", TIME, TIME): _DAYS,
}
_ORDERED: Final = frozenset({NUMBER, STRING, DATE, TIME, DATE_TIME, _DAYS, _MONTHS})
_MOMENTS: Final = frozenset({DATE, DATE_TIME})


@compiles(Binary)
def _binary(node: Binary, compiler: Compiler) -> Code:
    chain: list[Binary] = []
    left: Node = node
    # Long sums lean to the left: walk down their spine instead of recursing.
    while isinstance(left, Binary):
        chain.append(left)
        left = left.left
    code = compiler.compile(left)
    for link in reversed(chain):
        code = _link(link, code, compiler.compile(link.right), compiler)
        if link is not node:
            code = compiler.recorded(link, code)
    return code


def _link(node: Binary, left: Code, right: Code, compiler: Compiler) -> Code:
    if node.operator in ARITHMETIC:
        code = _arithmetic(node, left, right, compiler)
    elif node.operator in {"=", "!="}:
        code = _equality(node, left, right, compiler)
    else:
        code = _order(node, left, right, compiler)
    return compiler.folded(code, left, right)


# Arithmetic


def _arithmetic(node: Binary, left: Code, right: Code, compiler: Compiler) -> Code:
    one, other = base_of(left.type), base_of(right.type)
    type_ = _RESULTS.get((node.operator, one, other), ANY)
    if type_ is ANY:
        _report_operands(node, one, other, compiler)
    slow = _settled(_SLOW[node.operator], compiler.position(node))
    quick = _QUICK.get(node.operator)
    if quick is None or not {one, other} <= {NUMBER, ANY}:
        return Code(_slow_arithmetic(left.run, right.run, slow), type_)
    if right.is_constant and isinstance(right.value, Decimal):
        return Code(_arithmetic_by_constant(left.run, right.value, quick, slow), type_)
    return Code(_quick_arithmetic(left.run, right.run, quick, slow), type_)


def _report_operands(node: Binary, one: Type, other: Type, compiler: Compiler) -> None:
    if ANY in {one, other}:
        message = f"the operands of `{node.operator}` could not be checked"
        compiler.problem("unchecked", message, node, is_error=False)
    else:
        compiler.problem("operand-type", f"`{node.operator}` is not defined for {one} and {other}", node)


_Settled = Callable[[Value, Value, Evaluation], Value]


def _settled(operation: _Slow, at: Position) -> _Settled:
    """The operation with null and a warning where it is undefined."""

    def run(one: Value, other: Value, evaluation: Evaluation) -> Value:
        try:
            result = operation(one, other)
        except Undefined as error:
            return failed(evaluation, error, at)
        if type(result) is str:
            evaluation.check_size(len(result))
            evaluation.spend_on(result)
        return result

    return run


def _slow_arithmetic(left: Closure, right: Closure, slow: _Settled) -> Closure:
    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        return slow(left(frame, evaluation), right(frame, evaluation), evaluation)

    return run


def _quick_arithmetic(left: Closure, right: Closure, quick: _Quick, slow: _Settled) -> Closure:
    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        one = left(frame, evaluation)
        other = right(frame, evaluation)
        if type(one) is Decimal and type(other) is Decimal:
            try:
                return quick(one, other)
            except DecimalException:
                return slow(one, other, evaluation)
        return slow(one, other, evaluation)

    return run


def _arithmetic_by_constant(left: Closure, other: Decimal, quick: _Quick, slow: _Settled) -> Closure:
    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        one = left(frame, evaluation)
        if type(one) is Decimal:
            try:
                return quick(one, other)
            except DecimalException:
                return slow(one, other, evaluation)
        return slow(one, other, evaluation)

    return run


@compiles(Negation)
def _negation(node: Negation, compiler: Compiler) -> Code:
    operand = compiler.compile(node.operand)
    at = compiler.position(node)
    run_operand = operand.run
    type_ = base_of(operand.type)
    known = type_ in {NUMBER, _DAYS, _MONTHS}
    if not known and type_ != ANY:
        compiler.problem("operand-type", f"`-` is not defined for {type_}", node)

    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        try:
            return operations.negate(run_operand(frame, evaluation))
        except Undefined as error:
            return failed(evaluation, error, at)

    return compiler.folded(Code(run, type_ if known else ANY), operand)


# Comparison


def _equality(node: Binary, left: Code, right: Code, compiler: Compiler) -> Code:
    at = compiler.position(node)
    run_left, run_right = left.run, right.run
    wanted = node.operator == "="
    one, other = base_of(left.type), base_of(right.type)
    if one in _ORDERED and other in _ORDERED and one != other:
        compiler.problem("operand-type", f"`{node.operator}` compares a {one} with a {other}", node)

    def slow(one: Value, other: Value, evaluation: Evaluation) -> Value:
        if isinstance(one, (list, dict)):
            evaluation.spend(check_weight(one, other) >> 3)
        answer = equal(one, other)
        if answer is None:
            kinds = f"{kind_name(one)} and {kind_name(other)}"
            evaluation.warn("operand-type", f"`{node.operator}` is not defined for {kinds}", at)
        return answer if answer is None or isinstance(answer, Unknown) else answer is wanted

    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        one = run_left(frame, evaluation)
        other = run_right(frame, evaluation)
        kind = type(one)
        if kind is type(other) and (kind is Decimal or kind is str or kind is bool):
            return (one == other) is wanted
        return slow(one, other, evaluation)

    return Code(run, BOOLEAN)


def _ordered(order: int | Unknown, operator: str) -> Ternary:
    """What ``left operator right`` is, given their order."""
    if isinstance(order, Unknown):
        return UNKNOWN
    if operator == "<":
        return order < 0
    if operator == "<=":
        return order <= 0
    return order > 0 if operator == ">" else order >= 0


def _order(node: Binary, left: Code, right: Code, compiler: Compiler) -> Code:
    at = compiler.position(node)
    one, other = base_of(left.type), base_of(right.type)
    operator = node.operator
    kinds = {one, other} - {ANY}
    if not kinds <= _ORDERED or (len(kinds) > 1 and not kinds <= _MOMENTS):
        compiler.problem("operand-type", f"`{operator}` is not defined for {one} and {other}", node)

    def slow(one: Value, other: Value, evaluation: Evaluation) -> Value:
        try:
            return _ordered(compare(one, other), operator)
        except Undefined as error:
            return failed(evaluation, error, at)

    return Code(_ORDERINGS[operator](left.run, right.run, slow), BOOLEAN)


def _less(left: Closure, right: Closure, slow: _Settled) -> Closure:
    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        one, other = left(frame, evaluation), right(frame, evaluation)
        if type(one) is Decimal and type(other) is Decimal:
            return one < other
        return slow(one, other, evaluation)

    return run


def _at_most(left: Closure, right: Closure, slow: _Settled) -> Closure:
    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        one, other = left(frame, evaluation), right(frame, evaluation)
        if type(one) is Decimal and type(other) is Decimal:
            return one <= other
        return slow(one, other, evaluation)

    return run


def _greater(left: Closure, right: Closure, slow: _Settled) -> Closure:
    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        one, other = left(frame, evaluation), right(frame, evaluation)
        if type(one) is Decimal and type(other) is Decimal:
            return one > other
        return slow(one, other, evaluation)

    return run


def _at_least(left: Closure, right: Closure, slow: _Settled) -> Closure:
    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        one, other = left(frame, evaluation), right(frame, evaluation)
        if type(one) is Decimal and type(other) is Decimal:
            return one >= other
        return slow(one, other, evaluation)

    return run


_ORDERINGS: Final = {"<": _less, "<=": _at_most, ">": _greater, ">=": _at_least}


@compiles(Between)
def _between(node: Between, compiler: Compiler) -> Code:
    value, low, high = (compiler.compile(part) for part in (node.value, node.low, node.high))
    at = compiler.position(node)
    kinds = {base_of(code.type) for code in (value, low, high)} - {ANY}
    if len(kinds) > 1 and not kinds <= _MOMENTS:
        compiler.problem("operand-type", "`between` needs three values of one kind", node)

    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        mark = len(evaluation.missing)
        tested = value.run(frame, evaluation)
        try:
            lower = _ordered(compare(tested, low.run(frame, evaluation)), ">=")
            upper = _ordered(compare(tested, high.run(frame, evaluation)), "<=")
        except Undefined as error:
            return failed(evaluation, error, at)
        answer = all_of([lower, upper])
        if answer is False:
            evaluation.forget_since(mark)
        return answer

    return compiler.folded(Code(run, BOOLEAN), value, low, high)


# Logic


@compiles(Conjunction)
def _conjunction(node: Conjunction, compiler: Compiler) -> Code:
    return _logic(node, compiler, decisive=False)


@compiles(Disjunction)
def _disjunction(node: Disjunction, compiler: Compiler) -> Code:
    return _logic(node, compiler, decisive=True)


def _logic(node: Conjunction | Disjunction, compiler: Compiler, *, decisive: bool) -> Code:
    codes = [compiler.compile(operand) for operand in node.operands]
    word = "or" if decisive else "and"
    for operand, code in zip(node.operands, codes, strict=True):
        if base_of(code.type) not in {BOOLEAN, ANY, NOTHING}:
            compiler.problem("operand-type", f"`{word}` needs booleans, not a {code.type}", operand)
    run = _logic_closure([code.run for code in codes], word, compiler.position(node), decisive=decisive)
    return compiler.folded(Code(run, BOOLEAN), *codes)


def _logic_closure(runs: list[Closure], word: str, at: Position, *, decisive: bool) -> Closure:
    """``and`` (decided by false) or ``or`` (decided by true); anything but a boolean counts as null."""
    neutral = not decisive

    def weaker(weakest: Value, answer: Value, evaluation: Evaluation) -> Value:
        if answer is UNKNOWN or weakest is UNKNOWN:
            return UNKNOWN
        if answer is not None:
            evaluation.warn("operand-type", f"`{word}` needs booleans, not a {kind_name(answer)}", at)
        return None

    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        weakest: Value = neutral
        mark = len(evaluation.missing)
        for operand in runs:
            answer = operand(frame, evaluation)
            if answer is decisive:
                evaluation.forget_since(mark)
                return decisive
            if answer is not neutral:
                weakest = weaker(weakest, answer, evaluation)
        return weakest

    return run


@compiles(If)
def _if(node: If, compiler: Compiler) -> Code:
    condition = compiler.compile(node.condition)
    consequence = compiler.compile(node.consequence)
    alternative = compiler.compile(node.alternative)
    if base_of(condition.type) not in {BOOLEAN, ANY, NOTHING}:
        compiler.problem(
            "operand-type", f"a condition must be a boolean, not {condition.type}", node.condition
        )
    test, then, otherwise = condition.run, consequence.run, alternative.run
    at = compiler.position(node)

    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        mark = len(evaluation.missing)
        answer = test(frame, evaluation)
        if answer is True:
            return then(frame, evaluation)
        if answer is False or answer is None:
            return otherwise(frame, evaluation)
        if answer is UNKNOWN:
            return undecided(frame, evaluation, mark)
        evaluation.warn("operand-type", f"a condition must be a boolean, not {kind_name(answer)}", at)
        return otherwise(frame, evaluation)

    def undecided(frame: list[Value], evaluation: Evaluation, mark: int) -> Value:
        one, other = then(frame, evaluation), otherwise(frame, evaluation)
        if one is not UNKNOWN and equal(one, other) is True:
            evaluation.forget_since(mark)
            return one
        return UNKNOWN

    return Code(run, join(consequence.type, alternative.type))
