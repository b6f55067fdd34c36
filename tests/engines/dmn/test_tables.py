from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engines.dmn.numeric_tables import VALUES, Drawn, drawn_tables, plain, tables_with_values

from commonweal.engines import dmn
from commonweal.engines.dmn import model as m
from commonweal.engines.feel.unknown import UNKNOWN


@settings(max_examples=250, deadline=None)
@given(tables_with_values())
def test_a_table_decides_as_the_naive_evaluator(pair: tuple[Drawn, dict[str, object]]) -> None:
    drawn, values = pair
    compiled = drawn.compiled()

    assert plain(compiled.decide("outcome", values).value) == drawn.naive(values)
    traced = compiled.decide("outcome", values, trace=True)
    assert plain(traced.value) == drawn.naive(values)
    assert traced.trace is not None
    note = traced.trace.tables()[0]
    assert note.hits == drawn.hits(values)
    assert {rule for rule, _, _ in note.misses} == set(range(len(drawn.cells))) - set(note.hits)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_an_outcome_known_with_missing_facts_holds_for_every_completion(data: st.DataObject) -> None:
    drawn = data.draw(drawn_tables())
    values = {name: data.draw(VALUES[kind]) for name, kind in zip(drawn.names, drawn.kinds, strict=True)}
    hidden = data.draw(st.sets(st.sampled_from(drawn.names)))
    shown = {name: value for name, value in values.items() if name not in hidden}

    result = drawn.compiled().decide("outcome", shown, unknown=True)

    if result.is_known:
        assert plain(result.value) == drawn.naive(values)
        assert result.missing == ()
    else:
        assert set(result.missing) <= hidden
        assert result.missing


def table(text: str) -> dmn.CompiledModel:
    return dmn.compile(dmn.model_of(dmn.from_markdown(text), "outcome"))


SEVERAL = """
| {} | input | output | output |
|---|---|---|---|
| name | age | fee | word |
| type | number | number | string |
| values | | 30, 20, 10 | "b", "a" |
| 1 | > 1 | 10 | "a" |
| 2 | > 2 | 20 | "a" |
| 3 | > 2 | 20 | "b" |
"""


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("P", {"fee": 20, "word": "b"}),
        ("F", {"fee": 10, "word": "a"}),
        ("O", [{"fee": 20, "word": "b"}, {"fee": 20, "word": "a"}, {"fee": 10, "word": "a"}]),
        ("R", [{"fee": 10, "word": "a"}, {"fee": 20, "word": "a"}, {"fee": 20, "word": "b"}]),
        ("C#", 3),
        ("U", None),
        ("A", None),
    ],
)
def test_several_outputs_make_a_context(policy: str, expected: object) -> None:
    assert dmn.to_json(table(SEVERAL.format(policy)).decide("outcome", {"age": 9}).value) == expected


def test_defaults_fill_in_when_no_rule_hits() -> None:
    text = "U,input,output\nname,age,fee\ntype,number,number\ndefault,,7\n1,> 10,1\n"
    compiled = dmn.compile(dmn.model_of(dmn.from_csv(text), "outcome"))

    assert compiled.decide("outcome", {"age": 3}).value == Decimal(7)
    assert compiled.decide("outcome", {}, unknown=True).value is UNKNOWN


def test_values_outside_of_those_declared_become_null_with_a_warning() -> None:
    text = 'F,input,output\nname,kind,fee\ntype,string,number\nvalues,"""a"", ""b""","1, 2"\n1,"""a""",1\n2,-,3\n'
    compiled = dmn.compile(dmn.model_of(dmn.from_csv(text), "outcome"))

    assert compiled.decide("outcome", {"kind": "a"}).value == Decimal(1)
    bad_output = compiled.decide("outcome", {"kind": "b"})
    assert (bad_output.value, [w.code for w in bad_output.warnings]) == (None, ["output-values"])
    bad_input = compiled.decide("outcome", {"kind": "c"})
    assert [w.code for w in bad_input.warnings] == ["input-values", "output-values"]


@pytest.mark.parametrize(
    ("policy", "output", "expected"),
    [
        ("C+", '"a"', None),
        ("C<", "null", None),
        ("C>", 'date("2026-01-01"), x', dmn.text_of(None)),
        ("C+", 'duration("P1D")', "P1D"),
        ("C>", '"b"', '"b"'),
    ],
)
def test_collecting_what_cannot_be_collected_gives_null(
    policy: str, output: str, expected: str | None
) -> None:
    boxed = m.DecisionTable(
        hit_policy="COLLECT",
        aggregation={"C+": "SUM", "C<": "MIN", "C>": "MAX"}[policy],
        inputs=(m.InputClause(expression=m.Literal(text="age", type_ref="number")),),
        outputs=(m.OutputClause(name="out"),),
        rules=(m.Rule(tests=(m.UnaryTests(text="-"),), outputs=(m.Literal(text=output),)),),
    )
    result = dmn.compile(dmn.model_of(boxed, "outcome")).decide("outcome", {"age": 1})

    assert dmn.text_of(result.value) == (expected or "null")
    assert (result.value is None) == bool(result.warnings)


def test_a_maximum_is_known_when_no_missing_fact_can_raise_it() -> None:
    compiled = table("""
| C> | input | input | output |
|----|-------|-------|--------|
| name | a | b | out |
| type | number | number | number |
| 1 | > 1 | - | 10 |
| 2 | - | > 1 | 5 |
""")

    assert compiled.decide("outcome", {"a": 2}, unknown=True).value == Decimal(10)
    assert compiled.decide("outcome", {"b": 2}, unknown=True).value is UNKNOWN


def test_a_cell_that_is_not_feel_is_a_problem_and_spares_the_other_rules() -> None:
    compiled = dmn.compile(
        dmn.model_of(dmn.from_csv("F,input,output\nname,a,o\ntype,number,\n1,1 +,1\n2,2,2\n"), "d")
    )

    assert [p.kind for p in compiled.problems] == ["syntax"]
    assert compiled.decide("d", {"a": 2}).value == Decimal(2)
    with pytest.raises(dmn.ModelError, match="syntax"):
        dmn.checked(compiled)
