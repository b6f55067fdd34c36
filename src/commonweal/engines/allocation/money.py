"""A fixed budget, given out down a ranked list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Any


class Result(Enum):
    """What a candidate gets."""

    FUNDED = "funded"
    PARTIAL = "partial"
    RESERVE = "reserve"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be funded.

    Attributes:
        key: Unique; breaks the last tie.
        order: The smaller one goes first.
        award: What the rules give, in minor units; at least 1.
    """

    key: str
    order: tuple[Any, ...]
    award: int


@dataclass(frozen=True, slots=True)
class Share:
    """What the list brought one candidate.

    Attributes:
        key: The candidate's.
        place: On the list, from 1.
        result: Funded, offered a part, or on the reserve.
        amount: What is granted or offered, in minor units.
        left_before: What was left when its turn came.
    """

    key: str
    place: int
    result: Result
    amount: int
    left_before: int


def ranked(candidates: Iterable[Candidate], budget: int, partial_share: Fraction) -> list[Share]:
    """Go down the list: who fits into what is left is funded; who gets at least a share of it is offered the rest.

    Args:
        candidates: In any order.
        budget: What there is, in minor units; not below nought.
        partial_share: The least part of an award that is offered; above 1 for none.

    Returns:
        One share a candidate, the first first.

    Raises:
        ValueError: The budget is below nought, an award is below 1, or a key stands twice.
    """
    listed = sorted(candidates, key=lambda one: (one.order, one.key))
    if budget < 0 or any(one.award < 1 for one in listed) or len({one.key for one in listed}) < len(listed):
        raise ValueError("Budgets are not below nought, awards not below 1, and keys are unique.")
    shares, left = [], budget
    for place, one in enumerate(listed, 1):
        result, amount = _turn(one.award, left, partial_share)
        shares.append(Share(one.key, place, result, amount, left))
        left -= amount
    return shares


def _turn(award: int, left: int, partial_share: Fraction) -> tuple[Result, int]:
    if award <= left:
        return Result.FUNDED, award
    if left > 0 and left >= partial_share * award:
        return Result.PARTIAL, left
    return Result.RESERVE, 0
