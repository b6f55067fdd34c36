from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engines.dmn.numeric_tables import VALUES, drawn_tables, plain

from commonweal.engines import dmn
from commonweal.engines.dmn.trace import Words
from commonweal.engines.feel.unknown import UNKNOWN

EXAMPLES = Path(__file__).parents[3] / "examples" / "dmn"


def example(name: str) -> dmn.CompiledModel:
    return dmn.compile(dmn.read(EXAMPLES / name / "model.dmn"))


LATE = {"days late": 10, "borrower": "adult", "item": "book"}


def test_a_trace_is_versioned_data() -> None:
    trace = example("library-late-fee").decide("Daily rate", LATE, trace=True).trace
    assert trace is not None

    data = json.loads(json.dumps(trace.as_data()))

    assert data["version"] == 1
    assert data["facts"] == {"borrower": "adult", "item": "book"}
    (decision,) = data["decisions"]
    assert (decision["kind"], decision["name"], decision["value"]) == ("decision", "Daily rate", 10)
    assert [c["name"] for c in decision["citations"]] == ["Library Code § 4.2", "Library Code § 4.3"]
    (table,) = decision["tables"]
    assert table["hits"] == [
        {"rule": 2, "tests": ['"adult"', '"book"'], "results": ["10"], "notes": ["§ 4.2 a"]}
    ]
    assert table["misses"][0] == {
        "rule": 1,
        "column": 1,
        "input": "borrower",
        "test": '"child", "carer"',
        "value": "adult",
        "outcome": False,
    }
    assert [miss["column"] for miss in table["misses"]] == [1, 2, 2]


def test_a_trace_is_text_with_the_law() -> None:
    trace = example("library-late-fee").decide("Late fee", LATE, trace=True).trace
    assert trace is not None

    lines = trace.as_text().splitlines()

    assert lines[0] == (
        "Late fee is 70 because Daily rate is 10 and Cap is 1000 and days late is 10, Library Code § 4.2."
    )
    assert (
        'Daily rate is 10 because borrower is "adult" ("adult") and item is "book" ("book"): rule 2'
        in lines[2]
    )
    assert [c.name for c in trace.citations("Cap")] == ["Library Code § 4.2"]
    assert trace.as_text(Words(because="{name} = {value}", plain="{name} = {value}")).startswith(
        "Late fee = 70"
    )


def test_calls_entries_and_warnings_are_in_the_trace() -> None:
    facts = {
        "things": [{"kind": "garden", "litres": 10}],
        "needs help": False,
        "collection date": "2026-09-15",
    }
    model = example("bulky-waste-fee")
    trace = model.decide("Fee", facts, trace=True).trace
    assert trace is not None

    first = trace.as_data()["decisions"][0]
    assert first["entries"] == [{"name": "prices", "value": [800]}]
    assert [(c["kind"], c["name"], c["value"]) for c in first["calls"]] == [
        ("knowledge model", "Price of a thing", 800)
    ]
    assert [c["name"] for c in first["citations"]] == ["Waste By-law § 12", "Waste Act, article 9"]
    wrong = model.decide("Fee", {"things": 3}, trace=True)
    assert wrong.trace is not None
    assert "Note: " in wrong.trace.as_text()
    called = model.invoke("Quote", facts, trace=True)
    assert called.trace is not None
    (service,) = called.trace.as_data()["decisions"]
    assert [call["name"] for call in service["calls"]] == ["Price of all", "Surcharges", "Fee"]
    assert called.trace.as_text().startswith("Quote is 800.\nPrice of all is 800")


def test_no_rule_is_explained_by_what_each_rule_missed() -> None:
    table = dmn.from_csv("U,input,output\nname,age,fee\ntype,number,number\n1,> 18,3\n")
    trace = dmn.compile(dmn.model_of(table, "fee")).decide("fee", {"age": 3}, trace=True).trace
    assert trace is not None

    assert trace.as_text().splitlines() == [
        "fee is null because no rule hits.",
        "Rule 1 does not hit: age is 3, which is not > 18.",
    ]


# ---- unknown -----------------------------------------------------------------------------


def test_what_is_settled_is_known_although_facts_are_missing() -> None:
    look = dmn.outlook(
        example("library-late-fee"), "Late fee", {"borrower": "child", "days late": 9, "item": "book"}
    )

    assert (look.is_known, look.value, look.needs) == (True, Decimal(0), ())


