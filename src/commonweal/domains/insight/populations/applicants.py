"""The same people as women and young children who ask for WIC: one row an applicant."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa

from commonweal.domains.insight.populations import marginals as m
from commonweal.domains.insight.populations.columns import Column, deciles, names, struct
from commonweal.domains.insight.populations.drawing import Flags, Ints, read, shares
from commonweal.domains.insight.populations.households import CHILD, HEAD, PARTNER, Households
from commonweal.domains.insight.populations.incomes import has_family_aid, has_food_assistance, income_lists
from commonweal.domains.insight.populations.places import Block

RISKS = ("MEDICAL", "DIETARY", "NONE")

WIC_COLUMNS = (
    Column("household_id", "int64", "The household, as in the population of households."),
    Column("district", "dictionary<string>", "Key of the district."),
    Column("household_type", "dictionary<string>", "One of the household types."),
    Column("people", "int32", "1: the applicant."),
    Column("size", "int32", "Members of the household."),
    Column("shared_income", "int32", "Of the household, as in the population of households."),
    Column("decile", "int8", "As in the population of households."),
    Column("Applicant", "struct", "Facts of the WIC model about the applicant."),
    Column("Family", "struct", "Facts about the family; incomes are by the month."),
)
"""The columns of a population of applicants for WIC."""


def wic_batch(block: Block, on: date) -> pa.RecordBatch:
    """Make a block's people, one who may ask for WIC a row: children under five, and women around a birth.

    In a family with an infant the second adult, or the only one, is its mother.

    Args:
        block: From `places.blocks`.
        on: Not used: the facts are alike all year.
    """
    made = Households(block)
    draws, homes = made.draws, len(made.kind)
    months = made.age * 12 + (draws.take(block.people).astype(np.int32) * 12 >> 16)
    is_child = made.role == CHILD
    infant = np.full(homes, 12, np.int32)
    np.minimum.at(infant, made.home[is_child], months[is_child])
    mother = _mothers(made)
    is_pregnant = np.zeros(block.people, np.bool_)
    of_age = (mother >= 0) & (infant > 9) & (made.age[np.maximum(mother, 0)] <= m.OLDEST_MOTHER)
    is_pregnant[mother[of_age & draws.chance(homes, m.PREGNANT)]] = True
    is_mother = np.zeros(block.people, np.bool_)
    is_mother[mother[(mother >= 0) & (infant < 12)]] = True
    who = np.flatnonzero((is_child & (months < 60)) | is_pregnant | is_mother).astype(np.int32)
    home = made.home[who]
    snap, tanf = has_food_assistance(made), has_family_aid(made)
    medicaid = (snap | tanf) & draws.chance(homes, m.MEDICAID_BESIDE_SNAP)
    expects = made.sums(is_pregnant)
    number = len(who)
    applicant = {
        "age_months": pa.array(months[who]),
        "pregnant": pa.array(is_pregnant[who]),
        "pregnancy_ended": pa.array(is_mother[who]),
        "months_since_pregnancy": pa.array(np.where(is_mother[who], infant[home], 0).astype(np.int32)),
        "breastfeeding": pa.array(is_mother[who] & draws.chance(number, m.BREASTFEEDING)),
        "several_infants_fully_breastfed": pa.array(np.zeros(number, np.bool_)),
        "lives_in_state": pa.array(np.ones(number, np.bool_)),
        "snap": pa.array(snap[home]),
        "tanf": pa.array(tanf[home]),
        "medicaid": pa.array(medicaid[home]),
        "risk": names(read(shares(m.NUTRITIONAL_RISKS), draws.take(number)), RISKS),
    }
    family = {
        "members": pa.array(made.sizes[home]),
        "expected_children": pa.array(expects[home]),
        "objects_to_counting": pa.array(np.zeros(number, np.bool_)),
        "snap": pa.array(snap[home]),
        "tanf": pa.array(tanf[home]),
        "pregnant_or_infant_on_medicaid": pa.array((medicaid & ((expects > 0) | (infant < 12)))[home]),
        "incomes": income_lists(made, home),
    }
    return pa.RecordBatch.from_pydict(
        {
            "household_id": home.astype(np.int64) + block.first,
            "district": names(np.full(number, block.district, np.int8), block.districts),
            "household_type": names(made.kind[home], tuple(kind.key for kind in m.HOUSEHOLD_TYPES)),
            "people": np.ones(number, np.int32),
            "size": made.sizes[home],
            "shared_income": made.shared_income[home],
            "decile": deciles(made, block.place)[home],
            "Applicant": struct(applicant),
            "Family": struct(family),
        }
    )


def _mothers(made: Households) -> Ints:
    """Return for each household the person who is or may become a mother, or -1."""
    found = np.full(len(made.kind), -1, np.int32)
    for role in (HEAD, PARTNER):
        at = np.flatnonzero((made.role == role) & _may_be_mother(made))
        found[made.home[at]] = at
    return found


def _may_be_mother(made: Households) -> Flags:
    is_alone = np.isin(made.kind, [at for at, kind in enumerate(m.HOUSEHOLD_TYPES) if "p" not in kind.roles])
    has_half = made.draws.chance(made.block.people, 50)
    # Of adults who live without a partner or a child, one in two is a woman; a lone parent and a second adult are.
    found: Flags = (made.role == PARTNER) | ~is_alone[made.home] | made.has_children[made.home] | has_half
    return found
