"""Three truths and UNKNOWN: the laws of logic, and the facts that still matter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engines.feel.evaluating import codes, run, value

from commonweal.engines import feel

U = feel.UNKNOWN
truths = st.sampled_from([True, False, None, U])
pairs = st.tuples(truths, truths)


@given(truths, truths, truths)
def test_laws_of_ternary_logic(a: feel.Value, b: feel.Value, c: feel.Value) -> None:
    def both(text: str) -> feel.Value:
        return value(text, a=a, b=b, c=c)

    assert both("a and b") is both("b and a")
    assert both("a or b") is both("b or a")
    assert both("(a and b) and c") is both("a and b and c")
    assert both("(a or b) or c") is both("a or b or c")
    assert both("not(a and b)") is both("not(a) or not(b)")
    assert both("not(not(a))") is a
    assert both("a and true") is a
    assert both("a or false") is a
    assert both("a and false") is False
    assert both("a or true") is True
    assert both("all([a, b])") is both("a and b")
    assert both("any([a, b])") is both("a or b")
    assert both("every x in [a, b] satisfies x") is both("a and b")
    assert both("some x in [a, b] satisfies x") is both("a or b")


@given(st.booleans(), st.booleans())
def test_unknown_is_right_about_every_completion(a: bool, b: bool) -> None:
    """What is decided with a fact unknown stays so, whatever the fact turns out to be."""
    for text in ("a and x", "a or x", "if x then a else b", "not(a) or x and b", "a = x"):
        early = value(text, a=a, b=b, x=U)
        if early is not U:
            assert {value(text, a=a, b=b, x=x) for x in (True, False)} == {early}


def test_operand_that_is_no_boolean_counts_as_null() -> None:
    assert value("1 and true") is None
    assert value('"a" or true') is True
    assert codes("x and true", x=1) == ["operand-type"]
    assert codes("not(x)", x=1) == ["argument-type"]


@pytest.mark.parametrize(
    ("text", "names", "missing"),
    [
        ("a + b", {"a": U, "b": 1}, ["a"]),
        ("a + b * a", {"a": U, "b": U}, ["a", "b"]),
        ("h.income", {"h": {"income": U}}, ["h.income"]),
        ("h.income", {"h": U}, ["h.income"]),
        ("h.members[2].age", {"h": {"members": [{"age": 1}, {"age": U}]}}, ["h.members[2].age"]),
        ("h.members[-1].age", {"h": {"members": [{"age": 1}, {"age": U}]}}, ["h.members[2].age"]),
        ("xs[2]", {"xs": [1, U]}, ["xs[2]"]),
        ("sum(xs)", {"xs": [1, U]}, ["xs[2]"]),
        ("xs[age > 3]", {"xs": [{"age": 5}, {"age": U}]}, ["xs[2].age"]),
        ("some x in xs satisfies x.age > 9", {"xs": [{"age": 5}, {"age": U}]}, ["xs[2].age"]),
        ("for x in xs return x", {"xs": U}, ["xs"]),
        ("every x in xs satisfies x > 1", {"xs": U}, ["xs"]),
        ("for i in 1..n return i", {"n": U}, ["n"]),
        ("a between 1 and n", {"a": 2, "n": U}, ["n"]),
        ("a in [1..n]", {"a": 2, "n": U}, ["n"]),
        ("a in (1, < n)", {"a": 2, "n": U}, ["n"]),
        ("a in 3", {"a": U}, ["a"]),
        ("a instance of number", {"a": U}, ["a"]),
        ("-a", {"a": U}, ["a"]),
        ("a ** 2 / a - a", {"a": U}, ["a"]),
        ("upper case(a)", {"a": U}, ["a"]),
        ("f(1)", {"f": U}, ["f"]),
        ('get value(c, "k")', {"c": {"k": U}}, ["c.k"]),
        ("list contains(xs, 3)", {"xs": [U]}, []),
        ("index of(xs, 3)", {"xs": [U]}, []),
        ("distinct values(xs)", {"xs": [U]}, []),
        ("sort(xs, function(x, y) x < y)", {"xs": [2, U, 3]}, []),
        ("sort(xs)", {"xs": [2, U]}, ["xs[2]"]),
        ("max(xs)", {"xs": [2, U]}, []),
        ("append(a, 1)", {"a": U}, ["a"]),
        ("insert before(a, 1, 2)", {"a": U}, ["a"]),
        ("list replace(a, 1, 2)", {"a": U}, ["a"]),
        ("list replace(xs, function(x, y) x > 1, 2)", {"xs": [U]}, []),
        ("list contains(a, 1)", {"a": U}, ["a"]),
        ('context put(a, "k", 1)', {"a": U}, ["a"]),
        ("before(1, xs[1])", {"xs": [U]}, ["xs[1]"]),
        ("string join(xs)", {"xs": ["a", U]}, ["xs[2]"]),
        ("xs[a]", {"xs": [1], "a": U}, ["a"]),
        ("{k: a}.k + 1", {"a": U}, ["a"]),
    ],
)  # fmt: skip
def test_unknown_goes_through_and_is_noted(text: str, names: dict[str, object], missing: list[str]) -> None:
    result, evaluation = run(text, names)

    assert result is U
    assert [path for path in evaluation.missing if path in missing] == missing
    assert evaluation.warnings == []


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("false and a", {"a": U}, False),
        ("a > 1 or b", {"a": U, "b": True}, True),
        ("if a then 1 else 1", {"a": U}, 1),
        ("a between 5 and n", {"a": 2, "n": U}, False),
        ("a in (2, n)", {"a": 2, "n": U}, True),
        ("list contains([1, a], 1)", {"a": U}, True),
        ("some x in [a, 3] satisfies x > 2", {"a": U}, True),
        ("count([a, a])", {"a": U}, 2),
        ("any(a, true)", {"a": U}, True),
    ],
)  # fmt: skip
def test_known_results_forget_what_did_not_matter(
    text: str, names: dict[str, object], expected: feel.Value
) -> None:
    result, evaluation = run(text, names)

    assert result == expected
    if "count" not in text and "[" not in text:
        assert evaluation.missing == []


def test_unknown_has_no_truth_of_its_own() -> None:
    with pytest.raises(TypeError, match="neither"):
        bool(U)
    assert repr(U) == "UNKNOWN"
    assert type(U)() is U


def test_other_conditions_than_booleans_choose_the_alternative() -> None:
    assert value("if null then 1 else 2") == 2
    assert value("if x then 1 else 2", x=1) == 2
    assert codes("if x then 1 else 2", x=1) == ["operand-type"]
    assert value("if a then 1 else 2", a=U) is U


@pytest.mark.parametrize(
    ("tests", "tested", "expected"),
    [("-", None, True), ("< 5", 4, True), ("< 5", None, None), ("< 5", U, U), ("[1..3)", 3, False), ("[1..3)", "a", None),
     ("(1..3]", 3, True), ('[@"2026-01-01"..@"2026-02-01"]', feel.Date(2026, 1, 5), True), ("1, 2", 2, True),
     ("1, > n", 6, True), ("not(1, 2)", 2, False), ("not(1, 2)", 3, True), ("not(< 5)", None, None), ("null", None, True),
     ("? > n", 6, True), ("? > n", 4, False), ("? + 1", 6, False), ("n", 5, True), ("n > 4", 1, True), ("n > 4", None, False),
     ("true", True, True), ("false", True, False), ('"a","b"', "b", True), ('"a"', 1, None), ("[1, 2]", 2, True),
     ("!= 3", 4, True), ("= 3", 3, True), ('!= "a"', 3, None), (">= 3", 3, True), ("<= 3", 4, False), ("> 3", "x", None),
     ("? in [1, 2]", 2, True), ("even(?)", 4, True), ("> n", U, U), ("1, < n", U, U)],
)  # fmt: skip
def test_unary_tests(tests: str, tested: object, expected: feel.Value) -> None:
    scope = feel.Scope({"n": feel.NUMBER})
    compiled = feel.compile_unary_tests(tests, scope)

    assert compiled.evaluate(tested, {"n": 5}) is expected
    assert compiled.is_any is (tests == "-")
    assert repr(compiled) == f"<UnaryTests {tests!r}>"
    assert compiled.names <= {"n"}


def test_unary_tests_report_wrong_types() -> None:
    compiled = feel.compile_unary_tests('"a", [1..2]', feel.Scope(), feel.NUMBER)

    assert [problem.message for problem in compiled.problems] == ["a number is tested against a string"]
    assert compiled.input_type == feel.NUMBER


def test_null_equals_only_null_in_tests() -> None:
    assert value("x in (1, null)", x=None) is True
    assert value("x in (1, 2)", x=None) is False
    assert value("5 in (? > 3)") is True
