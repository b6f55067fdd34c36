"""Arrow in: the schema of the facts, and any reasonable column brought to the types that the back ends read.

Nothing is rounded on the way in: a value that its column cannot hold exactly is an error that names
column and row.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from commonweal.engines.columnar.columns import FIRST_DAY, LAST_DAY, Branch, Column, Leaf, Many
from commonweal.engines.columnar.errors import ColumnError

__all__ = ["as_batches", "conform", "field_of", "scaled_decimals", "schema_of"]

_PLAIN: Final = {"truth": pa.bool_(), "date": pa.date32(), "text": pa.string(), "other": pa.string()}
_SIGNED: Final = {
    pa.uint8(): pa.int16(),
    pa.uint16(): pa.int32(),
    pa.uint32(): pa.int64(),
    pa.uint64(): pa.int64(),
}
_CODES: Final = pa.dictionary(pa.int32(), pa.string())
_EXACT: Final = 2**53


def schema_of(columns: Mapping[str, Column]) -> pa.Schema:
    """The schema of the facts."""
    return pa.schema([field_of(name, column) for name, column in columns.items()])


def field_of(name: str, column: Column) -> pa.Field:
    """The field of a column."""
    return pa.field(name, _type_of(column))


def _type_of(column: Column) -> pa.DataType:
    if isinstance(column, Branch):
        return pa.struct([field_of(name, member) for name, member in column.members])
    if isinstance(column, Many):
        return pa.list_(pa.field("item", _type_of(column.element)))
    if column.kind != "number":
        return _PLAIN[column.kind]
    if column.scale == 0:
        return pa.int64()
    digits = len(str(max(abs(column.low), abs(column.high))))
    return pa.decimal128(max(digits, column.scale + 1), column.scale)


def as_batches(data: Any, rows: int) -> list[pa.RecordBatch]:
    """Record batches of at most so many rows, without copying, of anything that speaks Arrow.

    Raises:
        TypeError: The data do not.
    """
    if isinstance(data, pa.RecordBatch):
        table = pa.Table.from_batches([data])
    elif isinstance(data, pa.Table):
        table = data
    elif hasattr(data, "__arrow_c_stream__"):
        table = pa.table(data)
    elif hasattr(data, "__arrow_c_array__"):
        table = pa.Table.from_batches([pa.record_batch(data)])
    else:
        raise TypeError(f"a {type(data).__name__} is no Arrow table or batch, and gives none")
    return list(table.to_batches(max_chunksize=rows))


def conform(batch: pa.RecordBatch, columns: Mapping[str, Column]) -> pa.RecordBatch:
    """The columns that are read, each in a type that the back ends know.

    Raises:
        ColumnError: A column is missing, of another type, or holds a value that it cannot hold exactly.
    """
    arrays = []
    for name, column in columns.items():
        at = batch.schema.get_all_field_indices(name)
        if len(at) != 1:
            raise ColumnError(name, "it stands in the data twice" if at else "it is missing")
        arrays.append(_conformed(batch.column(at[0]), column))
    if not arrays:
        return pa.RecordBatch.from_struct_array(pa.array([{}] * batch.num_rows, pa.struct([])))
    return pa.RecordBatch.from_arrays(arrays, names=list(columns))


def _conformed(array: pa.Array, column: Column) -> pa.Array:
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    if isinstance(column, Leaf):
        return _LEAVES[column.kind](array, column)
    if pa.types.is_null(array.type):
        return pa.nulls(len(array), _type_of(column))
    return _struct(array, column) if isinstance(column, Branch) else _list(array, column)


def _struct(array: pa.Array, column: Branch) -> pa.Array:
    if not pa.types.is_struct(array.type):
        raise ColumnError(column.name, f"a struct is needed, not {array.type}")
    known = {array.type.field(i).name: i for i in range(array.type.num_fields)}
    parts = []
    for name, member in column.members:
        if name not in known:
            raise ColumnError(member.name, f"it is missing; there are: {', '.join(known) or 'none'}")
        parts.append(_conformed(array.field(known[name]), member))
    mask = array.is_null() if array.null_count else None
    return pa.StructArray.from_arrays(parts, names=[name for name, _ in column.members], mask=mask)


def _list(array: pa.Array, column: Many) -> pa.Array:
    kind = array.type
    if pa.types.is_fixed_size_list(kind) or pa.types.is_large_list(kind):
        array = array.cast(pa.list_(kind.value_field))
    elif not pa.types.is_list(kind):
        raise ColumnError(column.name, f"a list is needed, not {kind}")
    offsets = array.offsets
    first, last = offsets[0].as_py(), offsets[-1].as_py()
    values = array.values.slice(first, last - first)
    try:
        elements = _conformed(values, column.element)
    except ColumnError as error:
        if error.row is None:
            raise
        row = int(np.searchsorted(offsets.to_numpy(), error.row + first, side="right")) - 1
        message = str(error).partition(": ")[2]
        raise ColumnError(
            error.column, f"element {error.row + first - offsets[row].as_py() + 1}: {message}", row
        ) from None
    starts = pc.subtract(offsets, pa.scalar(first, pa.int32())) if first else offsets
    mask = array.is_null() if array.null_count else None
    if starts.offset and mask is not None:
        starts = pa.array(starts.to_numpy(), pa.int32())
    return pa.ListArray.from_arrays(starts, elements, mask=mask)


# Leaves


def _number(array: pa.Array, column: Leaf) -> pa.Array:
    kind = array.type
    if pa.types.is_signed_integer(kind):
        return array
    if pa.types.is_unsigned_integer(kind):
        return _cast(array, _SIGNED[kind], column, "too large a number")
    if pa.types.is_decimal128(kind) and 0 <= kind.scale <= column.scale:
        return array
    wanted = pa.decimal128(38, column.scale)
    if pa.types.is_decimal(kind):
        return _cast(array, wanted, column, _too_fine(column))
    if pa.types.is_floating(kind):
        return _from_floats(array, column)
    if pa.types.is_null(kind):
        return array.cast(wanted)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _from_texts(array, column)
    raise ColumnError(column.name, f"a number is needed, not {kind}")


def _too_fine(column: Leaf) -> str:
    return f"more than {column.scale} digits after the point; declare a range with a larger scale"


def _cast(array: pa.Array, wanted: pa.DataType, column: Leaf, why: str) -> pa.Array:
    try:
        return array.cast(wanted)
    except pa.ArrowInvalid:
        row = _first_bad(array, wanted)
        raise ColumnError(column.name, f"{array[row].as_py()}: {why}", row) from None


def _first_bad(array: pa.Array, wanted: pa.DataType) -> int:
    """The first row whose cast fails, found by halving."""
    low, high = 0, len(array)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            array.slice(low, middle - low).cast(wanted)
            low = middle
        except pa.ArrowInvalid:
            high = middle
    return low


def _from_floats(array: pa.Array, column: Leaf) -> pa.Array:
    numbers = pc.fill_null(array.cast(pa.float64()), 0.0).to_numpy(zero_copy_only=False)
    factor = float(10**column.scale)
    with np.errstate(all="ignore"):
        scaled = np.rint(numbers * factor)
        exact = (np.abs(scaled) < _EXACT) & (scaled / factor == numbers)
    if not exact.all():
        row = int(np.argmin(exact))
        why = _too_fine(column) if np.isfinite(numbers[row]) else "no finite number"
        raise ColumnError(column.name, f"{numbers[row]}: {why}", row)
    mask = array.is_null().to_numpy(zero_copy_only=False) if array.null_count else None
    return scaled_decimals(scaled.astype(np.int64), column.scale, mask)


def scaled_decimals(scaled: np.ndarray[Any, Any], scale: int, null: np.ndarray[Any, Any] | None) -> pa.Array:
    """A decimal column of whole numbers times ten to the minus ``scale``."""
    limbs = np.empty((len(scaled), 2), np.int64)
    limbs[:, 0] = scaled
    np.right_shift(scaled, 63, out=limbs[:, 1])
    validity = None if null is None else pa.array(~null).buffers()[1]
    buffers = [validity, pa.py_buffer(limbs)]
    return pa.Array.from_buffers(pa.decimal128(38, scale), len(scaled), buffers)


def _from_texts(array: pa.Array, column: Leaf) -> pa.Array:
    wanted = pa.decimal128(38, column.scale)
    numbers: list[Decimal | None] = []
    for row, text in enumerate(array.to_pylist()):
        try:
            number = None if text is None else Decimal(text.strip())
            rounded = None if number is None else number.quantize(Decimal(1).scaleb(-column.scale))
        except InvalidOperation:
            raise ColumnError(column.name, f"{text!r} is not a number", row) from None
        if number != rounded:
            raise ColumnError(column.name, f"{text!r}: {_too_fine(column)}", row)
        numbers.append(rounded)
    return pa.array(numbers, wanted)


def _text(array: pa.Array, column: Leaf) -> pa.Array:
    kind = array.type
    if pa.types.is_dictionary(kind):
        return array if kind == _CODES else array.cast(_CODES)
    if pa.types.is_null(kind):
        return array.cast(pa.string()).dictionary_encode()
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return array.cast(pa.string()).dictionary_encode()
    raise ColumnError(column.name, f"a text is needed, not {kind}")


def _truth(array: pa.Array, column: Leaf) -> pa.Array:
    if pa.types.is_boolean(array.type):
        return array
    if pa.types.is_null(array.type):
        return array.cast(pa.bool_())
    raise ColumnError(column.name, f"true or false is needed, not {array.type}")


def _date(array: pa.Array, column: Leaf) -> pa.Array:
    kind = array.type
    if pa.types.is_date32(kind):
        return _within_years(array, column)
    if (
        pa.types.is_date64(kind)
        or pa.types.is_null(kind)
        or pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
    ):
        return _cast(array, pa.date32(), column, "not a date such as 2026-09-15")
    if pa.types.is_timestamp(kind):
        return _from_moments(array, column)
    raise ColumnError(column.name, f"a date is needed, not {kind}")


def _from_moments(array: pa.Array, column: Leaf) -> pa.Array:
    days = array.cast(pa.date32())
    is_midnight = pc.fill_null(pc.equal(days.cast(array.type), array), True).to_numpy(zero_copy_only=False)
    if not is_midnight.all():
        row = int(np.argmin(is_midnight))
        raise ColumnError(column.name, f"{array[row].as_py()}: a date is needed, not a time of day", row)
    return _within_years(days, column)


def _within_years(array: pa.Array, column: Leaf) -> pa.Array:
    days = array.view(pa.int32())
    ends = pc.min_max(days)
    low, high = ends["min"].as_py(), ends["max"].as_py()
    if low is not None and (low < FIRST_DAY or high > LAST_DAY):
        numbers = pc.fill_null(days, 0).to_numpy(zero_copy_only=False)
        row = int(np.argmax((numbers < FIRST_DAY) | (numbers > LAST_DAY)))
        raise ColumnError(column.name, "a date of the years 1 to 9999 is needed", row)
    return array


def _other(array: pa.Array, column: Leaf) -> pa.Array:
    return array


_LEAVES: Final = {"number": _number, "text": _text, "truth": _truth, "date": _date, "other": _other}
