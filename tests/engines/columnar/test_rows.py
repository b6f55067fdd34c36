"""Decimal rows: the truth that the other back ends must agree with."""

from __future__ import annotations

import pickle
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from tests.engines.columnar import laws

from commonweal.engines import columnar


def snap(on: date = date(2023, 5, 1), **options: Any) -> columnar.Program:
    return columnar.compile(
        laws.model("snap"), "Determination", constants={"law": laws.figures("snap", on)}, **options
    )


def snap_cases(on: date = date(2023, 5, 1)) -> list[dict[str, Any]]:
    return [case["facts"] for case in laws.cases("snap")[1] if case["reference_on"] == on]


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
