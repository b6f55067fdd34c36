"""The built-in functions, family by family; worked by hand from chapter 10.3.4."""

from __future__ import annotations

import statistics
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engines.feel.evaluating import codes, shown, value

from commonweal.engines import feel

numbers = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # strings
        ('substring("foobar", 3)', "obar"), ('substring("foobar", 3, 3)', "oba"), ('substring("foobar", -2, 1)', "a"),
        ('substring("foobar", 0)', "null"), ('substring("foobar", 1, 0)', "null"), ('substring("foobar", 1.5)', "null"),
        ('substring("foobar", 9)', ""), ('substring("\\U01F40Eab", 2)', "ab"), ('substring("foobar", -1E30)', "foobar"),
        ('string length("\\U01F40Eab")', "3"), ('upper case("aBc4")', "ABC4"), ('lower case("aBc4")', "abc4"),
        ('substring before("foobar", "bar")', "foo"), ('substring before("foobar", "xyz")', ""),
        ('substring before("foobar", "")', ""), ('substring after("foobar", "ob")', "ar"),
        ('substring after("foobar", "x")', ""), ('substring after("foobar", "")', "foobar"),
        ('contains("foobar", "of")', "false"), ('starts with("foobar", "fo")', "true"), ('ends with("foobar", "r")', "true"),
        ('matches("foobar", "^fo*bar$")', "true"), ('matches("FOO", "foo", "i")', "true"), ('matches("a\\nb", "a.b")', "false"),
        ('matches("a\\nb", "a.b", "s")', "true"), ('matches("a\\nb", "^b", "m")', "true"), ('matches("a b", "a\\s b", "x")', "true"),
        ('matches("a b", "a[ ]b", "x")', "true"), ('matches("a.b", "a.b", "q")', "true"), ('matches("axb", "a.b", "q")', "false"),
        ('matches("b", "[a-z-[aeiou]]")', "true"), ('matches("é", "\\p{L}")', "true"), ('matches("ab", "(a)\\1")', "false"),
        ('matches("a", "[")', "null"), ('matches("a", "a", "z")', "null"), ('matches("a", null)', "null"),
        ('replace("banana", "a", "o")', "bonono"), ('replace("banana", "(an)(a)?", "[$1]")', "b[an]na"),
        ('replace("abc", "b", "\\\\$x")', "a$xc"), ('replace("abc", "(b)", "$1$1")', "abbc"), ('replace("abc", "(b)", "$12")', "ab2c"),
        ('replace("abc", "b", "$1")', "ac"), ('replace("abc", "x*", "-")', "null"), ('replace("abc", "b", "$")', "null"),
        ('replace("abc", "b", "\\\\x")', "null"), ('replace("a.c", ".", "$1", "q")', "a$1c"),
        ('split("a;b;;", ";")', '["a", "b", "", ""]'), ('split("a1b22c", "\\d+")', '["a", "b", "c"]'), ('split("a", "b*")', "null"),
        ('string join(["a", null, "b"], "-")', "a-b"), ('string join(["a", "b"])', "ab"), ("string join([])", ""),
        ('string join("a", "-")', "a"), ("string join([1])", "null"),
        # numbers
        ("decimal(2.5, 0)", "2"), ("decimal(3.5, 0)", "4"), ("decimal(1/3, 2)", "0.33"), ("decimal(125, -1)", "120"),
        ("decimal(1, 6177)", "null"), ("floor(-1.5)", "-2"), ("floor(1.56, 1)", "1.5"), ("ceiling(1.2)", "2"),
        ("ceiling(-1.56, 1)", "-1.5"), ("round up(5.5, 0)", "6"), ("round up(-1.12, 1)", "-1.2"), ("round down(-5.5, 0)", "-5"),
        ("round half up(-2.5, 0)", "-3"), ("round half down(-2.5, 0)", "-2"), ("round half up(1.126, 2)", "1.13"),
        ("abs(-10)", "10"), ('abs(@"-P1D")', "P1D"), ('abs(@"-P1Y")', "P1Y"), ('abs("a")', "null"), ("abs([-1])", "1"),
        ("modulo(12, 5)", "2"), ("modulo(-12, 5)", "3"), ("modulo(12, -5)", "-3"), ("modulo(5.5, -1.5)", "-0.5"),
        ("modulo(1, 0)", "null"), ("modulo(1E40, 7)", "4"), ("sqrt(16)", "4"), ("sqrt(-1)", "null"), ("log(1)", "0"),
        ("log(0)", "null"), ("exp(0)", "1"), ("exp(1E9)", "null"), ("odd(5)", "true"), ("odd(-2)", "false"), ("even(0)", "true"),
        ("even(1E50)", "true"), ("odd(1.5)", "false"),
        # lists
        ("list contains([1, 2, null], null)", "true"), ("count([1, [2, 3]])", "2"), ("count(1)", "1"), ("count(null)", "null"),
        ("min([3, 1, 2])", "1"), ("min(3, 1, 2)", "1"), ('max(["a", "c"])', "c"), ('max(@"P1Y", @"P13M")', "P1Y1M"),
        ("max([])", "null"), ('max(1, "a")', "null"), ("max(true)", "null"), ("max(null)", "null"), ("sum([1, 2.5])", "3.5"),
        ("sum(1, 2)", "3"), ("sum([])", "null"), ('sum([1, "a"])', "null"), ('sum(@"P1D", @"PT12H")', "P1DT12H"),
        ('sum([@"P1Y", @"P1M"])', "P1Y1M"), ("mean([1, 2, 4, 5])", "3"), ("mean([])", "null"), ("median(8, 2, 5, 3, 4)", "4"),
        ("median([6, 1, 2, 3])", "2.5"), ("stddev([47])", "null"), ("product(2, 3, 4)", "24"), ("product([])", "null"),
        ("mode([6, 3, 9, 6, 6])", "[6]"), ("mode([6, 1, 9, 6, 1])", "[1, 6]"), ("mode([])", "[]"), ('mode(["a"])', "null"),
        ("all([])", "true"), ("any([])", "false"), ("all(null)", "null"), ("all([true, 1])", "null"), ("any(true, 1)", "true"),
        ("sublist([4, 5, 6], 1, 2)", "[4, 5]"), ("sublist([4, 5, 6], -2)", "[5, 6]"), ("sublist([4, 5, 6], 4)", "null"),
        ("sublist([4, 5, 6], 2, 3)", "null"), ("append([1], 2, [3])", "[1, 2, [3]]"), ("append(1, 2)", "[1, 2]"),
        ("concatenate([1], [2, 3], 4)", "[1, 2, 3, 4]"), ("insert before([1, 3], 1, 2)", "[2, 1, 3]"),
        ("insert before([1, 3], -1, 2)", "[1, 2, 3]"), ("insert before([1], 3, 2)", "null"), ("remove([1, 2, 3], 2)", "[1, 3]"),
        ("remove([1], 2)", "null"), ("reverse([1, 2])", "[2, 1]"), ("index of([1, 2, 3, 2], 2)", "[2, 4]"),
        ("index of([1, null], null)", "[2]"), ("union([1, 2], [2, 3])", "[1, 2, 3]"),
        ('distinct values([1, 1.0, "1", null, null, [1], [1], {a: 1}, true, @"P1D"])', '[1, "1", null, [1], {a: 1}, true, P1D]'),
        ("flatten([[1, 2], [[3]], 4])", "[1, 2, 3, 4]"), ("list replace([1, 2, 3], 2, 9)", "[1, 9, 3]"),
        ("list replace([1, 2, 3], -1, 9)", "[1, 2, 9]"), ("list replace([1, 2, 3], function(item, newItem) item < newItem, 2)", "[2, 2, 3]"),
        ("list replace([1], [1], 7)", "[7]"), ("list replace([1], function(x) true, 7)", "null"),
        ("list replace([1], function(x, y) 1, 7)", "null"), ('list replace([1], "a", 7)', "null"), ("list replace([1], 4, 7)", "null"),
        ("list replace(list: [1, 2], match: function(a, b) a = 1, newItem: 5)", "[5, 2]"),
        ("sort([3, 1, 2])", "[1, 2, 3]"), ("sort([3, 1, 2], function(x, y) x > y)", "[3, 2, 1]"), ('sort([3, "a"])', "null"),
        ("sort([3, 1], function(x) true)", "null"), ("sort([3, 1], function(x, y) 1)", "null"), ("sort(precedes: function(x, y) x < y, list: [2, 1])", "[1, 2]"),
        # contexts
        ('get value({key1: "value1"}, "key1")', "value1"), ('get value({a: {b: 1}}, ["a", "b"])', "1"), ('get value({a: 1}, "b")', "null"),
        ("get value({a: 1}, [])", "null"), ("get value({a: 1}, 1)", "null"), ('get value({a: 1}, ["a", "b"])', "null"),
        ("get entries({a: 1})", '[{key: "a", value: 1}]'), ('context([{key: "a", value: 1}])', "{a: 1}"),
        ('context([{key: "a", value: 1}, {key: "a", value: 2}])', "null"), ('context({key: "a", value: 1})', "{a: 1}"),
        ("context([{key: 1, value: 1}])", "null"), ('context([{key: "a"}])', "null"), ("context([1])", "null"),
        ('context put({a: 1}, "b", 2)', "{a: 1, b: 2}"), ('context put({a: {b: 1}}, ["a", "b"], 2)', "{a: {b: 2}}"),
        ('context put({a: {b: 1}}, ["x", "b"], 2)', "null"), ('context put({a: 1}, ["a", "b"], 2)', "null"),
        ("context put({a: 1}, [], 2)", "null"), ("context put({a: 1}, 1, 2)", "null"), ('context put(context: {}, keys: ["k"], value: null)', "{k: null}"),
        ("context merge([{a: 1}, {a: 2, b: 3}])", "{a: 2, b: 3}"), ("context merge([1])", "null"),
        # conversion
        ('number("1,000.5", ",", ".")', "1000.5"), ('number("1 000,5", " ", ",")', "1000.5"), ('number("1.000,5", ".", ",")', "1000.5"),
        ('number("12")', "12"), ("number(12)", "12"), ('number("1.5", null, ",")', "null"), ('number("a")', "null"), ('number("1", "x", ".")', "null"),
        ('number("1", ".", ".")', "null"), ("number(true)", "null"), ('number(["7"])', "7"),
        ("string(1.50)", "1.5"), ("string(true)", "true"), ("string(null)", "null"), ('string("a")', "a"), ("string(1E+3)", "1000"),
        ('string([1, "a\\"", null])', '[1, "a\\"", null]'), ('string({a: "b"})', '{a: "b"}'), ("string([1..2))", "[1..2)"),
        ("string((>5))", "(5..)"), ("string((<=5))", "(..5]"), ("string(function(a, b) a)", "function(a, b)"), ("string(0.0)", "0"),
        ("string(1E-500)", "1E-500"),
        ('range("[1..3)")', "[1..3)"), ('range("]1..3[")', "(1..3)"), ('range("(..3]")', "(..3]"), ('range("[1..)")', "[1..)"),
        ('range("[\\"a\\"..\\"b\\"]")', '["a".."b"]'), ('range("[@\\"P1D\\"..duration(\\"P2D\\")]")', "[P1D..P2D]"),
        ('range("[date(\\"2026-01-01\\")..@\\"2026-02-01\\"]")', "[2026-01-01..2026-02-01]"), ('range("(..)")', "null"), ('range("[..3]")', "null"),
        ('range("[3..1]")', "null"), ('range("[a..b]")', "null"), ('range("1..2")', "null"), ('range("[date(\\"x\\")..2]")', "null"),
        ("is(1, 1.0)", "true"), ('is(1, "1")', "false"), ("is(null, null)", "true"), ("not(false)", "true"), ("not([true])", "false"),
        ('string length(string: "abc")', "3"), ('substring(start position: 2, string: "abc")', "bc"), ('substring(string: "abc")', "null"),
        ("min(c: 1)", "null"),
    ],
)  # fmt: skip
def test_function(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_failed_calls_say_why() -> None:
    assert codes('matches("a", "[")') == ["pattern"]
    assert codes("sqrt(x)", x=-1) == ["arithmetic"]
    assert codes("substring(1, 2)") == ["argument-type"]
    assert codes("substring(null, 2)") == ["argument-null"]
    assert codes("substring()") == ["argument-count"]
    assert codes("date(2026, 2, 30)") == ["overflow"]


def test_catastrophic_pattern_ends_in_time() -> None:
    assert value('matches(t, "(x+x+)+y")', t="x" * 5000) in {None, False}
    assert value('replace(t, "(x+x+)+y", "a")', t="x" * 5000) in {None, "x" * 5000}
    assert value(f'matches("a", "{"a" * 3000}")') is None


@given(st.lists(numbers, min_size=2, max_size=20))
def test_statistics_agree_with_the_standard_library(values: list[Decimal]) -> None:
    close = Decimal("1e-12")

    assert value("sum(xs)", xs=values) == sum(values)
    assert value("median(xs)", xs=values) == statistics.median(values)
    assert value("mode(xs)", xs=values) == sorted(statistics.multimode(values))
    assert abs(value("mean(xs)", xs=values) - statistics.mean(values)) < close
    assert abs(value("stddev(xs)", xs=values) - statistics.stdev(values)) < Decimal("1e-9") * (
        1 + abs(max(values))
    )
    assert value("sort(xs)", xs=values) == sorted(values)
    assert value("sort(xs, function(a, b) a > b)", xs=values) == sorted(values, reverse=True)
    assert value("min(xs) <= mean(xs) and mean(xs) <= max(xs)", xs=values) is True


@given(numbers, numbers.filter(bool))
def test_modulo_completes_the_division(dividend: Decimal, divisor: Decimal) -> None:
    rest = value("modulo(a, b)", a=dividend, b=divisor)
    assert isinstance(rest, Decimal)

    assert abs(rest) < abs(divisor)
    assert rest == 0 or (rest > 0) == (divisor > 0)
    assert (dividend - rest) % divisor == 0


@given(numbers, st.integers(-3, 3))
def test_rounding_functions_surround_the_number(number: Decimal, scale: int) -> None:
    low, high = value("floor(n, s)", n=number, s=scale), value("ceiling(n, s)", n=number, s=scale)
    near = value("decimal(n, s)", n=number, s=scale)
    assert isinstance(low, Decimal)
    assert isinstance(high, Decimal)

    assert low <= number <= high
    assert near in {low, high}
    assert {value("round up(n, s)", n=number, s=scale), value("round down(n, s)", n=number, s=scale)} == {
        low,
        high,
    }


def test_built_in_functions_are_values() -> None:
    assert value("{f: max, r: f(1, 3, 2)}.r") == 3
    assert value("f(1, 2)", f=feel.FUNCTIONS["min"].as_value) == 1
    assert value('f("a", "b", "c", "d", "e")', f=feel.FUNCTIONS["substring"].as_value) is None
    assert value("f(u)", f=feel.FUNCTIONS["floor"].as_value, u=feel.UNKNOWN) is feel.UNKNOWN
    assert feel.FUNCTIONS["floor"].type == feel.FunctionType((feel.NUMBER, feel.NUMBER), feel.NUMBER)


def test_variable_may_hide_a_built_in_function() -> None:
    double = feel.Function("", ("x",), lambda values, evaluation: values[0] * 2)
    assert value("count(3)", count=double) == 6
    assert value("count([3])", count=7) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('substring before("a-b-c", "-")', "a"),
        ('substring after("a-b-c", "-")', "b-c"),
        ("mode([1, 2, 2, 3, 3, 3])", "[3]"),
        ("mode([1, 2, 2])", "[2]"),
        ('date("1900-02-28") + duration("P1D")', "1900-03-01"),
        ('date("2000-02-28") + duration("P1D")', "2000-02-29"),
        ('date("2100-02-28") + duration("P1D")', "2100-03-01"),
        ('@"2026-01-01T00:00:00.5Z".second', "0.5"),
        ('time("10:00:00@Europe/Paris").timezone', "Europe/Paris"),
        ('time("10:00:00").timezone', "null"),
        ('time("10:00:00Z").timezone', "null"),
        ("[1..3] = (0..4)", "false"),
        ("starts(1, [1..3])", "true"),
        ("starts(1, (1..3])", "false"),
        ("finishes(3, [1..3])", "true"),
        ("finishes(3, [1..3))", "false"),
        ("coincides(1, 1)", "true"),
        ("coincides([1..2], [1..2])", "true"),
        ("before(1, 1)", "false"),
        ("time(1, 2, 999999, null)", "null"),
        ("time(1,2,1000000)", "null"),
        ("3 in (1..3]", "true"),
        ("1 in (1..3]", "false"),
        ("1 in [1..3]", "true"),
        ('"b" in ["a".."b")', "false"),
        ("modulo(-6, 3)", "0"),
        ("modulo(6, -3)", "0"),
    ],
)
def test_edges(text: str, expected: str) -> None:
    assert shown(text) == expected
