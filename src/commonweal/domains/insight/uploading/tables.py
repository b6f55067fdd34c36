"""Reads an uploaded CSV or Parquet file into one table, one person a row, every value checked.

The columns are named as the model names its facts, by the shortest name that is clear: ``earned`` or
``Household.members.earned``. ``household`` says who lives together; ``district`` and ``household_type`` may be left out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
from django.utils.translation import gettext as _

MOST_ROWS = 2_000_000
MOST_UNPACKED_BYTES = 600_000_000
MOST_COLUMNS = 200
MOST_FAULTS = 20
HOUSEHOLD = "household"
GROUPS = ("district", "household_type")

_NUMBER = r"^-?[0-9]{1,10}(\.[0-9]{1,2})?$"
_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_TRUE, _FALSE = ("true", "yes", "1"), ("false", "no", "0")
_LOWEST, _HIGHEST = 0, 10_000_000
_LONGEST = 1_000
"""Bytes of a cell; more are never 120 letters with some blanks around them."""
_ROWS_A_PART = 50_000


@dataclass(frozen=True)
class Fault:
    """What is wrong with a file.

    Attributes:
        message: In plain words.
        column: Its name; empty where none is to blame.
        row: As a spreadsheet counts, the header being row 1; 0 where the whole column is meant.
    """

    message: str
    column: str = ""
    row: int = 0

    def __str__(self) -> str:
        parts = [
            *([_("row %(row)s") % {"row": self.row}] if self.row else []),
            *([_("column %(column)s") % {"column": self.column}] if self.column else []),
        ]
        return f"{', '.join(parts)}: {self.message}" if parts else self.message


class Unusable(Exception):
    """A file cannot be used; ``faults`` says why."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults[:MOST_FAULTS])
        super().__init__("; ".join(map(str, self.faults)))


@dataclass(frozen=True)
class Wanted:
    """A column that the model needs.

    Attributes:
        path: From the input data down, with dots.
        type: Arrow's.
        is_member: Whether each person has one, and not the household.
    """

    path: str
    type: pa.DataType
    is_member: bool


def wanted_columns(schema: pa.Schema) -> list[Wanted]:
    """Return the single columns below a program's schema."""
    found: list[Wanted] = []
    for field in schema:
        found += _below(field.name, field.type, is_member=False)
    return found


def _below(path: str, type_: pa.DataType, *, is_member: bool) -> Iterator[Wanted]:
    if pa.types.is_list(type_):
        yield from _below(path, type_.value_type, is_member=True)
    elif pa.types.is_struct(type_):
        for field in type_:
            yield from _below(f"{path}.{field.name}", field.type, is_member=is_member)
    else:
        yield Wanted(path, type_, is_member)


def short_names(wanted: Sequence[Wanted]) -> dict[str, Wanted]:
    """Return every name by which a column may be called: its whole path, and each clear ending of it."""
    endings: dict[str, list[Wanted]] = {}
    for column in wanted:
        parts = column.path.split(".")
        for at in range(len(parts)):
            endings.setdefault(".".join(parts[at:]), []).append(column)
    return {name: columns[0] for name, columns in endings.items() if len(columns) == 1}


def best_name(column: Wanted, names: dict[str, Wanted]) -> str:
    """Return the shortest name of a column."""
    return min((name for name, known in names.items() if known is column), key=len)


def kind_name(type_: pa.DataType) -> str:
    """Return what a column holds, in words."""
    if pa.types.is_boolean(type_):
        return _("yes or no")
    if pa.types.is_date(type_):
        return _("date, as 2026-09-15")
    if pa.types.is_integer(type_):
        return _("whole number, 0 or above")
    return _("number, 0 or above, at most two decimals") if pa.types.is_decimal(type_) else _("text")


def read_table(content: bytes, name: str, schema: pa.Schema) -> pa.Table:
    """Read a file; every column that the model needs is there and of its type.

    Args:
        content: The file.
        name: Its name; the ending says what it is.
        schema: Of the program that will be run on it.

    Returns:
        Columns by their paths, and ``household``, ``district`` and ``household_type``.

    Raises:
        Unusable: It is no such file, or something in it is wrong.
    """
    wanted = wanted_columns(schema)
    names = short_names(wanted)
    table = _parquet(content, names) if name.lower().endswith(".parquet") else _csv(content)
    if not table.num_rows:
        raise Unusable([Fault(_("The file has no rows."))])
    given = _given(table.column_names, names)
    faults: list[Fault] = []
    missing = [column for column in wanted if column.path not in given]
    if HOUSEHOLD not in table.column_names:
        faults.append(Fault(_("It is missing. It says who lives together."), HOUSEHOLD))
    faults += [Fault(_("It is missing."), best_name(column, names)) for column in missing]
    if faults:
        raise Unusable(faults)
    columns: dict[str, Any] = {}
    for column in wanted:
        header = given[column.path]
        columns[column.path], wrong = checked(table.column(header), column.type, header)
        faults += wrong
    for header in (HOUSEHOLD, *GROUPS):
        values = table.column(header) if header in table.column_names else _blank(table.num_rows)
        try:
            columns[header], wrong = _text(values, header, is_needed=header == HOUSEHOLD)
        except pa.ArrowException as error:
            wrong = [Fault(_first_line(error), header)]
        faults += wrong
    if faults:
        raise Unusable(sorted(faults, key=lambda fault: (fault.row, fault.column)))
    return pa.table(columns)


