"""A run over a file: right answers, parts that are kept, errors that name row and column."""

from __future__ import annotations

import io
import os
import resource
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256

import pytest

pa = pytest.importorskip("pyarrow", reason="needs the extra bulk")

import pyarrow.parquet as pq  # noqa: E402 - after it is known to be there
from tests.engines.bulk import fees  # noqa: E402

from commonweal.engines import bulk, executor  # noqa: E402
from commonweal.engines.bulk import reading, running  # noqa: E402

PROGRAM = fees.program()
MANY = 900
MOST = "-1,000,000,000 to 1,000,000,000"
ROWS = fees.rows(MANY)
TABLE = pa.Table.from_pylist(ROWS)


@pytest.fixture
def people(tmp_path, monkeypatch):
    """900 rows in nine row groups; a part takes two of them."""
    monkeypatch.setattr(reading, "PART_ROWS", 200)
    path = tmp_path / "people.parquet"
    pq.write_table(TABLE, path, row_group_size=100)
    return path


def run_of(path, *, keep=None, program=PROGRAM, checked=True, **names):
    source = bulk.open_source(path, program.schema, keep)
    return bulk.Run(program, source, path.with_name("out.parquet"), is_checked=checked, names=names)


def perform(run, crew=None, progress=None, **options):
    progress = progress or bulk.Progress(io.StringIO(), run.source.rows)
    return bulk.perform(run, crew or executor.Inline(), progress, **options)


class Stopper(bulk.Progress):
    """Presses Ctrl-C after some rows."""

    def add(self, rows):
        super().add(rows)
        if self.done >= 400:
            raise KeyboardInterrupt


def written(tmp_path, rows, name="people.parquet"):
    path = tmp_path / name
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


# ---- answers -----------------------------------------------------------------------------


def test_the_results_are_those_of_the_program_with_the_kept_columns_before_them(people):
    summary = perform(run_of(people, keep=["id", "town"]))

    found = pq.read_table(people.with_name("out.parquet"))
    assert found.select(PROGRAM.output_schema.names).to_pylist() == PROGRAM.run(TABLE).to_pylist()
    assert found.schema.names == ["id", "town", *PROGRAM.output_schema.names]
    assert found["id"].to_pylist() == list(range(MANY))
    assert (summary.rows, summary.faults, summary.reused) == (MANY, {}, 0)
    assert summary.cpu_seconds > 0
    assert sorted(path.name for path in people.parent.iterdir()) == ["out.parquet", "people.parquet"]


def test_few_rows_are_decided_without_machine_code_unless_it_is_asked_for(tmp_path, people):
    few = written(tmp_path, ROWS[:9], "few.parquet")

    assert run_of(few).manifest["engine"] == "rows"
    assert run_of(people).manifest["engine"] == PROGRAM.engines[0]
    assert bulk.fitting_engine(("numpy", "rows"), None) == "numpy"
    assert replace(run_of(few), engine="numpy").manifest["engine"] == "numpy"


def test_processes_give_the_same_file_in_the_same_order(people):
    perform(run_of(people))
    alone = pq.read_table(people.with_name("out.parquet"))
    summary = perform(run_of(people), executor.Local(2))

    assert pq.read_table(people.with_name("out.parquet")).equals(alone)
    assert summary.rows == MANY


def test_without_a_word_the_first_column_is_kept_if_the_law_does_not_ask_for_it(tmp_path, people):
    assert bulk.open_source(people, PROGRAM.schema).keep == ("id",)

    bare = tmp_path / "bare.parquet"
    pq.write_table(TABLE.drop_columns(["id"]), bare)
    assert bulk.open_source(bare, PROGRAM.schema).keep == ()


def test_an_empty_file_gives_an_empty_file(tmp_path):
    path = tmp_path / "people.parquet"
    pq.write_table(TABLE.slice(0, 0), path)

    assert perform(run_of(path)).rows == 0
    assert pq.read_table(tmp_path / "out.parquet").num_rows == 0


def test_faults_are_counted_by_reason(tmp_path):
    path = written(tmp_path, [fees.row(0), fees.row(1, discount=None), fees.row(2, discount=None)])

    summary = perform(run_of(path, checked=False))

    assert summary.rows == 3
    assert sum(summary.faults.values()) == 2
    assert pq.read_table(tmp_path / "out.parquet")["fault"].null_count == 1


