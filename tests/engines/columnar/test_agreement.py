"""The back ends agree with the Decimal rows on expressions that nobody thought of."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.engines.columnar.models import COMPILED, assert_agree, model_of, table_of

from commonweal.engines import columnar

INPUTS = {
    "a": "Amount",
    "b": "number",
    "n": "Count",
    "p": "boolean",
    "q": "boolean",
    "k": "Kind",
    "d": "date",
}
TYPES = """
    Amount: number = [0..100000]
    Count: number = [1..12]
    Kind: string = "A", "B", "C"
"""
RANGES = {"b": (-1000, 1000, 2), "n": (1, 12, 0)}

numbers = st.deferred(
    lambda: st.one_of(
        st.sampled_from(
            ["a", "b", "n", "0", "1", "2", "3", "7", "10", "12", "0.1", "0.25", "0.3", "100", "-5"]
        ),
        st.builds("({} {} {})".format, numbers, st.sampled_from("+-*"), numbers),
        st.builds("({} / {})".format, numbers, st.sampled_from(["2", "3", "7", "12", "0.6", "n", "-4", "b"])),
        st.builds("(if {} then {} else {})".format, truths, numbers, numbers),
        st.builds("{}({}, {})".format, st.sampled_from(["min", "max", "sum"]), numbers, numbers),
        st.builds("{}({})".format, st.sampled_from(["floor", "ceiling", "abs"]), numbers),
        st.builds(
            "{}({}, {})".format,
            st.sampled_from(
                ["round up", "round down", "round half up", "round half down", "decimal", "floor"]
            ),
            numbers,
            st.integers(-2, 4),
        ),
        st.builds("modulo(a, {})".format, st.sampled_from(["3", "0.7", "n", "-5"])),
        st.builds("(-{})".format, numbers),
        st.builds(
            "[10, 20.5, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120][{}]".format,
            st.sampled_from(["n", "1", "-1"]),
        ),
        st.sampled_from(
            ["d.year", "d.month", "d.day", "d.weekday", 'years and months duration(@"2020-02-29", d).months']
        ),
    )
)
truths = st.deferred(
    lambda: st.one_of(
        st.sampled_from(
            ["p", "q", "true", "p = q", 'k = "A"', 'k != "B"', "p = null", "a = null", "not(p = true)"]
        ),
        st.builds("{} {} {}".format, numbers, st.sampled_from(["<", "<=", ">", ">=", "=", "!="]), numbers),
        st.builds("({} and {})".format, truths, truths),
        st.builds("({} or {})".format, truths, truths),
        st.builds("({} between {} and {})".format, numbers, numbers, numbers),
        st.builds("({} in ([1..5], > 700, {}))".format, numbers, numbers),
        st.sampled_from(
            ['k in ("A", "C")', 'd >= @"2024-02-29"', 'd + @"P1M" < @"2025-03-01"', "n in (1, 2, 3)"]
        ),
    )
)
NUMBER = st.one_of(st.integers(-(10**5), 10**5).map(lambda i: Decimal(i) / 100), st.just(Decimal(0)))
ROW = st.fixed_dictionaries({
    "a": st.one_of(*[st.integers(0, 10**7).map(lambda i: Decimal(i) / 100)] * 8, st.sampled_from([None, Decimal(2_000_000)])),
    "b": st.one_of(*[NUMBER] * 8, st.none()),
    "n": st.one_of(st.integers(1, 12), st.integers(1, 12), st.integers(0, 13)),
    "p": st.sampled_from([True, False, True, False, None]),
    "q": st.booleans(),
    "k": st.sampled_from(["A", "B", "C"] * 6 + ["X", None]),
    "d": st.dates(dt.date(1990, 1, 1), dt.date(2060, 1, 1)),
})  # fmt: skip
QUIET = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def program_of(decisions: Any, **options: Any) -> columnar.Program:
    model = model_of(INPUTS, decisions, types=TYPES, **options)
    return columnar.compile(model, list(decisions)[-1], ranges=RANGES)


@QUIET
@given(numbers, st.lists(ROW, min_size=1, max_size=12))
def test_numbers_agree(text: str, rows: list[dict[str, Any]]) -> None:
    program = program_of({"x": text}, result="number")
    assert_agree(program, rows)


@QUIET
@given(truths, st.lists(ROW, min_size=1, max_size=12))
def test_truths_agree(text: str, rows: list[dict[str, Any]]) -> None:
    program = program_of({"x": text}, result="boolean")
    assert_agree(program, rows)


CELLS = {
    "a": st.sampled_from(
        ["-", "0", "< 500", "[100..700)", "> 900", "not(< 10)", "10, 20, [30..40]", "null", "> b"]
    ),
    "k": st.sampled_from(["-", '"A"', '"B", "C"', 'not("A")', "null"]),
    "p": st.sampled_from(["-", "true", "false", "null"]),
    "n": st.sampled_from(["-", "1", "[2..6]", "> 6"]),
}


@st.composite
def tables(draw: Any) -> tuple[Any, str]:
    policy, aggregation = draw(
        st.sampled_from([("UNIQUE", None), ("FIRST", None), ("ANY", None), ("PRIORITY", None), ("COLLECT", "SUM"),
                         ("COLLECT", "MIN"), ("COLLECT", "MAX"), ("COLLECT", "COUNT")])
    )  # fmt: skip
    is_text = policy == "PRIORITY" or (aggregation is None and draw(st.booleans()))
    out = (
        st.sampled_from(['"low"', '"high"'])
        if is_text
        else st.sampled_from(["1", "2.5", "a", "a * 0.1", "b"])
    )
    rules = draw(st.lists(st.tuples(st.tuples(*CELLS.values()), out), min_size=1, max_size=6))
    values = '"high", "low"' if is_text else None
    default = draw(st.sampled_from([None, '"low"' if is_text else "0"]))
    made = table_of(
        list(CELLS), rules, policy=policy, aggregation=aggregation, values=values, default=default
    )
    return made, "string" if is_text else "number"


@QUIET
@given(tables(), st.lists(ROW, min_size=1, max_size=12))
def test_tables_agree(made: tuple[Any, str], rows: list[dict[str, Any]]) -> None:
    boxed, kind = made
    program = program_of({"x": boxed}, result=kind)
    assert program.reasons == []
    assert_agree(program, rows)


WIDE = st.integers(-(2**62) + 1, 2**62 - 1)
DIVISORS = (3, 7, 12, 1000, 10**6 + 3, 2**31 - 1, 10**15, 3**38, 2**60 + 1)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(DIVISORS),
    st.lists(WIDE, min_size=1, max_size=40),
    st.lists(st.integers(-3, 3), min_size=40, max_size=40),
)
def test_divisions_are_exact_to_the_last_bit(by: int, some: list[int], near: list[int]) -> None:
    """Also where the quotient lies just beside a whole number."""
    limit = 2**62 - 1
    edges = [max(-limit, min(limit, v // by * by + d)) for v, d in zip(some, near, strict=False)]
    model = model_of(
        {"a": "number", "b": "number"},
        {"x": f"floor(a / {by})", "y": "floor(a / b)", "z": "{x: x, y: y}.x + y * 0"},
    )
    program = columnar.compile(
        model, "z", outputs=["x", "y"], ranges={"a": (-limit, limit, 0), "b": (1, limit, 0)}
    )
    batch = pa.RecordBatch.from_pydict({"a": [*some, *edges], "b": [by] * (len(some) + len(edges))})
    for engine in COMPILED:
        found = program.run(batch, engine=engine)
        wanted = [value // by for value in [*some, *edges]]
        assert found.column("x").to_pylist() == found.column("y").to_pylist() == wanted
