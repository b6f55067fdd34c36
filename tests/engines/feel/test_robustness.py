"""Printing reads back; nothing but the engine's own errors leaves it; budgets hold."""

from __future__ import annotations

import itertools
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.engines.feel.evaluating import value
from tests.engines.feel.trees import NAMES, nodes

from commonweal.engines import feel
from commonweal.engines.feel.syntax import Node

# Hypothesis describes the recursive strategy of trees at length, and warns about the length.
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")

SCOPE = dict.fromkeys(NAMES, feel.ANY)
SMALL = feel.Limits(steps=5_000, depth=50, size=10_000, seconds=2)
WORDS = [
    "a", "b", "1", "2.5", '"s"', "true", "null", "+", "-", "*", "/", "**", "(", ")", "[", "]", "{", "}", ":", ",", ".", "..",
    "<", ">=", "=", "!=", "and", "or", "not", "in", "between", "instance of", "number", "if", "then", "else", "for", "return", "some", "every",
    "satisfies", "function", "external", "item", "partial", "?", "@", '@"P1D"', '@"2026-09-15"', "date", "time", "sum", "sort", "matches", "replace",
    "list replace", "string", "range", "date and time", "context put", "index of", "now()", "list<", "string join", "\n", "//", "/*", "x", "\\", "é",
]  # fmt: skip

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**40), 10**40), st.decimals(allow_nan=False, allow_infinity=False),
    st.text(max_size=8), st.dates(), st.datetimes(), st.times(), st.timedeltas(), st.just(feel.UNKNOWN),
    st.just(feel.Range(Decimal(1), None)), st.just(feel.Function("", ("x",), lambda values, evaluation: values[0])),
)  # fmt: skip
facts = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["k", "two words", "x"]), inner, max_size=3)),
    max_leaves=6,
)  # fmt: skip


@given(nodes)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_printed_tree_reads_back_as_itself(node: Node) -> None:
    text = feel.unparse(node)

    assert feel.parse(text, SCOPE) == node
    assert feel.unparse(feel.parse(text, SCOPE)) == text


@given(nodes, st.fixed_dictionaries(dict.fromkeys(NAMES, facts)))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_tree_over_any_facts_gives_a_value(node: Node, values: dict[str, object]) -> None:
    expression = feel.compile_expression(feel.unparse(node), feel.Scope(SCOPE))
    evaluation = feel.Evaluation(limits=SMALL)
    try:
        result = expression.evaluate(values, evaluation)
        again = feel.explain(expression, values, feel.Evaluation(limits=SMALL))
    except feel.FeelError:
        return
    assert feel.to_json(result) == again["value"]


@given(st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join), facts)
@settings(max_examples=400, deadline=None)
def test_any_words_give_a_value_or_a_syntax_error(text: str, fact: object) -> None:
    scope = feel.Scope({"a": feel.ANY, "b": feel.ListType(feel.NUMBER)})
    evaluation = feel.Evaluation(limits=SMALL)
    for compile_text in (feel.compile_expression, feel.compile_unary_tests):
        try:
            compiled = compile_text(text, scope)
            if isinstance(compiled, feel.Expression):
                compiled.evaluate({"a": fact}, evaluation)
            else:
                compiled.evaluate(fact, {"a": fact}, evaluation)
        except feel.FeelError:
            continue
        assert compiled.text == text


@given(st.text(max_size=40))
def test_any_text_gives_a_value_or_a_syntax_error(text: str) -> None:
    try:
        expression = feel.compile_expression(text)
    except feel.FeelSyntaxError as error:
        shown = str(error)
    else:
        shown = feel.value_text(expression.evaluate())
    assert isinstance(shown, str)


