"""Draws figures as SVG, on the server, with Vega-Lite. Every chart has its table beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import altair as alt
import vl_convert
from django.utils.translation import gettext as _

from commonweal.domains.insight.drawing import words
from commonweal.domains.insight.simulation.figures import COUNTS, Published, Shown


@dataclass(frozen=True)
class Look:
    """Colours and width.

    Attributes:
        ink: Text and the line at nought.
        faint: Lines of the grid.
        gain: Colour of gains, and of the reform.
        soft_gain: Of small gains.
        loss: Colour of losses.
        soft_loss: Of small losses.
        same: Of what does not change, and of the law in force.
        width: In pixels.
    """

    ink: str
    faint: str
    gain: str
    soft_gain: str
    loss: str
    soft_loss: str
    same: str
    width: int = 480


LIGHT = Look("#3b3a34", "#dedcd8", "#06565f", "#7fb3b9", "#9c4a14", "#e0a27e", "#c3c0ba")
DARK = Look("#dcdad5", "#4a4843", "#63c2cd", "#2f7883", "#f0a070", "#9a5a36", "#6c6962")
NARROW = 330
_BAR = 26
_FONT = "Arial, 'Liberation Sans', Helvetica, sans-serif"
"""The renderer measures text with Liberation Sans, whose letters are as wide as Arial's."""


def look_of(*, is_dark: bool, is_narrow: bool) -> Look:
    """Return the look for a reader's colours and screen."""
    look = DARK if is_dark else LIGHT
    return Look(**{**look.__dict__, "width": NARROW}) if is_narrow else look


Rows = list[dict[str, Any]]


def mean_change(shown: Published, table: str, look: Look) -> str:
    """Draw what a household gains or loses a month on average, by group."""
    rows: Rows = [
        {"group": words.group_name(table, row.group), "value": _dollars(row)} for row in shown.tables[table]
    ]
    signed = alt.condition("datum.value < 0", alt.value(look.loss), alt.value(look.gain))
    title = _("Dollars a year") if shown.period == "year" else _("Dollars a month")
    value = alt.X("value:Q", title=title, axis=_value_axis(look))
    bars = (
        _chart(rows)
        .mark_bar(cornerRadiusEnd=2, size=17)
        .encode(x=value, y=_group_axis("group:N", rows, "group"), color=signed)
    )
    covered = [str(row["group"]) for row in rows if row["value"] is None]
    return _drawn((bars + _covered(covered, rows, look)).properties(height=_BAR * len(rows)), look)


def _chart(rows: Rows) -> Any:
    """Begin a chart of these rows; Altair's marks and encodings say nothing of their types."""
    return alt.Chart(alt.InlineData(values=rows))


def _covered(groups: list[str], rows: Rows, look: Look) -> Any:
    """Write "hidden" where a bar would stand."""
    named = [{"group": group, "text": str(words.HIDDEN)} for group in groups]
    return (
        _chart(named)
        .mark_text(align="left", dx=5, fontSize=13, fontStyle="italic", color=look.ink)
        .encode(x=alt.value(0), y=_group_axis("group:N", rows, "group"), text="text:N")
    )


def _dollars(row: Shown) -> float | None:
    mean = row.cells["mean_change_minor"]
    return None if mean is None else round(mean / 100, 2)


def winners(shown: Published, table: str, look: Look) -> str:
    """Draw which share of households gains and loses, by group; much and little together where one is hidden."""
    names = words.changes(shown.much_minor)
    order = [names[name] for name in COUNTS]
    rows: Rows = []
    covered: list[str] = []
    for row in shown.tables[table]:
        group = words.group_name(table, row.group)
        known = _ways(row)
        if known is None:
            covered.append(group)
        total = sum(known) if known is not None else 0
        rows += [
            {"group": group, "change": order[at], "rank": at, "share": value / total if total else 0}
            for at, value in enumerate(known or [0] * len(COUNTS))
        ]
    colours = alt.Scale(domain=order, range=[look.gain, look.soft_gain, look.same, look.soft_loss, look.loss])
    bars = (
        _chart(rows)
        .mark_bar(size=17)
        .encode(
            x=alt.X(
                "share:Q",
                title=_("Share of the group"),
                axis=_value_axis(look, "%"),
                scale=alt.Scale(domain=[0, 1]),
            ),
            y=_group_axis("group:N", rows, "group"),
            color=alt.Color("change:N", title=None, scale=colours, sort=order, legend=_legend(look)),
            order=alt.Order("rank:Q"),
        )
    )
    drawn = bars + _covered(covered, rows, look)
    return _drawn(drawn.properties(height=_BAR * len(shown.tables[table])), look)


