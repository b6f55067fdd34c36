"""Runs a compiled decision over a file: part by part, kept as it goes, put together at the end.

Beside the results' file, a folder ``<name>.parts`` holds a manifest and what is finished, so that a run that was
killed can go on. When all parts are there, they are written into one Parquet file, which takes its name at the
very end: there is never half a file.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from commonweal.engines.bulk.checking import check_values
from commonweal.engines.bulk.errors import BulkError, DiskFull, InputWrong, RunChanged
from commonweal.engines.bulk.progress import Progress
from commonweal.engines.bulk.reading import PART_ROWS, Part, Source
from commonweal.engines.columnar import ColumnError, Program
from commonweal.engines.executor import Executor

FAULT = "fault"
GROUP_BYTES = 1 << 25
"""Size of a row group of the results, before it is written."""

FEW_ROWS = 500
"""Rows that are decided faster than machine code is made."""

_FORMAT = 1
_REASONS = 50
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass(frozen=True)
class Run:
    """What is to be done; workers get it whole.

    Attributes:
        program: The compiled decision.
        source: The people.
        out: The results' file.
        is_checked: Whether a fact that is empty or out of its range stops the run. If not, its row is decided upon as it
            is, and what the law cannot take becomes a fault of the row.
        engine: One of the program's; one that fits the number of rows if left out.
        names: What makes this run this run: hashes of model and parameters, the decision, the dates. An
            interrupted run goes on only if all are the same.
    """

    program: Program
    source: Source
    out: Path
    is_checked: bool = True
    engine: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Where the parts are kept."""
        return self.out.with_name(f"{self.out.name}.parts")

    @property
    def manifest(self) -> dict[str, str]:
        """What must be the same for parts to fit together."""
        return {
            "format": f"{_FORMAT} {PART_ROWS}",
            "input": self.source.fingerprint,
            "keep": ", ".join(self.source.keep),
            "engine": self.engine or fitting_engine(self.program.engines, self.source.rows),
            "checks": "all" if self.is_checked else "none",
            **self.names,
        }

    @property
    def schema(self) -> pa.Schema:
        """Of the results: the kept columns, then the answer."""
        there = self.source.schema
        kept = [there.field(name) for name in self.source.keep]
        return pa.schema([*kept, *self.program.output_schema])

    def __call__(self) -> Worker:
        """Make a worker; this is the executor's setup."""
        return Worker(self)


def fitting_engine(engines: Sequence[str], rows: int | None) -> str:
    """Pick the back end for so many rows: compiling machine code takes longer than deciding a few rows does.

    >>> fitting_engine(("llvm", "numpy", "rows"), 3), fitting_engine(("llvm", "numpy", "rows"), 3_000_000)
    ('rows', 'llvm')

    Args:
        engines: Those that can run the program, the fastest first.
        rows: How many rows; None where nobody knows.
    """
    return engines[-1] if rows is not None and rows <= FEW_ROWS else engines[0]


@dataclass(frozen=True)
class PartDone:
    """A finished part.

    Attributes:
        number: Which one.
        rows: How many rows it has.
        faults: Rows without an answer, by reason.
        is_old: Whether an earlier run had finished it.
    """

    number: int
    rows: int
    faults: dict[str, int]
    is_old: bool = False


@dataclass(frozen=True)
class Summary:
    """What a run did.

    Attributes:
        rows: How many rows were decided upon.
        faults: Rows without an answer, by reason, the most frequent first.
        reused: Rows that an earlier run had finished.
        cpu_seconds: Processor time of all workers, and of reading and writing here.
        seconds: Time on the clock.
        out: The results' file.
    """

    rows: int
    faults: dict[str, int]
    reused: int
    cpu_seconds: float
    seconds: float
    out: Path


