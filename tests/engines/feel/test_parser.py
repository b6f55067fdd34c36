"""Reading expressions: names, precedence, positions, messages."""

from __future__ import annotations

import pytest
from tests.engines.feel.evaluating import problems, shown, value

from commonweal.engines import feel
from commonweal.engines.feel.syntax import Binary, ComparisonTest, Name, Path, UnaryTestsNode, walk

BLANKS = {
    "Monthly income": feel.NUMBER,
    "profit and loss": feel.NUMBER,
    "a-b": feel.NUMBER,
    "a": feel.NUMBER,
    "b": feel.NUMBER,
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Monthly   income * 2", "Monthly income * 2"),
        ("profit and loss and true", "profit and loss and true"),
        ("a-b", "a-b"),
        ("a - b", "a - b"),
        ("a -b", "a - b"),
        ("1 + 2 * 3 ** 2", "1 + 2 * 3 ** 2"),
        ("(1 + 2) * 3", "(1 + 2) * 3"),
        ("1 - (2 - 3)", "1 - (2 - 3)"),
        ("-(a + b)", "-(a + b)"),
        ("--a", "--a"),
        ("a < b and not(a = 1) or b >= 2", "a < b and not(a = 1) or b >= 2"),
        ("a between 1 and 2 and true", "a between 1 and 2 and true"),
        ("a in (1, <2, [3..4), ]5..6[)", "a in (1, < 2, [3..4), (5..6))"),
        ("a in (1 + 2) * 3", "a in (1 + 2) * 3"),
        ("a in >= 3", "a in (>= 3)"),
        ("x[item > 1][2].y.z w", "x[item > 1][2].y.z w"),
        ("for x in 1..3, y in [x, 2] return x * y", "for x in 1..3, y in [x, 2] return x * y"),
        ("some x in [1] satisfies x = 1", "some x in [1] satisfies x = 1"),
        ('if a > 1 then "y" else null', 'if a > 1 then "y" else null'),
        ("function(p: number, q) : string external {java: {}}", "function(p: number, q): string external {java: {}}"),
        ("f(start position: 1, b: 2)", "f(start position: 1, b: 2)"),
        ('{a b: 1, "c+d": 2, "if": 3}', '{a b: 1, "c+d": 2, "if": 3}'),
        ("a instance of list<range<number>>", "a instance of list<range<number>>"),
        ("a instance of context<x: number, y: date and time>", "a instance of context<x: number, y: date and time>"),
        ("a instance of function<number, string> -> days and time duration",
         "a instance of function<number, string> -> days and time duration"),
        ('@"P1D"', '@"P1D"'),
        ("(>= 5)", "(>= 5)"),
        ("(< 5)", "(< 5)"),
        ("(=5)", "[5..5]"),
        ("[]", "[]"),
        (".5 + 1e3", "0.5 + 1E+3"),
        ("date and time(a)", "date and time(a)"),
        ("a /* x */ + // y\n b", "a + b"),
    ],
)  # fmt: skip
def test_expression_reads_back_as_printed(text: str, expected: str) -> None:
    node = feel.parse(text, BLANKS)

    assert feel.unparse(node) == expected
    assert feel.parse(expected, BLANKS) == node


@pytest.mark.parametrize(
    ("text", "expected"),
    [("-", "-"), ("", "-"), ("< 5, > 10", "< 5, > 10"), ("not(1, 2)", "not(1, 2)"), ('"a"', '"a"'),
     ("not(a) or b", "not(a) or b"), ("? > b", "? > b"), ("!= 3", "!= 3")],
)  # fmt: skip
def test_unary_tests_read_back_as_printed(text: str, expected: str) -> None:
    node = feel.parse_unary_tests(text, feel.Scope(BLANKS))

    assert feel.unparse(node) == expected
    assert feel.parse_unary_tests(expected, feel.Scope(BLANKS)) == node


def test_negated_tests_differ_from_a_call_of_not() -> None:
    assert feel.parse_unary_tests("not(< 5)", feel.Scope()) == UnaryTestsNode(
        (ComparisonTest("<", feel.parse("5")),), is_negated=True
    )


