"""The same people as families with pupils: one row a household that applies for school meals."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa

from commonweal.domains.insight.populations import marginals as m
from commonweal.domains.insight.populations.columns import Column, deciles, names, struct
from commonweal.domains.insight.populations.households import Households
from commonweal.domains.insight.populations.incomes import has_family_aid, has_food_assistance, income_lists
from commonweal.domains.insight.populations.places import Block

SCHOOL_COLUMNS = (
    Column("household_id", "int64", "Number of the household, as in the population of households."),
    Column("district", "dictionary<string>", "Key of the district."),
    Column("household_type", "dictionary<string>", "One of the household types."),
    Column("size", "int32", "Members."),
    Column("income", "int32", "All money that comes in, dollars a month."),
    Column("decile", "int8", "As in the population of households."),
    Column("Household", "struct", "Facts of the school meals model; incomes are by the month."),
    Column("Children", "list<struct>", "Pupils of 5 to 17 years."),
)
"""The columns of a population of households with pupils."""


def school_batch(block: Block, on: date) -> pa.RecordBatch:
    """Make a block's people, one household with pupils a row; households without any are left out.

    Args:
        block: From `places.blocks`.
        on: Not used: the facts are alike all year.
    """
    made = Households(block)
    snap, tanf, draws = has_food_assistance(made), has_family_aid(made), made.draws
    is_known = draws.chance(len(snap), m.DIRECTLY_CERTIFIED) & (snap | tanf)
    declines = draws.chance(len(snap), m.DECLINES_MEALS)
    pupils = made.sums(made.facts["in_school"])
    home = np.flatnonzero(pupils > 0).astype(np.int32)
    offsets = np.concatenate([np.zeros(1, np.int32), np.cumsum(pupils[home], dtype=np.int32)])
    number = int(offsets[-1])
    homeless = np.repeat(made.is_homeless[home], pupils[home])
    nobody = np.zeros(len(home), np.bool_)
    household = {
        "size": pa.array(made.sizes[home]),
        "incomes": income_lists(made, home),
        "snap": pa.array(snap[home]),
        "tanf": pa.array(tanf[home]),
        "fdpir": pa.array(nobody),
        "directly_certified": pa.array(is_known[home]),
        "declines": pa.array(declines[home]),
    }
    children = {
        "foster": draws.chance(number, m.FOSTER),
        "homeless": homeless,
        "migrant": draws.chance(number, m.MIGRANT),
        "runaway": np.zeros(number, np.bool_),
        "head_start": np.zeros(number, np.bool_),
    }
    return pa.RecordBatch.from_pydict(
        {
            "household_id": home.astype(np.int64) + block.first,
            "district": names(np.full(len(home), block.district, np.int8), block.districts),
            "household_type": names(made.kind[home], tuple(kind.key for kind in m.HOUSEHOLD_TYPES)),
            "size": made.sizes[home],
            "income": made.income[home],
            "decile": deciles(made, block.place)[home],
            "Household": struct(household),
            "Children": pa.ListArray.from_arrays(pa.array(offsets), struct(children)),
        }
    )
