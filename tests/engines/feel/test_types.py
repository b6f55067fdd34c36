"""Types, conversions, external functions, Python values and explanations."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from tests.engines.feel.evaluating import codes, shown, value

from commonweal.engines import feel
from commonweal.engines.feel.types import base_of, join

POSITIVE = feel.ConstrainedType("tPositive", feel.NUMBER, lambda number: number > 0)
PERSON = feel.ContextType.of({"name": feel.STRING, "age": feel.NUMBER})
PUPIL = feel.ContextType.of({"name": feel.STRING, "age": feel.NUMBER, "school": feel.STRING})
N = Decimal


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (feel.NUMBER, feel.ANY, True), (feel.NUMBER, feel.STRING, False), (feel.NOTHING, feel.STRING, True), (PUPIL, PERSON, True), (PERSON, PUPIL, False),
        (feel.ListType(PUPIL), feel.ListType(PERSON), True), (feel.ListType(feel.NUMBER), feel.NUMBER, False), (POSITIVE, feel.NUMBER, True),
        (feel.NUMBER, POSITIVE, True), (feel.RangeType(feel.NUMBER), feel.RangeType(feel.ANY), True), (feel.RangeType(feel.NUMBER), feel.NUMBER, False),
        (feel.FunctionType((PERSON,), PUPIL), feel.FunctionType((PUPIL,), PERSON), True), (feel.FunctionType((PUPIL,), PERSON), feel.FunctionType((PERSON,), PERSON), False),
        (feel.FunctionType((), PERSON), feel.FunctionType((PERSON,), PERSON), False), (PERSON, feel.NUMBER, False), (feel.ListType(POSITIVE), feel.ListType(feel.NUMBER), True),
    ],
)  # fmt: skip
def test_conformance(one: feel.Type, other: feel.Type, expected: bool) -> None:
    assert one.conforms_to(other) is expected


@pytest.mark.parametrize(
    ("value_", "type_", "expected"),
    [
        (N(1), feel.NUMBER, N(1)), (N(1), feel.STRING, None), (True, feel.NUMBER, None), (N(1), feel.ListType(feel.NUMBER), [N(1)]), ([N(1)], feel.NUMBER, N(1)),
        ([[N(1)]], feel.NUMBER, None), ([N(1), N(2)], feel.NUMBER, None), ([N(1), "a"], feel.ListType(feel.NUMBER), None), (N(1), POSITIVE, N(1)), (N(-1), POSITIVE, None),
        ([N(1)], POSITIVE, N(1)), ([N(-1)], POSITIVE, None), (N(1), feel.ListType(POSITIVE), [N(1)]), (None, feel.NUMBER, None), (feel.UNKNOWN, feel.NUMBER, feel.UNKNOWN),
        ({"name": "a", "age": N(1), "x": N(2)}, PERSON, {"name": "a", "age": N(1), "x": N(2)}), ({"name": "a"}, PERSON, None), ({"name": "a", "age": "b"}, PERSON, None),
        ({"name": "a", "age": [N(1)]}, PERSON, {"name": "a", "age": N(1)}), ({"name": None, "age": feel.UNKNOWN}, PERSON, {"name": None, "age": feel.UNKNOWN}), ("a", PERSON, None),
        (feel.Range(N(1), N(2)), feel.RangeType(feel.STRING), None), ([feel.Date(2026, 1, 1)], feel.ListType(feel.DATE_TIME), [feel.DateTime.from_date(feel.Date(2026, 1, 1))]),
    ],
)  # fmt: skip
def test_silent_conversions(value_: feel.Value, type_: feel.Type, expected: feel.Value) -> None:
    assert feel.coerce(value_, type_) == expected
    assert feel.coerces(value_, type_) is (value_ is None or expected is not None)


def test_functions_convert_when_they_take_as_many_values() -> None:
    function = feel.Function("", ("x",), lambda values, evaluation: None)

    assert feel.coerce(function, feel.FunctionType((feel.NUMBER,), feel.NUMBER)) is function
    assert feel.coerce(function, feel.FunctionType((), feel.NUMBER)) is None
    assert str(feel.type_of(function)) == "function<Any> -> Any"
    assert not feel.FunctionType((), feel.ANY).contains(N(1))


def test_types_of_values_and_joins() -> None:
    assert str(feel.type_of([])) == "list<Any>"
    assert str(feel.type_of(feel.Range(N(1), None))) == "range<number>"
    assert feel.type_of(feel.UNKNOWN) == feel.ANY
    assert join(PERSON, PUPIL) == PERSON
    assert (
        str(
            join(
                feel.ContextType.of({"a": feel.NUMBER}),
                feel.ContextType.of({"a": feel.STRING, "b": feel.DATE}),
            )
        )
        == "context<a: Any>"
    )
    assert str(join(feel.ListType(feel.NUMBER), feel.ListType(feel.STRING))) == "list<Any>"
    assert join(POSITIVE, feel.NUMBER) == feel.NUMBER
    assert base_of(feel.ConstrainedType("t", POSITIVE)) == feel.NUMBER
    assert POSITIVE.contains(N(1))
    assert not POSITIVE.contains(N(0))
    assert not feel.NUMBER.contains(feel.UNKNOWN)


@pytest.mark.parametrize(
    ("signature", "arguments", "expected"),
    [
        ("java.lang.Math:cos(double)", "0", "1"), ("java.lang.Math:max( int , int )", "1, 2", "2"), ("java.lang.Math:max(int,int)", "1.5, 2", "null"),
        ("java.lang.Math:pow(double,double)", "2, 10", "1024"), ("java.lang.Math:sqrt(double)", "-1", "null"), ("java.lang.Math:exp(double)", "1E6", "null"),
        ("java.lang.Math:round(double)", "2.5", "3"), ("java.lang.Math:cos(double)", '"a"', "null"), ("java.lang.String:valueOf(double)", "1.50", "1.5"),
        ("java.lang.String:valueOf(boolean)", "true", "true"), ("java.lang.String:valueOf(java.lang.Object)", "null", "null"), ("java.lang.String:valueOf(char)", '"ab"', "null"),
        ("java.lang.String:valueOf(char)", '"a"', "a"), ("java.lang.Integer:valueOf(java.lang.String)", '"12"', "12"), ("java.lang.Integer:parseInt(java.lang.String)", '"x"', "null"),
        ("java.lang.Double:valueOf(java.lang.String)", '"1.5"', "1.5"), ("java.lang.Double:valueOf(java.lang.String)", "1", "null"), ("java.lang.Runtime:exec(java.lang.String)", '"ls"', "null"),
        ("java.lang.String:format(java.lang.String, [Ljava.lang.Object;)", '"%s %d %.2f %f%%%n", ["a", 2, 1/3, 1]', "a 2 0.33 1.000000%\n"),
        ("java.lang.String:format(java.lang.String, [Ljava.lang.Object;)", '"%s", []', "null"), ("java.lang.Math:cos(double)", "x", "unknown"),
    ],
)  # fmt: skip
def test_external_functions_of_the_allow_list(signature: str, arguments: str, expected: str) -> None:
    class_name, _, method = signature.partition(":")
    parameters = ", ".join("pq"[: arguments.count(", ") + 1 if "[" not in arguments else 2])
    text = f'{{f: function({parameters}) external {{java: {{class: "{class_name}", method signature: "{method}"}}}}, r: f({arguments})}}.r'
    result = value(text, x=feel.UNKNOWN)

    assert ("unknown" if result is feel.UNKNOWN else feel.value_text(result)) == expected


def test_external_functions_need_a_java_mapping() -> None:
    assert codes("function() external {pmml: {}}") == ["external"]
    assert codes("function() external {java: {class: 1}}") == ["external"]
    evaluation = feel.Evaluation(externals={"a.b()": lambda: N(7)})
    text = '(function() external {java: {class: "a", method signature: "b()"}})()'
    assert feel.compile_expression(text).evaluate({}, evaluation) == 7


def test_python_values_become_feel_values() -> None:
    zoned = dt.datetime(2026, 9, 15, 8, 0, tzinfo=ZoneInfo("America/Los_Angeles"))
    python = {
        "a": 1, "b": 0.1, "c": (1, 2), "d": zoned, "e": dt.date(2026, 9, 15), "f": dt.time(8, 30, tzinfo=dt.UTC), "g": dt.timedelta(hours=25),
        "h": dt.datetime(2026, 9, 15, tzinfo=dt.timezone(dt.timedelta(hours=2))), "i": dt.datetime(2026, 9, 15, tzinfo=ZoneInfo("UTC")), 3: None,
        "j": dt.time(8, tzinfo=ZoneInfo("Europe/Paris")),
    }  # fmt: skip

    assert feel.value_text(feel.to_value(python)) == (
        "{a: 1, b: 0.1, c: [1, 2], d: 2026-09-15T08:00:00@America/Los_Angeles, e: 2026-09-15, f: 08:30:00Z, g: P1DT1H, "
        "h: 2026-09-15T00:00:00+02:00, i: 2026-09-15T00:00:00Z, 3: null, j: 08:00:00@Europe/Paris}"
    )


@pytest.mark.parametrize(
    "value_", [float("nan"), float("inf"), Decimal("NaN"), Decimal("1E7000"), object(), b"x"]
)
def test_python_values_without_a_place_are_refused(value_: object) -> None:
    with pytest.raises(feel.FeelError):
        feel.to_value(value_)


def test_values_become_json() -> None:
    values = [
        N("1E3"),
        N("0.10"),
        N(2) ** 60,
        None,
        True,
        "a",
        {"k": feel.UNKNOWN},
        feel.DaysDuration(0),
        feel.Range(N(1), None, False, False),
    ]

    assert json.loads(json.dumps(feel.to_json(values))) == [
        1000,
        "0.1",
        "1152921504606846976",
        None,
        True,
        "a",
        {"k": {"unknown": True}},
        "PT0S",
        "(1..)",
    ]


def test_explanation_holds_every_part_and_what_would_flip_it() -> None:
    scope = feel.Scope({"Monthly income": feel.NUMBER, "limit": feel.NUMBER})
    expression = feel.compile_expression("Monthly income <= limit and true", scope)

    assert feel.explain(expression, {"Monthly income": 1850, "limit": 2265}) == {
        "version": feel.EXPLANATION_VERSION,
        "kind": "and",
        "text": "Monthly income <= limit and true",
        "value": True,
        "parts": [
            {
                "kind": "comparison",
                "text": "Monthly income <= limit",
                "value": True,
                "operator": "<=",
                "flips_at": [
                    {"operand": "Monthly income", "now": 1850, "bound": 2265, "from": "> 2265"},
                    {"operand": "limit", "now": 2265, "bound": 1850, "from": "< 1850"},
                ],
                "parts": [
                    {"kind": "name", "text": "Monthly income", "value": 1850},
                    {"kind": "name", "text": "limit", "value": 2265},
                ],
            },
            {"kind": "constant", "text": "true", "value": True},
        ],
    }


def test_explanation_of_a_loop_shows_some_rounds() -> None:
    tree = feel.explain(feel.compile_expression("for i in 1..9 return i * 2 - 1 + 0"), {})
    body = tree["parts"][-1]

    assert tree["value"] == [1, 3, 5, 7, 9, 11, 13, 15, 17]
    assert (body["count"], body["values"]) == (9, [1, 3, 5, 7, 9])
    assert [part["text"] for part in body["parts"]] == ["i * 2 - 1", "0"]


@pytest.mark.parametrize("operator", ["<", "<=", ">", ">=", "=", "!="])
def test_boundary_turns_every_comparison_around(operator: str) -> None:
    for number in (1, 2, 3):
        expression = feel.compile_expression(f"n {operator} 2", feel.Scope({"n": feel.NUMBER}))
        (flip,) = feel.explain(expression, {"n": number})["flips_at"]
        crossed = feel.compile_expression(f"n {flip['from']}", feel.Scope({"n": feel.NUMBER}))
        for other in (0, 1, 2, 3, 4):
            assert (crossed.evaluate({"n": other}) is True) is (
                expression.evaluate({"n": other}) is not expression.evaluate({"n": number})
            )


def test_tracing_keeps_the_outer_records() -> None:
    expression = feel.compile_expression("a + 1", feel.Scope({"a": feel.NUMBER}))
    evaluation = feel.Evaluation()
    frame = expression.scope.frame({"a": N(1)})

    assert expression.run_traced(frame, evaluation) == 2
    assert len(evaluation.records or []) == 3
    assert shown("1") == "1"


def test_the_result_of_a_function_is_known_from_its_body() -> None:
    assert value("(function(x: number) x * 2) instance of function<number>->number") is True
    assert value("(function(x: number) string(x)) instance of function<number>->number") is False
    assert value("(function(x: number): string x) instance of function<number>->string") is True