def _ways(row: Shown) -> list[float] | None:
    """Return what a group's bar is made of; None where it is hidden."""
    found: list[float] = []
    for whole, much, little in (
        ("gaining_all", "gaining_much", "gaining"),
        ("unchanged", "", ""),
        ("losing_all", "losing", "losing_much"),
    ):
        total = row.cells[whole]
        if total is None:
            return None
        first, second = (row.cells[much], row.cells[little]) if much else (total, None)
        if not much:
            found.append(total)
        elif first is None or second is None:
            found += [0, total] if whole == "gaining_all" else [total, 0]
        else:
            found += [first, second]
    return found


def amounts(shown: Published, look: Look) -> str:
    """Draw how many households receive how much, before and after."""
    rows: Rows = []
    for low, high, before, after in shown.amounts:
        label = words.amount_band(low, high)
        rows += _pair(label, before, after)
    return _drawn(
        _pairs(rows, str(words.ROWS[shown.unit]), look).properties(height=30 * len(shown.amounts)),
        look,
    )


def margins(shown: Published, look: Look) -> str:
    """Draw how many households lose which part of further pay, before and after."""
    rows: Rows = []
    for band, before, after in shown.margins:
        rows += _pair(str(words.MARGINS[band]), before, after)
    drawn = _pairs(rows, str(words.ROWS[shown.unit]), look)
    return _drawn(drawn.properties(height=30 * len(shown.margins)), look)


def _pair(label: str, before: int | None, after: int | None) -> Rows:
    return [
        {"label": label, "law": _("In force"), "rank": 0, "households": before},
        {"label": label, "law": _("Reform"), "rank": 1, "households": after},
    ]


def _pairs(rows: Rows, counted: str, look: Look) -> Any:
    order = [_("In force"), _("Reform")]
    colours = alt.Scale(domain=order, range=[look.same, look.gain])
    return (
        _chart(rows)
        .mark_bar(cornerRadiusEnd=2)
        .encode(
            x=alt.X("households:Q", title=counted, axis=_value_axis(look)),
            y=_group_axis("label:N", rows, "label"),
            yOffset=alt.YOffset("law:N", sort=order),
            color=alt.Color("law:N", title=None, scale=colours, sort=order, legend=_legend(look)),
        )
    )


def _group_axis(field: str, rows: Rows, key: str) -> alt.Y:
    """Return the axis of the groups, each with its place whether or not it has a bar."""
    domain = list(dict.fromkeys(row[key] for row in rows))
    axis = alt.Axis(ticks=False, domain=False, labelLimit=190, labelPadding=8)
    return alt.Y(field, sort=None, title=None, scale=alt.Scale(domain=domain), axis=axis)


def _value_axis(look: Look, form: str = "~s") -> alt.Axis:
    return alt.Axis(format=form, tickCount=5 if look.width > NARROW else 3, grid=True, ticks=False)


def _legend(look: Look, columns: int = 2) -> alt.Legend:
    return alt.Legend(
        orient="top", direction="horizontal", columns=columns if look.width > NARROW else 1, labelLimit=220
    )


def _drawn(chart: Any, look: Look) -> str:
    """Return a chart as SVG that scales with its page."""
    spec: Mapping[str, Any] = (
        chart.properties(
            width=look.width,
            background="transparent",
            autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
            padding={"left": 2, "right": 14, "top": 4, "bottom": 4},
        )
        .configure(font=_FONT)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=look.ink,
            titleColor=look.ink,
            labelFontSize=14,
            titleFontSize=14,
            titleFontWeight="normal",
            gridColor=look.faint,
            domainColor=look.ink,
        )
        .configure_legend(labelColor=look.ink, labelFontSize=14, symbolType="square", symbolStrokeWidth=0)
        .to_dict()
    )
    return _svg(_frozen(spec))


def _frozen(spec: Mapping[str, Any]) -> str:
    return json.dumps(spec, sort_keys=True)


@lru_cache(maxsize=128)
def _svg(spec: str) -> str:
    return str(vl_convert.vegalite_to_svg(spec))


CHARTS: Mapping[str, Callable[[Published, Look], str]] = {
    "change-decile": lambda shown, look: mean_change(shown, "decile", look),
    "change-household_type": lambda shown, look: mean_change(shown, "household_type", look),
    "change-district": lambda shown, look: mean_change(shown, "district", look),
    "winners-decile": lambda shown, look: winners(shown, "decile", look),
    "winners-household_type": lambda shown, look: winners(shown, "household_type", look),
    "winners-district": lambda shown, look: winners(shown, "district", look),
    "amounts": amounts,
    "margins": margins,
}
"""Every chart of a simulation by its key, which stands in its address."""
