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

WAYS = ("gaining_all", "unchanged", "losing_all")
"""The same, whether much or little."""

_SPLIT = {"gaining_all": ("gaining_much", "gaining"), "losing_all": ("losing_much", "losing")}

_PARTS = {
    "changing": "households",
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
        unit: What a row is.
        period: Of which amounts are: ``month`` or ``year``.
        is_tax: Whether amounts are paid, not received; they count as below nought.
        much_minor: A change above this is much.
        has_margins: Whether marginal rates were asked.
    """

    total: Mapping[str, int | float | None]
    tables: Mapping[str, tuple[Shown, ...]]
    amounts: tuple[tuple[int | None, int | None, int | None, int | None], ...]
    margins: tuple[tuple[str, int | None, int | None], ...]
    margin_before: float | None
    margin_after: float | None
    margin_households: int
    faults: int
    is_anything_hidden: bool
    has_poverty: bool
    unit: str
    period: str
    is_tax: bool
    much_minor: int
    has_margins: bool


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
        unit=figures.get("unit", "household"),
        period=figures.get("period", "month"),
        is_tax=figures.get("is_tax", False),
        much_minor=figures.get("much_minor", 50_00),
        has_margins=figures.get("has_margins", True),
    )


def _counted(row: Row) -> dict[str, int]:
    found = {key: value for key, value in row.items() if key != "group"}
    gaining = found["gaining"] + found["gaining_much"]
    losing = found["losing"] + found["losing_much"]
    return found | {
        "gaining_all": gaining,
        "losing_all": losing,
        "unchanged": found["households"] - gaining - losing,
        "changing": gaining + losing,
    }


def _masks(rows: Sequence[Row]) -> list[dict[str, bool]]:
    """Return what is hidden of each group: who gains and loses, who receives, and how many there are.

    Those who gain (or lose) much are a part of those who gain: hiding the part hides its rest too.
    """
    found: list[dict[str, bool]] = [{} for _row in rows]
    _put(found, WAYS, hidden(_table(rows, WAYS)))
    for whole, parts in _SPLIT.items():
        also = [[mask[whole]] * len(parts) for mask in found]
        _put(found, parts, hidden(_table(rows, parts), also=also))
    for name, whole in _PARTS.items():
        _put(found, (name, ""), hidden([[row[name], row[whole] - row[name]] for row in rows]))
    _put(found, ("households",), hidden(_table(rows, ("households",)), sums_across=False))
    return list(map(_whole, found))


def _table(rows: Sequence[Row], names: Sequence[str]) -> list[list[int]]:
    return [[row[name] for name in names] for row in rows]


def _whole(mask: dict[str, bool]) -> dict[str, bool]:
    """Hide everything of a group that is small itself."""
    return dict.fromkeys(mask, True) if mask["households"] else mask


def _put(found: Sequence[dict[str, bool]], names: Sequence[str], masks: Sequence[Sequence[bool]]) -> None:
    """Note for each group which of some cells are hidden."""
    for mask, covered in zip(found, masks, strict=True):
        mask.update(zip(names, covered, strict=True))


def _cells(row: Row, mask: Mapping[str, bool]) -> dict[str, int | float | None]:
    """Return a group's cells: what is made of a hidden count is hidden with it."""
    covered = dict(mask) | {
        "people": mask["households"],
        "people_gaining": mask["gaining_all"],
        "people_losing": mask["losing_all"],
        "before_minor": mask["receiving_before"],
        "after_minor": mask["receiving_before"] or mask["receiving_after"] or mask["changing"],
        "gain_minor": mask["gaining_all"],
        "loss_minor": mask["losing_all"],
        "change_minor": mask["changing"],
        "mean_change_minor": mask["changing"],
        "poverty_before": mask["poor_before"],
        "poverty_after": mask["poor_after"],
    }
    if covered["gain_minor"] or covered["loss_minor"]:  # one follows from the other and the change
        covered["gain_minor"] = covered["loss_minor"] = True
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