def test_node_knows_where_it_stands() -> None:
    node = feel.parse("1 +\n  foo")

    assert isinstance(node, Binary)
    assert (node.right.start, node.right.end) == (6, 9)
    assert [type(part).__name__ for part in walk(node)] == ["Binary", "NumberLiteral", "Name"]


@pytest.mark.parametrize(
    ("text", "line", "column", "part"),
    [
        ("1 +", 1, 4, "found the end"),
        ("1 +\n )", 2, 2, "found `)`"),
        ('"abc', 1, 1, "not closed"),
        ("a /* b", 1, 3, "comment"),
        ("a & b", 1, 3, "write `and`"),
        ("a ; b", 1, 3, "write `,`"),
        ("if a then b", 1, 12, "else"),
        ("for x in a", 1, 11, "return"),
        ("some x in a return b", 1, 13, "satisfies"),
        ("a.1", 1, 2, "unexpected"),
        ("a.[", 1, 3, "expected a name"),
        ("{a}", 1, 3, "name: value"),
        ("{1: 2}", 1, 2, "expected a name"),
        ("f(a", 1, 4, "expected `)`"),
        ("[1..2", 1, 6, "end of the range"),
        ("]1, 2[", 1, 3, "expected `..`"),
        ("[!= 5]", 1, 2, "not(…)"),
        ("@5", 1, 2, "expected a string"),
        ("a between 1", 1, 12, "two ends"),
        ("a instance of 5", 1, 15, "expected a type"),
        ("function(a, a) a", 1, 13, "twice"),
        ("then", 1, 1, "expected an expression"),
        ("1e9999", 1, 1, "out of range"),
        ("1 2", 1, 3, "unexpected `2`"),
    ],
)
def test_wrong_text_names_place_and_reason(text: str, line: int, column: int, part: str) -> None:
    with pytest.raises(feel.FeelSyntaxError) as caught:
        feel.compile_expression(text, feel.Scope({"a": feel.ANY, "b": feel.ANY}))

    assert (caught.value.line, caught.value.column) == (line, column)
    assert part in str(caught.value)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("a" + " = 1" * 260, "in a row"),
        ("1" + " + 1" * 300, "use a list"),
        ("-" * 150 + "1", "in a row"),
        ("a" + "[1]" * 300, "in a row"),
        ("[" * 150, "nested"),
        ("(" * 150, "nested"),
        ("a instance of " + "list<" * 120, "nested"),
    ],
)
def test_nesting_and_chains_are_bounded(text: str, part: str) -> None:
    with pytest.raises(feel.FeelSyntaxError, match=part):
        feel.compile_expression(text)


def test_text_too_long_is_refused() -> None:
    with pytest.raises(feel.FeelSyntaxError, match="too long"):
        feel.parse(" " * 1_000_001)


def test_longest_name_wins_inside_of_types() -> None:
    person = feel.ContextType.of({"first name": feel.STRING, "age-group": feel.NUMBER})
    scope = {"people": feel.ListType(person), "group": feel.NUMBER, "age": feel.NUMBER}

    node = feel.parse("people[age-group > 1].age-group", scope)

    assert isinstance(node, Path)
    assert node.name == "age-group"
    assert Name("age-group") in list(walk(node))


def test_entries_of_literal_contexts_are_names_after_a_dot() -> None:
    assert shown("{a+b: 1, c: {d-e: 2}}.c.d-e") == "2"
    assert shown("[{a+b: 1}].a+b") == "[1]"
    assert shown("{x: [{p q: 1}], y: for i in x return i.p q}.y") == "[1]"
    assert shown("{f: function(n: number) {r s: n}, y: f(3).r s}.y") == "3"


def test_name_of_scope_hides_keyword_and_built_in() -> None:
    assert value("for sale + 1", **{"for sale": 2}) == 3
    assert value("date + 1", date=2) == 3
    assert shown('date("2026-09-15").year', date=2) == "2026"


