"""Puts a block's households into Arrow columns, in the shape of the law's models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
import pyarrow as pa

from commonweal.domains.insight.populations import marginals as m
from commonweal.domains.insight.populations.drawing import Flags, Ints, read, shares
from commonweal.domains.insight.populations.households import Households
from commonweal.domains.insight.populations.places import Block

MEMBER = (
    "age",
    "in_school",
    "receives_disability_benefit",
    "earned",
    "self_employment_receipts",
    "self_employment_costs",
    "social_security_retirement",
    "social_security_disability",
    "ssi",
    "tanf",
    "unemployment",
    "other_unearned",
    "medical_expenses",
    "child_support_paid",
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a population.

    Attributes:
        name: In the file; ``Household.members.earned`` lies inside.
        type: As Arrow names it.
        meaning: In plain words.
    """

    name: str
    type: str
    meaning: str


COLUMNS = (
    Column("household_id", "int64", "Number of the household, the same for the same seed."),
    Column("district", "dictionary<string>", "Key of the district where it lives."),
    Column("household_type", "dictionary<string>", "One of the household types."),
    Column("size", "int32", "Members."),
    Column("children", "int32", "Members under 18."),
    Column("tenure", "dictionary<string>", "Rents, pays a mortgage, or owns outright."),
    Column("income", "int32", "All money that comes in, dollars a month."),
    Column("shared_income", "int32", "The same divided by the square root of the members."),
    Column(
        "decile",
        "int8",
        "Tenth of the population by shared income, 1 the lowest; households each count once.",
    ),
    Column("Household", "struct", "Facts of the food assistance model; amounts are dollars a month."),
    Column("Household.members", "list<struct>", "A member: " + ", ".join(MEMBER) + "."),
    Column("Circumstances", "struct", "Truth values: " + ", ".join(m.CIRCUMSTANCES) + "."),
    Column("Applied on", "date32", "The day given to `make`, alike for everybody."),
)
"""The columns of a population of households."""

Facts = dict[str, Ints | Flags]


def household_batch(block: Block, on: date) -> pa.RecordBatch:
    """Make a block's households, one a row.

    Args:
        block: From `places.blocks`.
        on: The day on which everybody applies.
    """
    made = Households(block)
    homes = len(made.kind)
    children = made.sums(~made.is_grown)
    return pa.RecordBatch.from_pydict(
        {
            "household_id": np.arange(block.first, block.first + homes, dtype=np.int64),
            "district": names(np.full(homes, block.district, np.int8), block.districts),
            "household_type": names(made.kind, tuple(kind.key for kind in m.HOUSEHOLD_TYPES)),
            "size": made.sizes,
            "children": children,
            "tenure": names(made.tenure, m.TENURES),
            "income": made.income,
            "shared_income": made.shared_income,
            "decile": deciles(made, block.place),
            "Household": _household(made),
            "Circumstances": struct(_circumstances(made)),
            "Applied on": pa.repeat(pa.scalar(on, pa.date32()), homes),
        }
    )


def names(places: np.ndarray[tuple[int], np.dtype[np.int8]], known: tuple[str, ...]) -> pa.DictionaryArray:
    """Return a column of names, each stored once."""
    return pa.DictionaryArray.from_arrays(pa.array(places, pa.int8()), pa.array(known, pa.string()))


def struct(columns: dict[str, pa.Array] | Facts) -> pa.StructArray:
    """Return columns as the components of one."""
    return pa.StructArray.from_arrays(
        [column if isinstance(column, pa.Array) else pa.array(column) for column in columns.values()],
        names=list(columns),
    )


def _household(made: Households) -> pa.StructArray:
    ends = np.concatenate([made.starts, np.array([made.block.people], np.int32)])
    members = struct({name: made.facts[name] for name in MEMBER})
    return struct(
        {
            "members": pa.ListArray.from_arrays(pa.array(ends), members),
            "rent_or_mortgage": pa.array(made.costs["rent_or_mortgage"]),
            "dependent_care": pa.array(made.costs["dependent_care"]),
            "utilities": struct(_utilities(made)),
            "all_members_homeless": pa.array(made.costs["all_members_homeless"]),
            "resources": pa.array(made.costs["resources"]),
        }
    )


def _utilities(made: Households) -> Facts:
    homes = len(made.kind)
    housed = ~made.is_homeless
    heating = housed & made.draws.chances(
        np.array([percent * 65_536 // 100 for percent in m.PAYS_HEATING], np.uint32)[made.tenure]
    )
    telephone = made.draws.chance(homes, m.TELEPHONE)
    kinds = read(shares(m.UTILITY_KINDS), made.draws.take(homes)).astype(np.int32)
    return {
        "heating_or_cooling": heating,
        "kinds": np.where(housed, np.maximum(kinds, heating), 0) + telephone,
        "telephone": telephone,
    }


def _circumstances(made: Households) -> Facts:
    return {name: made.draws.chance(len(made.kind), percent) for name, percent in m.CIRCUMSTANCES.items()}


def deciles(made: Households, place: str) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
    """Return each household's tenth of the place's population, from 1 on."""
    found = np.searchsorted(_edges(), made.shared_income, "right") + 1
    return found.astype(np.int8)


@cache
def _edges() -> Ints:
    """Return where tenths begin, from a sample of 131,072 people made with a seed of its own.

    The marginals are alike everywhere, so that one sample serves every place.
    """
    sample = [Households(Block("state", at, 0, ("sample",), 65_536, 0, 0)).shared_income for at in range(2)]
    ordered = np.sort(np.concatenate(sample))
    return ordered[[len(ordered) * tenth // 10 for tenth in range(1, 10)]]
