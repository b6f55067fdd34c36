"""Gathers checked people into households, in the shape of the law's model."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from commonweal.domains.insight.uploading.tables import (
    GROUPS,
    HOUSEHOLD,
    MOST_FAULTS,
    Fault,
    Unusable,
    read_table,
    wanted_columns,
)

MOST_MEMBERS = 100


@dataclass(frozen=True)
class Gathered:
    """A population, ready to be kept.

    Attributes:
        parquet: Households, one a row, in the shape of the model.
        households: How many.
        people: How many.
    """

    parquet: bytes
    households: int
    people: int


def read_population(content: bytes, name: str, schema: pa.Schema) -> Gathered:
    """Read an uploaded file into households.

    Args:
        content: The file, CSV or Parquet, one person a row.
        name: Its name.
        schema: Of the program that will be run on it.

    Raises:
        Unusable: Something in it is wrong; rows and columns are named.
    """
    table = read_table(content, name, schema)
    starts = _starts(table)
    offsets = np.concatenate([starts, [table.num_rows]])
    sizes = np.diff(offsets)
    if sizes.max() > MOST_MEMBERS:
        row = int(starts[int(sizes.argmax())]) + 2
        raise Unusable([Fault(_("More than 100 people live in this household."), HOUSEHOLD, row)])
    alike = [column.path for column in wanted_columns(schema) if not column.is_member]
    faults = [fault for path in (*alike, *GROUPS) for fault in _differing(table, path, starts)]
    if faults:
        raise Unusable(sorted(faults, key=lambda fault: fault.row))
    first = table.take(pa.array(starts))
    columns: dict[str, Any] = {
        field.name: _built(field.name, field.type, table, first, offsets) for field in schema
    }
    for group in GROUPS:
        columns[group] = first.column(group).combine_chunks().dictionary_encode()
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, compression="zstd", row_group_size=65_536)
    return Gathered(out.getvalue(), len(starts), table.num_rows)


def _starts(table: pa.Table) -> NDArray[np.int64]:
    """Return the row where each household begins; its people stand below each other."""
    codes = np.asarray(table.column(HOUSEHOLD).combine_chunks().dictionary_encode().indices)
    is_start = np.ones(len(codes), np.bool_)
    is_start[1:] = codes[1:] != codes[:-1]
    starts = np.flatnonzero(is_start).astype(np.int64)
    _known, first = np.unique(codes[starts], return_index=True)
    again = np.setdiff1d(np.arange(len(starts)), first)
    if len(again):
        message = _("This household stood further up already. Its people must stand below each other.")
        raise Unusable([Fault(message, HOUSEHOLD, int(starts[at]) + 2) for at in again[:MOST_FAULTS]])
    return starts


def _differing(table: pa.Table, path: str, starts: NDArray[np.int64]) -> list[Fault]:
    """Say where people of one household differ in what belongs to the household."""
    values = table.column(path).combine_chunks()
    same = np.ones(len(values), np.bool_)
    same[1:] = np.asarray(pc.equal(values[1:], values[:-1]), dtype=np.bool_)
    same[starts] = True
    message = _("It must be the same for everybody in a household.")
    return [Fault(message, path, int(at) + 2) for at in np.flatnonzero(~same)[:MOST_FAULTS]]


def _built(
    path: str, type_: pa.DataType, rows: pa.Table, first: pa.Table, offsets: NDArray[np.int64]
) -> pa.Array:
    """Build a column of the model out of the single columns below it."""
    if pa.types.is_list(type_):
        inner = _built(path, type_.value_type, rows, rows, offsets)
        return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), inner)
    if pa.types.is_struct(type_):
        parts = [_built(f"{path}.{field.name}", field.type, rows, first, offsets) for field in type_]
        return pa.StructArray.from_arrays(parts, names=[field.name for field in type_])
    return first.column(path).combine_chunks()
