"""Small values of the consent app."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of data in a survey.

    Attributes:
        what: As the person would call it.
        count: How many rows.
        until: The last day on which they stay; None where they go now, or the day is not known.
        reason: Why they stay; empty where they go.
    """

    what: str
    count: int
    until: date | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Survey:
    """What an erasure would do.

    Attributes:
        goes: What is erased now.
        stays: What the law keeps, with the reason.
        obstacles: Why nothing can be erased now, in plain words; empty where it can.
        is_name_kept: Whether name and ledger stay readable until what stays has gone too.
        next_on: The first day on which more can be erased; None where that is not known.
    """

    goes: tuple[Line, ...]
    stays: tuple[Line, ...]
    obstacles: tuple[str, ...]
    is_name_kept: bool
    next_on: date | None
