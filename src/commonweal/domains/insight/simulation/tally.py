"""Adds up what a reform does, block by block: whole numbers only, so that any order gives the same sums."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from commonweal.domains.insight.simulation.declaring import SimulationDeclaration

Ints: TypeAlias = NDArray[np.int64]

MEASURES = (
    "households",
    "people",
    "receiving_before",
    "receiving_after",
    "gaining_much",
    "gaining",
    "losing",
    "losing_much",
    "people_gaining",
    "people_losing",
    "before_minor",
    "after_minor",
    "gain_minor",
    "loss_minor",
    "poor_before",
    "poor_after",
)
"""What is counted of each group. "households" are the rows, whatever one is. ``gaining`` and ``losing`` leave out those who gain or lose much; ``people_…`` and
``poor_…`` count people, the others households; ``…_minor`` are sums in cents."""

INCOME_STEP_MINOR = 5_00
INCOME_STEPS = 4_000
"""Incomes are read in steps of five, up to 20,000 a month; what lies above is one step."""

MARGIN_UNITS = 100
"""Marginal rates ask what is left of so much more pay a month."""

MARGIN_EDGES = (-0.000_001, 0.000_001, 0.1, 0.2, 0.3, 0.4, 0.5, 1.000_001)
"""Bounds between the bands of marginal rates: gains, none, to 10 %, … to 50 %, to all, more than all."""

UNKNOWN_GROUP = ""


@dataclass(frozen=True)
class Scale:
    """How amounts and changes of a programme are counted.

    Attributes:
        start_minor: Where the first band of amounts begins.
        width_minor: How wide a band is.
        number: How many bands there are.
        much_minor: A change above this is much.
        is_tax: Whether bands are of what is paid, not received.
    """

    start_minor: int
    width_minor: int
    number: int
    much_minor: int
    is_tax: bool

    def counted(self, received_minor: Ints) -> Ints:
        """Return how many amounts lie below the bands, in each, and above them; an amount of nought is none."""
        amount = -received_minor if self.is_tax else received_minor
        bands = -(-(amount[amount != 0] - self.start_minor) // self.width_minor)
        return np.bincount(np.clip(bands, 0, self.number + 1), minlength=self.number + 2)


@dataclass(frozen=True)
class Block:
    """Some households: what they are and what they receive; one number each.

    Attributes:
        people: How many live there.
        income_minor: Income a month.
        household_type: Code of the type, see ``Tally.codes``.
        district: Code of the district.
        before_minor: Amount by the law in force.
        after_minor: Amount by the reform.
        is_receiving_before: Whether a row counts as receiving.
        is_receiving_after: Likewise.
        is_worked_out: Whether both could be worked out; the others count as faults only.
        line_minor: The poverty line a year; None where there is none.
    """

    people: Ints
    income_minor: Ints
    household_type: Ints
    district: Ints
    before_minor: Ints
    after_minor: Ints
    is_receiving_before: NDArray[np.bool_]
    is_receiving_after: NDArray[np.bool_]
    is_worked_out: NDArray[np.bool_]
    line_minor: Ints | None


@dataclass
class Tally:
    """What has been added up so far.

    Attributes:
        scale: Of the programme.
        by_income: Measures by step of income per person alike (see :func:`income_step`).
        by_type: Measures by code of household type.
        by_district: Measures by code of district.
        amounts: Households by step of the amount, before and after.
        margins: Households by band of the marginal rate, before and after.
        margin_sums: Sum of what is lost of the extra pay in cents, before and after; households asked.
        faults: Households that could not be worked out.
        names: Of the groups, by column, in the order of their codes.
    """

    scale: Scale
    by_income: Ints = field(default_factory=lambda: np.zeros((len(MEASURES), INCOME_STEPS + 1), np.int64))
    by_type: Ints = field(default_factory=lambda: np.zeros((len(MEASURES), 0), np.int64))
    by_district: Ints = field(default_factory=lambda: np.zeros((len(MEASURES), 0), np.int64))
    amounts: Ints = field(default_factory=lambda: np.zeros((2, 0), np.int64))
    margins: Ints = field(default_factory=lambda: np.zeros((2, len(MARGIN_EDGES) + 1), np.int64))
    margin_sums: Ints = field(default_factory=lambda: np.zeros(3, np.int64))
    faults: int = 0
    names: dict[str, list[str]] = field(default_factory=lambda: {"household_type": [], "district": []})

    def __post_init__(self) -> None:
        """Make room for the bands, and one below and one above them."""
        if not self.amounts.size:
            self.amounts = np.zeros((2, self.scale.number + 2), np.int64)

    @classmethod
    def of(cls, spec: SimulationDeclaration) -> Tally:
        """Return an empty tally for a programme."""
        amount = spec.amount
        steps = amount.steps
        return cls(
            Scale(steps.start * 100, steps.width * 100, steps.number, amount.much * 100, is_tax=amount.is_tax)
        )

    def codes(self, column: str, values: Sequence[str], places: Ints) -> Ints:
        """Return lasting codes for a column's values.

        Args:
            column: ``household_type`` or ``district``.
            values: The values that occur.
            places: For each row the place among them.
        """
        known = self.names[column]
        known += [value for value in values if value not in known]
        return np.array([known.index(value) for value in values], np.int64)[places]

    def add(self, block: Block) -> None:
        """Add a block of households."""
        keep = block.is_worked_out
        self.faults += int(len(keep) - np.count_nonzero(keep))
        measures = {name: values[keep] for name, values in _measures(block, self.scale.much_minor).items()}
        step = income_step(block.income_minor, block.people)[keep]
        self.by_income += _grouped(measures, step, self.by_income.shape[1])
        self.by_type = _grown(self.by_type, len(self.names["household_type"]))
        self.by_type += _grouped(measures, block.household_type[keep], self.by_type.shape[1])
        self.by_district = _grown(self.by_district, len(self.names["district"]))
        self.by_district += _grouped(measures, block.district[keep], self.by_district.shape[1])
        for row, amount in enumerate((block.before_minor[keep], block.after_minor[keep])):
            self.amounts[row] += self.scale.counted(amount)

    def merge(self, other: Tally) -> None:
        """Add what another tally has added up, of other households."""
        self.by_income += other.by_income
        self.by_type = self._merged("household_type", self.by_type, other)
        self.by_district = self._merged("district", self.by_district, other)
        self.amounts += other.amounts
        self.margins += other.margins
        self.margin_sums += other.margin_sums
        self.faults += other.faults

    def _merged(self, column: str, table: Ints, other: Tally) -> Ints:
        theirs = {"household_type": other.by_type, "district": other.by_district}[column]
        names = other.names[column]
        codes = self.codes(column, names, np.arange(len(names)))
        table = _grown(table, len(self.names[column]))
        table[:, codes[: theirs.shape[1]]] += theirs
        return table

    def as_bytes(self) -> bytes:
        """Write the tally down, so that it can be gone on with; `tally_of` reads it."""
        out = io.BytesIO()
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        about = json.dumps({"faults": self.faults, "names": self.names, "scale": asdict(self.scale)})
        np.savez_compressed(out, about=np.array(about), **arrays)
        return out.getvalue()

    def add_margins(self, lost_before: Ints, lost_after: Ints) -> None:
        """Add households that earn and receive: what each loses of the extra pay, before and after, in cents."""
        extra = MARGIN_UNITS * 100
        for row, lost in enumerate((lost_before, lost_after)):
            bands = np.searchsorted(np.array(MARGIN_EDGES), lost / extra, side="left")
            self.margins[row] += np.bincount(bands, minlength=len(MARGIN_EDGES) + 1)
            self.margin_sums[row] += int(lost.sum())
        self.margin_sums[2] += len(lost_before)


_ARRAYS = ("by_income", "by_type", "by_district", "amounts", "margins", "margin_sums")


def tally_of(written: bytes) -> Tally:
    """Read what `Tally.as_bytes` wrote."""
    with np.load(io.BytesIO(written), allow_pickle=False) as found:
        about = json.loads(str(found["about"]))
        scale = Scale(**about.pop("scale"))
        return Tally(scale, **{name: found[name] for name in _ARRAYS}, **about)


def income_step(income_minor: Ints, people: Ints) -> Ints:
    """Return the step of a household's income, made alike for households of different size.

    Income is divided by the square root of the number of people.

    Source: OECD, What are equivalence scales? (square root scale).
    """
    alike = income_minor / np.sqrt(np.maximum(people, 1))
    steps: Ints = np.clip(np.floor(alike / INCOME_STEP_MINOR), 0, INCOME_STEPS).astype(np.int64)
    return steps


def _measures(block: Block, much_minor: int) -> Mapping[str, Ints]:
    change = block.after_minor - block.before_minor
    zeros = np.zeros(len(change), np.int64)
    poor = {"poor_before": zeros, "poor_after": zeros}
    if block.line_minor is not None:
        for name, amount in (("poor_before", block.before_minor), ("poor_after", block.after_minor)):
            poor[name] = np.where((block.income_minor + amount) * 12 < block.line_minor, block.people, 0)
    return {
        "households": np.ones(len(change), np.int64),
        "people": block.people,
        "receiving_before": block.is_receiving_before.astype(np.int64),
        "receiving_after": block.is_receiving_after.astype(np.int64),
        "gaining_much": (change > much_minor).astype(np.int64),
        "gaining": ((change > 0) & (change <= much_minor)).astype(np.int64),
        "losing": ((change < 0) & (change >= -much_minor)).astype(np.int64),
        "losing_much": (change < -much_minor).astype(np.int64),
        "people_gaining": np.where(change > 0, block.people, 0),
        "people_losing": np.where(change < 0, block.people, 0),
        "before_minor": block.before_minor,
        "after_minor": block.after_minor,
        "gain_minor": np.maximum(change, 0),
        "loss_minor": np.maximum(-change, 0),
        **poor,
    }


def _grouped(measures: Mapping[str, Ints], group: Ints, number: int) -> Ints:
    """Add each measure up by group; a block's sums stay below 2^53, so that NumPy's float sums are exact."""
    found = np.zeros((len(MEASURES), number), np.int64)
    for row, name in enumerate(MEASURES):
        found[row] = np.rint(np.bincount(group, weights=measures[name], minlength=number)).astype(np.int64)
    return found


def _grown(table: Ints, number: int) -> Ints:
    missing = number - table.shape[1]
    return np.pad(table, ((0, 0), (0, missing))) if missing > 0 else table
