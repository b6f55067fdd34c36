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
    Column,
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
    tally = Tally()
    for batch in batches:
        tally.merge(tallied(plan, batch))
        each(len(batch))
    return tally


def tallied(plan: Plan, batch: pa.RecordBatch) -> Tally:
    """Add up what a reform does to one batch of households.

    Raises:
        ColumnMissing: The batch lacks a column that the declaration names.
    """
    tally = Tally()
    if len(batch):
        _add(plan, batch, tally)
    return tally


def _add(plan: Plan, batch: pa.RecordBatch, tally: Tally) -> None:
    spec = plan.spec
    before, is_before = _amounts(plan.baseline, batch, spec)
    after, is_after = _amounts(plan.reform, batch, spec)
    people = counts(batch, spec.members)
    is_worked_out = is_before & is_after
    tally.add(
        Block(
            people=people,
            income_minor=_income(batch, spec),
            household_type=_codes(tally, batch, "household_type"),
            district=_codes(tally, batch, "district"),
            before_minor=before,
            after_minor=after,
            is_worked_out=is_worked_out,
            line_minor=_lines(plan, people),
        )
    )
    _add_margins(plan, batch, tally, _Known(before, after, is_worked_out))


@dataclass(frozen=True)
class _Known:
    before: Ints
    after: Ints
    is_worked_out: NDArray[np.bool_]


def _add_margins(plan: Plan, batch: pa.RecordBatch, tally: Tally, known: _Known) -> None:
    """Raise the pay of the first who earns, in every household that receives, and see what it loses."""
    spec, before, after = plan.spec, known.before, known.after
    earned = column(batch, spec.earned)
    earns, _chosen = first_above_nought(cents(earned.values), earned.offsets)
    asked = earns & known.is_worked_out & ((before > 0) | (after > 0))
    if not asked.any():
        return
    some = batch.filter(pa.array(asked))
    earned = column(some, spec.earned)
    _earns, chosen = first_above_nought(cents(earned.values), earned.offsets)
    more = raised(some, spec.earned, chosen, MARGIN_UNITS)
    before_more, is_before = _amounts(plan.baseline, more, spec)
    after_more, is_after = _amounts(plan.reform, more, spec)
    both = is_before & is_after
    tally.add_margins((before[asked] - before_more)[both], (after[asked] - after_more)[both])


def _amounts(
    program: Program, batch: pa.RecordBatch, spec: SimulationDeclaration
) -> tuple[Ints, NDArray[np.bool_]]:
    found = program.run(batch)
    paid = _output(found, spec)
    is_known = np.asarray(pc.is_valid(paid.values))
    if FAULT in found.schema.names:
        is_known = is_known & ~_is_fault(found.column(FAULT))
    amounts = cents(paid.values)
    known: Ints = np.where(is_known, amounts, 0)
    return known, is_known


def _is_fault(values: pa.Array) -> NDArray[np.bool_]:
    if pa.types.is_boolean(values.type):
        return np.asarray(pc.fill_null(values, fill_value=False))
    if pa.types.is_integer(values.type):
        return np.asarray(pc.not_equal(pc.fill_null(values, 0), 0))
    return np.asarray(pc.not_equal(pc.fill_null(values.cast(pa.string()), ""), ""))


def _output(found: pa.RecordBatch, spec: SimulationDeclaration) -> Column:
    """Return the column of the amount, whether or not the decision's name stands before it."""
    whole = f"{spec.decision}.{spec.amount.path}"
    names = found.schema.names
    if spec.amount.path in names or whole in names or spec.decision in names:
        return column(found, spec.amount.path if spec.amount.path in names else whole)
    return column(found, spec.amount.path)


def _income(batch: pa.RecordBatch, spec: SimulationDeclaration) -> Ints:
    total: Any = sum(row_cents(batch, path) for path in spec.income)
    costs: Any = sum(row_cents(batch, path) for path in spec.costs)
    income: Ints = np.maximum(total - costs, 0)
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
