"""FEEL expressions into symbols: which node of the syntax tree is lowered how.

Source: DMN 1.5, 10.3.2.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final, TypeVar

from commonweal.engines.columnar.errors import Refusal
from commonweal.engines.columnar.lowering import dates, numbers
from commonweal.engines.columnar.lowering.merging import kind_of, lift, merge, null_of
from commonweal.engines.columnar.lowering.scopes import Names
from commonweal.engines.columnar.lowering.truths import equals, is_unknown, ordered, ternary, truth
from commonweal.engines.columnar.lowering.work import NULL, Work
from commonweal.engines.columnar.symbols import (
    Constant,
    Day,
    Days,
    Items,
    Members,
    Months,
    Number,
    Opaque,
    Record,
    Symbol,
    Text,
    Truth,
    feel_type,
)
from commonweal.engines.feel import syntax as s
from commonweal.engines.feel.builtins import FUNCTIONS
from commonweal.engines.feel.errors import FeelSyntaxError, Undefined
from commonweal.engines.feel.operations import add, divide, multiply, negate, power, subtract
from commonweal.engines.feel.parser import parse
from commonweal.engines.feel.printer import unparse
from commonweal.engines.feel.properties import property_of
from commonweal.engines.feel.types import STRING, Range
from commonweal.engines.feel.unknown import UNKNOWN
from commonweal.engines.feel.values.numbers import DECIMAL128
from commonweal.engines.feel.values.temporal import parse_temporal

__all__ = ["entry", "lower", "lower_text", "lowers"]

_Lowerer = Callable[[Any, Names, Work], Symbol]
_Declared = TypeVar("_Declared", bound=_Lowerer)
_LOWERERS: Final[dict[type[s.Node], _Lowerer]] = {}
_DEEPEST: Final = 400
_LONGEST_QUOTE: Final = 100


def lowers(node_class: type[s.Node]) -> Callable[[_Declared], _Declared]:
    """Declare the function that lowers nodes of a class."""

    def declare(function: _Declared) -> _Declared:
        _LOWERERS[node_class] = function
        return function

    return declare


def lower(node: s.Node, names: Names, work: Work) -> Symbol:
    """Lower a node.

    Raises:
        Refusal: It cannot be compiled; the message quotes the smallest expression that cannot.
    """
    lowerer = _LOWERERS.get(type(node))
    if lowerer is None:
        raise Refusal(f"`{unparse(node)[:_LONGEST_QUOTE]}`: not compiled ({type(node).__name__})")
    work.depth += 1
    if work.depth > _DEEPEST:
        raise Refusal("the expressions are nested too deeply")
    try:
        return lowerer(node, names, work)
    except Refusal as error:
        if error.why.startswith("`") or error.where:
            raise
        raise Refusal(f"`{unparse(node)[:_LONGEST_QUOTE]}`: {error.why}") from error
    finally:
        work.depth -= 1


def lower_text(text: str | None, names: Names, work: Work) -> Symbol:
    """Lower an expression; nothing is null.

    Raises:
        Refusal: It cannot be compiled, or is no FEEL.
    """
    if text is None or not text.strip():
        return NULL
    try:
        node = parse(text, names.scope)
    except FeelSyntaxError as error:
        raise Refusal(f"`{text.strip()[:_LONGEST_QUOTE]}`: {error}") from error
    return lower(node, names, work)


# Literals


@lowers(s.NumberLiteral)
@lowers(s.StringLiteral)
@lowers(s.BooleanLiteral)
def _literal(node: s.NumberLiteral | s.StringLiteral | s.BooleanLiteral, names: Names, work: Work) -> Symbol:
    return Constant(node.value)


@lowers(s.NullLiteral)
def _null(node: s.NullLiteral, names: Names, work: Work) -> Symbol:
    return NULL


@lowers(s.AtLiteral)
def _at(node: s.AtLiteral, names: Names, work: Work) -> Symbol:
    value = parse_temporal(node.text)
    return work.failed() if value is None else Constant(value)


@lowers(s.ListLiteral)
def _list(node: s.ListLiteral, names: Names, work: Work) -> Symbol:
    elements = [lower(element, names, work) for element in node.elements]
    if all(isinstance(element, Constant) for element in elements):
        return Constant([element.value for element in elements if isinstance(element, Constant)])
    return Items(tuple((work.b.true, element) for element in elements))


@lowers(s.ContextLiteral)
def _context(node: s.ContextLiteral, names: Names, work: Work) -> Symbol:
    if len({key for key, _ in node.entries}) < len(node.entries):
        return work.failed()
    entries: dict[str, Symbol] = {}
    for key, value in node.entries:
        entries[key] = lower(value, names, work)
        names = Names({key: entries[key]}, names)
    return Record(entries)


@lowers(s.RangeLiteral)
def _range(node: s.RangeLiteral, names: Names, work: Work) -> Symbol:
    ends = [NULL if end is None else lower(end, names, work) for end in (node.low, node.high)]
    low, high = ends
    if not isinstance(low, Constant) or not isinstance(high, Constant) or is_unknown(low, high):
        raise Refusal("a range as a value, with ends that differ by row")
    if any(end is not None and made.value is None for end, made in ((node.low, low), (node.high, high))):
        return work.failed()
    return Constant(Range(low.value, high.value, node.low_closed, node.high_closed))


# Names and paths


@lowers(s.Name)
def _name(node: s.Name, names: Names, work: Work) -> Symbol:
    loop = names.loop_of(node.name)
    if loop is not None and work.is_shadowed(loop):
        raise Refusal("two loops over the same members, one inside the other")
    found = names.find(node.name)
    if found is not None:
        return found
    if node.name in FUNCTIONS:
        raise Refusal(f"the function {node.name!r} as a value")
    return work.failed()


@lowers(s.Path)
def _path(node: s.Path, names: Names, work: Work) -> Symbol:
    return entry(lower(node.source, names, work), node.name, work)


def entry(symbol: Symbol, name: str, work: Work) -> Symbol:
    """``symbol.name``.

    Raises:
        Refusal: The symbol has no such component that can be compiled.
    """
    if isinstance(symbol, Constant):
        return _entry_of_constant(symbol, name, work)
    if isinstance(symbol, Record):
        return symbol.entries[name] if name in symbol.entries else work.failed()
    if isinstance(symbol, Members):
        with work.loop(symbol.path, symbol.mask):
            element = entry(symbol.element, name, work)
        return Members(symbol.path, symbol.most, symbol.mask, element, symbol.is_whole)
    if isinstance(symbol, Items):
        parts = []
        for present, element in symbol.entries:
            with work.under(present):
                parts.append((present, entry(element, name, work)))
        return Items(tuple(parts))
    part: Symbol | None = None
    work.fault(null_of(work, symbol))
    if isinstance(symbol, Day):
        part = dates.part_of_date(work, symbol, name)
    elif isinstance(symbol, Months):
        part = dates.part_of_months(work, symbol, name)
    elif isinstance(symbol, Days):
        part = dates.part_of_days(work, symbol, name)
    return work.failed() if part is None else part


def _entry_of_constant(symbol: Constant, name: str, work: Work) -> Symbol:
    value = symbol.value
    if value is UNKNOWN:
        return symbol
    if isinstance(value, dict):
        return Constant(value[name]) if name in value else work.failed()
    if isinstance(value, list):
        parts = [_entry_of_constant(Constant(element), name, work) for element in value]
        return Constant([part.value for part in parts if isinstance(part, Constant)])
    found, component = property_of(value, name)
    return Constant(component) if found else work.failed()


# Arithmetic

_MOST_DIGITS: Final = 18
_CONSTANTS: Final = {"+": add, "-": subtract, "*": multiply, "/": divide, "**": power}


@lowers(s.Binary)
def _binary(node: s.Binary, names: Names, work: Work) -> Symbol:
    chain: list[s.Binary] = []
    left: s.Node = node
    while isinstance(left, s.Binary):
        chain.append(left)
        left = left.left
    symbol = lower(left, names, work)
    for link in reversed(chain):
        symbol = _link(link, symbol, lower(link.right, names, work), work)
    return symbol


def _link(node: s.Binary, a: Symbol, b: Symbol, work: Work) -> Symbol:
    try:
        if node.operator in s.ARITHMETIC:
            return arithmetic(work, node.operator, a, b)
        if node.operator in {"=", "!="}:
            return _equality(work, node.operator, a, b)
        return ordered(work, node.operator, a, b)
    except Refusal as error:
        if error.why.startswith("`"):
            raise
        raise Refusal(f"`{unparse(node)[:_LONGEST_QUOTE]}`: {error.why}") from error


def _equality(work: Work, operator: str, a: Symbol, b: Symbol) -> Symbol:
    answer = equals(work, a, b)
    if operator == "=" or is_unknown(answer):
        return answer
    if isinstance(answer, Constant):
        return Constant(not answer.value) if isinstance(answer.value, bool) else answer
    assert isinstance(answer, Truth)
    return Truth(work.b.both(work.b.opposite(answer.node), work.b.opposite(answer.null)), answer.null)


def arithmetic(work: Work, operator: str, a: Symbol, b: Symbol) -> Symbol:
    """``a operator b``.

    Raises:
        Refusal: It is not defined for them, or not compiled.
    """
    if is_unknown(a, b):
        return Constant(UNKNOWN)
    if isinstance(a, Constant) and isinstance(b, Constant):
        try:
            value = _CONSTANTS[operator](a.value, b.value)
        except Undefined:
            return work.failed()
        if (
            not isinstance(value, Decimal)
            or len(value.normalize(DECIMAL128).as_tuple().digits) <= _MOST_DIGITS
        ):
            return Constant(value)
        # A figure that does not come out even: as a fraction it stays exact.
    a, b = lift(work, a), lift(work, b)
    if isinstance(a, Constant) or isinstance(b, Constant):
        return work.failed()  # null
    if isinstance(a, Number) and isinstance(b, Number):
        return _of_numbers(work, operator, a, b)
    if operator == "+" and isinstance(a, Text | Opaque) and isinstance(b, Text | Opaque):
        work.fault(work.b.either(a.null, b.null))
        return Opaque(work.b.false, STRING, "a text that is put together")
    found = _of_moments(work, operator, a, b)
    if found is None:
        raise Refusal(f"`{operator}` of a {kind_of(a)} and a {kind_of(b)}")
    return found


_LARGEST_POWER: Final = 8


def _of_numbers(work: Work, operator: str, a: Number, b: Number) -> Number:
    if operator == "+":
        return numbers.add(work, a, b)
    if operator == "-":
        return numbers.add(work, a, numbers.negative(work, b))
    if operator == "*":
        return numbers.multiply(work, a, b)
    if operator == "/":
        return numbers.divide(work, a, b)
    times = b.node.constant
    if (
        times is None
        or b.scale
        or b.divisor is not None
        or not 1 <= times <= _LARGEST_POWER
        or a.divisor is not None
    ):
        raise Refusal("a power other than of a small whole number")
    product = a
    for _ in range(times - 1):
        product = numbers.multiply(work, product, a)
    return product


def _of_moments(work: Work, operator: str, a: Symbol, b: Symbol) -> Symbol | None:
    if operator not in "+-":
        return _scaled(work, operator, a, b)
    if operator == "+" and isinstance(b, Day):
        a, b = b, a
    if not isinstance(a, Day | Months | Days) or not isinstance(b, Day | Months | Days):
        return None
    work.fault(work.b.either(a.null, b.null))
    if isinstance(a, Day) and isinstance(b, Day):
        return Days(work.b.sub(a.node, b.node), work.b.false) if operator == "-" else None
    move = work.b.negative(b.node) if operator == "-" else b.node
    if isinstance(a, Day):
        return (
            dates.day_plus_months(work, a, move)
            if isinstance(b, Months)
            else dates.day_plus_days(work, a, move)
        )
    return type(a)(work.add(a.node, move), work.b.false) if type(a) is type(b) else None


def _scaled(work: Work, operator: str, a: Symbol, b: Symbol) -> Symbol | None:
    """Durations divided by one another; a duration times a whole number."""
    if (
        operator == "/"
        and type(a) is type(b)
        and isinstance(a, Months | Days)
        and isinstance(b, Months | Days)
    ):
        left, right = (Number(one.node, 0, one.null) for one in (a, b))
        return numbers.divide(work, left, right)
    a, b = (b, a) if isinstance(a, Number) else (a, b)
    if operator != "*" or not isinstance(a, Months | Days) or not isinstance(b, Number):
        return None
    if b.scale or b.divisor is not None:
        return None
    work.fault(work.b.either(a.null, b.null))
    return type(a)(work.mul(a.node, b.node), work.b.false)


@lowers(s.Negation)
def _negation(node: s.Negation, names: Names, work: Work) -> Symbol:
    operand = lower(node.operand, names, work)
    if isinstance(operand, Constant):
        try:
            return Constant(negate(operand.value))
        except Undefined:
            return work.failed()
    if isinstance(operand, Number):
        return numbers.negative(work, operand)
    if isinstance(operand, Months | Days):
        work.fault(operand.null)
        return type(operand)(work.b.negative(operand.node), work.b.false)
    raise Refusal(f"`-` of a {kind_of(operand)}")


# Logic


@lowers(s.Between)
def _between(node: s.Between, names: Names, work: Work) -> Symbol:
    value, low, high = (lower(part, names, work) for part in (node.value, node.low, node.high))
    answers = [ordered(work, ">=", value, low), ordered(work, "<=", value, high)]
    return _all_of(answers, work)


def _all_of(answers: list[Symbol], work: Work) -> Symbol:
    if any(isinstance(answer, Constant) and answer.value is False for answer in answers):
        return Constant(False)
    if is_unknown(*answers):
        return Constant(UNKNOWN)
    return ternary(work, [truth(work, answer) for answer in answers], decisive=False)


@lowers(s.Conjunction)
def _conjunction(node: s.Conjunction, names: Names, work: Work) -> Symbol:
    return _logic(node.operands, names, work, decisive=False)


@lowers(s.Disjunction)
def _disjunction(node: s.Disjunction, names: Names, work: Work) -> Symbol:
    return _logic(node.operands, names, work, decisive=True)


def _logic(operands: tuple[s.Node, ...], names: Names, work: Work, *, decisive: bool) -> Symbol:
    b = work.b
    found: list[Truth] = []
    undecided = b.true
    for operand in operands:
        with work.under(undecided):
            answer = lower(operand, names, work)
            if is_unknown(answer):
                work.fault(b.true)
                answer = NULL
            made = truth(work, answer)
        if made.null is b.false and made.node.constant == int(decisive):
            return Constant(decisive)
        found.append(made)
        decides = made.node if decisive else b.both(b.opposite(made.node), b.opposite(made.null))
        undecided = b.both(undecided, b.opposite(decides))
    return _known(ternary(work, found, decisive=decisive))


def _known(made: Truth) -> Symbol:
    if made.null.constant == 0 and made.node.constant is not None:
        return Constant(bool(made.node.constant))
    return made


@lowers(s.If)
def _if(node: s.If, names: Names, work: Work) -> Symbol:
    condition = lower(node.condition, names, work)
    if is_unknown(condition):
        work.fault(work.b.true)
        return lower(node.alternative, names, work)
    holds = truth(work, condition).node
    if holds.constant is not None:
        return lower(node.consequence if holds.constant else node.alternative, names, work)
    with work.under(holds):
        then = lower(node.consequence, names, work)
    with work.under(work.b.opposite(holds)):
        otherwise = lower(node.alternative, names, work)
    return merge(work, holds, then, otherwise)


@lowers(s.InstanceOf)
def _instance_of(node: s.InstanceOf, names: Names, work: Work) -> Symbol:
    value = lower(node.value, names, work)
    wanted = node.type.type
    if wanted is None:
        return work.failed()
    if isinstance(value, Constant):
        return Constant(UNKNOWN) if value.value is UNKNOWN else Constant(wanted.contains(value.value))
    if not isinstance(value, Number | Truth | Text | Day | Months | Days):
        raise Refusal(f"`instance of` a {kind_of(value)}")
    fits = feel_type(value).conforms_to(wanted) and type(wanted).__name__ != "ConstrainedType"
    return Truth(work.b.both(work.b.truth(fits), work.b.opposite(value.null)), work.b.false)


def is_number(symbol: Symbol) -> bool:
    """Is it a number?"""
    return isinstance(symbol, Number) or (isinstance(symbol, Constant) and isinstance(symbol.value, Decimal))
