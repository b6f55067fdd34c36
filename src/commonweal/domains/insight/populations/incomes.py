"""Income and benefits of households in the shape in which school meals and WIC ask for them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from commonweal.domains.insight.populations import marginals as m
from commonweal.domains.insight.populations.columns import names, struct
from commonweal.domains.insight.populations.drawing import Flags, Ints
from commonweal.domains.insight.populations.households import Households

KINDS = (
    ("WAGES", ("earned",)),
    ("SELF_EMPLOYMENT", ("self_employment_receipts",)),
    ("SOCIAL_SECURITY", ("social_security_retirement", "social_security_disability")),
    ("SSI", ("ssi",)),
    ("CASH_ASSISTANCE", ("tanf",)),
    ("UNEMPLOYMENT", ("unemployment",)),
    ("OTHER", ("other_unearned",)),
)
"""Kinds of income, and the facts of members that are added up for each."""


def income_lists(made: Households, home: Ints) -> pa.ListArray:
    """Return for each of these households its incomes: one entry for each kind that it has, all by the month."""
    amounts = np.stack([_of_kind(made, facts) for _kind, facts in KINDS])
    chosen = amounts[:, home]
    has_some = chosen.T != 0
    counts = has_some.sum(axis=1)
    offsets = np.concatenate([np.zeros(1, np.int32), np.cumsum(counts, dtype=np.int32)])
    rows, kinds = np.nonzero(has_some)
    entries = {
        "kind": names(kinds.astype(np.int8), tuple(kind for kind, _facts in KINDS)),
        "amount": pa.array(chosen.T[rows, kinds]),
        "frequency": names(np.zeros(len(rows), np.int8), ("MONTHLY",)),
    }
    return pa.ListArray.from_arrays(pa.array(offsets), struct(entries))


def _of_kind(made: Households, facts: tuple[str, ...]) -> Ints:
    total: Ints = sum((made.facts[name] for name in facts[1:]), made.facts[facts[0]]).astype(np.int32)
    if facts == ("self_employment_receipts",):
        total = total - made.facts["self_employment_costs"]
    return made.sums(total)


def has_food_assistance(made: Households) -> Flags:
    """Draw which households receive SNAP: more of them where there is less to share."""
    edges, percents = zip(*m.SNAP_BY_SHARED_INCOME, strict=True)
    at = np.searchsorted(np.array(edges), made.shared_income, "right")
    parts = np.array([*(percent * 65_536 // 100 for percent in percents), 0], np.uint32)
    return made.draws.chances(parts[at])


def has_family_aid(made: Households) -> Flags:
    """Return which households receive TANF."""
    found: Flags = made.sums(made.facts["tanf"]) > 0
    return found