def test_unknown_name_is_null_with_a_hint() -> None:
    expression = feel.compile_expression("Montly income + 1", feel.Scope(BLANKS))

    assert expression.problems[0].code == "unknown-name"
    assert expression.problems[0].hint == "did you mean `Monthly income`?"
    assert expression.evaluate({}) is None


@pytest.mark.parametrize(
    ("literal", "expected"),
    [(r'"a\n\t\r\"\'\\"', "a\n\t\r\"'\\"), (r'"\u00e9"', "é"), (r'"\uD83D\uDC0E"', "🐎"), (r'"\U01F40E"', "🐎"),
     (r'"\d"', "\\d"), (r'"\U110000"', "\\U110000"), ('"two\nlines"', "two\nlines")],
)  # fmt: skip
def test_string_escapes(literal: str, expected: str) -> None:
    assert value(literal) == expected


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ('1 + "a"', {}, ["operand-type"]),
        ("-x", {"x": feel.STRING}, ["operand-type"]),
        ('n = "a"', {"n": feel.NUMBER}, ["operand-type"]),
        ('n < "a"', {"n": feel.NUMBER}, ["operand-type"]),
        ('n between 1 and "a"', {"n": feel.NUMBER}, ["operand-type"]),
        ('n in ("a", 1)', {"n": feel.NUMBER}, ["operand-type"]),
        ("if n then 1 else 2", {"n": feel.NUMBER}, ["operand-type"]),
        ("n and true", {"n": feel.NUMBER}, ["operand-type"]),
        ("some x in [1] satisfies x", {}, ["operand-type"]),
        ("substring(n, 1)", {"n": feel.NUMBER}, ["argument-type"]),
        ("substring()", {}, ["argument-count"]),
        ("substring(text: 1)", {}, ["argument-count"]),
        ('@"nonsense"', {}, ["literal"]),
        ("n instance of tFoo", {"n": feel.NUMBER}, ["unknown-type"]),
        ("function(a: tFoo.bar) a", {}, ["unknown-type"]),
        ("{a: 1, a: 2}", {}, ["repeated-entry"]),
        ("d < e", {"d": feel.DATE, "e": feel.DATE_TIME}, []),
        ("n + 1 > 2 and n between 1 and 3", {"n": feel.NUMBER}, []),
    ],
)  # fmt: skip
def test_static_problems(text: str, names: dict[str, feel.Type], expected: list[str]) -> None:
    assert problems(text, names) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2", "number"), ('"a" + "b"', "string"), ("1 < 2", "boolean"), ('@"P1D" * 2', "days and time duration"),
        ("[1, 2]", "list<number>"), ('[1, "a"]', "list<Any>"), ("{a: 1}", "context<a: number>"),
        ("{a: 1}.a", "number"), ("[{a: 1}].a", "list<number>"), ("[1, 2][1]", "number"), ("[1][item > 1]", "list<number>"),
        ('for i in [1] return "a"', "list<string>"), ("if true then 1 else 2", "number"),
        ('date("2026-09-15").year', "number"), ('time("10:00:00").time offset', "days and time duration"),
        ("[1..2].start", "number"), ("[1..2].end included", "boolean"), ("function(a: number) a > 1", "function<number> -> boolean"),
        ("count([1])", "number"), ("null", "Null"), ('@"2026-09-15" - @"2026-09-14"', "days and time duration"),
        ("x", "Any"), ("-1", "number"), ('"a" instance of string', "boolean"),
    ],
)  # fmt: skip
def test_inferred_types(text: str, expected: str) -> None:
    assert str(feel.compile_expression(text).type) == expected


def test_names_read_are_known() -> None:
    expression = feel.compile_expression(
        "for a in xs return a + b", feel.Scope({"xs": feel.ANY, "b": feel.NUMBER, "c": feel.ANY})
    )

    assert expression.names == {"xs", "b"}
    assert repr(expression) == "<Expression 'for a in xs return a + b'>"
