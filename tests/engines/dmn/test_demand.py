"""What may still matter: small models, tried out with every value of every fact."""

from __future__ import annotations

from itertools import product
from xml.sax.saxutils import escape

from hypothesis import given, settings
from hypothesis import strategies as st

from commonweal.engines import dmn
from commonweal.engines.dmn.compiled import CompiledModel
from commonweal.engines.feel import UNKNOWN

FACTS = {"a": [True, False], "b": [True, False], "n": [0, 2, 5], "x": [True, False], "y": [1, 4]}
PLACES = {"a": ("a",), "b": ("b",), "n": ("n",), "x": ("c", "x"), "y": ("c", "y")}
HEAD = """<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="small" namespace="urn:small">
<itemDefinition name="C"><itemComponent name="x"><typeRef>boolean</typeRef></itemComponent>
<itemComponent name="y"><typeRef>number</typeRef></itemComponent></itemDefinition>
<inputData id="a" name="a"><variable name="a" typeRef="boolean"/></inputData>
<inputData id="b" name="b"><variable name="b" typeRef="boolean"/></inputData>
<inputData id="n" name="n"><variable name="n" typeRef="number"/></inputData>
<inputData id="c" name="c"><variable name="c" typeRef="C"/></inputData>
"""
INPUTS = "".join(
    f'<informationRequirement><requiredInput href="#{key}"/></informationRequirement>' for key in "abnc"
)


def _decision(name: str, kind: str, body: str, needs: str) -> str:
    return (
        f'<decision id="{name}" name="{name}"><variable name="{name}" typeRef="{kind}"/>{INPUTS}'
        + "".join(
            f'<informationRequirement><requiredDecision href="#{need}"/></informationRequirement>'
            for need in needs
        )
        + f"{body}</decision>"
    )


def _literal(text: str) -> str:
    return f"<literalExpression><text>{escape(text)}</text></literalExpression>"


def _table(cells: list[tuple[str, str, str]]) -> str:
    rules = "".join(
        f"<rule><inputEntry><text>{escape(one)}</text></inputEntry><inputEntry><text>{escape(other)}</text></inputEntry>"
        f"<outputEntry><text>{escape(out)}</text></outputEntry></rule>"
        for one, other, out in [*cells, ("-", "-", "0")]
    )
    return (
        '<decisionTable hitPolicy="FIRST"><input><inputExpression><text>P</text></inputExpression></input>'
        "<input><inputExpression><text>Q</text></inputExpression></input>"
        f"<output/>{rules}</decisionTable>"
    )


def _context(texts: dict[str, str]) -> str:
    entries = "".join(
        f'<contextEntry><variable name="{key}"/>{_literal(text)}</contextEntry>'
        for key, text in texts.items()
    )
    return f"<context>{entries}</context>"


def _booleans(names: list[str], numbers: list[str]) -> st.SearchStrategy[str]:
    leaf = st.sampled_from(
        [*names, *(f"{number} > 2" for number in numbers), *(f"{number} = 4" for number in numbers)]
    )
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.builds("({} and {})".format, inner, inner),
            st.builds("({} or {})".format, inner, inner),
            st.builds("not({})".format, inner),
            st.builds("(if {} then {} else {})".format, inner, inner, inner),
            st.builds("(some z in [1, {}] satisfies (z > 3 and {}))".format, st.sampled_from(numbers), inner),
        ),
        max_leaves=4,
    )


def _numbers(conditions: st.SearchStrategy[str], numbers: list[str]) -> st.SearchStrategy[str]:
    leaf = st.sampled_from([*numbers, "1", "3"])
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.builds("({} + {})".format, inner, inner),
            st.builds("max({}, {})".format, inner, inner),
            st.builds("(if {} then {} else {})".format, conditions, inner, inner),
            st.builds("sum(for z in [{}, {}] return z * 2)".format, inner, inner),
        ),
        max_leaves=4,
    )


