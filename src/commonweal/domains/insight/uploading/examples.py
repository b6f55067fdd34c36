"""Writes an example of a file that can be uploaded: made people, one a row."""

from __future__ import annotations

import csv
import io
from typing import Any

import pyarrow as pa

from commonweal.domains.insight import populations
from commonweal.domains.insight.uploading.tables import (
    GROUPS,
    HOUSEHOLD,
    Wanted,
    best_name,
    short_names,
    wanted_columns,
)

HOUSEHOLDS = 50


def example_csv(schema: pa.Schema) -> bytes:
    """Return fifty made households as CSV; a column that made people lack is nought, no, or empty text."""
    wanted = wanted_columns(schema)
    names = short_names(wanted)
    batch = next(populations.make("port-alder", people=1_000)).slice(0, HOUSEHOLDS)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([HOUSEHOLD, *GROUPS, *(best_name(column, names) for column in wanted)])
    for at, row in enumerate(batch.to_pylist(), 1):
        for member in range(_size(row, wanted)):
            writer.writerow(
                [at, *(row[group] for group in GROUPS), *(_cell(row, column, member) for column in wanted)]
            )
    return out.getvalue().encode()


def _size(row: dict[str, Any], wanted: list[Wanted]) -> int:
    return max((len(_list(row, column)) for column in wanted if column.is_member), default=1)


def _list(row: Any, column: Wanted) -> list[Any]:
    for name in column.path.split("."):
        if isinstance(row, list):
            return row
        row = row.get(name, []) if isinstance(row, dict) else []
    return row if isinstance(row, list) else []


def _cell(row: Any, column: Wanted, member: int) -> Any:
    for name in column.path.split("."):
        if isinstance(row, list):
            row = row[member] if member < len(row) else {}
        row = row.get(name) if isinstance(row, dict) else None
    if isinstance(row, bool):
        return "yes" if row else "no"
    if row is not None:
        return row
    return "no" if pa.types.is_boolean(column.type) else "" if pa.types.is_string(column.type) else 0