def test_a_row_is_replayed_with_its_trace(people):
    source = bulk.open_source(people, PROGRAM.schema, [])

    result = bulk.replayed(source, PROGRAM, 777)

    assert {"fee": result.value["fee"], "kind": result.value["kind"]} == {
        name: value
        for name, value in PROGRAM.run(TABLE.slice(777, 1)).to_pylist()[0].items()
        if name != "fault"
    }
    assert "Flat fee" in result.trace.as_text()
    for row in (-1, 900):
        with pytest.raises(bulk.FileWrong, match=f"has no row {row}; rows are counted from 0"):
            bulk.replayed(source, PROGRAM, row)


# ---- going on ----------------------------------------------------------------------------


def test_an_interrupted_run_goes_on_with_what_is_missing(people):
    run = run_of(people)
    with pytest.raises(KeyboardInterrupt):
        perform(run, progress=Stopper(io.StringIO(), MANY))
    assert not run.out.exists()
    assert len(list(run.folder.glob("[0-9]*.arrow"))) == 2

    (run.folder / "000000.json").unlink()  # as if it had been killed before the part was noted
    summary = perform(run, resume=True)

    assert (summary.rows, summary.reused) == (MANY, 200)
    assert pq.read_table(run.out)["fee"].to_pylist() == PROGRAM.run(TABLE)["fee"].to_pylist()
    assert not run.folder.exists()


def test_what_a_killed_run_was_writing_goes_with_its_parts(people):
    code = (
        "import io, os, signal\n"
        "from tests.engines.bulk.test_bulk import *\n"
        "class Killer(bulk.Progress):\n"
        "    def add(self, rows):\n"
        "        super().add(rows)\n"
        "        if self.done >= 400: os.kill(os.getpid(), signal.SIGKILL)\n"
        "reading.PART_ROWS = 200\n"
        f"run = run_of(__import__('pathlib').Path({str(people)!r}))\n"
        "perform(run, progress=Killer(io.StringIO(), None))\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", code], check=False, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    )
    assert killed.returncode == -signal.SIGKILL
    assert sorted(path.name for path in people.parent.iterdir()) == ["out.parquet.parts", "people.parquet"]

    summary = perform(run_of(people), resume=True)

    assert (summary.rows, summary.reused) == (MANY, 400)
    assert sorted(path.name for path in people.parent.iterdir()) == ["out.parquet", "people.parquet"]
    assert (
        pq.read_table(people.with_name("out.parquet"))["fee"].to_pylist()
        == PROGRAM.run(TABLE)["fee"].to_pylist()
    )


def test_a_run_that_was_not_interrupted_begins_at_the_beginning(people):
    assert perform(run_of(people), resume=True).reused == 0


def test_an_interrupted_run_does_not_go_on_with_another_law(people):
    with pytest.raises(KeyboardInterrupt):
        perform(run_of(people, model="a", on="2026"), progress=Stopper(io.StringIO(), MANY))

    with pytest.raises(bulk.RunChanged, match=r"not the same as then: model, on\. Run without --resume"):
        perform(run_of(people, model="b", on="2027"), resume=True)
    assert perform(run_of(people, model="b", on="2027")).reused == 0


def test_an_interrupted_run_does_not_go_on_with_other_people(people):
    with pytest.raises(KeyboardInterrupt):
        perform(run_of(people), progress=Stopper(io.StringIO(), MANY))
    pq.write_table(TABLE.slice(1), people, row_group_size=100)

    with pytest.raises(bulk.RunChanged, match="not the same as then: input"):
        perform(run_of(people), resume=True)


def test_a_folder_of_somebody_else_is_left_alone(people):
    run = run_of(people)
    run.folder.mkdir()
    (run.folder / "thesis.txt").write_text("mine")

    with pytest.raises(bulk.BulkError, match="is in the way"):
        perform(run)
    assert (run.folder / "thesis.txt").read_text() == "mine"


def test_an_old_result_stays_until_the_new_one_is_whole(people):
    perform(run_of(people))
    before = people.with_name("out.parquet").read_bytes()
    with pytest.raises(KeyboardInterrupt):
        perform(run_of(people, keep=["town"]), progress=Stopper(io.StringIO(), MANY))

    assert people.with_name("out.parquet").read_bytes() == before
    assert [path.name for path in people.parent.glob(".out*")] == []


