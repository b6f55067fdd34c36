"""Runs the law in force and the reform over a population, block by block, in one pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from commonweal.domains.insight.simulation.columns import (
    Ints,
    cents,
    column,
    counts,
    first_above_nought,
    raised,
    row_cents,
)
from commonweal.domains.insight.simulation.declaring import SimulationDeclaration
from commonweal.domains.insight.simulation.tally import MARGIN_UNITS, UNKNOWN_GROUP, Block, Tally

FAULT = "fault"
MEASURE = "Policy lab measure"
"""Name of the decision that is put on top of a model."""
AMOUNT, RECEIVES = "amount", "receives"
_MONTHS = {"month": 1, "year": 12}


class Program(Protocol):
    """A decision compiled for columns."""

    def run(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the outputs of every row, and a column ``fault``: why a row could not be worked out."""


@dataclass(frozen=True)
class Plan:
    """What is run.

    Attributes:
        spec: How the programme is read.
        baseline: The law in force.
        reform: The changed law.
        line_first: Poverty line a year of one person; None where there is none.
        line_further: Of each further person.
    """

    spec: SimulationDeclaration
    baseline: Program
    reform: Program
    line_first: Decimal | None = None
    line_further: Decimal = Decimal()


def simulate(
    plan: Plan, batches: Iterable[pa.RecordBatch], *, each: Callable[[int], None] = lambda _rows: None
) -> Tally:
    """Add up what a reform does.

    Memory is bounded by the largest batch: nothing is kept of it but sums.

    Args:
        plan: Both laws.
        batches: Households.
        each: Called with the number of rows after each batch.

    Raises:
        ColumnMissing: A batch lacks a column that the declaration names.
    """
    tally = Tally.of(plan.spec)
    for batch in batches:
        tally.merge(tallied(plan, batch))
        each(len(batch))
    return tally


def tallied(plan: Plan, batch: pa.RecordBatch) -> Tally:
    """Add up what a reform does to one batch of households.

    Raises:
        ColumnMissing: The batch lacks a column that the declaration names.
    """
    tally = Tally.of(plan.spec)
    if len(batch):
        _add(plan, batch, tally)
    return tally


def _add(plan: Plan, batch: pa.RecordBatch, tally: Tally) -> None:
    spec = plan.spec
    before, after = _worked_out(plan.baseline, batch, spec), _worked_out(plan.reform, batch, spec)
    people = counts(batch, spec.members)
    is_worked_out = before.is_known & after.is_known
    tally.add(
        Block(
            people=people,
            income_minor=_income(batch, spec),
            household_type=_codes(tally, batch, "household_type"),
            district=_codes(tally, batch, "district"),
            before_minor=before.received_minor,
            after_minor=after.received_minor,
            is_receiving_before=before.is_receiving,
            is_receiving_after=after.is_receiving,
            is_worked_out=is_worked_out,
            line_minor=_lines(plan, people),
        )
    )
    if spec.earned is not None:
        _add_margins(plan, batch, tally, before, after)


@dataclass(frozen=True)
class _Known:
    """What one law gives: cents received (what is paid is below nought), who receives, which rows are known."""

    received_minor: Ints
    is_receiving: NDArray[np.bool_]
    is_known: NDArray[np.bool_]


def _add_margins(plan: Plan, batch: pa.RecordBatch, tally: Tally, before: _Known, after: _Known) -> None:
    """Raise the pay of the first who earns, in every row that receives or pays, and see what it loses."""
    spec = plan.spec
    path = spec.earned or ""
    earned = column(batch, path)
    earns, _chosen = first_above_nought(cents(earned.values), earned.offsets)
    is_touched = (before.received_minor != 0) | (after.received_minor != 0)
    asked = earns & before.is_known & after.is_known & is_touched
    if not asked.any():
        return
    some = batch.filter(pa.array(asked))
    earned = column(some, path)
    _earns, chosen = first_above_nought(cents(earned.values), earned.offsets)
    more = raised(some, path, chosen, MARGIN_UNITS)
    with_more = [_worked_out(program, more, spec) for program in (plan.baseline, plan.reform)]
    both = with_more[0].is_known & with_more[1].is_known
    lost = [
        (known.received_minor[asked] - further.received_minor)[both]
        for known, further in zip((before, after), with_more, strict=True)
    ]
    tally.add_margins(*lost)


def _worked_out(program: Program, batch: pa.RecordBatch, spec: SimulationDeclaration) -> _Known:
    found = program.run(batch)
    paid = found.column(AMOUNT)
    is_known = np.asarray(pc.is_valid(paid))
    if FAULT in found.schema.names:
        is_known = is_known & ~_is_fault(found.column(FAULT))
    amounts = np.where(is_known, cents(paid), 0)
    received: Ints = -amounts if spec.amount.is_tax else amounts
    if spec.receives is None:
        return _Known(received, received > 0, is_known)
    receives = found.column(RECEIVES)
    is_known = is_known & np.asarray(pc.is_valid(receives))
    return _Known(received, np.asarray(pc.fill_null(receives, fill_value=False)), is_known)


def _is_fault(values: pa.Array) -> NDArray[np.bool_]:
    if pa.types.is_boolean(values.type):
        return np.asarray(pc.fill_null(values, fill_value=False))
    if pa.types.is_integer(values.type):
        return np.asarray(pc.not_equal(pc.fill_null(values, 0), 0))
    return np.asarray(pc.not_equal(pc.fill_null(values.cast(pa.string()), ""), ""))


def _income(batch: pa.RecordBatch, spec: SimulationDeclaration) -> Ints:
    """Return what comes in a month, before the amount."""
    total: Any = sum(row_cents(batch, path) for path in spec.income)
    costs: Any = sum(row_cents(batch, path) for path in spec.costs)
    income: Ints = np.maximum(total - costs, 0) // _MONTHS[spec.income_period]
    return income


def _lines(plan: Plan, people: Ints) -> Ints | None:
    if plan.line_first is None:
        return None
    first, further = int(plan.line_first * 100), int(plan.line_further * 100)
    return first + np.maximum(people - 1, 0) * further


def _codes(tally: Tally, batch: pa.RecordBatch, name: str) -> Ints:
    if name not in batch.schema.names:
        return tally.codes(name, [UNKNOWN_GROUP], np.zeros(len(batch), np.int64))
    values = batch.column(name)
    if not pa.types.is_dictionary(values.type):
        values = pc.dictionary_encode(values.cast(pa.string()))
    known = [value if value is not None else UNKNOWN_GROUP for value in values.dictionary.to_pylist()]
    places = np.asarray(pc.fill_null(values.indices.cast(pa.int64()), len(known)), dtype=np.int64)
    if values.null_count:
        known.append(UNKNOWN_GROUP)
    return tally.codes(name, known, places)
