"""Columns in and out: types that are taken, values that are not, and what is said of them."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.engines.columnar.models import COMPILED, model_of

from commonweal.engines import columnar
from commonweal.engines.columnar import program as programs

TYPES = """
    Kind: string = "A", "B"
    Person: {age: number; born: date}
    People: Person*
    Home: {rent: number; size: number}
    Share: number = [0..1], 5
    Least: number = > -3
    Odd: number = not(3)
"""
INPUTS = {"a": "number", "p": "boolean", "k": "Kind", "d": "date", "home": "Home", "people": "People"}
MIDNIGHT, MORNING = dt.datetime.fromisoformat("2000-01-01"), dt.datetime.fromisoformat("2000-01-01T08:00")
RANGES = {"people.age": (0, 150, 0), "home.size": (0, 1000, 0), "people": (0, 9)}


def program_of(**decisions: str) -> columnar.Program:
    text = "{v: a + home.rent, size: home.size, w: p, k: k, d: d, n: count(people), old: sum(people.age)}"
    types = TYPES + "Result: {v: number; size: number; w: boolean; k: Kind; d: date; n: number; old: number}"
    model = model_of(
        INPUTS, decisions or {"x": text}, types=types, result="number" if decisions else "Result"
    )
    return columnar.compile(model, "x", ranges=RANGES)


def arrays(**others: Any) -> pa.RecordBatch:
    """Two rows that are in order, but for the columns given."""
    day = dt.date(2000, 2, 3)
    people = pa.array([[{"age": 3, "born": day}], [{"age": 40, "born": day}, {"age": 41, "born": None}]])
    columns = {
        "a": pa.array([Decimal("1.25"), Decimal("-2.50")], pa.decimal128(10, 2)),
        "p": pa.array([True, False]),
        "k": pa.array(["A", "B"]),
        "d": pa.array([day, day], pa.date32()),
        "home": pa.array([{"rent": Decimal("1.00"), "size": 3}, {"rent": Decimal("2.00"), "size": 4}]),
        "people": people,
    }
    return pa.RecordBatch.from_pydict({**columns, **others})


FIGURES = [Decimal("2.25"), Decimal("-0.50")]


def test_the_schema_tells_what_is_wanted() -> None:
    program = program_of()
    assert program.schema == pa.schema(
        [
            ("a", pa.decimal128(12, 2)),
            ("p", pa.bool_()),
            ("k", pa.string()),
            ("d", pa.date32()),
            ("home", pa.struct([("rent", pa.decimal128(12, 2)), ("size", pa.int64())])),
            ("people", pa.list_(pa.struct([("age", pa.int64()), ("born", pa.date32())]))),
        ]
    )
    assert program.output_schema == pa.schema([
        ("v", pa.decimal128(38, 2)), ("size", pa.int64()), ("w", pa.bool_()),
        ("k", pa.dictionary(pa.int32(), pa.string())), ("d", pa.date32()), ("n", pa.int64()), ("old", pa.int64()),
        ("fault", pa.string()),
    ])  # fmt: skip
    for engine in program.engines:
        assert program.run(arrays(), engine=engine).schema == program.output_schema


@pytest.mark.parametrize(
    "column",
    [
        pa.array([1, -2], pa.int8()), pa.array([1, -2], pa.int16()), pa.array([1, -2], pa.int32()), pa.array([1, -2], pa.int64()),
        pa.array([1.25, -2.5]), pa.array([1.25, -2.5], pa.float32()), pa.array(["1.25", " -2.5 "]), pa.array(["1.25", "-2.5"], pa.large_string()),
        pa.array([Decimal("1.25"), Decimal("-2.5")], pa.decimal256(40, 2)), pa.array([Decimal("1.2"), Decimal("-2.5")], pa.decimal128(9, 1)),
        pa.array([Decimal("1.2500"), Decimal("-2.5000")], pa.decimal128(9, 4)), pa.array([None, 1.5]), pa.array([None, "7"]), pa.nulls(2),
        pa.array([1, 2], pa.uint8()), pa.array([1, 2], pa.uint16()), pa.array([1, 2], pa.uint32()), pa.array([1, 2], pa.uint64()),
        pa.array([9, 1.25, -2.5]).slice(1), pa.array([5, None], pa.int32()), pa.array([2_000_000_000, 1], pa.int64()),
    ],
    ids=lambda column: f"{column.type}",
)  # fmt: skip
def test_numbers_of_many_types_are_taken(column: pa.Array) -> None:
    program = program_of()
    truth = program.run(arrays(a=column), engine="rows")
    for row, value in enumerate(column.to_pylist()):
        wanted = None if value is None else Decimal(str(value).strip()) + row + 1
        assert truth.column("v")[row].as_py() == wanted
    for engine in COMPILED:
        assert program.run(arrays(a=column), engine=engine).to_pylist() == truth.to_pylist()


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("k", pa.array(["A", "B"], pa.large_string())), ("k", pa.array(["B", "A"]).dictionary_encode()), ("k", pa.nulls(2)),
        ("k", pa.array(["x", "B", "A"], pa.dictionary(pa.int8(), pa.string())).slice(1)), ("k", pa.array(["A", None])),
        ("k", pa.array(["A", None]).dictionary_encode()), ("p", pa.nulls(2)), ("p", pa.array([None, False])), ("k", pa.array(["A", "Z"])),
        ("p", pa.array([True] * 9 + [False, None]).slice(9)), ("d", pa.array(["2000-01-01", None])), ("d", pa.array([None, dt.date(1, 1, 1)], pa.date64())),
        ("d", pa.array([MIDNIGHT, None], pa.timestamp("us"))), ("home", pa.nulls(2)), ("people", pa.nulls(2)),
        ("home", pa.array([None, {"rent": Decimal(1), "size": 1}])), ("home", pa.array([{"rent": 1, "size": 2000}, {"rent": None, "size": 1}])),
        ("people", pa.array([[], None], pa.list_(pa.struct([("age", pa.int32()), ("born", pa.date32())])))),
        ("people", pa.array([[], [{"age": 5, "born": None}]], pa.large_list(pa.struct([("age", pa.int32()), ("born", pa.date32())])))),
        ("people", pa.array([[{"age": 1, "born": None}], [{"age": 5, "born": None}]], pa.list_(pa.struct([("age", pa.int32()), ("born", pa.date32())]), 1))),
        ("people", pa.array([[], [], [{"age": 5, "born": None}]], pa.list_(pa.struct([("age", pa.float64()), ("born", pa.date32())]))).slice(1)),
        ("people", pa.array([[{"age": 1, "born": None}], [{"age": 5, "born": None}, None]])), ("people", pa.array([[{"age": 200, "born": None}], []])),
        ("people", pa.array([[{"age": 9, "born": None}], [{"age": 5, "born": None}], None]).slice(1)),
    ],
)  # fmt: skip
def test_columns_of_many_types_are_taken(name: str, column: pa.Array) -> None:
    program = program_of()
    batch = arrays(**{name: column})
    truth = program.run(batch, engine="rows").to_pylist()
    for engine in COMPILED:
        assert program.run(batch, engine=engine).to_pylist() == truth


DAY = dt.date(2000, 2, 3)


@pytest.mark.parametrize(
    ("name", "column", "message"),
    [
        ("a", pa.array([1.0, 0.123]), "column 'a', row 1: 0.123: more than 2 digits after the point"),
        ("a", pa.array([1.0, math.nan]), "column 'a', row 1: nan: no finite number"),
        ("a", pa.array([1e300, 1.0]), "column 'a', row 0: 1e+300"),
        ("a", pa.array([1.0, math.inf]), "no finite number"),
        ("a", pa.array(["1", "x"]), "column 'a', row 1: 'x' is not a number"),
        ("a", pa.array(["1", "0.001"]), "column 'a', row 1: '0.001': more than 2 digits"),
        ("a", pa.array([Decimal("1.000"), Decimal("1.001")]), "column 'a', row 1: 1.001: more than 2 digits"),
        ("a", pa.array([1, 2**64 - 1], pa.uint64()), "column 'a', row 1: 18446744073709551615: too large a number"),
        ("a", pa.array([True, False]), "column 'a': a number is needed, not bool"),
        ("p", pa.array([1, 0]), "column 'p': true or false is needed, not int64"),
        ("k", pa.array([1, 0]), "column 'k': a text is needed, not int64"),
        ("d", pa.array([1, 0]), "column 'd': a date is needed, not int64"),
        ("d", pa.array(["2000-01-01", "soon"]), "column 'd', row 1: soon: not a date"),
        ("d", pa.array([0, 10**8], pa.int32()).view(pa.date32()), "column 'd', row 1: a date of the years 1 to 9999"),
        ("d", pa.array([MIDNIGHT, MORNING], pa.timestamp("us")), "row 1"),
        ("home", pa.array([1, 2]), "column 'home': a struct is needed, not int64"),
        ("home", pa.array([{"rent": 1}] * 2), "column 'home.size': it is missing; there are: rent"),
        ("people", pa.array([1, 2]), "column 'people': a list is needed, not int64"),
        ("people", pa.array([[{"age": 1.0, "born": DAY}], [{"age": 2.0, "born": DAY}, {"age": 2.5, "born": DAY}]]), "column 'people.age', row 1: element 2: 2.5"),
        ("people", pa.array([[{"age": "x"}], []]), "column 'people.age', row 0: element 1: 'x' is not a number"),
        ("people", pa.array([[{"age": 1}], []]), "column 'people.born': it is missing"),
    ],
)  # fmt: skip
def test_bad_columns_are_named_with_their_first_bad_row(name: str, column: pa.Array, message: str) -> None:
    program = program_of()
    for engine in ("rows", "numpy"):
        with pytest.raises(columnar.ColumnError) as raised:
            program.run(arrays(**{name: column}), engine=engine)
        assert message in str(raised.value)
        assert raised.value.column.startswith(name)


def test_a_missing_and_a_repeated_column_are_errors() -> None:
    program, batch = program_of(), arrays()
    with pytest.raises(columnar.ColumnError, match=r"column 'k': it is missing"):
        program.run(batch.select(["a", "p", "d", "home", "people"]))
    twice = pa.RecordBatch.from_arrays([*batch.columns, batch.column(0)], names=[*batch.schema.names, "a"])
    with pytest.raises(columnar.ColumnError, match="column 'a': it stands in the data twice"):
        program.run(twice)


def test_other_columns_do_no_harm_and_their_order_is_free() -> None:
    program, batch = program_of(), arrays(zebra=pa.array([1, 2]))
    names = sorted(batch.schema.names, reverse=True)
    assert program.run(batch.select(names)) == program.run(arrays())


def test_the_bad_row_is_counted_through_all_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "BLOCK", 3)
    program = program_of()
    good = [arrays() for _ in range(4)]
    with pytest.raises(columnar.ColumnError, match=r"column 'a', row 9: 0.123: more than"):
        program.run(pa.Table.from_batches([*(b.set_column(0, "a", b.column(0).cast(pa.float64())) for b in good),
                                           arrays(a=pa.array([1.0, 0.123]))]))  # fmt: skip
    with pytest.raises(columnar.ColumnError, match="column 'p': true or false"):
        program.run(pa.Table.from_batches([arrays(p=pa.array([1, 0]))] * 3))


def test_blocks_give_the_same_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    program = program_of()
    table = pa.Table.from_batches(
        [
            arrays(),
            arrays(k=pa.array(["Z", "A"])),
            arrays(a=pa.array([None, Decimal("3.00")], pa.decimal128(10, 2))),
        ]
        * 3
    )
    whole = {engine: program.run(table, engine=engine) for engine in program.engines}
    monkeypatch.setattr(programs, "BLOCK", 4)
    for engine in program.engines:
        found = program.run(table.slice(1), engine=engine)
        assert found.to_pylist() == whole["rows"].slice(1).to_pylist()
        assert whole[engine].to_pylist() == whole["rows"].to_pylist()


class Frame:
    """What a Polars or pandas frame looks like from here."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self.table.__arrow_c_stream__(requested_schema)


