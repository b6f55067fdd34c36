"""The city's real law: every worked case to the cent, in every back end, and without help of the Decimal rows."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

import pyarrow as pa
import pytest
from tests.engines.columnar import laws
from tests.engines.columnar.models import COMPILED

from commonweal.engines import columnar

LAWS = sorted(path.parent.name for path in laws.LAW.glob("*/cases.yaml"))
REFUSED = {
    "driving-licence": ["a comparison with a text that is put together"],
    "school-enrolment": [
        "`list contains(siblings, school)`: members of Schools and of Pupils are looked at together",
        "`append` to members",
    ],
}
"""Laws that run in Decimal rows only, and what the engine says of them."""
HELD = ("Held permit", "Running permit", "Running plan", "Paid grant")
"""What a request is about: where nothing is held it is null, which a column of contexts cannot say."""
COMPILING = [law for law in LAWS if law not in REFUSED]


def is_same(actual: Any, expected: Any) -> bool:
    if isinstance(expected, list):
        return actual is not None and json.loads(actual) == expected  # a column holds a list as JSON
    if isinstance(expected, bool) or not isinstance(expected, int | float):
        return actual == expected
    wanted = Decimal(str(expected))
    places = Decimal(1).scaleb(min(int(wanted.as_tuple().exponent), -2))
    return actual is not None and Decimal(str(actual)).quantize(places, ROUND_HALF_UP) == wanted.quantize(
        places
    )


@dataclass(frozen=True)
class Group:
    """The worked cases that one program can run.

    Attributes:
        program: Compiled with the figures of their day.
        cases: As written.
        batch: Their facts.
        model: File of the model, and the decision.
        truth: What the Decimal rows say.
    """

    program: columnar.Program
    cases: list[dict[str, Any]]
    batch: pa.RecordBatch
    model: tuple[str, str]
    truth: pa.RecordBatch


@cache
def groups(programme: str) -> tuple[Group, ...]:
    """The groups of a programme, the largest first: compiled, and decided row by row, once for all tests."""
    decision, cases = laws.cases(programme)
    together: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for case in cases:
        file = laws.file_on(programme, case["reference_on"])
        key = (case["reference_on"], case.get("known_on"), case.get("decision") or decision, file)
        together[key].append(case)
    found = []
    for (on, known_on, name, file), group in together.items():
        law = {"law": laws.figures(programme, on, known_on)}
        program = columnar.compile(laws.model(programme, file), name, constants=law, now=on)
        batch = laws.batch_of(program, [case["facts"] for case in group])
        found.append(Group(program, group, batch, (file, name), program.run(batch, engine="rows")))
    return tuple(sorted(found, key=lambda group: -len(group.cases)))


@pytest.mark.parametrize("programme", LAWS)
def test_worked_cases_come_out_to_the_cent(programme: str) -> None:
    for group in groups(programme):
        assert [why for _, why in group.program.reasons] == REFUSED.get(programme, [])
        for case, answer in zip(group.cases, group.truth.to_pylist(), strict=True):
            for path in case.get("missing", ()):
                assert path in answer["fault"], case["id"]
            if not case.get("missing"):
                wanted = case.get("expected", {})
                found = {key: answer.get(key, next(iter(answer.values()))) for key in wanted}
                differing = {key: value for key, value in found.items() if not is_same(value, wanted[key])}
                assert (case["id"], differing, answer["fault"]) == (case["id"], {}, None)


@pytest.mark.parametrize("programme", COMPILING)
def test_blocks_say_the_same(programme: str) -> None:
    for group in groups(programme):
        assert group.program.run(group.batch, engine="numpy").to_pylist() == group.truth.to_pylist()


@pytest.mark.parametrize("programme", COMPILING)
def test_machine_code_of_every_model_says_the_same(programme: str) -> None:
    if "llvm" not in COMPILED:
        pytest.skip("llvmlite is not installed: machine code is not tested")
    largest = {group.model: group for group in reversed(groups(programme))}
    for group in largest.values():
        assert group.program.run(group.batch, engine="llvm").to_pylist() == group.truth.to_pylist()


@pytest.mark.slow
@pytest.mark.parametrize("programme", COMPILING)
def test_machine_code_of_every_year_says_the_same(programme: str) -> None:
    if "llvm" not in COMPILED:
        pytest.skip("llvmlite is not installed: machine code is not tested")
    for group in groups(programme):
        found = group.program.run(group.batch, engine="llvm").to_pylist()
        assert found == group.truth.to_pylist(), group.cases[0]["reference_on"]


@pytest.mark.parametrize("programme", COMPILING)
def test_clear_cases_need_no_decimal_rows(programme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for group in groups(programme):
        clear = group.batch.filter(group.truth.column("fault").is_null())
        for held in set(HELD).intersection(clear.schema.names):
            clear = clear.filter(clear.column(held).is_valid())

        def refuse(_: Any, rows: pa.RecordBatch) -> Any:
            raise AssertionError(rows.to_pylist())

        with monkeypatch.context() as patch:
            patch.setattr("commonweal.engines.columnar.rows.Rows.run", refuse)
            assert group.program.run(clear, engine="numpy").num_rows == clear.num_rows


def test_a_grant_without_a_round_is_decided_as_before_its_round() -> None:
    group = groups("housing-repair")[0]
    rows = zip(group.batch.to_pylist(), group.truth.to_pylist(), strict=True)
    before = [
        ({**row, "Round": None}, answer)
        for row, answer in rows
        if (row["Round"]["result"], row["Round"]["set_aside"]) == (None, None)
    ]
    assert len(before) > 10
    batch = laws.batch_of(group.program, [row for row, _ in before])
    assert group.program.run(batch, engine="numpy").to_pylist() == [answer for _, answer in before]


def test_the_days_before_a_law_have_none() -> None:
    assert laws.file_on("snap", date(2000, 1, 1)) == ""
