"""Whatever comes in, only the engine's own errors come out, and soon."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.engines.dmn.strategies import models, tables

from commonweal.engines import dmn
from commonweal.engines.dmn import model as m
from commonweal.engines.dmn.facts import value_of
from commonweal.engines.feel.evaluation import Limits
from commonweal.engines.feel.types import DATE, NUMBER, ContextType, ListType

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
SMALL = Limits(steps=20_000, depth=30, size=10_000)
FEEL_TEXT = st.text(alphabet='ab1 .,()[]{}<>=+-*/?":@not', max_size=14)


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(models(), st.dictionaries(st.sampled_from(["a", "b"]), JSON))
def test_any_model_compiles_checks_and_decides(model: m.Model, facts: dict) -> None:
    compiled = dmn.compile(model, limits=SMALL)
    dmn.check(compiled)
    for name in compiled.decisions:
        with contextlib.suppress(dmn.DmnError):
            compiled.decide(name, facts, trace=True, unknown=True)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables(FEEL_TEXT), JSON)
def test_any_table_is_checked_and_decided(table: m.DecisionTable, fact: object) -> None:
    model = dmn.model_of(table, "d")
    compiled = dmn.compile(model, limits=SMALL)
    dmn.check(compiled)
    facts = dict.fromkeys(compiled.inputs, fact)
    with contextlib.suppress(dmn.DmnError):
        compiled.decide("d", facts)
        dmn.outlook(compiled, "d", {})
        dmn.why_not(compiled, "d", facts, 1)
        dmn.what_would_change(compiled, "d", facts, 1)


@settings(max_examples=150, deadline=None)
@given(JSON)
def test_any_json_is_a_value_or_an_error_of_the_engine(fact: object) -> None:
    for type_ in (NUMBER, DATE, ListType(DATE), ContextType((("a", NUMBER),))):
        with contextlib.suppress(dmn.DmnError):
            value_of(fact, type_)


@pytest.mark.parametrize("fact", [float("nan"), float("inf"), object(), {1, 2}])
def test_values_of_no_use_are_refused(fact: object) -> None:
    with pytest.raises(dmn.FactError):
        value_of(fact)


def test_facts_that_lie_too_deep_are_refused() -> None:
    deep: list = []
    for _ in range(200):
        deep = [deep]
    with pytest.raises(dmn.FactError, match="deep"):
        value_of(deep)


def test_boxes_that_lie_too_deep_are_a_problem() -> None:
    inner: m.Boxed = m.Literal(text="1")
    for _ in range(80):
        inner = m.BoxedList(items=(inner,))
    compiled = dmn.compile(
        m.Model(name="x", namespace="x", elements=(m.Decision(name="d", expression=inner),))
    )

    assert [problem.kind for problem in compiled.problems] == ["limit"]


def test_imports_that_unfold_without_end_are_refused() -> None:
    below = m.Model(name="0", namespace="0")
    for level in range(1, 12):
        imports = tuple(m.Import(name=f"i{i}", namespace=below.namespace, import_type="x") for i in range(2))
        below = m.Model(
            name=str(level), namespace=str(level), imports=imports, imported={below.namespace: below}
        )
    with pytest.raises(dmn.LimitError, match="appearances"):
        dmn.compile(below)