class Worker:
    """Decides upon the rows of a part and keeps the answers."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._schema = run.schema
        self._engine = run.manifest["engine"]

    def __call__(self, part: Part) -> PartDone:
        """Do one part.

        Raises:
            InputWrong: A value cannot be taken; the row is that of the file.
            DiskFull: There is no room.
        """
        run = self._run
        faults: Counter[str] = Counter()
        rows = 0
        with _room(run.out), _new_file(_part_file(run.folder, part.number)) as place:
            options = pa.ipc.IpcWriteOptions(compression="lz4")
            with (
                pa.OSFile(str(place), "wb") as sink,
                pa.ipc.new_stream(sink, self._schema, options=options) as to,
            ):
                for block in _from(part, run.source):
                    answer = self._decide(block, part.first + rows)
                    to.write_batch(answer)
                    _count(answer.column(FAULT), faults)
                    rows += block.num_rows
        pa.default_memory_pool().release_unused()  # else what was needed for a moment stays with the process
        done = PartDone(part.number, rows, dict(faults.most_common(_REASONS)))
        with _room(run.out), _new_file(_note_file(run.folder, part.number)) as place:
            place.write_text(json.dumps(asdict(done)))
        return done

    def _decide(self, block: pa.RecordBatch, first: int) -> pa.RecordBatch:
        run = self._run
        try:
            if run.is_checked:
                check_values(block, run.program.columns)
            answer = run.program.run(block.select(run.source.wanted.names), engine=self._engine)
        except InputWrong as error:
            raise error.below(first) from None
        except ColumnError as error:
            message = str(error).partition(": ")[2]
            row = None if error.row is None else error.row + first
            raise InputWrong(error.column, f"{message}.", row) from None
        kept = [block.column(name) for name in run.source.keep]
        return pa.RecordBatch.from_arrays([*kept, *answer.columns], schema=self._schema)


def _from(part: Part, source: Source) -> Iterator[pa.RecordBatch]:
    try:
        yield from source.blocks(part)
    except InputWrong as error:
        raise error.below(part.first) from None


def _count(column: pa.Array, faults: Counter[str]) -> None:
    if column.null_count < len(column):
        for one in pc.value_counts(column.drop_null()).to_pylist():
            faults[one["values"]] += one["counts"]


def perform(run: Run, executor: Executor, progress: Progress, *, resume: bool = False) -> Summary:
    """Run a decision over a file.

    Args:
        run: What is to be done.
        executor: Who does it.
        progress: Told of every finished part.
        resume: Go on where an interrupted run of the same kind stopped; otherwise begin anew.

    Raises:
        InputWrong: A value cannot be taken. Parts before it are kept.
        RunChanged: Something differs from the interrupted run.
        DiskFull: There is no room. Finished parts are kept.
    """
    began, cpu = time.monotonic(), time.process_time()
    clash = sorted(set(run.source.keep) & set(run.program.output_schema.names))
    if clash:
        raise BulkError(
            f"The column {clash[0]} of the file cannot be kept: the decision gives one of that name."
        )
    if run.out.exists() and run.out.samefile(run.source.path):
        raise BulkError(f"{run.out} holds the people: write the results to another file.")
    with _room(run.out):
        old = _prepare(run, resume=resume)
    for done in old.values():
        progress.skip(done.rows)
    faults: Counter[str] = Counter()
    rows = 0
    with (
        _room(run.out),
        _new_file(run.out, run.folder) as place,
        pq.ParquetWriter(
            place, run.schema, compression="zstd", use_dictionary=_repeating(run.schema)
        ) as writer,
    ):
        for done in _in_order(run, executor, old):
            _append(_part_file(run.folder, done.number), writer)
            faults.update(done.faults)
            rows += done.rows
            if not done.is_old:
                progress.add(done.rows)
    progress.end()
    shutil.rmtree(run.folder)
    return Summary(
        rows=rows,
        faults=dict(faults.most_common()),
        reused=sum(done.rows for done in old.values()),
        cpu_seconds=time.process_time() - cpu + (executor.cpu_seconds if executor.is_elsewhere else 0.0),
        seconds=time.monotonic() - began,
        out=run.out,
    )


def _in_order(run: Run, executor: Executor, old: Mapping[int, PartDone]) -> Iterator[PartDone]:
    """Give every part when it is finished, in order; old ones are not done again."""
    due = 0
    for done in executor.map(run, _missing(run.source, old)):
        while due < done.number:
            yield old[due]
            due += 1
        yield done
        due += 1
    while due in old:
        yield old[due]
        due += 1


def _missing(source: Source, old: Mapping[int, PartDone]) -> Iterator[Part]:
    return (part for part in source.parts() if part.number not in old)


def _repeating(schema: pa.Schema) -> list[str] | bool:
    """Return the columns that gain by a dictionary: texts. For amounts one costs half as much again to write."""
    texts = [
        field.name for field in schema if pa.types.is_dictionary(field.type) or pa.types.is_string(field.type)
    ]
    return texts or False


def _append(file: Path, writer: pq.ParquetWriter) -> None:
    """Write a part into the results, in row groups that are neither tiny nor a burden to hold."""
    waiting: list[pa.RecordBatch] = []
    with pa.OSFile(str(file)) as data, pa.ipc.open_stream(data) as stream:
        for batch in stream:
            waiting.append(batch)
            if sum(one.nbytes for one in waiting) >= GROUP_BYTES:
                writer.write_table(pa.Table.from_batches(waiting))
                waiting = []
    if waiting:
        writer.write_table(pa.Table.from_batches(waiting))
    pa.default_memory_pool().release_unused()


# ---- what is kept ------------------------------------------------------------------------


def _part_file(folder: Path, number: int) -> Path:
    return folder / f"{number:06}.arrow"


def _note_file(folder: Path, number: int) -> Path:
    return folder / f"{number:06}.json"


def _prepare(run: Run, *, resume: bool) -> dict[int, PartDone]:
    """Make the folder ready; return the parts that need not be done again."""
    place = run.folder / "manifest.json"
    if not resume or not place.is_file():
        _clear(run.folder)
        run.folder.mkdir(parents=True)
        with _new_file(place) as file:
            file.write_text(json.dumps(run.manifest, indent=1))
        return {}
    before: dict[str, str] = json.loads(place.read_text())
    now = run.manifest
    changed = sorted(name for name in {*before, *now} if before.get(name) != now.get(name))
    if changed:
        raise RunChanged(
            f"The interrupted run cannot go on, for this is not the same as then: {', '.join(changed)}. "
            "Run without --resume to begin anew."
        )
    notes = [json.loads(note.read_text()) for note in sorted(run.folder.glob("[0-9]*.json"))]
    found = [PartDone(**{**note, "is_old": True}) for note in notes]
    return {done.number: done for done in found if _part_file(run.folder, done.number).is_file()}


def _clear(folder: Path) -> None:
    """Remove the parts of an earlier run, and nothing that is no such folder."""
    if not folder.exists():
        return
    if not (folder / "manifest.json").is_file() and any(folder.iterdir()):
        raise BulkError(f"{folder} is in the way: it is not the folder of an earlier run.")
    shutil.rmtree(folder)


@contextmanager
def _new_file(place: Path, folder: Path | None = None) -> Iterator[Path]:
    """Write a file under another name first, in a folder that is cleared away; it takes its own when all is written."""
    draft = (folder or place.parent) / f".{place.name}.{os.getpid()}"
    try:
        yield draft
        draft.replace(place)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


@contextmanager
def _room(out: Path) -> Iterator[None]:
    """Say in one sentence that the disk is full."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise BulkError(f"{out} cannot be written: {os.strerror(error.errno or 0)}.") from error
        raise DiskFull(
            f"The disk that holds {out} is full. Make room and run the same command again with --resume: "
            "the finished parts are kept."
        ) from error


def replayed(run_source: Source, program: Program, row: int) -> Any:
    """Decide one row of a file again, with its trace.

    Raises:
        FileWrong: There is no such row.
    """
    block, at = run_source.block_of(row)
    return program.replay(block.select(run_source.wanted.names), at)
