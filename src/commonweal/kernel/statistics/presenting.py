"""Puts the counts of a service into words, for its pages and its downloads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_date
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commonweal.kernel.base.templates import number
from commonweal.kernel.catalogue.enums import Channel
from commonweal.kernel.catalogue.queries import Service
from commonweal.kernel.decisions.queries import outcomes_of
from commonweal.kernel.statistics.drawing import pairs
from commonweal.kernel.statistics.enums import Timely
from commonweal.kernel.statistics.queries import declared
from commonweal.kernel.statistics.types import CountTable, Figures, Measure

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One count in a download.

    Attributes:
        measure: What is counted.
        month: Its first day; None for the whole time.
        key: Which of its kind; empty for the sum of all.
        label: In words.
        count: How many.
    """

    measure: Measure
    month: date | None
    key: str
    label: str
    count: int


def outcome_label(service: Service, key: str) -> str:
    """Return how an application ended, in words."""
    if key == "WITHDRAWN":
        return _("Withdrawn by the applicant")
    outcome = outcomes_of(service.compiled).get(key) if service.compiled.sections.get("decision") else None
    if outcome is None:
        return key or _("Answered")
    return service.compiled.translator(translation.get_language() or "")(outcome.label)


def band_label(key: str) -> str:
    """Return for how long an application has waited, in words."""
    return {
        "7": _("up to 7 days"),
        "30": _("8 to 30 days"),
        "90": _("31 to 90 days"),
        "more": _("more than 90 days"),
    }[key]


def lines(service: Service, figures: Figures) -> Iterator[Line]:
    """Yield every count that the service declares to show, with its sums."""
    measures = declared(service).measures
    if "received" in measures or "channels" in measures:
        yield from _by_month(figures, "received", figures.received.row_sums)
    if "channels" in measures:
        yield from _by_key("channels", figures.received, lambda key: str(Channel(key).label))
    if "outcomes" in measures:
        yield from _by_key("outcomes", figures.answered, lambda key: outcome_label(service, key))
    if "time" in measures:
        yield from _by_key("time", figures.timely, lambda key: str(Timely(key).label))
    if "open" in measures:
        yield from _by_key("open", figures.waiting, band_label)


def _by_month(figures: Figures, measure: Measure, counts: tuple[int, ...]) -> Iterator[Line]:
    for month, count in zip(figures.months, counts, strict=True):
        yield Line(measure, month, "", _("All"), count)
    yield Line(measure, None, "", _("All"), figures.received.total)


def _by_key(measure: Measure, table: CountTable, label: Any) -> Iterator[Line]:
    for month, cells in zip(table.rows, table.cells, strict=True):
        if month:
            for key, count in zip(table.columns, cells, strict=True):
                yield Line(measure, date.fromisoformat(month), key, label(key), count)
    for key, count in zip(table.columns, table.column_sums, strict=True):
        yield Line(measure, None, key, label(key), count)
    yield Line(measure, None, "", _("All"), table.total)


def context(service: Service, figures: Figures) -> Row:
    """Return what the page of a service's statistics shows."""
    measures = declared(service).measures
    received, answered = figures.received, figures.answered
    months = [_month(month, "MMM") for month in figures.months]
    return {
        "service": service,
        "figures": figures,
        "measures": measures,
        "first": figures.months[0],
        "key_figures": _key_figures(figures, measures),
        "drawing": pairs(months, received.row_sums, answered.row_sums) if "received" in measures else None,
        "months": [
            {
                "month": _month(month, "LLLL y"),
                "received": number(received.row_sums[at]),
                "answered": number(answered.row_sums[at]),
            }
            for at, month in enumerate(figures.months)
        ],
        "months_foot": {
            "month": _("All"),
            "received": number(received.total),
            "answered": number(answered.total),
        },
        "channels": _rows(received, lambda key: str(Channel(key).label)),
        "outcomes": _rows(answered, lambda key: outcome_label(service, key)),
        "timely": _rows(figures.timely, lambda key: str(Timely(key).label)),
        "waiting": _rows(figures.waiting, band_label),
        "limit": _limit(service),
    }


def _rows(table: CountTable, label: Any) -> list[Row]:
    return [
        {"what": label(key), "count": number(count), "share": _share(count, table.total)}
        for key, count in zip(table.columns, table.column_sums, strict=True)
    ]


def _key_figures(figures: Figures, measures: tuple[Measure, ...]) -> list[Row]:
    found = []
    if "received" in measures:
        found.append({"label": _("Applications received"), "value": number(figures.received.total)})
        found.append({"label": _("Applications answered"), "value": number(figures.answered.total)})
    if "time" in measures:
        found.append({"label": _("Half are answered within"), "value": _days(figures.median_days)})
        found.append(
            {"label": _("Nine of ten are answered within"), "value": _days(figures.ninth_decile_days)}
        )
    if "open" in measures:
        found.append({"label": _("Waiting for an answer"), "value": number(figures.waiting.total)})
    return found


def _limit(service: Service) -> str:
    processing = service.info.processing
    if processing.working_days is not None:
        text = ngettext("%(count)s working day", "%(count)s working days", processing.working_days)
        return text % {"count": number(processing.working_days)}
    return _days(processing.calendar_days) if processing.calendar_days is not None else ""


def _days(count: int | None) -> str:
    if count is None:
        return _("too few to say")
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": number(count)}


def _share(count: int, total: int) -> str:
    if not total:
        return "-"
    return _("%(percent)s %%") % {"percent": number(round(100 * count / total))}


def _month(month: date, form: str) -> str:
    locale = translation.to_locale(translation.get_language() or "en").split("@")[0]
    return str(format_date(month, form, locale=locale))