class OneBatch:
    def __init__(self, batch: pa.RecordBatch) -> None:
        self.batch = batch

    def __arrow_c_array__(self, requested_schema: Any = None) -> Any:
        return self.batch.__arrow_c_array__(requested_schema)


def test_frames_come_in_through_arrow() -> None:
    program, batch = program_of(), arrays()
    wanted = program.run(batch)
    assert program.run(Frame(pa.Table.from_batches([batch]))) == wanted
    assert program.run(OneBatch(batch)) == wanted
    with pytest.raises(TypeError, match="a dict is no Arrow table"):
        program.run({"a": [1]})


def test_engines_are_chosen_by_name_and_by_size(monkeypatch: pytest.MonkeyPatch) -> None:
    program, batch = program_of(), arrays()
    with pytest.raises(
        columnar.EngineError, match=r"the engine 'abacus' cannot run this program: there are "
    ):
        program.run(batch, engine="abacus")
    monkeypatch.setattr(programs, "WORTH_COMPILING", 1)
    assert program.run(batch) == program.run(batch, engine="numpy")


def test_many_small_batches_earn_machine_code_as_one_large_batch_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program, batch = program_of(), arrays()
    if "llvm" not in program.engines:
        pytest.skip("llvmlite is not installed: machine code is not tested")
    monkeypatch.setattr(programs, "WORTH_COMPILING", 2 * batch.num_rows)
    ran: list[str] = []
    runners = {
        name: lambda lowered, name=name, runner=runner: ran.append(name) or runner(lowered)
        for name, runner in programs._RUNNERS.items()
    }
    monkeypatch.setattr(programs, "_RUNNERS", runners)
    wanted = program.run(batch)
    assert ran == ["numpy"]
    assert program.run(batch) == wanted
    assert ran == ["numpy", "llvm"]