@st.composite
def models(draw: st.DrawFn) -> CompiledModel:
    facts = _booleans(["a", "b", "c.x"], ["n", "c.y"])
    p = _decision("P", "boolean", _literal(draw(facts)), "")
    q = _decision("Q", "number", _literal(draw(_numbers(facts, ["n", "c.y"]))), "P")
    cell = st.tuples(
        st.sampled_from(["-", "true", "false", "a"]),
        st.sampled_from(["-", "> 3", "< n", "4"]),
        st.sampled_from(["1", "Q", "c.y"]),
    )
    r = _decision("R", "number", _table(draw(st.lists(cell, min_size=1, max_size=3))), "PQ")
    entries = {
        "one": draw(_booleans(["P", "a"], ["Q", "R"])),
        "two": draw(_numbers(_booleans(["P", "b", "one"], ["R"]), ["Q", "n"])),
    }
    d = _decision("D", "Any", _context(entries), "PQR")
    return dmn.compile(dmn.read(f"{HEAD}{p}{q}{r}{d}</definitions>".encode()))


def _given(values: dict[str, object]) -> dict[str, object]:
    inner = {key: values.get(key, UNKNOWN) for key in "xy"}
    return {key: values[key] for key in "abn" if key in values} | {"c": inner}


@settings(max_examples=40, deadline=None)
@given(model=models(), data=st.data())
def test_what_is_not_demanded_changes_nothing(model: CompiledModel, data: st.DataObject) -> None:
    known = {
        key: data.draw(st.sampled_from(values)) for key, values in FACTS.items() if data.draw(st.booleans())
    }
    entry = data.draw(st.sampled_from(["one", "two"]))
    look = dmn.look(model, "D", _given(known))
    demand = look.demand([(entry,)])
    free = [key for key in FACTS if key not in known and not any(PLACES[key][: len(p)] == p for p in demand)]
    rest = [key for key in FACTS if key not in known and key not in free]
    for others in product(*(FACTS[key] for key in rest)):
        outcomes = {
            str(
                _entry(
                    model,
                    known | dict(zip(rest, others, strict=True)) | dict(zip(free, values, strict=True)),
                    entry,
                )
            )
            for values in product(*(FACTS[key] for key in free))
        }
        assert len(outcomes) == 1


def _entry(model: CompiledModel, facts: dict[str, object], entry: str) -> object:
    value = model.decide("D", _given(facts), unknown=True).value
    assert isinstance(value, dict)
    return value[entry]


def test_the_demand_stops_where_a_value_is_known() -> None:
    p = _decision("P", "boolean", _literal("a or c.x"), "")
    q = _decision("Q", "number", _literal("if P then n else c.y"), "P")
    d = _decision("D", "Any", _context({"one": "P", "two": "one and b", "three": "Q"}), "PQ")
    model = dmn.compile(dmn.read(f"{HEAD}{p}{q}{d}</definitions>".encode()))
    nothing = dmn.look(model, "D", {})
    assert nothing.demand([("one",)]) == {("a",), ("c", "x")}
    assert nothing.demand([("two",)]) == {("a",), ("b",), ("c", "x")}
    half = dmn.look(model, "D", {"a": True})
    assert half.demand([("one",)]) == frozenset()
    assert half.demand([("two",)]) == {("b",)}
    assert half.demand([("three",)]) == {("n",), ("c", "y")}
    assert half.demand([()]) == {("b",), ("n",), ("c", "y")}


@given(model=models(), data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_fact_that_was_read_once_decides_as_one_that_is_read_each_time(
    model: CompiledModel, data: st.DataObject
) -> None:
    values = {name: data.draw(st.sampled_from([*FACTS[name], UNKNOWN])) for name in FACTS}
    facts = _given(values)
    read = {name: model.read_once(name, fact) for name, fact in facts.items()}
    decision = model.decisions[-1]

    expected = model.decide(decision, facts, unknown=True)
    found = model.decide(decision, read, unknown=True)

    assert (found.value, found.missing, found.warnings) == (
        expected.value,
        expected.missing,
        expected.warnings,
    )


def test_a_fact_that_does_not_fit_or_that_nobody_asks_for_is_not_read_once() -> None:
    model = dmn.compile(
        dmn.read(f"{HEAD}{_decision('d', 'number', _literal('n'), '')}</definitions>".encode())
    )

    assert model.read_once("n", "three") == "three"
    assert model.read_once("other", 3) == 3
    assert model.decide("d", {"n": model.read_once("n", "three")}).warnings
