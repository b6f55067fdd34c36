"""Calls: the built-in functions that are compiled, and functions of the model, put in their place.

Source: DMN 1.5, 10.3.4 (built-in functions), 10.3.2.13 (functions).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

from commonweal.engines.columnar.errors import Refusal
from commonweal.engines.columnar.ir import Node
from commonweal.engines.columnar.lowering import dates, numbers
from commonweal.engines.columnar.lowering.aggregates import count, extreme, total
from commonweal.engines.columnar.lowering.expressions import lower, lowers
from commonweal.engines.columnar.lowering.lists import quantify
from commonweal.engines.columnar.lowering.merging import kind_of, lift, merge, null_of
from commonweal.engines.columnar.lowering.scopes import Names
from commonweal.engines.columnar.lowering.sequences import as_list, elements_of
from commonweal.engines.columnar.lowering.truths import equals, is_unknown, negated, ternary, truth
from commonweal.engines.columnar.lowering.work import NULL, Work
from commonweal.engines.columnar.symbols import (
    Closure,
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
)
from commonweal.engines.feel import syntax as s
from commonweal.engines.feel.builtins import FUNCTIONS
from commonweal.engines.feel.builtins.registry import Signature
from commonweal.engines.feel.errors import Undefined
from commonweal.engines.feel.evaluation import Evaluation
from commonweal.engines.feel.types import ANY, STRING
from commonweal.engines.feel.unknown import UNKNOWN
from commonweal.engines.feel.values.numbers import DecimalException

__all__ = ["COMPILED"]

_Function = Callable[[Sequence[Symbol], Work], Symbol]
COMPILED: Final[dict[str, _Function]] = {}
"""The built-in functions that are compiled for values that differ by row."""
_SCALES: Final = range(-12, 16)
_CLOCKS: Final = frozenset({"now", "today"})
_MOST_WORDS: Final = 64
_MOST_PLACES: Final = 4


@lowers(s.Invocation)
def _invocation(node: s.Invocation, names: Names, work: Work) -> Symbol:
    if isinstance(node.function, s.Name):
        found = names.find(node.function.name)
        if not isinstance(found, Closure) and node.function.name in FUNCTIONS:
            return _builtin(node, node.function.name, names, work)
    called = lower(node.function, names, work)
    if not isinstance(called, Closure):
        return work.failed()
    arguments = [lower(argument, names, work) for argument in node.arguments]
    if node.names:
        given = dict(zip(node.names, arguments, strict=True))
        if set(given) != set(called.parameters):
            return work.failed()
        arguments = [given[name] for name in called.parameters]
    if len(arguments) != len(called.parameters):
        return work.failed()
    return called.call(arguments)


@lowers(s.FunctionLiteral)
def _function(node: s.FunctionLiteral, names: Names, work: Work) -> Symbol:
    if node.is_external:
        raise Refusal("an external function")
    parameters = tuple(parameter.name for parameter in node.parameters)
    if any(parameter.type is not None for parameter in node.parameters) or node.result is not None:
        raise Refusal("a function with types, written in an expression")

    def call(arguments: Sequence[Symbol]) -> Symbol:
        return lower(node.body, Names(dict(zip(parameters, arguments, strict=True)), names), work)

    return Closure("", parameters, (ANY,) * len(parameters), call)


def _builtin(node: s.Invocation, name: str, names: Names, work: Work) -> Symbol:
    arguments = [lower(argument, names, work) for argument in node.arguments]
    builtin = FUNCTIONS[name]
    chosen = builtin.for_names(node.names) if node.names else builtin.for_count(len(arguments))
    if chosen is None:
        return work.failed()
    signature, order = chosen if isinstance(chosen, tuple) else (chosen, list(range(len(arguments))))
    placed: list[Symbol] = [NULL] * (max(order, default=-1) + 1)
    for place, argument in zip(order, arguments, strict=True):
        placed[place] = argument
    if name in _CLOCKS or all(isinstance(argument, Constant) for argument in placed):
        return _now(name, placed, signature, work)
    if is_unknown(*placed) and not signature.sees_unknown:
        return Constant(UNKNOWN)
    function = COMPILED.get(name)
    if function is None:
        raise Refusal(f"the function `{name}` is not compiled")
    return function([_single(argument, signature, i) for i, argument in enumerate(placed)], work)


def _single(argument: Symbol, signature: Signature, place: int) -> Symbol:
    """A list of one stands for its element where no list is asked for."""
    quick = signature.parameter(place).quick
    if quick not in {None, list} and isinstance(argument, Items) and len(argument.entries) == 1:
        return argument.entries[0][1]
    return argument


def _now(name: str, arguments: Sequence[Symbol], signature: Signature, work: Work) -> Symbol:
    """A call whose arguments are all known is made now."""
    values = [argument.value for argument in arguments if isinstance(argument, Constant)]
    if name in _CLOCKS and work.now is None:
        return work.failed()
    evaluation = Evaluation(now=work.now)
    if UNKNOWN in values and not signature.sees_unknown:
        return Constant(UNKNOWN)
    try:
        answer = FUNCTIONS[name].call(values, evaluation)
    except (Undefined, DecimalException, ValueError, OverflowError):
        return work.failed()
    return work.failed() if evaluation.warnings else Constant(answer)


def _compiled(*names: str) -> Callable[[_Function], _Function]:
    def declare(function: _Function) -> _Function:
        for name in names:
            COMPILED[name] = function
        return function

    return declare


# Numbers


def _number(symbol: Symbol, work: Work) -> Number:
    lifted = lift(work, symbol)
    if isinstance(lifted, Number):
        work.fault(lifted.null)
        return lifted
    if isinstance(lifted, Constant):
        work.fault(work.b.true)
        return Number(work.b.number(0), 0, work.b.false)
    raise Refusal(f"a number is needed, not a {kind_of(lifted)}")


def _rounding(how: str) -> _Function:
    def function(arguments: Sequence[Symbol], work: Work) -> Symbol:
        number = _number(arguments[0], work)
        digits = arguments[1] if len(arguments) > 1 else Constant(Decimal(0))
        if (
            isinstance(digits, Constant)
            and isinstance(digits.value, Decimal)
            and int(digits.value) in _SCALES
        ):
            return numbers.rounded(work, number, int(digits.value), how)
        places = numbers.whole(work, _number(digits, work))
        if places.low not in _SCALES or places.high - places.low > _MOST_PLACES:
            raise Refusal("a rounding to a number of digits that is not known")
        result: Symbol = numbers.rounded(work, number, places.low, how)
        for count_ in range(places.low + 1, places.high + 1):
            is_it = work.b.eq(places, work.b.number(count_))
            with work.under(is_it):
                finer = numbers.rounded(work, number, count_, how)
            result = merge(work, is_it, finer, result)
        return result

    return function


for _name, _how in numbers.ROUNDINGS.items():
    COMPILED[_name] = _rounding(_how)


@_compiled("abs")
def _abs(arguments: Sequence[Symbol], work: Work) -> Symbol:
    argument = lift(work, arguments[0])
    if isinstance(argument, Months | Days):
        work.fault(argument.null)
        return type(argument)(work.b.magnitude(argument.node), work.b.false)
    return numbers.absolute(work, _number(argument, work))


@_compiled("modulo")
def _modulo(arguments: Sequence[Symbol], work: Work) -> Symbol:
    return numbers.modulo(work, _number(arguments[0], work), _number(arguments[1], work))


@_compiled("odd")
def _odd(arguments: Sequence[Symbol], work: Work) -> Symbol:
    return _parity(arguments[0], 1, work)


@_compiled("even")
def _even(arguments: Sequence[Symbol], work: Work) -> Symbol:
    return _parity(arguments[0], 0, work)


def _parity(argument: Symbol, wanted: int, work: Work) -> Symbol:
    number = _number(argument, work)
    if number.divisor is not None:
        raise Refusal("`odd` or `even` of a fraction")
    b = work.b
    rest = b.rest(number.node, b.number(2 * 10**number.scale))
    return Truth(b.eq(rest, b.number(wanted * 10**number.scale)), b.false)


# Lists


def _list_of(arguments: Sequence[Symbol], work: Work) -> Items | Members:
    """The elements, given as one list or as separate arguments."""
    if len(arguments) == 1:
        only = arguments[0]
        work.fault(null_of(work, only))
        if isinstance(only, Members | Items) or (isinstance(only, Constant) and isinstance(only.value, list)):
            return as_list(only, work)
    return Items(tuple((work.b.true, argument) for argument in arguments))


def _only_list(argument: Symbol, work: Work) -> Items | Members:
    """A list; a single value is a list of one, null is none."""
    work.fault(null_of(work, argument))
    return as_list(argument, work)


@_compiled("sum")
def _sum(arguments: Sequence[Symbol], work: Work) -> Symbol:
    return total(_list_of(arguments, work), work)


@_compiled("min")
def _min(arguments: Sequence[Symbol], work: Work) -> Symbol:
    return extreme(_list_of(arguments, work), work, is_greatest=False)


@_compiled("max")
def _max(arguments: Sequence[Symbol], work: Work) -> Symbol:
    return extreme(_list_of(arguments, work), work, is_greatest=True)


@_compiled("count")
def _count(arguments: Sequence[Symbol], work: Work) -> Symbol:
    return count(_only_list(arguments[0], work), work)


@_compiled("mean")
def _mean(arguments: Sequence[Symbol], work: Work) -> Symbol:
    made = _list_of(arguments, work)
    added, length = total(made, work), count(made, work)
    if not isinstance(added, Number) or not isinstance(length, Number):
        return added
    return numbers.divide(work, added, length)


@_compiled("product")
def _product(arguments: Sequence[Symbol], work: Work) -> Symbol:
    made = _list_of(arguments, work)
    if (
        isinstance(made, Members)
        or any(present is not work.b.true for present, _ in made.entries)
        or not made.entries
    ):
        raise Refusal("the product of a list whose length differs by row")
    first, *others = (_number(element, work) for _, element in made.entries)
    for other in others:
        first = numbers.multiply(work, first, other)
    return first


@_compiled("all")
def _all(arguments: Sequence[Symbol], work: Work) -> Symbol:
    return _quantified(arguments, work, decisive=False)


@_compiled("any")
def _any(arguments: Sequence[Symbol], work: Work) -> Symbol:
    return _quantified(arguments, work, decisive=True)


def _quantified(arguments: Sequence[Symbol], work: Work, *, decisive: bool) -> Symbol:
    answer = quantify(_list_of(arguments, work), work, decisive=decisive)
    work.fault(null_of(work, answer))
    return answer


@_compiled("list contains")
def _list_contains(arguments: Sequence[Symbol], work: Work) -> Symbol:
    made, wanted = _only_list(arguments[0], work), arguments[1]
    if isinstance(made, Members):
        with work.loop(made.path, made.mask):
            one = truth(work, equals(work, made.element, wanted, warns=False))
        return Truth(work.b.any(made.path, work.b.both(made.mask, one.node)), work.b.false)
    found = []
    for present, element in elements_of(made, work):
        answer = equals(work, element, wanted, warns=False)
        if is_unknown(answer):
            return answer
        made_truth = Truth(work.b.false, work.b.false) if answer == NULL else truth(work, answer)
        found.append(Truth(work.b.both(present, made_truth.node), work.b.false))
    return ternary(work, found, decisive=True)


@_compiled("concatenate")
def _concatenate(arguments: Sequence[Symbol], work: Work) -> Symbol:
    entries: list[tuple[Node, Symbol]] = []
    for argument in arguments:
        made = _only_list(argument, work)
        if isinstance(made, Members):
            raise Refusal("`concatenate` of members")
        entries.extend(made.entries)
    return Items(tuple(entries))


@_compiled("append")
def _append(arguments: Sequence[Symbol], work: Work) -> Symbol:
    made = _only_list(arguments[0], work)
    if isinstance(made, Members):
        raise Refusal("`append` to members")
    return Items((*made.entries, *((work.b.true, item) for item in arguments[1:])))


# Truths, contexts, texts


@_compiled("not")
def _not(arguments: Sequence[Symbol], work: Work) -> Symbol:
    operand = truth(work, arguments[0])
    work.fault(operand.null)
    return negated(work, operand)


@_compiled("is")
def _is(arguments: Sequence[Symbol], work: Work) -> Symbol:
    answer = equals(work, arguments[0], arguments[1], warns=False)
    if isinstance(answer, Truth):
        return Truth(answer.node, work.b.false)
    return (
        Constant(answer.value is True)
        if isinstance(answer, Constant) and answer.value is not UNKNOWN
        else answer
    )


@_compiled("get value")
def _get_value(arguments: Sequence[Symbol], work: Work) -> Symbol:
    context, key = lift(work, arguments[0]), lift(work, arguments[1])
    if not isinstance(context, Record):
        raise Refusal(f"`get value` of a {kind_of(context)}")
    if isinstance(arguments[1], Constant):
        wanted = arguments[1].value
        if not isinstance(wanted, str):
            raise Refusal("`get value` by something else than a text")
        return context.entries[wanted] if wanted in context.entries else work.failed()
    if not isinstance(key, Text) or len(context.entries) > _MOST_WORDS:
        raise Refusal("`get value` by something else than a text")
    work.fault(key.null)
    return _entry_by_text(context, key, work)


def _entry_by_text(context: Record, key: Text, work: Work) -> Symbol:
    b = work.b
    found: Node = b.false
    result: Symbol = NULL
    for name, value in context.entries.items():
        if key.values is None or name in key.values:
            is_it = b.eq(key.node, b.number(work.code(name)))
            result = value if found is b.false else merge(work, is_it, value, result)
            found = b.either(found, is_it)
    if key.values is None or not key.values <= context.entries.keys():
        work.fault(b.opposite(found))
    return result


@_compiled("string")
def _string(arguments: Sequence[Symbol], work: Work) -> Symbol:
    argument = lift(work, arguments[0])
    if isinstance(argument, Text):
        return argument
    return Opaque(null_of(work, argument), STRING, "a text made of a value")


@_compiled("number")
def _to_number(arguments: Sequence[Symbol], work: Work) -> Symbol:
    if len(arguments) > 1 or not isinstance(lift(work, arguments[0]), Number):
        raise Refusal("`number` of a text")
    return _number(arguments[0], work)


# Dates


def _day(symbol: Symbol, work: Work) -> Day:
    lifted = lift(work, symbol)
    if isinstance(lifted, Day):
        work.fault(lifted.null)
        return lifted
    if isinstance(lifted, Constant):
        work.fault(work.b.true)
        return Day(work.b.number(0), work.b.false)
    raise Refusal(f"a date is needed, not a {kind_of(lifted)}")


@_compiled("date")
def _date(arguments: Sequence[Symbol], work: Work) -> Symbol:
    if len(arguments) == 1:
        return _day(arguments[0], work)
    if len(arguments) != 3:
        raise Refusal("`date` of a date and a time")
    b = work.b
    year, month, day = (numbers.whole(work, _number(argument, work)) for argument in arguments)
    one = b.number(1)
    work.fault(b.either(b.lt(year, one), b.lt(b.number(9999), year)))
    work.fault(b.either(b.lt(month, one), b.lt(b.number(12), month)))
    year, month = b.min(b.max(year, one), b.number(9999)), b.min(b.max(month, one), b.number(12))
    last = dates.days_in_month(work, year, month)
    work.fault(b.either(b.lt(day, one), b.lt(last, day)))
    return Day(dates.date_of(work, year, month, b.min(b.max(day, one), last)), b.false)


@_compiled("years and months duration")
def _months_between(arguments: Sequence[Symbol], work: Work) -> Symbol:
    return dates.months_between(work, _day(arguments[0], work), _day(arguments[1], work))
