"""Reads a population from Parquet or CSV, block by block, and never the whole of it.

A file is cut into parts: what is done and kept in one go. In Parquet a part is some row groups, read by whoever
works on it; a CSV file can only be read from its beginning, so its parts carry their rows with them.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from commonweal.engines.bulk.errors import FileWrong, InputWrong

BLOCK_ROWS = 32_768
"""Rows that are in memory at a time, for each worker."""

PART_ROWS = 1_048_576
"""Rows of a part, about."""

_END = 1 << 20
_PARQUET = b"PAR1"
_YES, _NO = ["true", "True", "TRUE", "yes", "1"], ["false", "False", "FALSE", "no", "0"]


@dataclass(frozen=True)
class Part:
    """Some rows of the input.

    Attributes:
        number: Among the parts, from 0.
        first: The number of its first row in the file.
        groups: Row groups of a Parquet file.
        batches: The rows themselves, where they come from a CSV file.
    """

    number: int
    first: int
    groups: tuple[int, ...] = ()
    batches: tuple[pa.RecordBatch, ...] = ()


@dataclass(frozen=True)
class Source:
    """A file of people.

    Attributes:
        path: Where it lies.
        is_csv: Whether it is CSV; else it is Parquet.
        wanted: Columns that the law needs, with the types that they should have.
        keep: Further columns, passed through.
    """

    path: Path
    is_csv: bool
    wanted: pa.Schema
    keep: tuple[str, ...] = ()

    @cached_property
    def schema(self) -> pa.Schema:
        """What the file holds; a CSV file's columns with dots are structs."""
        if self.is_csv:
            return pa.schema([pa.field(name, pa.string()) for name in _csv_names(self.path)])
        return self._parquet().schema_arrow

    @cached_property
    def rows(self) -> int | None:
        """How many rows there are; nobody knows in a CSV file before it is read."""
        return None if self.is_csv else int(self._parquet().metadata.num_rows)

    @cached_property
    def fingerprint(self) -> str:
        """A name for the file's content: size, time of change, and its first and last megabyte.

        The end of a Parquet file holds sizes, places and extremes of every column chunk.
        """
        stat = self.path.stat()
        with self.path.open("rb") as file:
            head = file.read(_END)
            file.seek(max(0, stat.st_size - _END))
            tail = file.read()
        return sha256(f"{stat.st_size} {stat.st_mtime_ns} ".encode() + head + tail).hexdigest()

    def parts(self) -> Iterator[Part]:
        """Cut the file into parts, in order."""
        if self.is_csv:
            yield from self._csv_parts()
            return
        metadata = self._parquet().metadata
        number = first = rows = 0
        groups: list[int] = []
        for group in range(metadata.num_row_groups):
            size = metadata.row_group(group).num_rows
            if groups and rows + size > PART_ROWS:
                yield Part(number, first, tuple(groups))
                number, first, rows, groups = number + 1, first + rows, 0, []
            groups.append(group)
            rows += size
        if groups:
            yield Part(number, first, tuple(groups))

    def blocks(self, part: Part) -> Iterator[pa.RecordBatch]:
        """Read a part, block by block.

        Raises:
            InputWrong: A value of a CSV file is not of its column's type; the row counts from the part's first.
            FileWrong: The file is damaged.
        """
        if self.is_csv:
            start = 0
            for batch in part.batches:
                try:
                    yield _csv_typed(batch, self.wanted, self.keep)
                except InputWrong as error:
                    raise error.below(start) from None
                start += batch.num_rows
            return
        try:
            yield from self._parquet().iter_batches(
                BLOCK_ROWS,
                row_groups=part.groups,
                columns=[*self.wanted.names, *self.keep],
                use_threads=False,
            )
        except (pa.ArrowInvalid, OSError) as error:
            raise _damaged(self.path, error) from error

    def block_of(self, row: int) -> tuple[pa.RecordBatch, int]:
        """Return a block that holds a row, and the row's place in it.

        Raises:
            FileWrong: The file has fewer rows.
        """
        for part in self._near(row):
            start = part.first
            for block in self.blocks(part):
                if row < start + block.num_rows:
                    return block, row - start
                start += block.num_rows
        raise FileWrong(f"{self.path} has no row {row}; rows are counted from 0.")

    def _near(self, row: int) -> Iterator[Part]:
        """The parts worth looking at for a row: of a Parquet file only the row group that holds it."""
        if self.is_csv:
            yield from self.parts()
            return
        metadata, start = self._parquet().metadata, 0
        for group in range(metadata.num_row_groups):
            size = metadata.row_group(group).num_rows
            if start <= row < start + size:
                yield Part(0, start, (group,))
            start += size

    def _parquet(self) -> pq.ParquetFile:
        try:
            return pq.ParquetFile(self.path, buffer_size=1 << 20, pre_buffer=False)
        except (pa.ArrowInvalid, OSError) as error:
            raise _damaged(self.path, error) from error

    def _csv_parts(self) -> Iterator[Part]:
        number = first = 0
        with _open_csv(self.path, self.wanted, self.keep) as reader:
            while True:
                batches, rows = [], 0
                while rows < PART_ROWS // 8 and (batch := _next_csv(reader, self.path)) is not None:
                    batches.append(batch)
                    rows += batch.num_rows
                if not batches:
                    return
                yield Part(number, first, batches=tuple(batches))
                number, first = number + 1, first + rows


