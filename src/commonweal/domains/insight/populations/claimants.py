"""The same people as those who may claim SSI: one row a household, and in it the one who claims."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa

from commonweal.domains.insight.populations import marginals as m
from commonweal.domains.insight.populations.columns import Column, Facts, deciles, names, struct
from commonweal.domains.insight.populations.drawing import Flags, Ints
from commonweal.domains.insight.populations.households import CHILD, HEAD, PARTNER, Households
from commonweal.domains.insight.populations.places import Block

SPOUSES = ("NONE", "CLAIMS", "DOES_NOT_CLAIM")

SSI_COLUMNS = (
    Column("household_id", "int64", "Number of the household, as in the population of households."),
    Column("district", "dictionary<string>", "Key of the district."),
    Column("household_type", "dictionary<string>", "One of the household types."),
    Column("size", "int32", "Members."),
    Column("income", "int32", "All money that comes in but SSI, dollars a month."),
    Column("decile", "int8", "As in the population of households."),
    Column("Claimant", "struct", "Facts of the SSI model about the one who claims."),
    Column("Spouse", "struct", "The same about husband or wife; noughts where there is none."),
    Column("Household", "struct", "Facts about the home, the family and what it owns."),
)
"""The columns of a population of households that may claim SSI."""


def ssi_batch(block: Block, on: date) -> pa.RecordBatch:
    """Make a block's people, one household a row; the first who is 65 or older or disabled claims.

    Where nobody is, the head claims, and is refused. A couple are the first two adults of a home for couples.

    Args:
        block: From `places.blocks`.
        on: Not used: the facts are alike all year.
    """
    made = Households(block)
    homes = len(made.kind)
    is_entitled = made.is_older | made.is_disabled
    who = _claimants(made, is_entitled)
    spouse = _spouses(made, who)
    spouse_claims = (spouse >= 0) & is_entitled[np.maximum(spouse, 0)]
    is_child = made.role[who] == CHILD
    situation = np.where(spouse < 0, 0, np.where(spouse_claims, 1, 2)).astype(np.int8)
    household = _household(made, situation, is_child)
    return pa.RecordBatch.from_pydict(
        {
            "household_id": np.arange(block.first, block.first + homes, dtype=np.int64),
            "district": names(np.full(homes, block.district, np.int8), block.districts),
            "household_type": names(made.kind, tuple(kind.key for kind in m.HOUSEHOLD_TYPES)),
            "size": made.sizes,
            "income": made.income - made.sums(made.facts["ssi"]),
            "decile": deciles(made, block.place),
            "Claimant": struct(_person(made, who, np.ones(homes, np.bool_))),
            "Spouse": struct(_person(made, np.maximum(spouse, 0), spouse >= 0)),
            "Household": struct(household),
        }
    )


def _claimants(made: Households, is_entitled: Flags) -> Ints:
    found: Ints = made.starts.astype(np.int32)
    at = np.flatnonzero(is_entitled)[::-1]  # the first of a household is written last
    found[made.home[at]] = at
    return found


def _spouses(made: Households, who: Ints) -> Ints:
    """Return the husband or wife of each claimant, or -1: head and partner are a couple."""
    role = made.role[who]
    last = made.block.people - 1
    after = np.minimum(who + 1, last)
    has_partner = (role == HEAD) & (made.role[after] == PARTNER) & (made.home[after] == made.home[who])
    found: Ints = np.where(has_partner, after, np.where(role == PARTNER, who - 1, -1)).astype(np.int32)
    return found


def _person(made: Households, who: Ints, is_there: Flags) -> Facts:
    """Return the facts about some people; noughts where nobody is."""

    def fact(name: str) -> Ints:
        found: Ints = np.where(is_there, made.facts[name][who], 0).astype(np.int32)
        return found

    nothing = np.zeros(len(who), np.int32)
    nobody = np.zeros(len(who), np.bool_)
    profit = fact("self_employment_receipts") - fact("self_employment_costs")
    return {
        "age": np.where(is_there, made.age[who], 0).astype(np.int32),
        "blind": nobody,
        "disabled": made.is_disabled[who] & is_there,
        "received_before": fact("ssi") > 0,
        "citizen_or_qualified": made.draws.chance(len(who), m.CITIZENS) & is_there,
        "resident": is_there,
        "in_institution": nobody,
        "student": np.asarray(made.facts["in_school"], np.bool_)[who] & is_there,
        "wages": fact("earned"),
        "self_employment": profit,
        "student_exclusion_used": nothing,
        "impairment_work_costs": nothing,
        "blind_work_costs": nothing,
        "social_security": fact("social_security_retirement") + fact("social_security_disability"),
        "pension": nothing,
        "unemployment": fact("unemployment"),
        "interest": nothing,
        "child_support": nothing,
        "need_based_cash": fact("tanf"),
        "other_unearned": fact("other_unearned"),
    }


def _household(
    made: Households, situation: np.ndarray[tuple[int], np.dtype[np.int8]], child: Flags
) -> dict[str, pa.Array]:
    homes = len(made.kind)
    nothing = np.zeros(homes, np.int32)
    is_child = made.role == CHILD
    children = made.sums(is_child) - child
    offsets = np.concatenate([np.zeros(1, np.int32), np.cumsum(children, dtype=np.int32)])
    parent = (made.role == HEAD) | (made.role == PARTNER)
    unearned = np.zeros(made.block.people, np.int32)
    for name in (
        "social_security_retirement",
        "social_security_disability",
        "unemployment",
        "other_unearned",
    ):
        unearned += made.facts[name]
    return {
        "spouse": names(situation, SPOUSES),
        "living": names(np.zeros(homes, np.int8), ("OWN_HOUSEHOLD",)),
        "in_kind_shelter": pa.array(nothing),
        "in_kind_food": pa.array(nothing),
        "resources": pa.array(np.where(child, 0, made.costs["resources"]).astype(np.int32)),
        "burial_funds": pa.array(nothing),
        "spouse_burial_funds": pa.array(nothing),
        "ineligible_children": pa.ListArray.from_arrays(
            pa.array(offsets), struct({"income": np.zeros(int(offsets[-1]), np.int32)})
        ),
        "eligible_children": pa.array(np.ones(homes, np.int32)),
        "parents": pa.array(np.where(child, made.sums(parent), 0).astype(np.int32)),
        "parents_earned": pa.array(np.where(child, made.sums(made.pay * parent), 0).astype(np.int32)),
        "parents_unearned": pa.array(np.where(child, made.sums(unearned * parent), 0).astype(np.int32)),
        "parents_resources": pa.array(np.where(child, made.costs["resources"], 0).astype(np.int32)),
        "supplement_group": pa.array(made.draws.chance(homes, m.SUPPLEMENT_GROUP)),
    }
