"""Turns a tally into the exact figures that are stored, as JSON."""

from __future__ import annotations

from typing import Any

import numpy as np

from commonweal.domains.insight.simulation.figures import TENTHS, Figures
from commonweal.domains.insight.simulation.running import Plan
from commonweal.domains.insight.simulation.tally import (
    INCOME_STEP_MINOR,
    MARGIN_UNITS,
    MEASURES,
    Ints,
    Tally,
)

BANDS = ("gains", "none", "to_10", "to_20", "to_30", "to_40", "to_50", "to_100", "more")
"""Bands of the marginal rate, as ``MARGIN_EDGES`` divides them."""


def exact_figures(tally: Tally, plan: Plan) -> Figures:
    """Return the figures as plain JSON; every number is a whole one.

    Args:
        tally: Of the whole population.
        plan: What was run.
    """
    amount = plan.spec.amount
    tenths = tenths_of(tally.by_income)
    deciles = np.zeros((len(MEASURES), TENTHS), np.int64)
    for place in range(TENTHS):
        deciles[:, place] = tally.by_income[:, tenths == place].sum(axis=1)
    return {
        "total": _named(tally.by_income.sum(axis=1)),
        "decile": [{"group": at + 1, **_named(deciles[:, at])} for at in range(TENTHS)],
        "decile_from_minor": _lower_bounds(tenths),
        "household_type": _groups(tally.by_type, tally.names["household_type"]),
        "district": _groups(tally.by_district, tally.names["district"]),
        "amounts": _bands(tally),
        "margins": [
            {"band": band, "before": int(tally.margins[0, at]), "after": int(tally.margins[1, at])}
            for at, band in enumerate(BANDS)
        ],
        "margin_minor": MARGIN_UNITS * 100,
        "margin_lost_before": int(tally.margin_sums[0]),
        "margin_lost_after": int(tally.margin_sums[1]),
        "margin_households": int(tally.margin_sums[2]),
        "faults": tally.faults,
        "has_poverty": plan.line_first is not None,
        "unit": plan.spec.unit,
        "period": amount.period,
        "is_tax": amount.is_tax,
        "much_minor": amount.much * 100,
        "has_margins": plan.spec.earned is not None,
    }


def _bands(tally: Tally) -> list[dict[str, int | None]]:
    """Return the bands of amounts; nothing lies below those that begin at nought."""
    scale = tally.scale
    edges = [scale.start_minor + at * scale.width_minor for at in range(scale.number + 1)]
    rows: list[dict[str, int | None]] = [
        {"from": low, "to": high, "before": int(before), "after": int(after)}
        for low, high, before, after in zip([None, *edges], [*edges, None], *tally.amounts, strict=True)
    ]
    return rows if edges[0] or tally.amounts[:, 0].any() else rows[1:]


def tenths_of(by_income: Ints) -> Ints:
    """Return for each step of income the tenth of the people that it belongs to, from 0.

    A step is not divided: it belongs where the middle of its people stands.
    """
    people = by_income[MEASURES.index("people")]
    total = int(people.sum())
    if total == 0:
        return np.zeros(len(people), np.int64)
    twice_middle = 2 * np.cumsum(people) - people
    tenths: Ints = np.minimum(twice_middle * TENTHS // (2 * total), TENTHS - 1)
    return tenths


def _lower_bounds(tenths: Ints) -> list[int | None]:
    """Return where each tenth begins, in cents of income per person alike; None for an empty one."""
    found: list[int | None] = []
    for place in range(TENTHS):
        steps = np.flatnonzero(tenths == place)
        found.append(int(steps[0]) * INCOME_STEP_MINOR if len(steps) else None)
    return found


def _named(measures: Ints) -> dict[str, int]:
    return {name: int(value) for name, value in zip(MEASURES, measures, strict=True)}


def _groups(table: Ints, names: list[str]) -> list[dict[str, Any]]:
    rows = [{"group": name, **_named(table[:, at])} for at, name in enumerate(names)]
    return sorted(rows, key=lambda row: str(row["group"]))
