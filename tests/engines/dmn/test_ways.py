"""What stands in the way of an outcome: of rules, of comparisons, with values that pass, nearest first."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from tests.engines.dmn.numeric_tables import plain

from commonweal.engines import dmn
from commonweal.engines.dmn.paths import split, with_fact
from commonweal.engines.dmn.samples import MAX_SAMPLES, samples
from commonweal.engines.dmn.unknown import outlook
from commonweal.engines.dmn.why_not import Obstacle, Way

NAMESPACE = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def number(value: int) -> Decimal:
    return Decimal(value)


def formula(text: str, **types: str) -> dmn.CompiledModel:
    """A model whose decision `d` is one expression over facts of these types."""
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    facts = "".join(
        f'<inputData id="{n}" name="{n}"><variable name="{n}" typeRef="{t}"/></inputData>'
        for n, t in types.items()
    )
    needs = "".join(
        f'<informationRequirement><requiredInput href="#{n}"/></informationRequirement>' for n in types
    )
    expression = (
        text if text.startswith("&lt;") else f"<literalExpression><text>{text}</text></literalExpression>"
    )
    whole = f'<definitions xmlns="{NAMESPACE}" name="l" namespace="urn:l">{facts}<decision id="d" name="d">{needs}{expression}</decision></definitions>'
    return dmn.compile(dmn.read(whole.encode()))


def table(text: str) -> dmn.CompiledModel:
    return dmn.compile(dmn.model_of(dmn.from_markdown(text), "d"))


FEES = table("""
| F | input | input | output | note |
|---|---|---|---|---|
| name | age | kind | fee | why |
| type | number | string | number | |
| values | [0..120] | | | |
| 1 | < 18 | - | 0 | young |
| 2 | >= 18 | "a", "b" | 10 | grown |
| 3 | - | "b" | 20 | |
| 4 | - | - | 0 | all |
""")


def test_the_ways_of_a_table_say_what_fails_and_what_would_pass() -> None:
    facts = {"age": 30, "kind": "c"}

    assert dmn.why_not(FEES, "d", facts, 10) == (
        Way(2, (Obstacle("kind", '"a", "b"', "c", 2, ("a", "b")),), (), ("grown",)),
    )
    assert dmn.why_not(FEES, "d", facts, 20) == (
        Way(3, (Obstacle("kind", '"b"', "c", 2, ("b",)),), (), ("",)),
    )
    young = dmn.why_not(FEES, "d", {"age": 30, "kind": "a"}, 0)
    assert young == (
        Way(4, (), (2,), ("all",)),
        Way(1, (Obstacle("age", "< 18", number(30), 1, (number(17),)),), (), ("young",)),
    )
    assert dmn.why_not(FEES, "d", facts, 99) == ()


def test_a_rule_that_is_beaten_names_those_that_win() -> None:
    (way,) = dmn.why_not(FEES, "d", {"age": 30, "kind": "b"}, 20)

    assert (way.rule, way.obstacles, way.beaten_by) == (3, (), (2, 4))


def test_an_obstacle_is_a_sentence() -> None:
    obstacle = Obstacle("age", "< 18", number(30), 1)

    assert str(obstacle) == "age is 30, which is not < 18"
    assert obstacle.candidates == ()


def test_changes_are_tried_before_they_are_told() -> None:
    assert [
        change.as_data() for change in dmn.what_would_change(FEES, "d", {"age": 30, "kind": "c"}, 10)
    ] == [{"facts": {"kind": "a"}, "rule": 2}]
    # Rule 3 wants "b", but then rule 2 wins: no change of `kind` alone leads to 20.
    assert dmn.what_would_change(FEES, "d", {"age": 30, "kind": "c"}, 20) == ()
    (change,) = dmn.what_would_change(FEES, "d", {"age": 30, "kind": "a"}, 0)
    assert (dict(change.facts), change.way.rule) == ({"age": number(17)}, 1)


def test_nearest_values_come_first() -> None:
    model = table("""
