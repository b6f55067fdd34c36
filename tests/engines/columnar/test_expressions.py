"""Expressions of every kind, each held to the decision engine on rows with and without nulls."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from tests.engines.columnar.models import answers, assert_agree, model_of

from commonweal.engines import columnar
from commonweal.engines.feel import UNKNOWN

TYPES = """
    Kind: string = "A", "B", "C"
    Home: {rent: number; kind: Kind; since: date}
"""
INPUTS = {
    "a": "number", "b": "number", "n": "number", "p": "boolean", "q": "boolean", "k": "Kind", "t": "string",
    "d": "date", "e": "date", "home": "Home", "law": "Any",
}  # fmt: skip
RANGES = {"n": (-5, 40, 0)}
LAW: dict[str, Any] = {
    "rate": Decimal("0.3"), "by_kind": {"A": 10, "B": Decimal("20.5"), "C": 30}, "name": "plain", "since": dt.date(2024, 1, 1),
    "nobody_knows": UNKNOWN, "sizes": [100, 200, UNKNOWN, 400], "third": Decimal(100), "is_capped": True,
}  # fmt: skip


def row(a: Any, b: Any, n: Any, *rest: Any) -> dict[str, Any]:
    p, q, k, t, d, e, rent = rest
    home = {"rent": Decimal(rent), "kind": k, "since": e}
    a, b = (None if x is None else Decimal(x) for x in (a, b))
    return {"a": a, "b": b, "n": n, "p": p, "q": q, "k": k, "t": t, "d": d, "e": e, "home": home}


DAY, LEAP, LATE = dt.date(1999, 3, 31), dt.date(2024, 2, 29), dt.date(2031, 12, 31)
ROWS = [
    row("10.25", "-3", 1, True, False, "A", "plain", DAY, LEAP, "700"),
    row("0", "0", 2, False, True, "B", "other", LEAP, DAY, "0"),
    row("-7.5", "2.5", 3, True, None, "C", None, LATE, LATE, "12.5"),
    row("33.33", "100000000", 0, None, True, "A", "x", LATE, DAY, "1"),
    row(None, "1", 4, False, False, None, "plain", None, LEAP, "5"),
    row("5", None, -5, True, True, "B", "high", DAY, None, "5"),
    row("999999999.99", "-999999999.99", 40, True, True, "C", "A", DAY, LEAP, "999999999"),
    row("2.5", "0.5", None, True, True, "X", "A", DAY, LEAP, "2"),
]
EXPRESSIONS = {
    # arithmetic
    "a + b * 2 - n": "number", "a * b": "number", "a * b * a * b": "number", "a ** 2": "number", "n ** 3 / 7 > a": "boolean",
    "-a": "number", "a / b": "number", "a / 3": "number", "a / 3 * 3 = a": "boolean", "floor(a / 3 * 3)": "number",
    "a / 3 + b / 3": "number", "round half up(a / 3 + b / 6, 0)": "number", "a / 4": "number", "a / -0.15": "number",
    "(a / 3) / b": "number", "a / (b / 3)": "number", "a / 0": None, "a / 7 < b / 7": "boolean", "a / 7 = a / 7": "boolean",
    "a / 12 >= b": "boolean", "max(a / 3, b)": "number", "min(a / n, b / 7)": "number", "abs(a / 3)": "number",
    "a / 3 / 3": "number", "ceiling(a / 3, 1)": "number", "if p then a / 3 else b": "number", "1 / 3 * a": "number",
    "a * (1 / 3) = a / 3": "boolean", "floor(1 / 3 * n)": "number", "modulo(a, b)": "number", "modulo(n, 5)": "number",
    "modulo(a / 3, 2)": None, "n / 7 * 7 = n": "boolean", "a / 6 * 0.5 > 1": "boolean", "a - a": "number", "a + null": None,
    "round up(a, 1)": "number", "round down(a, 1)": "number", "round half down(a, 1)": "number", "decimal(a, 1)": "number",
    "decimal(b / 8, 2)": "number", "floor(a, -1)": "number", "round half up(b, -2)": "number", "round half up(a, n)": None,
    "round half up(a, if p then 0 else 2)": "number", "round down(a / 3, 2)": "number", "round up(b / 3, 2)": "number",
    "round half even(a, 1)": None, "sqrt(a)": None, "a ** b": None, "abs(b)": "number", "odd(n)": "boolean", "even(a)": "boolean",
    "a * 100000000 * 100000000 * 100000000": "number", "min(a, b, n)": "number", "max(a, null)": None, "sum(a, b)": "number",
    "mean(a, b)": "number", "mean(a, b) > n": "boolean", "number(a)": "number", "0.1 + 0.2": "number", "n * n * n * n": "number",
    "a * b * n * 1000000000": "number", "a * b - a * b": "number", "100000000000 * a - b": "number",
    # comparisons and logic
    "a < b": "boolean", "a >= n": "boolean", "a = b": "boolean", "a != null": "boolean", "p": "boolean", "p and q": "boolean",
    "p or q": "boolean", "not(q)": "boolean", "p = q": "boolean", "p != true": "boolean", "a between b and n": "boolean",
    "a in [b..n]": "boolean", "a in (1, > 5, [b..n))": "boolean", "n in (1, 2, 3)": "boolean", "n not in (1)": None,
    "if a > b then 1 else if p then 2 else 3": "number", "if p then null else a": "number", "if q then a else null": "number",
    "a = null": "boolean", "null = a": "boolean", "a > 0 and b > 0": "boolean", "a != null and a > 1": "boolean",
    "a instance of number": "boolean", "p instance of string": "boolean", "is(a, b)": "boolean", "a = p": None,
    "false and p": "boolean", "true or p": "boolean", "p and null": "boolean", "all(p, q)": "boolean", "any(p, q)": "boolean",
    "if null then 1 else 2": "number", "if p and a > 1 then a else b": "number", "a < p": None,
    # places in lists, entries by name
    "law.sizes[1]": "number", "law.sizes[-1]": "number", "law.sizes[9]": None, "law.sizes[0]": None, "law.sizes[1.5]": None,
    "[[1, 2], [3, 4]][2][1]": "number", "[{x: 1}, {x: 2}][-1].x": "number", "[[1, 2], [3]][n][1]": None,
    'get value({"x": 1}, 3)': None, "get value(home, n)": None, 'get value(a, "x")': None,
    'get value(home, "rent")': "number", 'get value(home, "nothing")': None,
    # texts
    'k = "A"': "boolean", "k = t": "boolean", 't = "plain"': "boolean", "t = law.name": "boolean", "k": "string", "t": "string",
    'if p then "yes" else "no"': "string", 'if p then k else "none"': "string", 'k in ("A", "B")': "boolean", "t = t": "boolean",
    't + "!"': "string", '"a" + "b"': "string", "string(a)": "string", "string(k)": "string", 'k < "B"': None, "upper case(t)": None,
    'if k = "A" then null else k': "string", '(t + "!") = "x!"': None, "string length(t)": None, 'if p then t + "!" else t': None,
    'upper case("x")': "string", 'list contains(["A", "B"], k)': "boolean",
    # dates
    "d": "date", "d < e": "boolean", "d = e": "boolean", "d.year": "number", "d.month + d.day": "number", "d.weekday": "number",
    'd + @"P1M"': "date", 'd - @"P1Y2M"': "date", '@"P3D" + d': "date", 'd + @"P1M" * n': "date", "(e - d).days": "number",
    'e - d > @"P30D"': "boolean", "years and months duration(d, e).years": "number", "years and months duration(d, e).months": "number",
    'years and months duration(d, e) >= @"P18Y"': "boolean", "years and months duration(d, e) / years and months duration(e, d) > 1": "boolean",
    "date(d.year, 12, 31)": "date", "date(2024, n, 15)": "date", "date(d)": "date", "max(d, e)": "date", "if p then d else e": "date",
    'd in [@"2000-01-01"..e]': "boolean", 'date("2024-05-05") < d': "boolean", "-(e - d) = d - e": "boolean", "abs(d - e).days": "number",
    'd + @"PT1H"': None, "d.hour": None, "(d - e).hours": "number", '@"P1Y" + @"P2M" < years and months duration(d, e)': "boolean",
    'if p then @"P1M" else @"P2M"': None, "day of week(d)": None, "d + e": None, "d * 2": None, 'd - @"P9000Y"': "date", "min([d, e])": "date",
    "if p then years and months duration(d, e).months else (e - d).days": "number", "today() > d": None, "e.year * 100": "number",
    "abs(years and months duration(d, e)).months": "number", "d - null": None, 'e - @"P1D" - @"P1D"': "date",
    # contexts and constants
    "home.rent": "number", "home.since.year": "number", "home.nothing": None, "{x: a, y: x + 1}.y": "number", "law.rate * a": "number",
    "law.by_kind.B": "number", "get value(law.by_kind, k)": "number", "get value(home, t)": None, 'get value(law, "rate") + a': "number",
    'get value(law.by_kind, "Z")': "number", "if law.is_capped then min(a, 5) else a": "number", "law.since < d": "boolean",
    "(if p then {x: a} else {x: b}).x": "number", "law.third / 3": "number", "law.third / 3 * n": "number", "a > law.third / 3": "boolean",
    "get value({A: a, B: b, C: n}, k)": "number", "{x: 1, x: 2}": None, "home.kind = k": "boolean", "get value(law.by_kind, t)": "number",
    # figures that nobody knows
    "law.nobody_knows": "number", "law.nobody_knows + a": "number", "if p then a else law.nobody_knows": "number", "law.sizes[n]": "number",
    "p and law.nobody_knows > 1": "boolean", "false and law.nobody_knows > 1": "boolean", "p or law.nobody_knows = 2": "boolean",
    "if law.nobody_knows > 1 then a else b": "number", "a in (1, law.nobody_knows)": "boolean", "max(a, law.nobody_knows)": "number",
    "sum([a, law.nobody_knows])": "number", "a between 1 and law.nobody_knows": "boolean", "count([law.nobody_knows])": "number",
    "-law.nobody_knows": "number", "law.nobody_knows.part": "number", "some x in [1, law.nobody_knows] satisfies x > a": "boolean",
    "law.nobody_knows[1]": "number", "for x in law.nobody_knows return x": None, "law.nobody_knows != 3": "boolean",
    # functions
    "(function(x, y) x * y)(a, 2)": "number", "(function(x: number) x)(a)": None, "foo(a)": None, "floor(a, b, n)": None, "nothing": None,
    "floor(n: a)": "number", "round half up(scale: 1, n: a)": "number", "floor()": None, "sort([a, b], function(x, y) x < y)[1]": None,
    # tests with `?`, conditions, lists
    "a in (? > b)": "boolean", "a in (? * 2)": "boolean", "a in (b)": "boolean", "a in ([b, 1])": "boolean", "k in (t, null)": "boolean",
    "a in (a > b)": "boolean", "p in (true)": "boolean", "p in (q)": "boolean", "null in (null)": "boolean", "a in (< null)": None,
    "a in ([1, law.nobody_knows])": "boolean", "a in (= b, != n)": "boolean", "1 in (1, 2)": "boolean", "9 in (1, 2)": "boolean", '1 in ("x")': None,
    "a in [null..b]": None, "n in (>= 1, <= law.nobody_knows)": "boolean", "a in (]1..n[)": "boolean", "p in (1)": None, "a in (p)": None,
    "a in [law.nobody_knows..5]": "boolean", "5 in [6..9]": "boolean", "d in (d.year > 2000)": None, "a in (null)": "boolean", "a in ([[1..5], 9])": None,
    "law.nobody_knows in (1, 2)": "boolean", "a in (p and q)": "boolean", "null in (p)": "boolean",
    # comparisons of other kinds
    "null < 1": "boolean", "1 = true": None, "1 < 2": "boolean", "p < q": None, "d = a": None, "k = a": None, "home = home": None, "[1] = [1]": "boolean",
    "d = null": "boolean", 'years and months duration(d, e) = @"P1Y"': "boolean", "law.since = d": "boolean", '1 = "x"': "boolean", "law > 1": None,
    "if a then 1 else 2": None, "if law.name then 1 else 2": "number", "p and a": None, "p and law.name": "boolean", "a between null and 1": "boolean",
    "1 between 2 and 3": "boolean", "a between law.nobody_knows and -99999999999": "boolean", '"a" != "b"': "boolean", '1 != "x"': "boolean",
    'if t + "!" = null then 1 else 2': None, "if p then [1, a] else [b]": None, "count(if p then [1, a] else [b])": "number", "not(law.nobody_knows)": "boolean",
    # dates and durations by condition, in lists
    '(if p then @"P1M" else @"P2M").months': "number", '(if p then @"P1D" else null).days': "number", "[d, e][n]": "date", "max([d, e, null])": "date",
    "(if q then d else null)": "date", '(@"P1D" * n).days': "number", '(n * @"P1M").months': "number", '@"P1D" * a': None, '@"P1M" / a': None,
    'min(@"P1M", years and months duration(d, e)).months': "number", '(@"P4D" + (d - e)).days': "number", '@"2024-01-01".weekday + n': "number",
    '@"24:00:99"': None, '@"P1D" - d': None, "-d": None, "-null": None, '-@"P1M"': None, "d.weekday = 1 or d.day < 15": "boolean", "date(n, 13, 1)": "date",
    'date("x") < d': "boolean", "date(a, 1, 1)": "date", "date(null)": "date", "date(k)": None, "date(d, e)": None, "day of year(d)": None,
    "years and months duration(null, d).months": "number", "abs(-3)": "number", "abs(null)": "number", "abs(k)": None, "modulo(5, 0)": "number", "floor(k)": None,
    # lists of rows
    "[a, b][item > 0]": None, "count([a, b][item > 0])": "number", "[a, b, n][item > 0][1]": "number", "[a, b][p][1]": "number", "null[1]": "number", "null[p]": None,
    "count([a][1.5])": "number", "[][n]": None, "[[1], [2, 3]][n][1]": "number", "[{x: 1}, {y: 2}][n].x": "number", "[1, 2][law.nobody_knows]": "number",
    "[a / 3, b][n]": "number", "[1, 2][a]": "number", "[1, 2][a / 3]": None, "a[1]": "number", "a[item > 1][1]": "number", "sum([])": "number", "sum(null)": "number",
    "sum(p, a)": None, "min(k, t)": None, "min([])": "number", "max([null, a])": "number", "sum([1, null, a])": "number", "sum(for x in [a / 3, b / 3] return x)": "number",
    "min([a, b][item > 0])": "number", "max([a / 3, b / 7, n])": "number", "every x in [] satisfies x": "boolean", "some x in [p, null] satisfies x": "boolean",
    "every x in [p, null, q] satisfies x": "boolean", "all([])": "boolean", "all(null)": "boolean", "any([p, null])": "boolean", "for x in null return x": None,
    "sum(for x in 3..1 return x * a)": "number", "sum(for x in (1..3) return x)": None, "count(for x in [1, 2], y in [x, a] return y)": "number",
    "sum(for x in [1.5..3] return x)": None, "some x in [1, 2], y in [a, b] satisfies x > y": "boolean", "[1, 2, 3][item > law.nobody_knows]": None,
    "count([a, 2][item > law.nobody_knows])": "number", "[a, b][item]": None, "sum([{v: a}, {v: b}].v)": "number", "[{v: a}, {v: b}][v > 1][1].v": "number",
    "[{v: 1}, {v: 2}][v > a][1].v": "number", "concatenate([a], [b])[n]": "number", "product([])": None, "product([a, b])": "number", "mean([])": "number",
    "list contains(null, 1)": "boolean", "list contains([1, law.nobody_knows], a)": "boolean", "list contains([a, b], null)": "boolean", "mean(law.nobody_knows, a)": "number",
    "odd(a / 3)": None, "round up(null, 0)": "number", "get value(a, t)": None, "get value(home, 3)": None, "get value(law.by_kind, null)": "number", "number(k)": None,
    'is(1, "x")': "boolean", "is(law.nobody_knows, a)": "boolean", "home instance of context": None, "null instance of number": "boolean", "a instance of Nothing": None,
    "law.nobody_knows instance of number": "boolean", "if law.is_capped and true then a else b": "number", "now().year": None, "{v: a}.w": None, "5.w": None,
    "append([1], a)[2]": "number", "append(a, b)[1]": "number", "sum([[1, 2], [3, 4]][n])": "number", "a ** 0": None, "2 ** 0.5 + n": None, "(a / 3) ** 2": None,
    "if p then home else null": None, "(if p then home else null).rent": "number", "(if p then {v: a} else {v: null}).v": "number", "-(a / 3)": "number",
    "sum": None, "count(null)": None, "1 + ": None,
}  # fmt: skip


def program_of(text: str) -> columnar.Program:
    model = model_of(INPUTS, {"x": text}, types=TYPES, result=EXPRESSIONS[text])
    return columnar.compile(model, "x", ranges=RANGES, constants={"law": LAW})


@pytest.mark.parametrize("text", list(EXPRESSIONS))
def test_expressions_agree(text: str) -> None:
    assert_agree(program_of(text), ROWS)


REFUSED = {
    "a ** b": "a power other than of a small whole number", "sqrt(a)": "the function `sqrt` is not compiled",
    "modulo(a / 3, 2)": "`modulo` of a fraction", 'k < "B"': "`<` of texts", 't + "!"': "a text that is put together is asked for",
    "round half up(a, n)": "a number of digits that is not known", "a = p": "", "home.nothing": "its type is not known", "sum": "the function 'sum' as a value",
    'd + @"PT1H"': "a constant of type days and time duration", "d + e": "`+` of a date and a date", "1 + ": "expected an expression",
    '(t + "!") = "x!"': "a comparison with a text", "(function(x: number) x)(a)": "a function with types",
}  # fmt: skip


@pytest.mark.parametrize("text", list(REFUSED))
def test_what_is_refused_says_why(text: str) -> None:
    program = program_of(text)
    if not REFUSED[text]:
        assert program.reasons == []
        return
    ((where, why),) = program.reasons
    assert where == "x"
    assert REFUSED[text] in why
    assert program.engines == ("rows",)
    with pytest.raises(columnar.EngineError, match="cannot run this program: x: "):
        answers(program, ROWS, "numpy")


def test_nothing_is_refused_but_what_is_said() -> None:
    refused = {text for text in EXPRESSIONS if program_of(text).reasons}
    known = {text for text, kind in EXPRESSIONS.items() if kind is None} | {'t + "!"', "string(a)"}
    known |= {"[{x: 1}, {y: 2}][n].x"}
    assert refused <= known