@pytest.mark.parametrize("name", sorted(feel.FUNCTIONS))
def test_functions_take_any_arguments(name: str) -> None:
    samples: list[object] = [
        None, True, 0, -1, Decimal("1.5"), Decimal("1E6000"), "", "P1D", "[", [], [1, "a", None], [[1], [2]], {"key": "k", "value": 1},
        [{"key": "k", "value": feel.UNKNOWN}], feel.Date(2026, 9, 15), feel.Date(999_999_999, 12, 31), feel.Time(10, 0, 0, 0, feel.UTC),
        feel.parse_date_time("2026-09-15T10:00:00"), feel.DaysDuration(5), feel.YearsMonthsDuration(10**13), feel.UNKNOWN,
        feel.Range(Decimal(1), Decimal(2)), feel.Range(None, "b"), feel.Function("", ("x", "y"), lambda values, evaluation: values[0]),
    ]  # fmt: skip
    counts = {len(signature.parameters) for signature in feel.FUNCTIONS[name].signatures}
    scope = feel.Scope(dict.fromkeys("pqr", feel.ANY))
    for count in sorted(counts & {0, 1, 2, 3}):
        expression = feel.compile_expression(f"{name}({', '.join('pqr'[:count])})", scope)
        for arguments in (
            itertools.product(samples, repeat=count)
            if count < 3
            else zip(samples, samples, samples, strict=True)
        ):
            evaluation = feel.Evaluation(limits=SMALL)
            try:
                result = expression.evaluate(dict(zip("pqr", arguments, strict=False)), evaluation)
            except feel.FeelLimitError:
                continue
            assert result is not None or evaluation.warnings or (name, arguments) == ("string", (None,))


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("for i in 1..2000, j in 1..2000 return 1", "steps"),
        ("for i in 1..1E20 return 1", "size"),
        ('for i in 1..1000 return matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "(a|a)*$")', "steps"),
        ("{x: for i in 1..30000 return i, r: for i in 1..9000 return sum(x)}.r", "steps"),
        ("{x: for i in 1..30000 return i, r: for i in 1..9000 return x = x}.r", "steps"),
        ("{x: for i in 1..30000 return i, r: for i in 1..9000 return x in x}.r", "steps"),
        ("{x: for i in 1..30000 return {a: i}, r: for i in 1..9000 return x.a}.r", "steps"),
        ("{x: for i in 1..30000 return i, r: for i in 1..9000 return x instance of list<number>}.r", "steps"),
        ("{f: function(g) g(g), r: f(f)}.r", "depth"),
        ('for i in 1..40 return if i = 1 then "aaaaaaaa" else partial[-1] + partial[-1]', "size"),
        ("string(for i in 1..40 return if i = 1 then 1 else [partial[-1], partial[-1]])", "size"),
        ("flatten(for i in 1..40 return if i = 1 then 1 else [partial[-1], partial[-1]])", "size"),
        ("for i in 1..40 return if i = 1 then [1] else concatenate(partial[-1], partial[-1])", "size"),
    ],
)
def test_budgets_end_what_would_not_end(text: str, budget: str) -> None:
    usual = feel.Limits()
    few = feel.Limits(steps=usual.steps // 10)  # what counts its steps ends as surely, and sooner
    with pytest.raises(feel.FeelLimitError) as caught:
        feel.compile_expression(text).evaluate(
            {}, feel.Evaluation(limits=few if budget == "steps" else usual)
        )
    assert caught.value.budget == budget


def test_without_a_word_the_usual_budgets_hold() -> None:
    with pytest.raises(feel.FeelLimitError) as caught:
        value("for i in 1..2000, j in 1..2000 return 1")
    assert caught.value.budget == "steps"


def test_time_is_a_budget() -> None:
    evaluation = feel.Evaluation(limits=feel.Limits(steps=10**9, seconds=0.01))
    with pytest.raises(feel.FeelLimitError, match="seconds"):
        feel.compile_expression("for i in 1..900, j in 1..900, k in 1..900 return 1").evaluate({}, evaluation)


def test_deep_calls_end_before_the_stack_does() -> None:
    evaluation = feel.Evaluation(limits=feel.Limits(depth=10**6))
    with pytest.raises(feel.FeelLimitError, match="nested"):
        feel.compile_expression("{f: function(g) g(g), r: f(f)}.r").evaluate({}, evaluation)


def test_deep_values_are_refused() -> None:
    deep: list[object] = []
    for _ in range(300):
        deep = [deep]
    with pytest.raises(feel.FeelError, match="nested"):
        feel.to_value(deep)
