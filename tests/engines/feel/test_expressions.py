"""Expressions as a whole: paths, filters, functions, arithmetic, equality."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engines.feel.evaluating import codes, shown, value

from commonweal.engines import feel

numbers = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=4)


@given(numbers, numbers, numbers)
def test_arithmetic_of_numbers(a: Decimal, b: Decimal, c: Decimal) -> None:
    assert value("a + b - c", a=a, b=b, c=c) == a + b - c
    assert value("a * 2 + b", a=a, b=b) == a * 2 + b
    assert value("(a + b) - b", a=a, b=b) == a
    assert value("a < b", a=a, b=b) is (a < b)
    assert value("a >= b", a=a, b=b) is (a >= b)
    assert value("a = b", a=a, b=b) is (a == b)
    assert value("a != b", a=a, b=b) is (a != b)
    assert value("if a <= b then b else a", a=a, b=b) == max(a, b)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 / 3", "0.3333333333333333333333333333333333"), ("2 / 3", "0.6666666666666666666666666666666667"), ("1 / 0", "null"),
        ("9.99E6144 * 10", "null"), ("2 ** 0.5", "1.414213562373095048801688724209698"), ("0 ** 0", "1"), ("0 ** -1", "null"), ("2 ** -1", "0.5"),
        ("-2 ** 2", "4"), ("2 ** 3 ** 2", "64"), ("2 ** 1E9", "null"), ("-8 ** 0.5", "null"), ("10 - 2 - 3", "5"), ('"a" - "a"', "null"),
        ('"a" + 1', "null"), ("-true", "null"), ("1 = 1.0", "true"), ('1 = "1"', "null"), ('1 != "1"', "null"), ("null = null", "true"),
        ("1 = null", "false"), ("1 != null", "true"), ("[1, 2] = [1, 2.0]", "true"), ("[1] = [1, 2]", "false"), ('[1, "a"] = [1, 2]', "null"),
        ("{a: 1, b: 2} = {b: 2, a: 1}", "true"), ("{a: 1} = {b: 1}", "false"), ("(function(a) a) = 1", "null"), ("true = true", "true"),
        ("1 < null", "null"), ("true < false", "null"), ('"a" < "b"', "true"), ("[1] < [2]", "null"), ("1 between 0 and null", "null"),
        ("[1, 2, 3][1]", "1"), ("[1, 2, 3][-1]", "3"), ("[1, 2, 3][0]", "null"), ("[1, 2, 3][1.5]", "null"), ("[1, 2, 3][4]", "null"),
        ("[][1]", "null"), ("[][item > 1]", "[]"), ("null[1]", "null"), ("null[true]", "null"), ("5[1]", "5"), ("5[true]", "[5]"), ("5[false]", "[]"),
        ("[1, 2, 3][item >= 2]", "[2, 3]"), ("[{a: 1}, {a: 2}][a = 2].a", "[2]"), ("[{a: 1}, {b: 2}].a", "[1, null]"), ("[1, 2][null]", "[]"),
        ("[{item: 1}, {item: 2}][item = 2]", "[{item: 2}]"), ("[[1, 2], [3]][count(item) = 1]", "[[3]]"), ('[1, 2, 3]["a"]', "[]"),
        ("{a: 1, b: a + 1, c: {d: b + 1}}.c.d", "3"), ("{a: 1}.b", "null"), ("null.a", "null"), ('"x".a', "null"), ("{a: 1, a: 2}", "null"),
        ('{"a b": 1}.a b', "1"), ("{}", "{}"), ('@"x"', "null"), ("nothing at all", "null"),
        ("(function(a, b) a - b)(5, 3)", "2"), ("(function(a, b) a - b)(b: 5, a: 3)", "-2"), ("(function(a) a)(1, 2)", "null"),
        ("(function(a) a)(b: 1)", "null"), ('(function(a: number) a)("x")', "null"), ("(function(a: list<number>) a)(1)", "[1]"),
        ("(function(a): string a)(1)", "null"), ('(function(a: date and time) a)(@"2026-09-15")', "2026-09-15T00:00:00Z"), ("1(2)", "null"),
        ("{f: function(x) function(y) x + y, r: f(1)(2)}.r", "3"), ("for f in (for i in 1..3 return function() i) return f()", "[1, 2, 3]"),
        ("{n: 2, f: function(x) x * n, r: for i in [1, 2] return f(i)}.r", "[2, 4]"),
        ("for i in 0..4 return if i = 0 then 1 else i * partial[-1]", "[1, 1, 2, 6, 24]"), ("every x in [] satisfies false", "true"),
        ("some x in [1, 2], y in [2, 3] satisfies x = y", "true"), ("every x in [1, null] satisfies x > 0", "null"),
        ("1 instance of number", "true"), ("null instance of Any", "false"), ("null instance of Null", "true"), ("1 instance of Any", "true"),
        ("true instance of number", "false"), ("[1, null] instance of list<number>", "true"), ("{a: 1, b: 2} instance of context<a: number>", "true"),
        ("{b: 2} instance of context<a: number>", "false"), ("[1..2] instance of range<number>", "true"), ("[1..2] instance of range<string>", "false"),
        ("(function(a: number): number a) instance of function<number> -> Any", "true"), ("(function(a) a) instance of function<number, number> -> Any", "false"),
        ('@"P1Y" instance of years and months duration', "true"), ('@"P1D" instance of years and months duration', "false"),
        ("1 instance of tUnknown", "null"), ("[1] instance of list", "true"), ("{} instance of context", "true"), ("1 instance of list<number>", "false"),
    ],
)  # fmt: skip
def test_expression(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_entries_of_open_elements_come_before_names_outside() -> None:
    rows = [{"dept": "a", "pay": 1}, {"dept": "b", "pay": 2}]

    assert value("rows[dept = d].pay", rows=rows, d="b", dept="a") == [2]
    assert value("rows[pay > limit].dept", rows=rows, limit=1) == ["b"]
    assert value("rows[n].dept", rows=rows, n=1) == "a"
    assert value("rows[count(rows)].dept", rows=rows) == "b"
    assert value("days[month = 9]", days=[feel.Date(2026, 9, 1), feel.Date(2026, 8, 1)]) == [
        feel.Date(2026, 9, 1)
    ]
    assert value("rows[missing = 1]", rows=rows) == []
    assert value("[][n]", n=1) is None


def test_typed_filters_and_paths() -> None:
    row = feel.ContextType.of({"dept": feel.STRING, "start date": feel.DATE})
    scope = feel.Scope({"rows": feel.ListType(row), "one": row})
    rows = [
        {"dept": "a", "start date": feel.Date(2026, 9, 1)},
        {"dept": "b", "start date": feel.Date(2020, 1, 1)},
    ]
    expression = feel.compile_expression('rows[start date > @"2025-01-01"].start date', scope)

    assert expression.evaluate({"rows": rows}) == [feel.Date(2026, 9, 1)]
    assert str(expression.type) == "list<date>"
    assert str(feel.compile_expression("one.start date.year", scope).type) == "number"
    assert str(feel.compile_expression('one[dept = "a"]', scope).type) == str(feel.ListType(row))
    assert [p.code for p in feel.compile_expression("one.nothing", scope).problems] == ["unknown-entry"]


def test_warnings_have_a_code_and_a_place() -> None:
    evaluation = feel.Evaluation()
    feel.compile_expression("1 +\n x / 0", feel.Scope({"x": feel.NUMBER})).evaluate({"x": 1}, evaluation)

    first = evaluation.warnings[0]
    assert (first.code, first.message, first.position) == (
        "arithmetic",
        "division by zero",
        feel.Position(2, 2),
    )
    assert codes("x.y", x={}) == ["unknown-entry"]
    assert codes("x.y", x=1) == ["unknown-entry"]
    assert codes("x[3]", x=[1]) == ["position"]
    assert codes("f(1)", f=1) == ["no-function"]
    assert codes("now()") == ["no-clock"]


def test_scopes_nest_and_share_the_frame() -> None:
    outer = feel.Scope({"a": feel.NUMBER}, types={"tA": feel.ListType(feel.NUMBER)})
    inner = feel.Scope({"b": feel.NUMBER}, parent=outer)
    expression = feel.compile_expression("for i in [a, b] return i instance of tA", inner)
    frame = inner.frame({"a": Decimal(1), "b": Decimal(2)})

    assert expression.run(frame, feel.Evaluation()) == [False, False]
    assert inner.slot(" b ") == 1
    assert outer.slot("b") is None
    assert inner.type_named("tA") == feel.ListType(feel.NUMBER)
    assert outer.frame({"x": Decimal(1)}, missing=feel.UNKNOWN)[0] is feel.UNKNOWN


def test_functions_of_the_caller_are_called_with_converted_values() -> None:
    seen: list[feel.Value] = []

    def body(arguments: list[feel.Value], evaluation: feel.Evaluation) -> feel.Value:
        seen.extend(arguments)
        return arguments[0]

    function = feel.Function(
        "twice", ("x",), body, parameter_types=(feel.ListType(feel.NUMBER),), result_type=feel.NUMBER
    )

    assert value("f(3)", f=function) == 3
    assert seen == [[Decimal(3)]]
    assert value('f("a")', f=function) is None
    assert repr(function) == "<Function twice(x)>"
    assert value("[f = f, f = g]", f=function, g=feel.Function("", (), body)) == [True, False]
