"""Seeded draws in whole numbers: the same seed gives the same bytes on every machine and NumPy.

Only the raw stream of a bit generator is used, which NumPy promises to keep, and whole-number tables in the
place of its distributions, which it may change.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int32]
Flags: TypeAlias = NDArray[np.bool_]
Raw: TypeAlias = NDArray[np.uint16]

_WHOLE = 1 << 16
_FINE = 4096
_SHIFT = 4


class Draws:
    """A stream of even draws between 0 and 65,535.

    Args:
        key: Whole numbers that name the stream: seed, place, block.
    """

    def __init__(self, *key: int) -> None:
        self._bits = np.random.SFC64(np.random.SeedSequence(key))

    def take(self, number: int) -> Raw:
        """Return so many draws."""
        raw: NDArray[np.uint64] = self._bits.random_raw((number + 3) // 4)
        return raw.astype("<u8", copy=False).view("<u2")[:number]

    def chance(self, number: int, percent: float) -> Flags:
        """Return flags, each true with this chance."""
        found: Flags = self.take(number) < _part(percent)
        return found

    def chances(self, parts: NDArray[np.uint32]) -> Flags:
        """Return flags, each true with a chance of its own (`parts_by_age` makes them)."""
        found: Flags = self.take(len(parts)) < parts
        return found


def _part(percent: float) -> int:
    return round(percent * _WHOLE / 100)


def shares(weights: Sequence[int]) -> NDArray[np.int8]:
    """Return a table that turns draws into places among some shares.

    >>> table = shares([1, 3])
    >>> (table == 0).mean()
    np.float64(0.25)
    """
    return _shares(tuple(weights))


@cache
def _shares(weights: tuple[int, ...]) -> NDArray[np.int8]:
    total, edges, so_far = sum(weights), [], 0
    for weight in weights[:-1]:
        so_far += weight
        edges.append(so_far * _FINE // total)
    table = np.array([bisect_right(edges, at) for at in range(_FINE)], np.int8)
    table.flags.writeable = False  # every block reads this one
    return table


def amounts(marks: Sequence[tuple[int, int]]) -> Ints:
    """Return a table that turns draws into amounts, along straight lines between percentiles.

    >>> table = amounts([(0, 0), (100, 4096)])
    >>> table[:3], table[-1]
    (array([0, 1, 2], dtype=int32), np.int32(4095))
    """
    found, place = [], 0
    for at in range(_FINE):
        while at * 100 >= marks[place + 1][0] * _FINE:
            place += 1
        (low, least), (high, most) = marks[place : place + 2]
        found.append(least + (most - least) * (at * 100 - low * _FINE) // ((high - low) * _FINE))
    return np.array(found, np.int32)


def read(table: NDArray[Any], draws: Raw) -> NDArray[Any]:
    """Turn draws into what a table of `shares` or `amounts` says."""
    found: NDArray[Any] = table[draws >> _SHIFT]
    return found


def parts_by_age(steps: Sequence[tuple[int, float]]) -> NDArray[np.uint32]:
    """Return chances by age in years, for `Draws.chances`."""
    found = np.zeros(128, np.uint32)
    for age, percent in steps:
        found[age:] = _part(percent)
    return found
