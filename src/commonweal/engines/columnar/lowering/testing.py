"""Tests: ``in``, and the unary tests of cells and of allowed values.

Source: DMN 1.5, 10.3.2.8 (table 55), 7.3.3 (unary tests), 8.3.3 (cells).
"""

from __future__ import annotations

from commonweal.engines.columnar.errors import Refusal
from commonweal.engines.columnar.lowering.expressions import lower, lowers
from commonweal.engines.columnar.lowering.merging import null_of
from commonweal.engines.columnar.lowering.scopes import Names
from commonweal.engines.columnar.lowering.sequences import elements_of
from commonweal.engines.columnar.lowering.truths import equals, is_unknown, negated, ordered, ternary, truth
from commonweal.engines.columnar.lowering.work import NULL, Work
from commonweal.engines.columnar.symbols import Constant, Items, Symbol, Truth
from commonweal.engines.feel import syntax as s
from commonweal.engines.feel.errors import FeelSyntaxError
from commonweal.engines.feel.parser import parse_unary_tests
from commonweal.engines.feel.types import Range
from commonweal.engines.feel.unknown import UNKNOWN

__all__ = ["cell", "tests_of"]


def cell(text: str, value: Symbol, names: Names, work: Work) -> Symbol:
    """Does a value pass the tests of a cell? A truth, or UNKNOWN.

    Raises:
        Refusal: The tests cannot be compiled.
    """
    inside = Names({"?": value}, names)
    try:
        node = parse_unary_tests(text, inside.scope)
    except FeelSyntaxError as error:
        raise Refusal(f"`{text.strip()}`: {error}") from error
    if not node.tests:
        return Constant(value=True)
    answer = tests_of(node.tests, value, inside, work)
    return negated(work, answer) if node.is_negated and not is_unknown(answer) else answer


def tests_of(tests: tuple[s.Node, ...], value: Symbol, names: Names, work: Work) -> Symbol:
    """Does the value pass one of the tests?"""
    answers = [_test(test, value, names, work) for test in tests]
    if any(isinstance(answer, Constant) and answer.value is True for answer in answers):
        return Constant(value=True)
    if is_unknown(*answers):
        return Constant(UNKNOWN)
    if all(isinstance(answer, Constant) for answer in answers):
        values = [answer.value for answer in answers if isinstance(answer, Constant)]
        return Constant(None if None in values else False)
    return ternary(work, [_quietly(work, answer) for answer in answers], decisive=True)


def _quietly(work: Work, answer: Symbol) -> Truth:
    if isinstance(answer, Constant) and answer.value is None:
        return Truth(work.b.false, work.b.true)
    return truth(work, answer)


def _test(node: s.Node, value: Symbol, names: Names, work: Work) -> Symbol:
    if isinstance(node, s.ComparisonTest):
        bound = lower(node.operand, names, work)
        return _compared(node.operator, value, bound, work)
    if isinstance(node, s.RangeLiteral):
        return _inside(node, value, names, work)
    answer = lower(node, names, work)
    uses_input = any(isinstance(part, s.Name) and part.name == "?" for part in s.walk(node))
    if uses_input:
        return answer if _is_truth(answer) or is_unknown(answer) else matches(value, answer, work)
    if isinstance(node, s.BooleanLiteral):
        return matches(value, answer, work)
    is_condition = _is_truth(answer) and answer != NULL
    if is_condition and not _is_truth(value) and not is_unknown(value):
        made = truth(work, answer)
        # A null value, or a null answer, is compared instead: the two are equal where both are null.
        both = work.b.select(null_of(work, value), made.null, made.node)
        return Truth(both, work.b.false)
    return matches(value, answer, work)


def _is_truth(symbol: Symbol) -> bool:
    return isinstance(symbol, Truth) or (
        isinstance(symbol, Constant) and (symbol.value is None or isinstance(symbol.value, bool))
    )


def _compared(operator: str, value: Symbol, bound: Symbol, work: Work) -> Symbol:
    if operator in {"=", "!="}:
        answer = equals(work, value, bound, warns=False)
        return answer if operator == "=" or is_unknown(answer) else negated(work, answer)
    return ordered(work, operator, value, bound, warns=False)


def _inside(node: s.RangeLiteral, value: Symbol, names: Names, work: Work) -> Symbol:
    answers = []
    for end, is_closed, operator in ((node.low, node.low_closed, ">"), (node.high, node.high_closed, "<")):
        if end is not None:
            bound = lower(end, names, work)
            work.fault(null_of(work, bound))
            answers.append(ordered(work, operator + "=" * is_closed, value, bound, warns=False))
    return _all_of(answers, work)


def _all_of(answers: list[Symbol], work: Work) -> Symbol:
    if any(isinstance(answer, Constant) and answer.value is False for answer in answers):
        return Constant(value=False)
    if is_unknown(*answers):
        return Constant(UNKNOWN)
    return ternary(work, [_quietly(work, answer) for answer in answers], decisive=False)


def matches(value: Symbol, test: Symbol, work: Work) -> Symbol:
    """``value in test``: equal to it, inside of the range, or matching an element of the list."""
    if isinstance(test, Constant) and isinstance(test.value, Range):
        return _in_range(value, test.value, work)
    if isinstance(test, Constant) and isinstance(test.value, list):
        test = Items(tuple((work.b.true, Constant(element)) for element in test.value))
    if not isinstance(test, Items):
        return equals(work, value, test, warns=False)
    answers = []
    for present, element in elements_of(test, work):
        answer = matches(value, element, work)
        if is_unknown(answer):
            return answer
        made = _quietly(work, answer)
        # Of a list, only a match counts; what cannot be compared does not.
        answers.append(Truth(work.b.both(present, made.node), work.b.false))
    return ternary(work, answers, decisive=True)


def _in_range(value: Symbol, range_: Range, work: Work) -> Symbol:
    answers = []
    if range_.low is not None:
        answers.append(ordered(work, ">" + "=" * range_.low_closed, value, Constant(range_.low), warns=False))
    if range_.high is not None:
        answers.append(
            ordered(work, "<" + "=" * range_.high_closed, value, Constant(range_.high), warns=False)
        )
    return _all_of(answers, work)


@lowers(s.In)
def _in(node: s.In, names: Names, work: Work) -> Symbol:
    value = lower(node.value, names, work)
    inside = Names({"?": value}, names) if names.find("?") is None else names
    answer = tests_of(node.tests, value, inside, work)
    if isinstance(answer, Constant) and answer.value is None:
        return work.failed()
    if isinstance(answer, Truth):
        work.fault(answer.null)
    return answer