def test_the_fact_that_decides_most_is_asked_first() -> None:
    look = dmn.outlook(example("small-grant"), "Decision", {"applied on": "2026-09-15"})

    assert not look.is_known
    assert look.needs[0].path in {"applicant", "project.is public"}
    assert {need.path for need in look.needs} == {
        "applicant",
        "project.is public",
        "project.starts on",
        "project.volunteers",
    }
    business = dmn.outlook(example("small-grant"), "Decision", {"applicant": "business"})
    assert (business.is_known, business.value) == (True, "refused")


def test_a_missing_fact_is_followed_through_the_decisions_between() -> None:
    result = example("library-late-fee").decide("Late fee", {"days late": 9, "item": "book"}, unknown=True)

    assert (result.value, result.missing) == (UNKNOWN, ("borrower",))


# ---- why not -----------------------------------------------------------------------------


def test_why_not_names_what_stands_in_the_way_of_each_rule() -> None:
    ways = dmn.why_not(example("library-late-fee"), "Daily rate", LATE, 0)

    assert [(way.rule, [str(o) for o in way.obstacles]) for way in ways] == [
        (1, ['borrower is "adult", which is not "child", "carer"'])
    ]
    assert dmn.why_not(example("library-late-fee"), "Daily rate", LATE, 12345) == ()


def test_what_would_change_is_verified_by_deciding_again() -> None:
    model = example("small-grant")
    facts = {
        "applicant": "school",
        "applied on": "2026-10-10",
        "project": {"cost": 10, "starts on": "2026-10-15", "is public": True, "volunteers": 9},
    }

    changes = dmn.what_would_change(model, "Decision", facts, "granted")

    assert model.decide("Decision", facts).value == "refused"
    assert [dict(change.facts) for change in changes] == []
    ways = dmn.why_not(model, "Decision", facts, "granted")
    assert [(way.rule, way.beaten_by) for way in ways] == [(4, (3,))]


def test_what_would_change_in_a_table() -> None:
    changes = dmn.what_would_change(example("library-late-fee"), "Daily rate", LATE, 50)

    assert [change.as_data() for change in changes] == [{"facts": {"item": "film"}, "rule": 3}]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_every_change_reported_leads_to_the_outcome(data: st.DataObject) -> None:
    drawn = data.draw(drawn_tables([("FIRST", None), ("UNIQUE", None), ("PRIORITY", None)]))
    values = {name: data.draw(VALUES[kind]) for name, kind in zip(drawn.names, drawn.kinds, strict=True)}
    wanted = data.draw(st.sampled_from(drawn.outputs))

    for change in dmn.what_would_change(drawn.compiled(), "outcome", values, wanted):
        changed = {**values, **{path: plain(value) for path, value in change.facts.items()}}
        assert (
            drawn.naive({k: float(v) if isinstance(v, Decimal) else v for k, v in changed.items()}) == wanted
        )


def literal(text: str, **types: str) -> dmn.CompiledModel:
    facts = "".join(
        f'<inputData id="{n}" name="{n}"><variable name="{n}" typeRef="{t}"/></inputData>'
        for n, t in types.items()
    )
    needs = "".join(
        f'<informationRequirement><requiredInput href="#{n}"/></informationRequirement>' for n in types
    )
    text = text.replace("<", "&lt;")
    return dmn.compile(
        dmn.read(
            f'<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="l" namespace="urn:l">{facts}'
            f'<decision id="d" name="d">{needs}<literalExpression><text>{text}</text></literalExpression></decision>'
            "</definitions>".encode()
        )
    )


@pytest.mark.parametrize(
    ("text", "facts", "wanted", "expected"),
    [
        ("income < 2000 and adults > 0", {"income": 2500, "adults": 1}, True, [{"income": 1999}]),
        (
            "income < 2000 or adults > 2",
            {"income": 2500, "adults": 1},
            True,
            [{"income": 1999}, {"adults": 3}],
        ),
        ("not(income < 2000)", {"income": 100, "adults": 0}, True, [{"income": 2000}]),
        ("income between 10 and 20", {"income": 5, "adults": 0}, True, [{"income": 10}]),
        ("income in [10..20]", {"income": 5, "adults": 0}, True, [{"income": 10}]),
        ('if income > 10 then "rich" else "poor"', {"income": 5, "adults": 0}, "rich", [{"income": 11}]),
        ("income > adults", {"income": 5, "adults": 7}, True, [{"income": 8}]),
        ("income * 2 > 10", {"income": 1, "adults": 7}, True, []),
    ],
)
def test_comparisons_are_flipped_too(text: str, facts: dict, wanted: object, expected: list) -> None:
    changes = dmn.what_would_change(literal(text, income="number", adults="number"), "d", facts, wanted)

    assert [{k: plain(v) for k, v in change.facts.items()} for change in changes] == expected