def test_without_llvmlite_there_is_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("commonweal.engines.columnar.llvm.find_spec", lambda name: None)
    assert program_of().engines == ("numpy", "rows")


def test_a_model_without_inputs_answers_every_row() -> None:
    program = columnar.compile(
        model_of({"c": "number"}, {"x": "c * 2"}, result="number"), "x", constants={"c": 21}
    )
    batch = pa.RecordBatch.from_pydict({"other": [1, 2, 3]})
    for engine in program.engines:
        assert program.run(batch, engine=engine).column("x").to_pylist() == [42, 42, 42]


def test_a_constant_of_a_wrong_type_is_a_fault_in_every_row() -> None:
    program = columnar.compile(
        model_of({"c": "number"}, {"x": "c"}, result="number"), "x", constants={"c": "many"}
    )
    batch = pa.RecordBatch.from_pydict({"other": [1, 2]})
    for engine in program.engines:
        assert all("many" in fault for fault in program.run(batch, engine=engine).column("fault").to_pylist())


# Ranges


def scaled(text: str, ranges: dict[str, Any] | None = None, kind: str = "number") -> pa.Schema:
    model = model_of({"v": kind}, {"x": text}, types=TYPES, result="number")
    return columnar.compile(model, "x", ranges=ranges).schema


@pytest.mark.parametrize(
    ("ranges", "message"),
    [
        ({"w": (0, 1)}, "ranges name no column: w; there are: v"),
        ({"v": (0, 1, 2, 3)}, "a range is (low, high) or (low, high, scale)"),
        ({"v": (1, 0)}, "is no range"),
        ({"v": (0, 1, 16)}, "with a scale from 0 to 15"),
        ({"v": (0, 10**18, 2)}, "does not fit into 62 bits"),
    ],
)
def test_ranges_that_are_none(ranges: dict[str, Any], message: str) -> None:
    with pytest.raises(columnar.ColumnarError) as raised:
        scaled("v", ranges)
    assert message in str(raised.value)