def open_source(path: Path, wanted: pa.Schema, keep: Sequence[str] | None = None) -> Source:
    """Open a file and see that it has the columns that the law needs.

    Args:
        path: A Parquet file, or a CSV file with a line of names.
        wanted: The columns needed.
        keep: Columns to be passed through. If left out: the first column of the file, where the law does not ask for it.

    Raises:
        FileWrong: There is no such file, or it is neither Parquet nor CSV.
        InputWrong: A column is missing, or of a type that cannot be.
    """
    source = Source(path, _is_csv(path), wanted)
    there = source.schema
    has = _csv_tree(there.names) if source.is_csv else there.names
    if keep is None:
        keep = [name for name in there.names[:1] if name.partition(".")[0] not in wanted.names]
    for name in keep:
        if name not in there.names:
            raise InputWrong(name, f"it is to be kept, but the file has none such.{_near(name, there.names)}")
    for field in wanted:
        _check_column(field, source, has)
    return replace(source, keep=tuple(keep))


def _check_column(field: pa.Field, source: Source, has: Sequence[str]) -> None:
    """See that an input of the law is there, once, and of a type that can serve."""
    if field.name not in has:
        raise InputWrong(field.name, f"it is missing.{_near(field.name, list(has))}")
    if source.is_csv:
        _check_csv(field, source.schema.names)
        return
    if source.schema.names.count(field.name) > 1:
        raise InputWrong(field.name, "the file has it twice.")
    check_type(field, source.schema.field(field.name).type)


def _is_csv(path: Path) -> bool:
    if not path.is_file():
        raise FileWrong(f"There is no file {path}.")
    with path.open("rb") as file:
        is_parquet = file.read(4) == _PARQUET
    if not is_parquet and path.suffix.lower() not in {".csv", ".txt"}:
        raise FileWrong(f"{path} is not a Parquet file. (A CSV file's name ends in .csv.)")
    return not is_parquet


def _near(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    close = [one for one in known if one.casefold() == name.casefold()] or near
    listed = ", ".join(list(known)[:12]) + (", …" if len(known) > 12 else "")
    return f" Did you mean {close[0]}?" if close else f" The file has: {listed or 'nothing'}."


def check_type(field: pa.Field, there: pa.DataType, path: str = "") -> None:
    """See that a column can be what the law needs.

    Raises:
        InputWrong: It cannot; the path inside a struct or list is named.
    """
    path = f"{path}.{field.name}" if path else field.name
    if pa.types.is_null(there):
        return None
    if pa.types.is_list(field.type):
        if not (
            pa.types.is_list(there) or pa.types.is_large_list(there) or pa.types.is_fixed_size_list(there)
        ):
            raise InputWrong(path, f"a list is needed, the file has {there}.")
        return _check_inside(field.type.value_type, there.value_type, path)
    if pa.types.is_struct(field.type):
        if not pa.types.is_struct(there):
            raise InputWrong(path, f"a struct is needed, the file has {there}.")
        return _check_inside(field.type, there, path)
    if _kind(field.type) not in _fits(there):
        raise InputWrong(path, f"{_WORDS[_kind(field.type)]} is needed, the file has {there}.")
    return None


def _check_inside(wanted: pa.DataType, there: pa.DataType, path: str) -> None:
    if not pa.types.is_struct(wanted):
        return check_type(pa.field("item", wanted), there, path)
    if not pa.types.is_struct(there):
        raise InputWrong(path, f"a struct is needed, the file has {there}.")
    known = [there.field(at).name for at in range(there.num_fields)]
    for at in range(wanted.num_fields):
        field = wanted.field(at)
        if field.name not in known:
            raise InputWrong(f"{path}.{field.name}", f"it is missing.{_near(field.name, known)}")
        check_type(field, there.field(field.name).type, path)
    return None


_WORDS = {"number": "a number", "truth": "true or false", "date": "a date", "text": "a text"}


def _kind(type_: pa.DataType) -> str:
    if pa.types.is_integer(type_) or pa.types.is_decimal(type_):
        return "number"
    if pa.types.is_boolean(type_):
        return "truth"
    return "date" if pa.types.is_date(type_) else "text"


def _fits(there: pa.DataType) -> tuple[str, ...]:
    """What a column of a type can serve as; texts can hold numbers and dates too."""
    if pa.types.is_dictionary(there):
        there = there.value_type
    if pa.types.is_integer(there) or pa.types.is_floating(there) or pa.types.is_decimal(there):
        return ("number",)
    if pa.types.is_boolean(there):
        return ("truth",)
    if pa.types.is_date(there) or pa.types.is_timestamp(there):
        return ("date",)
    is_text = pa.types.is_string(there) or pa.types.is_large_string(there) or pa.types.is_string_view(there)
    return ("text", "number", "date") if is_text else ()


def _damaged(path: Path, error: Exception) -> FileWrong:
    return FileWrong(f"{path} cannot be read as Parquet: {str(error).splitlines()[0]}")


# ---- CSV ---------------------------------------------------------------------------------


def _csv_names(path: Path) -> list[str]:
    try:
        with pa_csv.open_csv(path, read_options=pa_csv.ReadOptions(block_size=_END)) as reader:
            return [str(name) for name in reader.schema.names]
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise FileWrong(f"{path} cannot be read as CSV: {str(error).splitlines()[0]}") from error


def _csv_tree(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(name.partition(".")[0] for name in names))


def _check_csv(field: pa.Field, names: Sequence[str], path: str = "") -> None:
    path = f"{path}.{field.name}" if path else field.name
    if pa.types.is_list(field.type):
        raise InputWrong(path, "a list is needed, and a CSV file cannot hold one: use Parquet.")
    if pa.types.is_struct(field.type):
        for at in range(field.type.num_fields):
            _check_csv(field.type.field(at), names, path)
    elif path not in names:
        raise InputWrong(path, f"it is missing.{_near(path, names)}")


def _open_csv(path: Path, wanted: pa.Schema, keep: Sequence[str]) -> Any:
    leaves = [leaf for field in wanted for leaf in _leaves(field)]
    names = list(dict.fromkeys([*leaves, *keep]))
    convert = pa_csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()),
        include_columns=names,
        strings_can_be_null=True,
        null_values=["", "NA", "null"],
        quoted_strings_can_be_null=False,
    )
    try:
        return pa_csv.open_csv(
            path, read_options=pa_csv.ReadOptions(block_size=_END, use_threads=False), convert_options=convert
        )
    except (pa.ArrowInvalid, KeyError) as error:
        raise FileWrong(f"{path} cannot be read as CSV: {error}") from error