@contextmanager
def disk_of(size):
    """Let no file grow over a size."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_said_and_what_is_finished_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "PART_ROWS", 200)
    many = [fees.row(at) | {"town": sha256(b"%d" % at).hexdigest()} for at in range(2000)]
    path = tmp_path / "people.parquet"
    pq.write_table(pa.Table.from_pylist(many), path, row_group_size=200)
    run = run_of(path, keep=["town"])

    with disk_of(40_000), pytest.raises(bulk.DiskFull, match=r"out.parquet is full\. Make room .* --resume"):
        perform(run)
    assert not run.out.exists()
    done = len(list(run.folder.glob("[0-9]*.json")))

    assert done > 0
    assert perform(run, resume=True).reused == done * 200


def test_results_that_cannot_be_written_are_said(people):
    run = replace(run_of(people), out=people.parent / "nowhere" / "x" / "out.parquet")
    (people.parent / "nowhere").write_text("a file")

    with pytest.raises(bulk.BulkError, match="cannot be written: Not a directory"):
        perform(run)


# ---- what is wrong with the people ---------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda row: {**row, "Discount": "much"}, "Column Discount: 'much' is not a number."),
        (lambda row: {**row, "Discount": True}, "Column Discount: a number is needed, the file has bool."),
        (lambda row: {**row, "Home": 3}, "Column Home: a struct is needed, the file has int64."),
        (lambda row: {**row, "People": 3}, "Column People: a list is needed, the file has int64."),
        (lambda row: {**row, "People": [3]}, "Column People: a struct is needed, the file has int64."),
        (
            lambda row: {**row, "People": [{"age": 3, "incomes": 4}]},
            "Column People.income: it is missing. Did you mean incomes?",
        ),
        (
            lambda row: {**row, "Home": {"rooms": 3, "has_garden": "x"}},
            "Column Home.has_garden: true or false is needed, the file has string.",
        ),
        (
            lambda row: {("discount" if key == "Discount" else key): value for key, value in row.items()},
            "Column Discount: it is missing. Did you mean discount?",
        ),
        (
            lambda row: {"id": 1, "Home": row["Home"], "Discount": 1},
            "Column People: it is missing. The file has: id, Home, Discount.",
        ),
    ],
)
def test_a_wrong_column_is_named(tmp_path, change, says):
    path = written(tmp_path, [change(row) for row in ROWS[:3]])

    with pytest.raises(bulk.InputWrong) as told:
        perform(run_of(path))
    assert str(told.value).replace(", row 0", "").replace("Row 0, c", "C") == says


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (fees.row(0, discount=None), "Row 650, column Discount: it is empty; the law needs a value."),
        (fees.row(0, discount=101), "Row 650, column Discount: 101 lies outside of 0 to 100."),
        (
            fees.row(0, people=[fees.person(3), fees.person(4), fees.person(None)]),
            "Row 650, column People.age (element 3): it is empty; the law needs a value.",
        ),
        (
            fees.row(0, people=[fees.person(3), fees.person(4, 5_000_000_000)]),
            f"Row 650, column People.income (element 2): 5,000,000,000 lies outside of {MOST}.",
        ),
        ({**fees.row(0), "People": None}, "Row 650, column People: it is empty; the law needs a value."),
        ({**fees.row(0), "Home": None}, "Row 650, column Home: it is empty; the law needs a value."),
    ],
)
def test_a_wrong_value_is_named_with_row_and_column(tmp_path, monkeypatch, bad, says):
    monkeypatch.setattr(reading, "PART_ROWS", 200)
    monkeypatch.setattr(reading, "BLOCK_ROWS", 30)
    path = tmp_path / "people.parquet"
    table = pa.Table.from_pylist([*ROWS[:650], bad, *ROWS[650:]], schema=TABLE.schema)
    pq.write_table(table, path, row_group_size=100)

    with pytest.raises(bulk.InputWrong) as told:
        perform(run_of(path))
    assert str(told.value) == says


def test_a_wrong_value_is_named_alike_by_another_process(tmp_path):
    path = written(tmp_path, [fees.row(0), fees.row(1, people=[fees.person(3), fees.person(None)])])

    with pytest.raises(bulk.InputWrong, match=r"Row 1, column People\.age \(element 2\): it is empty"):
        perform(run_of(path), executor.Local(1))


def test_a_value_that_its_column_cannot_hold_is_named(tmp_path):
    path = written(tmp_path, [{**fees.row(at), "Discount": 1 / 3 if at == 7 else 2.5} for at in range(9)])

    with pytest.raises(bulk.InputWrong, match=r"Row 7, column Discount: 0.33.*more than 2 digits"):
        perform(run_of(path, checked=False))


def test_a_file_that_is_no_parquet_is_said(tmp_path):
    path = tmp_path / "people.parquet"
    with pytest.raises(bulk.FileWrong, match=r"There is no file .*people\.parquet"):
        bulk.open_source(path, PROGRAM.schema)
    path.write_bytes(b"id,Discount\n1,2\n")
    with pytest.raises(bulk.FileWrong, match="is not a Parquet file"):
        bulk.open_source(path, PROGRAM.schema)
    path.write_bytes(b"PAR1" + b"x" * 100)
    with pytest.raises(bulk.FileWrong, match="cannot be read as Parquet"):
        bulk.open_source(path, PROGRAM.schema)


def test_a_damaged_parquet_file_is_said(people):
    whole = bytearray(people.read_bytes())
    whole[200:4000] = b"\xff" * 3800
    people.write_bytes(whole)

    with pytest.raises(bulk.FileWrong, match="cannot be read as Parquet"):
        perform(run_of(people))


def test_a_column_cannot_be_kept_that_is_not_there_or_comes_out(tmp_path, people):
    with pytest.raises(bulk.InputWrong, match=r"Column twon: it is to be kept.*Did you mean town\?"):
        bulk.open_source(people, PROGRAM.schema, ["twon"])

    path = written(tmp_path, [{**row, "fee": 1} for row in ROWS[:3]], "clash.parquet")
    with pytest.raises(bulk.BulkError, match="column fee of the file cannot be kept"):
        perform(run_of(path, keep=["fee"]))


def test_a_column_that_stands_twice_is_refused(tmp_path):
    path = tmp_path / "people.parquet"
    twice = TABLE.slice(0, 2).append_column("Discount", TABLE.slice(0, 2)["Discount"])
    pq.write_table(twice, path)

    with pytest.raises(bulk.InputWrong, match="Column Discount: the file has it twice"):
        bulk.open_source(path, PROGRAM.schema)


def test_the_results_never_take_the_place_of_the_people(people):
    before = people.read_bytes()

    with pytest.raises(bulk.BulkError, match="holds the people: write the results to another file"):
        perform(replace(run_of(people), out=people))
    assert people.read_bytes() == before


# ---- CSV -----------------------------------------------------------------------------------

FLAT = fees.program("Flat fee")
LINES = ["id,Home.rooms,Home.has_garden,Discount,note", "7,3,true,10,a", '8, 4 ,no,0.5,"b, c"']


def csv(tmp_path, lines):
    path = tmp_path / "people.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_csv_file_is_read_with_structs_from_dotted_names(tmp_path):
    run = run_of(csv(tmp_path, LINES), program=FLAT, keep=["id", "note"])

    assert (perform(run).rows, run.source.rows) == (2, None)
    found = pq.read_table(run.out).to_pylist()
    assert [float(row["Flat fee"]) for row in found] == [3 * 3 * 0.9 + 5, 4 * 3 * 0.995]
    assert [(row["id"], row["note"]) for row in found] == [("7", "a"), ("8", "b, c")]


def test_a_long_csv_file_is_done_in_parts(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "PART_ROWS", 800)
    monkeypatch.setattr(reading, "_END", 4096)
    many = [f"{at},{at % 9},{at % 2 == 0},{at % 100},x" for at in range(2000)]
    run = run_of(csv(tmp_path, [LINES[0], *many]), program=FLAT)
    stopper = Stopper(io.StringIO(), None)
    with pytest.raises(KeyboardInterrupt):
        perform(run, progress=stopper)

    summary = perform(run, resume=True)

    assert summary.rows == 2000
    assert summary.reused >= 400
    assert pq.read_table(run.out)["id"].to_pylist() == [str(at) for at in range(2000)]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("9,x,true,1,", "Row 2, column Home.rooms: 'x' is not a number."),
        ("9,1,maybe,1,", "Row 2, column Home.has_garden: 'maybe' is not true or false."),
        ("9,1,true,,", "Row 2, column Discount: it is empty; the law needs a value."),
        ("9,1,true,1.005,", "Row 2, column Discount: '1.005' is not a number."),
    ],
)
def test_a_wrong_value_of_a_csv_file_is_named(tmp_path, line, says):
    path = csv(tmp_path, [*LINES, line, "10,1,true,1,"])

    with pytest.raises(bulk.InputWrong) as told:
        perform(run_of(path, program=FLAT))
    assert str(told.value).replace("of at most 2 digits after the point", "").strip() == says


def test_a_csv_file_that_cannot_be_right_is_said(tmp_path):
    with pytest.raises(
        bulk.InputWrong, match="Column People: a list is needed, and a CSV file cannot hold one"
    ):
        bulk.open_source(
            csv(tmp_path, ["Home.rooms,Home.has_garden,Discount,People", "1,true,1,3"]), PROGRAM.schema
        )
    with pytest.raises(
        bulk.InputWrong, match=r"Column Home\.rooms: it is missing. Did you mean Home\.room\?"
    ):
        bulk.open_source(csv(tmp_path, ["Home.room,Home.has_garden,Discount"]), FLAT.schema)
    with pytest.raises(bulk.FileWrong, match="cannot be read as CSV"):
        bulk.open_source(csv(tmp_path, []), FLAT.schema)
    path = csv(tmp_path, [*LINES, "9,1,true"])
    with pytest.raises(bulk.FileWrong, match="Expected 5 columns, got 3"):
        perform(run_of(path, program=FLAT))


def test_a_row_of_a_csv_file_is_replayed(tmp_path):
    source = bulk.open_source(csv(tmp_path, LINES), FLAT.schema, [])

    assert float(bulk.replayed(source, FLAT, 1).value) == 4 * 3 * 0.995


def test_a_row_that_is_not_there_cannot_be_replayed(tmp_path, people):
    source = bulk.open_source(csv(tmp_path, LINES), FLAT.schema, [])
    with pytest.raises(bulk.FileWrong, match="has no row 2; rows are counted from 0"):
        bulk.replayed(source, FLAT, 2)
    for row in (-1, len(ROWS)):
        with pytest.raises(bulk.FileWrong, match=f"has no row {row}"):
            bulk.replayed(bulk.open_source(people, PROGRAM.schema), PROGRAM, row)


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        (pa.date32(), pa.timestamp("s")),
        (pa.date32(), pa.large_string()),
        (pa.int64(), pa.dictionary(pa.int8(), pa.string())),
        (pa.bool_(), pa.null()),
        (pa.list_(pa.int64()), pa.large_list(pa.float64())),
        (pa.list_(pa.string()), pa.list_(pa.string(), 2)),
    ],
)
def test_a_column_of_another_type_serves_where_nothing_is_lost(wanted, there):
    assert reading.check_type(pa.field("x", wanted), there) is None


@pytest.mark.parametrize(
    ("wanted", "there", "says"),
    [
        (pa.date32(), pa.int64(), "Column x: a date is needed, the file has int64."),
        (pa.string(), pa.binary(), "Column x: a text is needed, the file has binary."),
        (pa.string(), pa.bool_(), "Column x: a text is needed, the file has bool."),
        (pa.list_(pa.int64()), pa.list_(pa.bool_()), "Column x.item: a number is needed, the file has bool."),
    ],
)
def test_a_column_of_a_type_that_cannot_serve_is_named(wanted, there, says):
    with pytest.raises(bulk.InputWrong) as told:
        reading.check_type(pa.field("x", wanted), there)
    assert str(told.value) == says


# ---- progress ------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_is_a_moving_line_on_a_terminal_and_plain_lines_elsewhere():
    now = [0.0]
    for stream, shown in (
        (
            Terminal(),
            "\r[############............]  50%  500 of 1,000 rows, 25 rows/s, 0:20 left\x1b[K\r\x1b[K",
        ),
        (io.StringIO(), " 50%  500 of 1,000 rows, 25 rows/s, 0:20 left\n"),
    ):
        now[0] = 0.0
        progress = bulk.Progress(stream, 1000, clock=lambda: now[0])
        progress.add(250)
        now[0] = 20.0
        progress.add(250)
        progress.end()
        assert stream.getvalue() == shown


def test_progress_without_a_total_and_after_a_resumption():
    progress = bulk.Progress(io.StringIO(), None, clock=lambda: 0.0)
    progress.add(3000)
    assert progress.line(10.0) == "3,000 rows, 300 rows/s"

    again = bulk.Progress(io.StringIO(), 100_000, clock=lambda: 0.0)
    again.skip(60_000)
    assert again.line(1.0).endswith("0 rows/s, 0:00 left")
    again.add(1)
    assert again.line(1.0).endswith("1 rows/s, 11:06:39 left")


def test_the_folder_and_the_parts_have_names_that_sort(people):
    run = run_of(people)

    assert run.folder.name == "out.parquet.parts"
    assert running._part_file(run.folder, 12).name == "000012.arrow"
