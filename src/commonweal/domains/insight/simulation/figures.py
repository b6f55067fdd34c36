"""Turns what was added up into figures: exact ones that are stored, and those that may be shown.

No NumPy here: a page shows stored figures without the extra ``bulk``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from commonweal.engines.disclosure import LEAST, hidden

TENTHS = 10
COUNTS = ("gaining_much", "gaining", "unchanged", "losing", "losing_much")
"""What adds up to the households of a group."""

_PARTS = {
    "receiving_before": "households",
    "receiving_after": "households",
    "poor_before": "people",
    "poor_after": "people",
}
"""Counts of a part of the households or people of a group."""

Row = Mapping[str, int]
Figures = Mapping[str, Any]


def result_hash(figures: Figures) -> str:
    """Name exact figures: the same name, the same numbers to the cent."""
    return sha256(json.dumps(figures, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@dataclass(frozen=True)
class Shown:
    """One group as it may be shown; None stands for what is hidden.

    Attributes:
        group: Its key; a decile's number as text.
        cells: By name of the measure.
    """

    group: str
    cells: Mapping[str, int | float | None]


@dataclass(frozen=True)
class Published:
    """Figures as they may be shown.

    Attributes:
        total: Of everybody.
        tables: Groups by table: ``decile``, ``household_type``, ``district``.
        amounts: Households by step of the amount: from, to (None: no end), before, after.
        margins: Households by band of the marginal rate: key, before, after.
        margin_before: What is lost of each further unit of pay on average, before; None where nobody was asked.
        margin_after: After.
        margin_households: How many were asked.
        faults: Households that could not be worked out.
        is_anything_hidden: Whether any cell is.
        has_poverty: Whether there is a poverty line.
    """

    total: Mapping[str, int | float | None]
    tables: Mapping[str, tuple[Shown, ...]]
    amounts: tuple[tuple[int, int | None, int | None, int | None], ...]
    margins: tuple[tuple[str, int | None, int | None], ...]
    margin_before: float | None
    margin_after: float | None
    margin_households: int
    faults: int
    is_anything_hidden: bool
    has_poverty: bool


def published(figures: Figures) -> Published:
    """Return the figures that may be shown: small cells are hidden, and what they could be worked out from.

    A cell that counts fewer than ten households is hidden, and the sums and means made of them; see
    :mod:`commonweal.engines.disclosure`.
    """
    tables, masks = {}, []
    for name in ("decile", "household_type", "district"):
        rows = [(str(row["group"]), _counted(row)) for row in figures[name]]
        mask = _masks([row for _, row in rows])
        masks += [cell for row in mask for cell in row.values()]
        tables[name] = tuple(
            Shown(group, _cells(row, covered)) for (group, row), covered in zip(rows, mask, strict=True)
        )
    amounts, margins = figures["amounts"], figures["margins"]
    amount_mask = hidden([[row["before"], row["after"]] for row in amounts], sums_across=False)
    margin_mask = hidden([[row["before"], row["after"]] for row in margins], sums_across=False)
    asked = figures["margin_households"]
    total = _counted(figures["total"])
    return Published(
        total=_cells(total, _masks([total])[0]),
        tables=tables,
        amounts=tuple(
            (
                row["from"],
                row["to"],
                None if covered[0] else row["before"],
                None if covered[1] else row["after"],
            )
            for row, covered in zip(amounts, amount_mask, strict=True)
        ),
        margins=tuple(
            (row["band"], None if covered[0] else row["before"], None if covered[1] else row["after"])
            for row, covered in zip(margins, margin_mask, strict=True)
        ),
        margin_before=_mean(figures["margin_lost_before"], asked, figures["margin_minor"]),
        margin_after=_mean(figures["margin_lost_after"], asked, figures["margin_minor"]),
        margin_households=asked,
        faults=figures["faults"],
        is_anything_hidden=any(masks)
        or any(any(row) for row in amount_mask)
        or any(any(row) for row in margin_mask),
        has_poverty=figures["has_poverty"],
    )


def _counted(row: Row) -> dict[str, int]:
    found = {key: value for key, value in row.items() if key != "group"}
    moved = sum(found[name] for name in COUNTS if name != "unchanged")
    return found | {"unchanged": found["households"] - moved}


def _masks(rows: Sequence[Row]) -> list[dict[str, bool]]:
    """Return what is hidden of each group: who gains and loses, who receives, and how many there are."""
    changes = hidden([[row[name] for name in COUNTS] for row in rows])
    parts = {
        name: hidden([[row[name], row[whole] - row[name]] for row in rows]) for name, whole in _PARTS.items()
    }
    sizes = hidden([[row["households"]] for row in rows], sums_across=False)
    found = []
    for at in range(len(rows)):
        mask = dict(zip(COUNTS, changes[at], strict=True))
        mask |= {name: part[at][0] for name, part in parts.items()}
        mask["households"] = sizes[at][0]
        found.append(dict.fromkeys(mask, True) if sizes[at][0] else mask)
    return found


def _cells(row: Row, mask: Mapping[str, bool]) -> dict[str, int | float | None]:
    """Return a group's cells: what is made of a hidden count is hidden with it."""
    changes = mask["receiving_before"] or mask["receiving_after"]
    gains = mask["gaining"] or mask["gaining_much"]
    losses = mask["losing"] or mask["losing_much"]
    covered = dict(mask) | {
        "people": mask["households"],
        "people_gaining": gains,
        "people_losing": losses,
        "before_minor": mask["receiving_before"],
        "after_minor": changes or gains or losses,  # else the change would follow from before and after
        "gain_minor": gains,
        "loss_minor": losses,
        "change_minor": changes or gains or losses,
        "mean_change_minor": changes or gains or losses,
        "poverty_before": mask["poor_before"],
        "poverty_after": mask["poor_after"],
    }
    change = row["after_minor"] - row["before_minor"]
    values: dict[str, int | float] = dict(row) | {
        "change_minor": change,
        "mean_change_minor": change / row["households"] if row["households"] else 0.0,
        "poverty_before": row["poor_before"] / row["people"] if row["people"] else 0.0,
        "poverty_after": row["poor_after"] / row["people"] if row["people"] else 0.0,
    }
    return {name: None if covered.get(name, False) else value for name, value in values.items()}


def _mean(lost_minor: int, households: int, extra_minor: int) -> float | None:
    return lost_minor / (households * extra_minor) if households >= LEAST else None