def _next_csv(reader: Any, path: Path) -> pa.RecordBatch | None:
    try:
        batch: pa.RecordBatch = reader.read_next_batch()
    except StopIteration:
        return None
    except pa.ArrowInvalid as error:
        raise FileWrong(f"{path}: {error}") from error
    return batch


def _leaves(field: pa.Field, path: str = "") -> list[str]:
    path = f"{path}.{field.name}" if path else field.name
    if not pa.types.is_struct(field.type):
        return [path]
    return [leaf for at in range(field.type.num_fields) for leaf in _leaves(field.type.field(at), path)]


def _csv_typed(batch: pa.RecordBatch, wanted: pa.Schema, keep: Sequence[str]) -> pa.RecordBatch:
    """Turn texts into what the law needs."""
    arrays = [_csv_column(batch, field) for field in wanted]
    kept = [batch.column(name) for name in keep]
    return pa.RecordBatch.from_arrays([*arrays, *kept], names=[*wanted.names, *keep])


def _csv_column(batch: pa.RecordBatch, field: pa.Field, path: str = "") -> pa.Array:
    path = f"{path}.{field.name}" if path else field.name
    if pa.types.is_struct(field.type):
        inside = [field.type.field(at) for at in range(field.type.num_fields)]
        return pa.StructArray.from_arrays(
            [_csv_column(batch, one, path) for one in inside], names=[one.name for one in inside]
        )
    texts = batch.column(path)
    kind = _kind(field.type)
    if kind == "text":
        return texts
    texts = pc.utf8_trim_whitespace(texts)
    try:
        return _converted(texts, field.type, kind)
    except pa.ArrowInvalid:
        row = _first_wrong(texts, field.type, kind)
        raise InputWrong(path, f"{texts[row].as_py()!r} is not {_WORDS[kind]}.", row) from None


def _converted(texts: pa.Array, type_: pa.DataType, kind: str) -> pa.Array:
    if kind == "truth":
        is_true, is_false = (pc.is_in(texts, pa.array(words)) for words in (_YES, _NO))
        known = pc.or_(pc.or_(is_true, is_false), texts.is_null())
        if not pc.all(known).as_py() and len(texts):
            raise pa.ArrowInvalid("neither true nor false")
        return pc.if_else(texts.is_null(), pa.scalar(None, pa.bool_()), is_true)
    return texts.cast(type_)


def _first_wrong(texts: pa.Array, type_: pa.DataType, kind: str) -> int:
    """Find the first text that cannot be converted, by halving."""
    low, high = 0, len(texts)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            _converted(texts.slice(low, middle - low), type_, kind)
            low = middle
        except pa.ArrowInvalid:
            high = middle
    return low