def _given(headers: Sequence[str], names: dict[str, Wanted]) -> dict[str, str]:
    """Return the header of each column that the model needs, by path."""
    found: dict[str, str] = {}
    faults = []
    for header in headers:
        column = names.get(header.strip())
        if column is not None:
            found[column.path] = header
        elif header.strip() not in (HOUSEHOLD, *GROUPS):
            faults.append(Fault(_("The model knows no such column. Take it out, or mend its name."), header))
    if len(set(headers)) != len(headers) or len(found) + len(faults) > MOST_COLUMNS:
        faults.append(Fault(_("Two columns have the same name, or there are too many.")))
    if faults:
        raise Unusable(faults)
    return found


def _csv(content: bytes) -> pa.Table:
    plain = content.removeprefix(b"\xef\xbb\xbf")
    try:
        header = plain.split(b"\n", 1)[0].decode("utf-8")
        names = next(csv.reader([header]), [])
        options = pa.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        )
        table = pa.csv.read_csv(io.BytesIO(plain), convert_options=options)
    except (pa.ArrowInvalid, UnicodeDecodeError, csv.Error) as error:
        raise Unusable([Fault(_("This is not a CSV file: %(why)s") % {"why": _first_line(error)})]) from None
    if table.num_rows > MOST_ROWS:
        raise Unusable([Fault(_("The file has more than 2,000,000 rows."))])
    return table


def _parquet(content: bytes, names: dict[str, Wanted]) -> pa.Table:
    """Read a Parquet file in parts; a few bytes of it can stand for a text repeated without end."""
    try:
        schema = pq.read_schema(io.BytesIO(content))
        _look_at_types(schema)
        _given(schema.names, names)
        file = pq.ParquetFile(
            io.BytesIO(content), read_dictionary=[field.name for field in schema if _is_text(field.type)]
        )
        size = sum(file.metadata.row_group(at).total_byte_size for at in range(file.num_row_groups))
        if file.metadata.num_rows > MOST_ROWS or size > MOST_UNPACKED_BYTES:
            raise Unusable([_too_large()])
        parts, rows, unpacked = [], 0, 0
        for part in file.iter_batches(batch_size=_ROWS_A_PART):
            unpacked += sum(map(_unpacked, part.columns))
            if unpacked > MOST_UNPACKED_BYTES:
                raise Unusable([_too_large()])
            parts.append(
                pa.record_batch(
                    [_plain(*each, rows) for each in zip(part.columns, schema.names, strict=True)],
                    schema.names,
                )
            )
            rows += part.num_rows
    except (pa.ArrowException, OSError) as error:
        raise Unusable(
            [Fault(_("This is not a Parquet file: %(why)s") % {"why": _first_line(error)})]
        ) from None
    return pa.Table.from_batches(parts) if parts else schema.empty_table()


def _too_large() -> Fault:
    return Fault(_("The file has more than 2,000,000 rows, or is too large unpacked."))


def _look_at_types(schema: pa.Schema) -> None:
    for field in schema:
        if pa.types.is_nested(field.type):
            raise Unusable([Fault(_("It holds lists or groups. Write one person a row."), field.name)])
        if pa.types.is_fixed_size_binary(field.type) and field.type.byte_width > _LONGEST:
            raise Unusable([Fault(_("The text is longer than 120 letters."), field.name)])


def _is_text(type_: pa.DataType) -> bool:
    return pa.types.is_string(type_) or pa.types.is_large_string(type_) or _is_bytes(type_)


def _is_bytes(type_: pa.DataType) -> bool:
    return bool(pa.types.is_binary(type_) or pa.types.is_large_binary(type_))


def _unpacked(values: pa.Array) -> int:
    """Return how many bytes a column takes once its dictionary is gone."""
    if not pa.types.is_dictionary(values.type) or not _is_text(values.type.value_type):
        return int(values.nbytes)
    lengths = pc.binary_length(values.dictionary).take(values.indices)
    return int(pc.sum(lengths).as_py() or 0) + 4 * len(values)


def _plain(values: pa.Array, header: str, rows_before: int) -> pa.Array:
    """Return a column without its dictionary, once none of its texts is found to be long or broken."""
    if not pa.types.is_dictionary(values.type) or not _is_text(values.type.value_type):
        return values
    lengths = pc.fill_null(pc.binary_length(values.dictionary).take(values.indices), 0)
    for at in np.flatnonzero(np.asarray(lengths) > _LONGEST)[:1]:
        raise Unusable([Fault(_("The text is longer than 120 letters."), header, rows_before + int(at) + 2)])
    decoded = values.cast(values.type.value_type)
    try:
        text = decoded.cast(pa.binary()).cast(pa.string())
    except pa.ArrowInvalid as error:
        raise Unusable([_broken(decoded.cast(pa.binary()), header, rows_before, error)]) from None
    return text