| U | input | output |
|---|---|---|
| name | age | fee |
| type | number | number |
| 1 | < 5 | 1 |
| 2 | [5..10] | 2 |
| 3 | > 10 | 1 |
""")

    def near(age: int) -> list[tuple[int, list[object]]]:
        ways = dmn.why_not(model, "d", {"age": age}, 1)
        return [(way.rule, [plain(value) for value in way.obstacles[0].candidates]) for way in ways]

    assert near(9) == [(1, [4]), (3, [11])]
    (way,) = dmn.why_not(model, "d", {"age": 40}, 2)
    assert [plain(value) for value in way.obstacles[0].candidates] == [10, 6, 5]
    (way,) = dmn.why_not(model, "d", {"age": 1}, 2)
    assert [plain(value) for value in way.obstacles[0].candidates] == [5, 6, 10]
    (way,) = dmn.why_not(model, "d", {"age": None}, 2)
    assert [plain(value) for value in way.obstacles[0].candidates] == [5, 6, 10]


@pytest.mark.parametrize(
    ("text", "wanted", "ways"),
    [
        ("income < 20", True, [[("income", "income < 20", 25, [19])]]),
        ("20 > income", True, [[("income", "20 > income", 25, [19])]]),
        ("income < 30", False, [[("income", "not(income < 30)", 25, [30, 31])]]),
        ("income > adults + 30", True, [[("income", "income > adults + 30", 25, [34])]]),
        ("income + 1 > 40", True, []),
        ("income between 30 and 40", True, [[("income", "income between 30 and 40", 25, [30, 31, 40])]]),
        ("income in [30..40]", True, [[("income", "income in [30..40]", 25, [30, 31, 40])]]),
        ("income in (30, > 50)", True, [[("income", "income in (30, > 50)", 25, [30, 51])]]),
        ("income in (adults, 1)", True, []),
        ('kind = "a"', True, [[("kind", 'kind = "a"', "c", ["a"])]]),
        ('kind != "c"', True, [[("kind", 'kind != "c"', "c", ["any other text"])]]),
        ("member", True, [[("member", "true", False, [True])]]),
        ("not(member)", False, [[("member", "true", False, [True])]]),
        (
            "income < 20 and member",
            True,
            [[("income", "income < 20", 25, [19]), ("member", "true", False, [True])]],
        ),
        (
            "income < 20 or member",
            True,
            [[("income", "income < 20", 25, [19])], [("member", "true", False, [True])]],
        ),
        ("income > 20 and adults > 1", False, [[("income", "not(income > 20)", 25, [20, 19])], [("adults", "not(adults > 1)", 3, [1, 0])]]),
        ("if member then 1 else 2", 1, [[("member", "true", False, [True])]]),
        ('if income < 20 then "low" else if member then "mid" else "high"', "mid", [[("member", "true", False, [True])]]),
        ('if income < 20 then "low" else if member then "mid" else "high"', "low", [[("income", "income < 20", 25, [19])]]),
        ("1", 2, []),
        ("income < 50", True, [[]]),
    ],
)  # fmt: skip
def test_the_ways_of_a_formula_name_its_comparisons(text: str, wanted: Any, ways: list[Any]) -> None:
    model = formula(text, income="number", adults="number", kind="string", member="boolean")
    facts = {"income": 25, "adults": 3, "kind": "c", "member": False}

    found = dmn.why_not(model, "d", facts, wanted)

    assert [
        [(o.subject, o.test, plain(o.value), [plain(value) for value in o.candidates]) for o in way.obstacles]
        for way in found
    ] == ways
    assert {(way.rule, way.beaten_by, way.notes) for way in found} <= {(0, (), ())}
    assert {obstacle.column for way in found for obstacle in way.obstacles} <= {0}


def test_the_day_counts_for_ways_and_changes() -> None:
    model = formula("due < today()", due="date")
    facts = {"due": dt.date(2026, 9, 20)}
    day = dt.date(2026, 9, 15)
    choose = formula('if due < today() then "late" else "in time"', due="date")

    assert dmn.why_not(choose, "d", facts, "in time", now=day) == (Way(0, ()),)
    (way,) = dmn.why_not(choose, "d", facts, "in time", now=dt.date(2026, 9, 21))
    assert [str(obstacle) for obstacle in way.obstacles] == [
        "due is 2026-09-20, which is not not(due < today())"
    ]
    (change,) = dmn.what_would_change(model, "d", facts, True, now=day)
    assert {path: str(value) for path, value in change.facts.items()} == {"due": "2026-09-14"}


def test_the_day_counts_for_the_ways_of_a_table() -> None:
    model = table("""
