"""Scarce places and money, given out by a declared order.

>>> from fractions import Fraction
>>> found = ranked([Candidate("a", (1,), 700), Candidate("b", (2,), 500)], 1_000, Fraction(6, 10))
>>> [(share.key, share.result.value, share.amount) for share in found]
[('a', 'funded', 700), ('b', 'partial', 300)]
>>> lottery("PA-2027-K", "K01")
1622812676
"""

from __future__ import annotations

from commonweal.engines.allocation.lots import lottery
from commonweal.engines.allocation.money import Candidate, Result, Share, ranked
from commonweal.engines.allocation.seats import Child, Claim, Placement, School, places

__all__ = [
    "Candidate",
    "Child",
    "Claim",
    "Placement",
    "Result",
    "School",
    "Share",
    "lottery",
    "places",
    "ranked",
]