def _broken(values: pa.Array, header: str, rows_before: int, error: Exception) -> Fault:
    """Return the first text that is not UTF-8."""
    message = _("This is not a Parquet file: %(why)s") % {"why": _first_line(error)}
    for at, value in enumerate(values.to_pylist()):
        try:
            (value or b"").decode()
        except UnicodeDecodeError:
            return Fault(message, header, rows_before + at + 2)
    return Fault(message, header)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__


def checked(values: pa.ChunkedArray, type_: pa.DataType, header: str) -> tuple[Any, list[Fault]]:
    """Return a column in the type that the model needs, and what is wrong in it."""
    try:
        return _converted(values, type_, header)
    except pa.ArrowException as error:
        return values, [Fault(_first_line(error), header)]


def _converted(values: pa.ChunkedArray, type_: pa.DataType, header: str) -> tuple[Any, list[Fault]]:
    if pa.types.is_boolean(type_):
        return _truths(values, header)
    if pa.types.is_decimal(type_) or pa.types.is_integer(type_):
        return _numbers(values, type_, header)
    text, faults = _text(values, header, is_needed=True)
    if pa.types.is_date(type_):
        is_date = np.asarray([_is_day(value) for value in text.to_pylist()]) & _matches(text, _DATE)
        faults += _where(~is_date, text, header, _("'%(value)s' is not a date such as 2026-09-15."))
        return (text if faults else text.cast(type_)), faults
    return text, faults


@lru_cache(maxsize=100_000)
def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _truths(values: pa.ChunkedArray, header: str) -> tuple[Any, list[Fault]]:
    if pa.types.is_boolean(values.type):
        return values, _where(_mask(values.is_null()), values, header, _("The cell is empty."))
    text, faults = _text(values, header, is_needed=True)
    lower = pc.utf8_lower(text)
    is_true = _mask(pc.is_in(lower, pa.array(_TRUE)))
    is_known = is_true | _mask(pc.is_in(lower, pa.array(_FALSE)))
    faults = faults or _where(~is_known, text, header, _("'%(value)s' is neither yes nor no."))
    return pa.chunked_array([pa.array(is_true)]), faults


def _numbers(values: pa.ChunkedArray, type_: pa.DataType, header: str) -> tuple[Any, list[Fault]]:
    if pa.types.is_floating(values.type):
        values = _rounded(values)
    text, faults = _text(values, header, is_needed=True)
    if faults:
        return text, faults
    faults = _where(
        ~_matches(text, _NUMBER), text, header, _("'%(value)s' is not a number with at most two decimals.")
    )
    if faults:
        return text, faults
    numbers = text.cast(pa.decimal128(14, 2))
    outside = _mask(pc.or_(pc.less(numbers, _LOWEST), pc.greater(numbers, _HIGHEST)))
    faults = _where(outside, text, header, _("%(value)s lies outside of 0 to 10,000,000."))
    if pa.types.is_integer(type_):
        has_cents = _mask(pc.not_equal(pc.floor(numbers), numbers))
        faults = faults or _where(has_cents, text, header, _("%(value)s is not a whole number."))
    return (numbers if faults else numbers.cast(type_, safe=not pa.types.is_integer(type_))), faults


def _rounded(values: pa.ChunkedArray) -> Any:
    """Return floats as text with at most two decimals where they have no more, else as they are."""
    short = pc.round(values, ndigits=2)
    is_short = pc.equal(short, values)
    as_cents = pc.if_else(pc.and_(is_short, pc.is_finite(values)), short, None)
    plain = as_cents.cast(pa.decimal128(16, 2), safe=False).cast(pa.string())
    return pc.if_else(pc.is_null(plain), values.cast(pa.string()), plain)


def _text(values: pa.ChunkedArray, header: str, *, is_needed: bool) -> tuple[Any, list[Fault]]:
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    if not pa.types.is_string(values.type):
        values = values.cast(pa.string())
    text = pc.utf8_trim_whitespace(pc.fill_null(values, ""))
    faults = _where(_mask(pc.equal(text, "")), text, header, _("The cell is empty.")) if is_needed else []
    long = _mask(pc.greater(pc.utf8_length(text), 120))
    return text, faults or _where(long, text, header, _("The text is longer than 120 letters."))


def _blank(rows: int) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array([""] * rows, pa.string())])


def _matches(text: Any, pattern: str) -> Any:
    return _mask(pc.match_substring_regex(text, pattern))


def _mask(values: Any) -> Any:
    found = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    return np.asarray(found, dtype=np.bool_)


def _where(wrong: Any, values: Any, header: str, message: str) -> list[Fault]:
    """Return a fault for each wrong row, the first few; rows are counted as a spreadsheet does."""
    places = np.flatnonzero(wrong)[:MOST_FAULTS]
    return [
        Fault(
            message % {"value": str(values[int(at)].as_py())[:40]} if "%(" in message else message,
            header,
            int(at) + 2,
        )
        for at in places
    ]