def test_a_list_needs_whole_numbers_for_its_range() -> None:
    model = model_of({"people": "People"}, {"x": "count(people)"}, types=TYPES, result="number")
    with pytest.raises(columnar.ColumnarError, match="two whole numbers, fewest and most"):
        columnar.compile(model, "x", ranges={"people": (0, 1.5)})


def test_ranges_come_from_allowed_values() -> None:
    assert scaled("v", kind="Share").field("v").type == pa.decimal128(3, 2)
    assert scaled("v", {"v": (0, 99, 0)}, "Share").field("v").type == pa.int64()
    assert scaled("v", kind="Least").field("v").type == pa.decimal128(12, 2)
    assert scaled("v", kind="Odd").field("v").type == pa.decimal128(12, 2)


def test_what_no_column_can_hold_runs_in_decimal_rows() -> None:
    model = model_of({"t": "time", "v": "number"}, {"x": "if t.hour > 8 then v else 0"}, result="number")
    program = columnar.compile(model, "x")
    assert (program.engines, program.schema.field("t").type) == (("rows",), pa.string())
    assert program.reasons[0] == ("t", "the column t is of type time")
    batch = pa.RecordBatch.from_pydict({"t": ["09:00:00", "late", None], "v": [1, 2, 3]})
    found = program.run(batch).to_pylist()
    assert found[0] == {"x": Decimal(1), "fault": None}
    assert all(row["fault"] for row in found[1:])
    assert np.isclose(float(found[0]["x"]), 1)


def test_a_value_too_large_for_its_column_is_a_fault() -> None:
    model = model_of({"v": "number"}, {"x": "v ** 30"}, result="number")
    program = columnar.compile(model, "x")
    (answer,) = program.run(pa.RecordBatch.from_pydict({"v": [12345]})).to_pylist()
    assert answer["x"] is None
    assert "is too large for a column" in answer["fault"]


def test_a_run_without_end_is_a_fault() -> None:
    model = model_of({"v": "number"}, {"x": "sum(for i in 1..2000, j in 1..2000 return v)"}, result="number")
    (answer,) = columnar.compile(model, "x").run(pa.RecordBatch.from_pydict({"v": [1]})).to_pylist()
    assert "steps" in answer["fault"]
