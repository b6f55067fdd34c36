"""Looks at the facts before they are decided upon: nothing left empty, nothing out of range."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from commonweal.engines.bulk.errors import InputWrong
from commonweal.engines.columnar.columns import Branch, Column, Leaf, Many

Places = tuple[pa.Array, ...]
"""Offsets of the lists on the way to a column, the outermost first."""


def check_values(batch: pa.RecordBatch, columns: Mapping[str, Column]) -> None:
    """See that every fact is there and within its range.

    Args:
        batch: The facts, in columns of the right types.
        columns: What the law asks for, by the name of the input.

    Raises:
        InputWrong: A fact is missing or out of range: the first one of the first such column, with its row in the batch.
    """
    for name, column in columns.items():
        for leaf, array, lists in _walk(column, batch.column(name), ()):
            _check_nulls(leaf, array, lists)
            if isinstance(leaf, Leaf) and leaf.kind == "number":
                _check_range(leaf, array, lists)


def _walk(column: Column, array: pa.Array, lists: Places) -> Iterator[tuple[Column, pa.Array, Places]]:
    """A column and all below it, each with the lists that it lies in; a list before its elements."""
    yield column, array, lists
    if isinstance(column, Branch):
        for name, member in column.members:
            yield from _walk(member, pc.struct_field(array, name), lists)
    elif isinstance(column, Many):
        yield from _walk(column.element, array.flatten(), (*lists, array.offsets))


def _check_nulls(column: Column, array: pa.Array, lists: Places) -> None:
    if array.null_count:
        at = pc.index(array.is_null(), pa.scalar(True)).as_py()
        raise InputWrong(_named(column, at, lists), "it is empty; the law needs a value.", _row(at, lists))


def _check_range(leaf: Leaf, array: pa.Array, lists: Places) -> None:
    if not (pa.types.is_integer(array.type) or pa.types.is_decimal(array.type)) or not len(array):
        return
    unit = Decimal(1).scaleb(-leaf.scale)
    low, high = leaf.low * unit, leaf.high * unit
    ends = pc.min_max(array)
    if low <= ends["min"].as_py() and ends["max"].as_py() <= high:
        return
    bad = next(at for at, value in enumerate(array) if not low <= value.as_py() <= high)
    message = f"{array[bad].as_py():,} lies outside of {_plain(low)} to {_plain(high)}."
    raise InputWrong(_named(leaf, bad, lists), message, _row(bad, lists))


def _plain(number: Decimal) -> str:
    return f"{int(number):,}" if number == int(number) else f"{number:,f}"


def _named(column: Column, at: int, lists: Places) -> str:
    """The path, with the place in the innermost list."""
    if not lists:
        return column.name
    offsets = _numbers(lists[-1])
    place = at - offsets[np.searchsorted(offsets, at, "right") - 1] + 1
    return f"{column.name} (element {place})"


def _row(at: int, lists: Places) -> int:
    for offsets in reversed(lists):
        at = int(np.searchsorted(_numbers(offsets), at, "right")) - 1
    return at


def _numbers(offsets: pa.Array) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    numbers: np.ndarray[tuple[int], np.dtype[np.int32]] = offsets.to_numpy()
    from_zero: np.ndarray[tuple[int], np.dtype[np.int32]] = numbers - numbers[0]
    return from_zero
