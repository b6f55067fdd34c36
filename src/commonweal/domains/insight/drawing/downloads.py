"""Figures as files: one line a number, with the address at which they can be worked out again."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from commonweal.domains.insight.drawing import words
from commonweal.domains.insight.models import Simulation
from commonweal.domains.insight.simulation.figures import Published

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
}


@dataclass(frozen=True)
class Line:
    """One number.

    Attributes:
        table: Which table.
        group: Key of the group.
        name: What the group is called.
        measure: Stable name of what is counted.
        unit: ``households`` (the rows, whatever one is), ``people``, ``share``, or the currency a month or a year.
        value: The number; None where it is hidden.
        is_hidden: Whether it is.
    """

    table: str
    group: str
    name: str
    measure: str
    unit: str
    value: Decimal | None
    is_hidden: bool


def lines(shown: Published, currency: str) -> Iterator[Line]:
    """Return every figure that may be shown, one line each."""
    for group, measure, value in _figures(shown):
        unit, places, scale = _unit(measure, currency, shown.period)
        written = None if value is None else round(Decimal(str(value)) / scale, places)
        yield Line(*group, measure.removesuffix("_minor"), unit, written, value is None)


Group = tuple[str, str, str]


def _figures(shown: Published) -> Iterator[tuple[Group, str, float | None]]:
    everybody = ("total", "all", "")
    for measure, value in shown.total.items():
        yield everybody, measure, value
    yield everybody, "households_left_out", shown.faults
    for table, rows in shown.tables.items():
        for row in rows:
            group = (table, row.group, words.group_name(table, row.group))
            for measure, value in row.cells.items():
                yield group, measure, value
    for low, high, before, after in shown.amounts:
        group = ("amounts", "below" if low is None else str(low // 100), words.amount_band(low, high))
        yield group, "households_before", before
        yield group, "households_after", after
    for band, before, after in shown.margins if shown.has_margins else ():
        group = ("margins", band, str(words.MARGINS[band]))
        yield group, "households_before", before
        yield group, "households_after", after
    if shown.has_margins:
        yield ("margins", "all", ""), "lost_share_before", shown.margin_before
        yield ("margins", "all", ""), "lost_share_after", shown.margin_after


def _unit(measure: str, currency: str, period: str) -> tuple[str, int, int]:
    """Return a measure's unit, its decimals, and by what it is divided."""
    if measure.endswith("_minor"):
        return f"{currency}/{period}", 4, 100
    if measure.startswith(("poverty", "lost_share")):
        return "share", 6, 1
    return ("people" if measure.startswith(("people", "poor")) else "households"), 0, 1


def as_csv(found: list[Line]) -> bytes:
    """Write lines as CSV; text that a spreadsheet would run as a formula gets an apostrophe before it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(list(Line.__dataclass_fields__))
    for line in found:
        writer.writerow([_harmless(value) for value in asdict(line).values()])
    return out.getvalue().encode()


def _harmless(value: Any) -> Any:
    return (
        f"'{value}"
        if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
        else value
    )


def as_parquet(found: list[Line], about: dict[str, str]) -> bytes:
    """Write lines as Parquet, with what they rest on in the file's metadata."""
    import pyarrow as pa  # noqa: PLC0415 - optional dependency
    import pyarrow.parquet as pq  # noqa: PLC0415 - optional dependency

    schema = pa.schema(
        [
            *((name, pa.string()) for name in ("table", "group", "name", "measure", "unit")),
            ("value", pa.decimal128(24, 6)),
            ("is_hidden", pa.bool_()),
        ],
        metadata=about,
    )
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([asdict(line) for line in found], schema), out)
    return out.getvalue()


def as_json(found: list[Line], about: dict[str, Any]) -> dict[str, Any]:
    """Return lines as JSON, numbers as text so that no digit is lost, with what they rest on."""
    return {
        "about": about,
        "figures": [
            asdict(line) | {"value": None if line.value is None else str(line.value)} for line in found
        ],
    }


def about(found: Simulation, link: str) -> dict[str, Any]:
    """Return what figures rest on."""
    return {
        "title": found.title,
        "link": link,
        "programme": found.programme,
        "reference_on": found.reference_on.isoformat(),
        "origin": found.origin,
        "population": found.population,
        "population_hash": found.population_hash,
        "baseline_hash": found.baseline_hash,
        "reform_hash": found.reform_hash,
        "parameters_hash": found.parameters_hash,
        "changes": found.changes,
        "versions": found.versions,
        "result_hash": found.result_hash,
        "a_row_is": (found.figures or {}).get("unit", "household"),
        "amounts_are": "paid by the row: below nought"
        if (found.figures or {}).get("is_tax")
        else "received by the row",
    }
