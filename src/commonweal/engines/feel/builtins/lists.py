"""List functions, and sort.

Source: DMN 1.5, 10.3.4.4 and 10.3.4.8.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import cmp_to_key
from typing import TYPE_CHECKING

from commonweal.engines.feel.builtins.registry import builtin
from commonweal.engines.feel.errors import Undefined
from commonweal.engines.feel.invocation import invoke
from commonweal.engines.feel.operations import add, compare, equal, kind_name
from commonweal.engines.feel.types import ANY, BOOLEAN, NUMBER, Function, ListType, Value, check_weight
from commonweal.engines.feel.unknown import UNKNOWN, Unknown, contains_unknown
from commonweal.engines.feel.values.numbers import DECIMAL128, ZERO, is_whole
from commonweal.engines.feel.values.temporal import Date, DaysDuration, YearsMonthsDuration

if TYPE_CHECKING:
    from commonweal.engines.feel.evaluation import Evaluation

_LIST = ListType(ANY)


def _elements(values: tuple[Value, ...]) -> list[Value]:
    """The elements, given as one list or as separate arguments."""
    if len(values) == 1 and isinstance(values[0], list):
        return values[0]
    if len(values) == 1 and values[0] is None:
        raise Undefined("the list must not be null", "argument-null")
    return list(values)


def _numbers(values: tuple[Value, ...]) -> list[Decimal]:
    numbers: list[Decimal] = []
    for element in _elements(values):
        if not isinstance(element, Decimal):
            raise Undefined(f"a number is needed, not a {kind_name(element)}", "argument-type")
        numbers.append(element)
    return numbers


def _filled(values: tuple[Value, ...]) -> list[Decimal]:
    numbers = _numbers(values)
    if not numbers:
        raise Undefined("the list must not be empty", "empty-list")
    return numbers


def _index(elements: list[Value], position: Decimal) -> int:
    """Index from 0 of a position from 1, or from the end when negative."""
    if not is_whole(position) or position == 0 or abs(position) > len(elements):
        raise Undefined(f"there is no position {position} in a list of {len(elements)}", "position")
    return int(position) - 1 if position > 0 else len(elements) + int(position)


# Looking


@builtin("list contains", "list: list, element: any?", BOOLEAN, sees_unknown=True)
def _list_contains(evaluation: Evaluation, elements: Value, element: Value) -> Value:
    if not isinstance(elements, list):
        return UNKNOWN
    evaluation.spend(len(elements))
    answers = [equal(candidate, element) for candidate in elements]
    if any(answer is True for answer in answers):
        return True
    return UNKNOWN if any(answer is UNKNOWN for answer in answers) else False


@builtin("count", "list: list", NUMBER)
def _count(evaluation: Evaluation, elements: list[Value]) -> Value:
    return Decimal(len(elements))


@builtin("index of", "list: list, match: any?", ListType(NUMBER))
def _index_of(evaluation: Evaluation, elements: list[Value], match: Value) -> Value:
    evaluation.spend(len(elements))
    answers = [equal(element, match) for element in elements]
    if any(answer is UNKNOWN for answer in answers):
        return UNKNOWN
    return [Decimal(index) for index, answer in enumerate(answers, start=1) if answer is True]


def _extreme(values: tuple[Value, ...], sign: int) -> Value:
    elements = _elements(values)
    if not elements:
        raise Undefined("the list must not be empty", "empty-list")
    best = elements[0]
    compare(best, best)
    for element in elements[1:]:
        order = compare(element, best)
        if isinstance(order, Unknown):
            return UNKNOWN
        if order * sign > 0:
            best = element
    return best


@builtin("min", "list...: any?", ANY)
def _min(evaluation: Evaluation, *values: Value) -> Value:
    return _extreme(values, -1)


@builtin("max", "list...: any?", ANY)
def _max(evaluation: Evaluation, *values: Value) -> Value:
    return _extreme(values, 1)


# Numbers


def _total(numbers: Iterable[Decimal]) -> Decimal:
    total = ZERO
    for number in numbers:
        total = DECIMAL128.add(total, number)
    return total


@builtin("sum", "list...: any?", ANY)
def _sum(evaluation: Evaluation, *values: Value) -> Value:
    elements = _elements(values)
    if (elements and all(isinstance(element, DaysDuration) for element in elements)) or (
        elements and all(isinstance(element, YearsMonthsDuration) for element in elements)
    ):
        total: Value = elements[0]
        for element in elements[1:]:
            total = add(total, element)
        return total
    return _total(_filled(values))


@builtin("product", "list...: any?", NUMBER)
def _product(evaluation: Evaluation, *values: Value) -> Value:
    product = Decimal(1)
    for number in _filled(values):
        product = DECIMAL128.multiply(product, number)
    return product


@builtin("mean", "list...: any?", NUMBER)
def _mean(evaluation: Evaluation, *values: Value) -> Value:
    numbers = _filled(values)
    return DECIMAL128.divide(_total(numbers), Decimal(len(numbers)))


@builtin("median", "list...: any?", NUMBER)
def _median(evaluation: Evaluation, *values: Value) -> Value:
    numbers = sorted(_filled(values))
    middle = len(numbers) // 2
    if len(numbers) % 2:
        return numbers[middle]
    return DECIMAL128.divide(DECIMAL128.add(numbers[middle - 1], numbers[middle]), Decimal(2))


@builtin("stddev", "list...: any?", NUMBER)
def _stddev(evaluation: Evaluation, *values: Value) -> Value:
    numbers = _filled(values)
    if len(numbers) < 2:
        raise Undefined("a standard deviation needs two numbers", "argument-range")
    mean = DECIMAL128.divide(_total(numbers), Decimal(len(numbers)))
    gaps = (DECIMAL128.subtract(number, mean) for number in numbers)
    squares = _total(DECIMAL128.multiply(gap, gap) for gap in gaps)
    return DECIMAL128.sqrt(DECIMAL128.divide(squares, Decimal(len(numbers) - 1)))


@builtin("mode", "list...: any?", ListType(NUMBER))
def _mode(evaluation: Evaluation, *values: Value) -> Value:
    counts: dict[Decimal, int] = {}
    for number in _numbers(values):
        counts[number] = counts.get(number, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(number for number, count in counts.items() if count == most)  # type: ignore[return-value]  # a list of numbers is a value


# Building


@builtin("sublist", "list: list, start position: number, length?: number", _LIST)
def _sublist(
    evaluation: Evaluation, elements: list[Value], start: Decimal, length: Decimal | None = None
) -> Value:
    first = _index(elements, start)
    if length is None:
        return elements[first:]
    if not is_whole(length) or not 0 <= length <= len(elements) - first:
        raise Undefined("`length` reaches beyond the list", "argument-range")
    return elements[first : first + int(length)]


@builtin("append", "list: list, item...: any?", _LIST, sees_unknown=True)
def _append(evaluation: Evaluation, elements: Value, *items: Value) -> Value:
    return [*elements, *items] if isinstance(elements, list) else UNKNOWN


@builtin("concatenate", "list...: list", _LIST)
def _concatenate(evaluation: Evaluation, *lists: list[Value]) -> Value:
    evaluation.check_size(sum(map(len, lists)))
    return [element for elements in lists for element in elements]


@builtin("insert before", "list: list, position: number, newItem: any?", _LIST, sees_unknown=True)
def _insert_before(evaluation: Evaluation, elements: Value, position: Value, item: Value) -> Value:
    if not isinstance(elements, list) or not isinstance(position, Decimal):
        return UNKNOWN
    index = _index(elements, position)
    return [*elements[:index], item, *elements[index:]]


@builtin("remove", "list: list, position: number", _LIST)
def _remove(evaluation: Evaluation, elements: list[Value], position: Decimal) -> Value:
    index = _index(elements, position)
    return elements[:index] + elements[index + 1 :]


@builtin("list replace", "list: list, match: function, newItem: any?", _LIST, sees_unknown=True)
@builtin("list replace", "list: list, position: any, newItem: any?", _LIST, sees_unknown=True)
def _list_replace(evaluation: Evaluation, elements: Value, chosen: Value, item: Value) -> Value:
    if not isinstance(elements, list) or chosen is UNKNOWN:
        return UNKNOWN
    if isinstance(chosen, list) and len(chosen) == 1:
        chosen = chosen[0]
    if isinstance(chosen, Decimal):
        index = _index(elements, Decimal(int(chosen)))
        return [*elements[:index], item, *elements[index + 1 :]]
    if not isinstance(chosen, Function) or len(chosen.parameters) != 2:
        raise Undefined("a position or a function of two parameters is needed", "argument-type")
    return _replaced(elements, chosen, item, evaluation)


def _replaced(elements: list[Value], chosen: Function, item: Value, evaluation: Evaluation) -> Value:
    replaced: list[Value] = []
    for element in elements:
        answer = invoke(chosen, [element, item], evaluation)
        if answer is UNKNOWN:
            return UNKNOWN
        if not isinstance(answer, bool):
            raise Undefined("the function must answer true or false", "argument-type")
        replaced.append(item if answer else element)
    return replaced


@builtin("reverse", "list: list", _LIST)
def _reverse(evaluation: Evaluation, elements: list[Value]) -> Value:
    return elements[::-1]


def _distinct(elements: list[Value], evaluation: Evaluation) -> Value:
    if contains_unknown(elements):
        return UNKNOWN
    kept: list[Value] = []
    seen: set[tuple[type, object]] = set()
    others: list[Value] = []
    for element in elements:
        if element is None or isinstance(
            element, Decimal | str | bool | Date | DaysDuration | YearsMonthsDuration
        ):
            key = (type(element), element)
            if key in seen:
                continue
            seen.add(key)
        else:
            evaluation.spend(len(others))
            if any(equal(element, other) is True for other in others):
                continue
            others.append(element)
        kept.append(element)
    return kept


@builtin("union", "list...: list", _LIST)
def _union(evaluation: Evaluation, *lists: list[Value]) -> Value:
    return _distinct([element for elements in lists for element in elements], evaluation)


@builtin("distinct values", "list: list", _LIST)
def _distinct_values(evaluation: Evaluation, elements: list[Value]) -> Value:
    return _distinct(elements, evaluation)


@builtin("flatten", "list: list", _LIST)
def _flatten(evaluation: Evaluation, elements: list[Value]) -> Value:
    evaluation.spend(check_weight(elements) >> 3)
    flat: list[Value] = []
    pending = elements[::-1]
    while pending:
        element = pending.pop()
        if isinstance(element, list):
            pending.extend(reversed(element))
        else:
            flat.append(element)
    return flat


# Sorting


@builtin("sort", "list: list, precedes?: function", _LIST)
def _sort(evaluation: Evaluation, elements: list[Value], precedes: Function | None = None) -> Value:
    evaluation.spend(len(elements))
    if precedes is None:
        return sorted(elements, key=cmp_to_key(_natural_order))
    if len(precedes.parameters) != 2:
        raise Undefined("`precedes` must be a function of two parameters", "argument-type")

    def order(left: Value, right: Value) -> int:
        return -1 if _answer(left, right) else 1

    def _answer(left: Value, right: Value) -> bool:
        answer = invoke(precedes, [left, right], evaluation)
        if answer is UNKNOWN:
            raise _UnknownOrder
        if not isinstance(answer, bool):
            raise Undefined("`precedes` must answer true or false", "argument-type")
        return answer

    try:
        return sorted(elements, key=cmp_to_key(order))
    except _UnknownOrder:
        return UNKNOWN


class _UnknownOrder(Exception):
    """Two elements cannot be put in order yet."""


def _natural_order(left: Value, right: Value) -> int:
    order = compare(left, right)
    if isinstance(order, Unknown):
        raise Undefined("the order is not known yet", "argument-type")
    return order