| F | input | input | output |
|---|---|---|---|
| name | due | kind | fee |
| type | date | string | number |
| 1 | < today() | "a" | 5 |
| 2 | - | - | today().year |
""")
    facts = {"due": dt.date(2026, 9, 14), "kind": "b"}
    day = dt.date(2026, 9, 15)

    (way,) = dmn.why_not(model, "d", facts, 5, now=day)
    assert [(o.subject, o.candidates) for o in way.obstacles] == [("kind", ("a",))]
    (way,) = dmn.why_not(model, "d", facts, 5, now=dt.date(2026, 9, 14))
    assert [o.subject for o in way.obstacles] == ["due", "kind"]
    assert [way.rule for way in dmn.why_not(model, "d", facts, 2026, now=day)] == [2]


def test_a_decision_without_a_table_or_a_text_has_no_ways() -> None:
    body = "<list><literalExpression><text>1</text></literalExpression></list>"
    whole = f'<definitions xmlns="{NAMESPACE}" name="l" namespace="urn:l"><decision name="d">{body}</decision><decision name="e"/><decision name="f"><literalExpression/></decision></definitions>'
    model = dmn.compile(dmn.read(whole.encode()))

    assert [dmn.why_not(model, name, {}, 2) for name in "def"] == [(), (), ()]


# ---- paths and samples -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "fact", "steps"),
    [
        ("age", "age", []),
        ("who.age", "who", ["age"]),
        ("who[2].age", "who", [2, "age"]),
        ("who.name.first", "who.name", ["first"]),
        ("whole.age", "whole.age", []),
        ("who . age", "who . age", []),
        ("who.pays[10][3]", "who", ["pays", 10, 3]),
    ],
)
def test_the_longest_name_begins_a_path(path: str, fact: str, steps: list[str | int]) -> None:
    assert split(path, {"age": 1, "who": 1, "who.name": 1}) == (fact, steps)


def test_a_fact_is_put_at_its_path() -> None:
    names = {"who": None, "age": None}

    assert with_fact({"age": 1}, "age", 2, names) == {"age": 2}
    assert with_fact({}, "who.name.first", "A", names) == {"who": {"name": {"first": "A"}}}
    assert with_fact({"who": {"a": 1}}, "who.b", 2, names) == {"who": {"a": 1, "b": 2}}
    assert with_fact({"who": [1, 2, 3]}, "who[2]", 9, names) == {"who": [1, 9, 3]}
    assert with_fact({}, "who[1].age", 9, names) == {"who": [{"age": 9}]}


def test_samples_are_one_for_each_way_of_looking() -> None:
    model = formula('income > 10 and (income<20 or kind="a")', income="number", kind="string")

    assert [plain(value) for value in samples(model, "income")] == [9, 10, 11, 20, 21]
    assert samples(model, "kind") == ["a", "any other text"]
    assert samples(model, "nobody") == []


def test_samples_are_spread_over_many_values() -> None:
    text = " or ".join(f"income = {number}" for number in range(0, 100, 2))
    found = samples(formula(text, income="number"), "income")

    # Fifty points, the whole numbers between them, and one on either side: 101 values, each ninth.
    assert [plain(value) for value in found] == list(range(-1, 100, 9))
    assert len(found) == MAX_SAMPLES


def test_an_outlook_keeps_its_result() -> None:
    model = formula("income > 10", income="number")

    settled = outlook(model, "d", {"income": 11})
    open_ = outlook(model, "d", {})

    assert (settled.is_known, settled.value, settled.needs, settled.result.value) == (True, True, (), True)
    assert (open_.is_known, [need.path for need in open_.needs], open_.result.missing) == (
        False,
        ["income"],
        ("income",),
    )
