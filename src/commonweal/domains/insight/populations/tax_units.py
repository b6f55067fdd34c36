"""The same people as taxpayers: one row a tax return, in the shape of the income tax model."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa

from commonweal.domains.insight.populations import marginals as m
from commonweal.domains.insight.populations.columns import Column, Facts, deciles, names, struct
from commonweal.domains.insight.populations.drawing import Flags, Ints
from commonweal.domains.insight.populations.households import (
    CHILD,
    GRANDPARENT,
    HEAD,
    OTHER,
    PARTNER,
    Households,
)
from commonweal.domains.insight.populations.places import Block

STATUSES = ("S", "J", "H")
RELATIONS = ("CHILD", "RELATIVE")
NUMBERS = ("SSN", "OTHER")

TAX_COLUMNS = (
    Column("tax_unit_id", "int64", "Number of the return, the same for the same seed."),
    Column("household_id", "int64", "The household that it belongs to, as in the population of households."),
    Column("district", "dictionary<string>", "Key of the district."),
    Column("household_type", "dictionary<string>", "One of the household types."),
    Column("people", "int32", "Filers and dependents."),
    Column("decile", "int8", "Of the household: see the population of households."),
    Column("Return", "struct", "Facts of the filers for the income tax model; amounts are dollars a year."),
    Column("Dependents", "list<struct>", "Children, and grandparents without much of an income."),
    Column("Options", "struct", "Neither whole dollars nor tables: exact amounts."),
)
"""The columns of a population of tax units."""


def tax_unit_batch(block: Block, on: date) -> pa.RecordBatch:
    """Make a block's people, one tax return a row.

    Couples file jointly, or, where they are not married, each for themselves with the children at the first. A
    grandparent is a dependent if the income is small. Profit from self-employment stands among the wages.

    Args:
        block: From `places.blocks`.
        on: Not used: a return is about a year's income, and everybody's income is alike all year.
    """
    made = Households(block)
    yearly = 12 * (
        made.facts["earned"] + made.facts["self_employment_receipts"] - made.facts["self_employment_costs"]
    )
    is_joint = ~made.draws.chance(len(made.kind), m.UNMARRIED)[made.home]
    is_dependent = (made.role == CHILD) | (
        (made.role == GRANDPARENT) & (yearly + 12 * made.facts["other_unearned"] < m.DEPENDENT_INCOME)
    )
    is_filer = (made.role == HEAD) | (made.role == OTHER) | (made.role == PARTNER) & ~is_joint
    is_filer |= (made.role == GRANDPARENT) & ~is_dependent
    filer = np.flatnonzero(is_filer).astype(np.int32)
    home = made.home[filer]
    unit_of_home = np.cumsum(is_filer, dtype=np.int32)[made.starts] - 1
    dependent = np.flatnonzero(is_dependent).astype(np.int32)
    spouse = _spouses(made, filer, is_joint & (made.role == PARTNER))
    counts = np.bincount(unit_of_home[made.home[dependent]], minlength=len(filer)).astype(np.int32)
    offsets = np.concatenate([np.zeros(1, np.int32), np.cumsum(counts, dtype=np.int32)])
    return pa.RecordBatch.from_pydict(
        {
            "tax_unit_id": filer.astype(np.int64) + block.first,
            "household_id": home.astype(np.int64) + block.first,
            "district": names(np.full(len(filer), block.district, np.int8), block.districts),
            "household_type": names(made.kind[home], tuple(kind.key for kind in m.HOUSEHOLD_TYPES)),
            "people": counts + 1 + (spouse >= 0),
            "decile": deciles(made, block.place)[home],
            "Return": struct(_filers(made, yearly, filer, spouse, counts)),
            "Dependents": pa.ListArray.from_arrays(
                pa.array(offsets), struct(_dependents(made, yearly, dependent))
            ),
            "Options": struct({name: np.zeros(len(filer), np.bool_) for name in ("whole_dollars", "tables")}),
        }
    )


def _spouses(made: Households, filer: Ints, is_spouse: Flags) -> Ints:
    """Return the person who files with each filer, or -1: the one after the head."""
    after = np.minimum(filer + 1, made.block.people - 1)
    found: Ints = np.where((made.role[filer] == HEAD) & is_spouse[after], after, -1).astype(np.int32)
    return found


def _filers(
    made: Households, yearly: Ints, filer: Ints, spouse: Ints, dependents: Ints
) -> dict[str, pa.Array]:
    units, draws = len(filer), made.draws
    is_joint = spouse >= 0
    nobody = np.zeros(units, np.bool_)
    has_children = dependents > 0
    status = np.where(is_joint, 1, np.where(has_children, 2, 0)).astype(np.int8)
    spouse_wages = np.where(is_joint, yearly[spouse], 0)
    wages = yearly[filer]
    columns: dict[str, pa.Array] = {"filing_status": names(status, STATUSES)}
    plain: Facts = {
        "age": made.age[filer],
        "spouse_age": np.where(is_joint, made.age[spouse], 0),
        "new_year_birthday": nobody,
        "spouse_new_year_birthday": nobody,
        "blind": draws.chance(units, m.BLIND),
        "spouse_blind": draws.chance(units, m.BLIND) & is_joint,
        "has_ssn": draws.chance(units, m.WITH_SSN),
        "spouse_has_ssn": draws.chance(units, m.WITH_SSN) & is_joint,
        "wages": wages,
        "spouse_wages": spouse_wages,
        "interest": made.paid("interest", draws.chance(units, m.INTEREST)),
        "withheld": (wages + spouse_wages) * m.WITHHELD // 100,
        "estimated_payments": np.zeros(units, np.int32),
        "can_be_claimed_as_dependent": nobody,
        "spouse_itemises": nobody,
        "lives_apart": nobody,
    }
    return columns | {name: pa.array(column) for name, column in plain.items()}


def _dependents(made: Households, yearly: Ints, person: Ints) -> dict[str, pa.Array]:
    number = len(person)
    is_child = made.role[person] == CHILD
    nobody = np.zeros(number, np.bool_)
    has_number = made.draws.chance(number, m.WITH_SSN)
    income = yearly[person] + np.where(is_child, 0, 12 * made.facts["other_unearned"][person])
    nothing = pa.DictionaryArray.from_arrays(pa.array(np.zeros(number, np.int8)), pa.array(["NONE"]))
    return {
        "relation": names((~is_child).astype(np.int8), RELATIONS),
        "age": pa.array(made.age[person]),
        "is_younger": pa.array(is_child),
        "is_student": pa.array(nobody),
        "is_disabled": pa.array(made.is_disabled[person]),
        "months": pa.array(np.full(number, 12, np.int32)),
        "number": names((~has_number).astype(np.int8), NUMBERS),
        "agreement": nothing,
        "is_us_person": pa.array(~nobody),
        "pays_own_support": pa.array(nobody),
        "files_jointly": pa.array(nobody),
        "is_supported": pa.array(~is_child),
        "income": pa.array(income),
    }
