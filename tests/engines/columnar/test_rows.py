"""Decimal rows: the truth that the other back ends must agree with."""

from __future__ import annotations

import pickle
from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pyarrow as pa
import pytest
from tests.engines.columnar import laws

from commonweal.engines import columnar


def is_same(actual: Any, expected: Any) -> bool:
    if isinstance(expected, bool) or not isinstance(expected, int | float):
        return actual == expected
    wanted = Decimal(str(expected))
    places = Decimal("0.01")
    return actual is not None and Decimal(str(actual)).quantize(places, ROUND_HALF_UP) == wanted.quantize(
        places
    )


def differences(programme: str, engine: str) -> list[tuple[Any, ...]]:
    """Every figure of the worked cases that an engine gets wrong."""
    decision, cases = laws.cases(programme)
    together = defaultdict(list)
    for case in cases:
        together[case["reference_on"], case.get("known_on"), case.get("decision") or decision].append(case)
    found = []
    for (on, known_on, name), group in together.items():
        law = {"law": laws.figures(programme, on, known_on)}
        program = columnar.compile(laws.model(programme), name, constants=law, now=on)
        answers = program.run(laws.batch_of(program, [case["facts"] for case in group]), engine=engine)
        for case, answer in zip(group, answers.to_pylist(), strict=True):
            found += [
                (case["id"], "fault", answer["fault"])
                for path in case.get("missing", ())
                if path not in (answer["fault"] or "")
            ]
            if not case.get("missing"):
                found += [
                    (case["id"], key, answer.get(key), wanted, answer["fault"])
                    for key, wanted in case.get("expected", {}).items()
                    if not is_same(answer.get(key), wanted)
                ]
    return found


def snap(on: date = date(2023, 5, 1), **options: Any) -> columnar.Program:
    return columnar.compile(
        laws.model("snap"), "Determination", constants={"law": laws.figures("snap", on)}, **options
    )


def snap_cases(on: date = date(2023, 5, 1)) -> list[dict[str, Any]]:
    return [case["facts"] for case in laws.cases("snap")[1] if case["reference_on"] == on]


def test_snap_worked_cases_come_out_to_the_cent() -> None:
    assert differences("snap", "rows") == []


def test_a_program_pickles_by_its_source() -> None:
    program = snap()
    batch = laws.batch_of(program, snap_cases())
    again = pickle.loads(pickle.dumps(program))
    assert again.schema == program.schema
    assert again.run(batch, engine="rows") == program.run(batch, engine="rows")


def test_a_row_replays_with_its_trace() -> None:
    program = snap()
    batch = laws.batch_of(program, snap_cases())
    answers = program.run(batch)
    for row in range(batch.num_rows):
        result = program.replay(batch, row)
        assert result.value["outcome"] == answers.column("outcome")[row].as_py()
        assert "Net income" in result.trace.as_text()


@pytest.mark.parametrize("row", [-1, 10**6])
def test_there_is_no_row_to_replay(row: int) -> None:
    program = snap()
    with pytest.raises(IndexError, match="no row"):
        program.replay(laws.batch_of(program, snap_cases()), row)


def test_only_the_columns_asked_for_come_out() -> None:
    program = snap(outputs=["Determination.allotment", "Net income"])
    assert program.output_schema.names == ["Determination.allotment", "Net income", "fault"]
    batch = laws.batch_of(program, snap_cases())
    whole = snap().run(batch)
    some = program.run(batch)
    assert some.column(0).to_pylist() == whole.column("allotment").to_pylist()


def test_no_rows_give_no_rows() -> None:
    program = snap()
    answers = program.run(pa.Table.from_batches([], program.schema))
    assert (answers.num_rows, answers.schema) == (0, program.output_schema)


@pytest.mark.parametrize("name", ["Determination.nothing", "Nothing", "Allotment.cents"])
def test_an_output_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(columnar.OutputError):
        snap(outputs=[name])
