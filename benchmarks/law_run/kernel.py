"""A law of the size of SNAP's core, for speed alone: 12 inputs, three tables, 21 decisions, no lists."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MODEL = Path(__file__).with_name("kernel.dmn")
UTILITIES = ("SUA", "LUA", "TUA", "NONE")
ROWS = 1 << 20
Columns = dict[str, NDArray[np.generic]]


def draw(rows: int, seed: int = 1) -> Columns:
    """Draw facts; `utilities` holds places among `UTILITIES`."""
    draws = np.random.default_rng(seed)

    def money(most: int, share: float) -> NDArray[np.int32]:
        amounts = draws.integers(0, most, rows, np.int32)
        return np.where(draws.random(rows) < share, amounts, 0).astype(np.int32)

    return {
        "size": draws.integers(1, 11, rows, np.int32),
        "earned": money(6000, 0.7),
        "self_employment": money(3000, 0.1),
        "unearned": money(2500, 0.4),
        "child_support": money(500, 0.05),
        "rent": money(2500, 0.9),
        "utilities": draws.integers(0, 4, rows, np.int32),
        "dependent_care": money(900, 0.15),
        "medical": money(400, 0.3),
        "resources": money(9000, 0.8),
        "protected": draws.random(rows) < 0.3,
        "homeless": draws.random(rows) < 0.02,
    }


def by_hand(c: Columns) -> NDArray[np.int64]:
    """The allotment in whole dollars, written by hand in cents."""
    size = c["size"].astype(np.int64)
    earned = c["earned"].astype(np.int64) * 100 + c["self_employment"].astype(np.int64) * 50
    gross = earned + (c["unearned"].astype(np.int64) - c["child_support"]) * 100
    categorical = gross * 6 <= (15960 + (size - 1) * 5680) * 100
    limits = np.array([0, 1696, 2292, 2888, 3483, 4079, 4675, 5271, 5867], np.int64)
    most = np.array([0, 298, 546, 785, 994, 1183, 1421, 1571, 1789], np.int64)
    at, more = np.minimum(size, 8), np.maximum(size - 8, 0)
    gross_test = c["protected"] | (gross <= (limits[at] + more * 596) * 100)
    standard = np.array([0, 209, 209, 209, 223, 261, 299], np.int64)[np.minimum(size, 6)] * 100
    medical = np.where(c["protected"], np.maximum(0, c["medical"].astype(np.int64) - 35), 0) * 100
    care = c["dependent_care"].astype(np.int64) * 100
    before = np.maximum(0, gross - standard - earned // 5 - care - medical)
    allowance = np.array([515, 406, 58, 0], np.int64)[c["utilities"]]
    excess = np.maximum(0, (c["rent"] + allowance) * 100 - before // 2)
    capped = np.where(c["protected"], excess, np.minimum(excess, 74_400))
    shelter = np.where(c["homeless"] & (capped < 19_899), 19_899, capped)
    net = (np.maximum(0, before - shelter) + 50) // 100
    contribution = -(-net * 3 // 10)
    resources = c["resources"] <= np.where(c["protected"], 4500, 3000)
    eligible = categorical | (gross_test & resources)
    least = np.where(size <= 2, 24, 0)
    allotment: NDArray[np.int64] = np.where(
        eligible, np.maximum(most[at] + more * 218 - contribution, least), 0
    )
    return allotment


def by_hand_in_blocks(columns: Columns, block: int = 16_384) -> int:
    """The same, a block at a time so that all of it stays in the cache; the sum."""
    rows = len(columns["size"])
    return sum(
        int(by_hand({name: column[at : at + block] for name, column in columns.items()}).sum())
        for at in range(0, rows, block)
    )
