"""Whole populations, made by a seeded generator: for simulating reforms, and for benchmarks.

    from commonweal.domains.insight import populations

    for batch in populations.make("port-alder", seed=7):
        ...                                     # a pyarrow.RecordBatch, one household a row

Nobody in them exists, and the figures behind them are made, not measured: `describe` says which. The same
place, number of people and seed give the same bytes on every machine. No Django model is used; the districts of
the city come from the jurisdiction's files.

It needs the extra ``bulk`` (NumPy and pyarrow).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

import pyarrow as pa

from commonweal.domains.insight.populations import marginals
from commonweal.domains.insight.populations.applicants import WIC_COLUMNS, wic_batch
from commonweal.domains.insight.populations.claimants import SSI_COLUMNS, ssi_batch
from commonweal.domains.insight.populations.columns import COLUMNS, Column, household_batch
from commonweal.domains.insight.populations.places import PLACES, Block, District, blocks, districts
from commonweal.domains.insight.populations.pupils import SCHOOL_COLUMNS, school_batch
from commonweal.domains.insight.populations.tax_units import TAX_COLUMNS, tax_unit_batch

__all__ = [
    "COLUMNS",
    "PLACES",
    "SCHOOL_COLUMNS",
    "SSI_COLUMNS",
    "TAX_COLUMNS",
    "UNITS",
    "WIC_COLUMNS",
    "Block",
    "Column",
    "Description",
    "District",
    "Unit",
    "blocks",
    "describe",
    "districts",
    "fingerprint",
    "household_batch",
    "make",
    "tax_unit_batch",
]

VERSION = 1
"""Of the generator and its marginals; raised by whoever changes the bytes that come out (a test holds them)."""

APPLIED_ON = date(2026, 9, 1)
"""The day on which everybody applies if no other is given."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What a row can be.

    Attributes:
        make: Makes the rows of a block.
        columns: What they hold.
        rows_of_1000: About how many rows a thousand people make.
    """

    make: Callable[[Block, date], pa.RecordBatch]
    columns: tuple[Column, ...]
    rows_of_1000: int


UNITS: dict[str, Unit] = {
    "household": Unit(household_batch, COLUMNS, 430),
    "tax_unit": Unit(tax_unit_batch, TAX_COLUMNS, 540),
    "school_household": Unit(school_batch, SCHOOL_COLUMNS, 110),
    "wic_applicant": Unit(wic_batch, WIC_COLUMNS, 118),
    "ssi_household": Unit(ssi_batch, SSI_COLUMNS, 430),
}
"""What a row can be, by key."""


def make(
    place: str, *, people: int | None = None, seed: int = 1, on: date = APPLIED_ON, unit: str = "household"
) -> Iterator[pa.RecordBatch]:
    """Make a population, one household, tax return or applicant a row, one block of at most 65,536 people a batch.

    Args:
        place: A key of `PLACES`.
        people: How many; as many as the place has if left out. The number is met exactly, in every district.
        seed: Another seed, other people.
        on: The day on which everybody applies.
        unit: A key of `UNITS`.

    Raises:
        ValueError: There is no such place or unit, or a number is too small.
    """
    make_block = _unit(unit).make
    return (make_block(block, on) for block in blocks(place, people=people, seed=seed))


def _unit(unit: str) -> Unit:
    if unit not in UNITS:
        raise ValueError(f"There is no unit {unit!r}; there are: {', '.join(UNITS)}.")
    return UNITS[unit]


def fingerprint(
    place: str, *, people: int | None = None, seed: int = 1, on: date = APPLIED_ON, unit: str = "household"
) -> str:
    """Name a population without making it: the same name, the same bytes.

    The name changes with the place, its districts, the number of people, the seed, the day, the unit, and `VERSION`.
    """
    made = [place, str(VERSION), str(seed), on.isoformat(), *map(str, districts(place, people))]
    made += [unit] if unit != "household" else []
    return sha256("\0".join(made).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Description:
    """What a population is.

    Attributes:
        place: Its key.
        label: As people call it.
        people: How many.
        seed: As given.
        districts: Where they live.
        columns: What each row holds.
        household_types: Key, label and share in tenths of a percent.
        amounts: Marks of every kind of amount: percentile and dollars.
        source: Where the figures come from.
        fingerprint: See `fingerprint`.
    """

    place: str
    label: str
    people: int
    seed: int
    districts: tuple[District, ...]
    columns: tuple[Column, ...]
    household_types: tuple[tuple[str, str, int], ...]
    amounts: dict[str, marginals.Marks]
    source: str
    fingerprint: str


def describe(
    place: str, *, people: int | None = None, seed: int = 1, on: date = APPLIED_ON, unit: str = "household"
) -> Description:
    """Say what a population is, without making it.

    Raises:
        ValueError: There is no such place or unit.
    """
    found = districts(place, people)
    return Description(
        place=place,
        label=PLACES[place],
        people=sum(district.people for district in found),
        seed=seed,
        districts=found,
        columns=_unit(unit).columns,
        household_types=tuple((kind.key, kind.label, kind.share) for kind in marginals.HOUSEHOLD_TYPES),
        amounts=marginals.AMOUNTS,
        source=marginals.SOURCE,
        fingerprint=fingerprint(place, people=people, seed=seed, on=on, unit=unit),
    )
