from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from commonweal.engines import dmn
from commonweal.engines.dmn.facts import fill_unknown, text_of, to_json, value_of
from commonweal.engines.dmn.paths import type_at, with_fact
from commonweal.engines.feel import Evaluation, Scope, compile_expression
from commonweal.engines.feel.types import ANY, DATE, NUMBER, ContextType, ListType
from commonweal.engines.feel.unknown import UNKNOWN


def feel(text: str) -> object:
    scope = Scope({})
    expression = compile_expression(text, scope)
    return expression.run(scope.frame(), Evaluation())


@pytest.mark.parametrize(
    ("fact", "text"),
    [
        (dt.date(2026, 9, 15), "2026-09-15"),
        (dt.datetime(2026, 9, 15, 8, 30, tzinfo=dt.UTC), "2026-09-15T08:30:00Z"),
        (dt.time(8, 30), "08:30:00"),
        (dt.timedelta(days=3), "P3D"),
        (2.5, "2.5"),
        ({"a": [1, None, True, "x"]}, '{a: [1, null, true, "x"]}'),
        (UNKNOWN, "unknown"),
    ],
)
def test_python_values_become_feel_values(fact: object, text: str) -> None:
    assert text_of(value_of(fact)) == text
    assert value_of(value_of(fact)) == value_of(fact)


@pytest.mark.parametrize(
    ("text", "shown", "data"),
    [
        ("[1..5)", "[1..5)", "[1..5)"),
        ("function(a) a", "function (a)", "function (a)"),
        ("1/3", "0.3333333333333333333333333333333333", "0.3333333333333333333333333333333333"),
        ("0.25", "0.25", 0.25),
        ('{a: [@"2026-01-01"]}', "{a: [2026-01-01]}", {"a": ["2026-01-01"]}),
    ],
)
def test_feel_values_become_text_and_json(text: str, shown: str, data: object) -> None:
    value = feel(text)

    assert text_of(value) == shown
    assert to_json(value) == data


def test_unknown_is_marked_in_json_and_fills_what_a_type_names() -> None:
    type_ = ListType(ContextType((("a", NUMBER), ("b", ContextType((("c", DATE),))))))

    filled = fill_unknown([{"a": Decimal(1)}], type_)

    assert filled == [{"a": Decimal(1), "b": {"c": UNKNOWN}}]
    assert to_json(filled) == [{"a": 1, "b": {"c": {"@unknown": True}}}]


def test_texts_in_lists_and_contexts_are_read_by_their_types() -> None:
    type_ = ListType(ContextType((("on", DATE),)))

    assert to_json(value_of({"on": "2026-01-02"}, type_)) == {"on": "2026-01-02"}
    assert value_of("7", ListType(NUMBER)) == Decimal(7)
    with pytest.raises(dmn.FactError, match=r"items\[2\].on: 'soon' is not a date"):
        value_of([{"on": "2026-01-02"}, {"on": "soon"}], type_, "items")


def test_paths_lead_into_lists_and_contexts() -> None:
    types = {"household": ContextType((("members", ListType(ContextType((("age", NUMBER),)))),))}
    facts = {"household": {"members": [{"age": 1}]}}

    changed = with_fact(facts, "household.members[2].age", 5, types)

    assert changed == {"household": {"members": [{"age": 1}, {"age": 5}]}}
    assert facts == {"household": {"members": [{"age": 1}]}}
    assert type_at("household.members[2].age", types) == NUMBER
    assert type_at("household.members.age", types) == NUMBER
    assert type_at("household.name.first", types) == ANY
    assert type_at("nobody", types) == ANY


LITERAL = """<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="l" namespace="urn:l">
  <inputData id="i" name="income"><variable name="income" typeRef="number"/></inputData>
  <inputData id="k" name="kind"><variable name="kind" typeRef="string"/></inputData>
  <inputData id="p" name="pets"><variable name="pets"/></inputData>
  <decision id="d" name="d">
    <informationRequirement><requiredInput href="#i"/></informationRequirement>
    <informationRequirement><requiredInput href="#k"/></informationRequirement>
    <informationRequirement><requiredInput href="#p"/></informationRequirement>
    <literalExpression><text>{}</text></literalExpression></decision></definitions>"""


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("income between 5 and 9 and kind = &quot;a&quot;", "kind"),
        ("income in [5..9] and kind in (&quot;a&quot;, &quot;b&quot;)", None),
        ("if kind = &quot;a&quot; then 1 else income", "kind"),
        ("pets &gt; income", None),
    ],
)
def test_missing_facts_of_formulas_are_weighed_by_trying(text: str, first: str | None) -> None:
    look = dmn.outlook(dmn.compile(dmn.read(LITERAL.format(text).encode())), "d", {})

    assert not look.is_known
    assert first is None or look.needs[0].path == first


def test_a_boxed_condition_that_is_unknown_is_settled_when_both_ways_agree() -> None:
    def model(otherwise: str) -> dmn.CompiledModel:
        def slot(tag: str, text: str) -> str:
            return f"<{tag}><literalExpression><text>{text}</text></literalExpression></{tag}>"

        box = f"<conditional>{slot('if', 'income &gt; 3')}{slot('then', '1')}{slot('else', otherwise)}</conditional>"
        whole = "<literalExpression><text>{}</text></literalExpression>"
        return dmn.compile(dmn.read(LITERAL.replace(whole, box).encode()))

    assert model("1").decide("d", {}, unknown=True).value == Decimal(1)
    assert model("2").decide("d", {}, unknown=True).missing == ("income",)


@pytest.mark.parametrize(
    ("kind", "cells", "example"),
    [
        ("number", ["[1..5]", "in_range", "> 9"], None),
        ("number", ["(1..5)", "? in (1, [5..7])", "? between 8 and 9 or ? > 9"], 0),
        ("number", ["[[1..5], 7]", "not(? < 3)"], 0),
        ("days and time duration", ['< duration("P1D")', '> duration("P1D")'], "P1D"),
        ("years and months duration", ['< @"P1Y"', '> @"P1Y"'], "P1Y"),
        ("time", ['< @"10:00:00"', '> @"10:00:00"'], "10:00:00"),
        ("date and time", ['< @"2026-01-01T00:00:00"', '> @"2026-01-01T00:00:00"'], "2026-01-01T00:00:00"),
        ("boolean", ["true"], False),
    ],
)
def test_gaps_are_found_in_every_kind_of_value(kind: str, cells: list[str], example: object) -> None:
    rules = "".join(f"{i};{cell};{i}\n" for i, cell in enumerate(cells))
    table = dmn.from_csv(
        f"A;input;output\nname;v;o\ntype;{kind};number\n{rules}".replace('"', '""')
        .replace(";", '";"')
        .replace("\n", '"\n"')
        .removesuffix('"')
        .join(['"', ""])
    )
    compiled = dmn.compile(dmn.model_of(table, "d"))
    gaps = [p for p in dmn.check(compiled) if p.kind == "gap"]

    if example is not None:
        assert dict(gaps[0].example) == {"v": example}
        (compiled_table,) = [t for tables in compiled.tables.values() for t in tables]
        assert compiled_table.hits([value_of(example, compiled.inputs["v"])]) == []
