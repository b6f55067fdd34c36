"""Values that awards take and give."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from commonweal.kernel.awards.enums import Period
from commonweal.kernel.base.types import Money


@dataclass(frozen=True, slots=True)
class Terms:
    """What is to be granted.

    Attributes:
        starts_on: First day.
        ends_on: Last day; None where it runs on.
        amount: What is paid or granted; None where it is no amount.
        period: What the amount is for.
        holder: What it counts for besides the person; may be empty.
        item: What it is for; may be empty.
        pool: Key of the pool whose capacity it uses; may be empty.
        capacity: How many units the pool holds in all; needed with a pool.
        units: How many of them this award uses.
    """

    starts_on: date
    ends_on: date | None = None
    amount: Money | None = None
    period: Period = Period.ONCE
    holder: str = ""
    item: str = ""
    pool: str = ""
    capacity: int | None = None
    units: int = 1


@dataclass(frozen=True, slots=True)
class Amendment:
    """What a later decision changes about an award that somebody asked to have changed; None leaves a part as it is.

    Attributes:
        last_day: New last day, earlier or later; before the first day, the award never begins.
        from_on: First day of what is new; None where the award ends.
        item: What it is for from now on.
        holder: What it counts for from now on.
        amount: What is paid or granted from ``from_on`` on.
    """

    last_day: date | None = None
    from_on: date | None = None
    item: str | None = None
    holder: str | None = None
    amount: Money | None = None
