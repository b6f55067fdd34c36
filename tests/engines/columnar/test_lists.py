"""Lists: over members, of constants, of a known length; loops, filters, positions, totals."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.engines.columnar.models import assert_agree, model_of

from commonweal.engines import columnar

TYPES = """
    Age: number = [0..120]
    Person: {age: Age; pay: number; works: boolean; role: string; born: date}
    People: Person*
"""
INPUTS = {"people": "People", "limit": "number", "k": "number"}
RANGES = {"people.age": (0, 120, 0), "k": (-3, 6, 0), "people": (0, 6)}


def program_of(text: str, kind: str | None = None, **decisions: str) -> columnar.Program:
    model = model_of(INPUTS, {**decisions, "x": text}, types=TYPES, result=kind)
    return columnar.compile(model, "x", ranges=RANGES)


def person(age: Any = 30, pay: Any = "100", *, works: Any = True, role: Any = "head") -> dict[str, Any]:
    return {
        "age": age,
        "pay": None if pay is None else Decimal(pay),
        "works": works,
        "role": role,
        "born": None,
    }


ROWS: list[dict[str, Any]] = [
    {"people": people, "limit": Decimal(limit), "k": k}
    for people, limit, k in [
        ([person()], "50", 1),
        ([person(70, "20.5"), person(3, "0", works=False, role="child"), person(41, "999.99")], "40", 2),
        ([person(8, "-5", works=False), person(17, "12.34"), person(18), person(120, "7")], "10", -1),
        ([], "0", 1),
        ([person(None), person(5)], "5", 3),
        ([person(130), person(5)], "5", 1),
        ([person(20, None)], "5", 1),
        ([person(20, works=None), person(21, "3", works=False, role=None)], "5", 0),
        ([person()] * 7, "1", 1),
        (None, "1", 1),
        ([None, person()], "1", 2),
    ]
]

EXPRESSIONS = {
    "count(people)": "number",
    "count(people[works])": "number",
    "count(people[age >= 18 and pay > limit])": "number",
    "sum(people.pay)": "number",
    "sum(for p in people return p.pay * 0.5)": "number",
    "sum(for p in people return if p.age < 18 then 0 else p.pay)": "number",
    "sum(people[works].pay)": "number",
    "sum(for p in people return p.pay / 3)": "number",
    "round half up(sum(for p in people return p.pay / 3), 2)": "number",
    "min(people.age)": "number",
    "max(people[works].pay)": "number",
    "max(0, max(people.pay) - limit)": "number",
    "mean(people.pay)": "number",
    "some p in people satisfies p.age > 65": "boolean",
    "every p in people satisfies p.pay >= limit": "boolean",
    "some p in people satisfies p.works": "boolean",
    'some p in people satisfies p.role = "child" or p.role = null': "boolean",
    "people[1].pay": "number",
    "people[-1].age": "number",
    "people[k].pay": "number",
    "people[age > 17][1].pay": "number",
    "people[works][-1].works": "boolean",
    "people[age > 17][1].role": "string",
    "people[item.age > 17 and limit > 5][1].age": "number",
    "people[limit > 20][1].age": "number",
    "any(for p in people return p.works)": "boolean",
    "all(people.works)": "boolean",
    "list contains(people.age, 41)": "boolean",
    "list contains(people.role, null)": "boolean",
    "if count(people) > 2 then sum(people[works].pay) else sum(people.pay)": "number",
    "count(if limit > 20 then people[works] else people[age > 17])": "number",
    "count(if limit > 20 then people else [])": "number",
    "sum(for p in people return if p.age >= max(people.age) then p.pay else 0)": "number",
    "sum(for p in people, b in [1, 2] return b)": None,
    "sum(for b in [10, 20, 30] return if limit > b then b else 0)": "number",
    "sum(for b in [{low: 0, rate: 0.1}, {low: 40, rate: 0.25}] return max(0, limit - b.low) * b.rate)": "number",
    "max(for b in [1, 2, 3] return b * limit)": "number",
    "[5, 10, 20, 40][k]": "number",
    '["a", "b", "c"][k]': "string",
    "[true, false, true][k]": "boolean",
    '[@"2024-01-31", @"2025-06-01"][k]': "date",
    "[{a: 1, b: 2}, {a: 3, b: 4}][k].b": "number",
    "[[1, 2], [3, 4]][k][2]": "number",
    "[1, null, 3][k]": "number",
    "[limit, 2 * limit, 3][k]": "number",
    "[10, 20, 30][item < limit][1]": "number",
    "[10, 20, 30][item < limit][-1]": "number",
    "count([10, 20, 30][item < limit])": "number",
    "sum([10, 20, 30][item < limit])": "number",
    "min([10, 20, 30][item > limit])": "number",
    "max([10, limit, 30][item > k])": "number",
    "limit in [40, 50]": "boolean",
    "list contains([1, 2, k], 2)": "boolean",
    "count(concatenate([1, limit], [2]))": "number",
    "count(append([1], limit, k))": "number",
    "product([2, limit, k])": "number",
    "some b in [1, 2, 3] satisfies b > k": "boolean",
    "every b in 1..4 satisfies b * 10 < limit": "boolean",
    "sum(for i in 1..3, j in [limit, 1] return i * j)": "number",
    "sum(for i in [1..3] return i * k)": "number",
    "odd(k)": "boolean",
    "even(k)": "boolean",
    "count(people[1])": "number",
}


@pytest.mark.parametrize("text", list(EXPRESSIONS))
def test_lists_agree(text: str) -> None:
    program = program_of(text, EXPRESSIONS[text])
    truth = assert_agree(program, ROWS)
    assert any(answer["fault"] is None for answer in truth)
    if EXPRESSIONS[text] is not None:
        assert program.reasons == []


pays = st.integers(-(10**7), 10**7).map(lambda i: Decimal(i) / 100)
people = st.lists(
    st.fixed_dictionaries({
        "age": st.one_of(st.integers(0, 120), st.integers(0, 120), st.sampled_from([121, None])),
        "pay": st.one_of(pays, pays, pays, st.none()),
        "works": st.booleans(),
        "role": st.sampled_from(["head", "child", "other"]),
        "born": st.none(),
    }),
    max_size=6,
)  # fmt: skip
rows = st.lists(
    st.fixed_dictionaries({"people": people, "limit": pays, "k": st.integers(-3, 6)}), max_size=20
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from([text for text, kind in EXPRESSIONS.items() if kind]), rows)
def test_lists_of_any_people_agree(text: str, some: list[dict[str, Any]]) -> None:
    assert_agree(program_of(text, EXPRESSIONS[text]), some)
