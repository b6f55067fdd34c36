"""Reads money and numbers out of Arrow columns, whole cents in 64 bits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]


class ColumnMissing(ValueError):
    """A batch has no column of this path."""


@dataclass(frozen=True)
class Column:
    """Values of one path.

    Attributes:
        values: One a row; or, inside a list, one a member of all rows together.
        offsets: Where each row's members begin and end; None where there is one value a row.
    """

    values: pa.Array
    offsets: Ints | None


def column(batch: pa.RecordBatch, path: str) -> Column:
    """Return the values of a path such as ``Household.members.earned``.

    A column may be named by the whole path, or hold the rest of it as structs and lists.

    Raises:
        ColumnMissing: There is none.
    """
    names = path.split(".")
    for taken in range(len(names), 0, -1):
        name = ".".join(names[:taken])
        if name in batch.schema.names:
            return _walk(batch.column(name), names[taken:], None, path)
    if names[1:] and "." not in names[0]:
        found = next((at for at, field in enumerate(batch.schema) if field.name == names[-1]), None)
        if found is not None:
            return Column(batch.column(found), None)
    raise ColumnMissing(f"There is no column '{path}'.")


def _walk(values: pa.Array, names: list[str], offsets: Ints | None, path: str) -> Column:
    if pa.types.is_list(values.type) or pa.types.is_large_list(values.type):
        if offsets is not None:
            raise ColumnMissing(f"The column '{path}' holds lists within lists.")
        lengths = np.asarray(pc.fill_null(pc.list_value_length(values), 0), dtype=np.int64)
        return _walk(values.flatten(), names, np.concatenate([[0], np.cumsum(lengths)]), path)
    if not names:
        return Column(values, offsets)
    if not pa.types.is_struct(values.type) or values.type.get_field_index(names[0]) < 0:
        raise ColumnMissing(f"There is no column '{path}'.")
    return _walk(pc.struct_field(values, names[0]), names[1:], offsets, path)


def cents(values: pa.Array) -> Ints:
    """Return amounts of whole units, decimals or floats as cents, half cents up; a missing one is nought.

    Raises:
        OverflowError: A decimal has more digits than fit into 64 bits.
    """
    type_ = values.type
    if pa.types.is_decimal128(type_):
        return _cents_of_decimals(values, type_.scale)
    if pa.types.is_floating(type_):
        found = np.asarray(pc.fill_null(values, 0.0), dtype=np.float64)
        whole: Ints = np.floor(found * 100 + 0.5).astype(np.int64)
        return whole
    return _filled(values.cast(pa.int64())) * 100


def _cents_of_decimals(values: pa.Array, scale: int) -> Ints:
    """Read the 128 bits of each decimal as two words; the high one must only continue the sign."""
    words = np.frombuffer(values.buffers()[1], dtype="<i8")[2 * values.offset :][: 2 * len(values)]
    low, high = words[0::2], words[1::2]
    is_valid = np.asarray(pc.is_valid(values))
    if np.any((high != low >> 63) & is_valid):
        raise OverflowError("An amount has more digits than fit into 64 bits.")
    known: Ints = np.where(is_valid, low, 0)
    if scale <= 2:
        known *= 10 ** (2 - scale)
        return known
    step = 10 ** (scale - 2)
    whole: Ints = (known + step // 2) // step
    return whole


def _filled(values: pa.Array) -> Ints:
    if values.null_count:
        values = pc.fill_null(values, 0)
    return np.asarray(values).astype(np.int64)


def row_cents(batch: pa.RecordBatch, path: str) -> Ints:
    """Return the cents of a path, one number a row: the members' amounts of a row are added.

    Raises:
        ColumnMissing: There is no such column.
    """
    found = column(batch, path)
    return summed(cents(found.values), found.offsets)


def summed(values: Ints, offsets: Ints | None) -> Ints:
    """Add the members' values of each row."""
    if offsets is None:
        return values
    so_far = np.concatenate([np.zeros(1, np.int64), np.cumsum(values)])
    sums: Ints = so_far[offsets[1:]] - so_far[offsets[:-1]]
    return sums


def counts(batch: pa.RecordBatch, path: str) -> Ints:
    """Return how many people each row has: the members of its list, or the number that stands there.

    Raises:
        ColumnMissing: There is no such column.
    """
    found = column(batch, path)
    if found.offsets is not None:
        return np.diff(found.offsets)
    return _filled(found.values) if pa.types.is_integer(found.values.type) else np.ones(len(batch), np.int64)


def first_above_nought(values: Ints, offsets: Ints | None) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which rows have a value above nought, and which values are the first such of their row."""
    above = values > 0
    if offsets is None:
        return above, above
    places = np.flatnonzero(above)
    rows = np.searchsorted(offsets, places, side="right") - 1
    has_one = np.zeros(len(offsets) - 1, np.bool_)
    has_one[rows] = True
    chosen = np.zeros(len(values), np.bool_)
    is_first = np.ones(len(places), np.bool_)
    is_first[1:] = rows[1:] != rows[:-1]
    chosen[places[is_first]] = True
    return has_one, chosen


def raised(batch: pa.RecordBatch, path: str, chosen: NDArray[np.bool_], by_units: int) -> pa.RecordBatch:
    """Return a batch in which the chosen values of a path are higher.

    Args:
        batch: Stays as it is.
        path: Of the values.
        chosen: One flag for each value of the path.
        by_units: By how many whole units of the currency.

    Raises:
        ColumnMissing: There is no such column.
    """
    names = path.split(".")
    for taken in range(len(names), 0, -1):
        name = ".".join(names[:taken])
        at = batch.schema.get_field_index(name)
        if at >= 0:
            changed = _raise(batch.column(at), names[taken:], chosen, by_units)
            return batch.set_column(at, batch.schema.field(at).with_type(changed.type), changed)
    raise ColumnMissing(f"There is no column '{path}'.")


def _raise(values: pa.Array, names: list[str], chosen: NDArray[np.bool_], by_units: int) -> pa.Array:
    if pa.types.is_list(values.type) or pa.types.is_large_list(values.type):
        inner = _raise(values.flatten(), names, chosen, by_units)
        lengths = np.asarray(pc.fill_null(pc.list_value_length(values), 0), dtype=np.int64)
        kind = pa.LargeListArray if pa.types.is_large_list(values.type) else pa.ListArray
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        index = pa.array(offsets, pa.int64() if kind is pa.LargeListArray else pa.int32())
        return kind.from_arrays(index, inner, type=values.type)
    if not names:
        more = pa.array(np.where(chosen, by_units, 0).astype(np.int64))
        if pa.types.is_decimal(values.type):
            more = more.cast(pa.decimal128(38, values.type.scale))
        more = more.cast(values.type)
        return pc.add(values, more).cast(values.type)
    at = values.type.get_field_index(names[0])
    parts = values.flatten()
    parts[at] = _raise(parts[at], names[1:], chosen, by_units)
    return pa.StructArray.from_arrays(parts, fields=list(values.type))
