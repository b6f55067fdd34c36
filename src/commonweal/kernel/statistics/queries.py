"""What the counts come to. Each answer reads the rows of one service, whose number does not grow with its cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import accumulate

from django.db.models import Q, QuerySet

from commonweal.engines.disclosure import rounded
from commonweal.kernel.base.encryption import steady_draw
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.enums import Channel
from commonweal.kernel.catalogue.queries import Service, live_services, offered_service
from commonweal.kernel.decisions.queries import outcomes_of
from commonweal.kernel.statistics import rules
from commonweal.kernel.statistics.enums import Kind, Timely
from commonweal.kernel.statistics.errors import StatisticsNotShown
from commonweal.kernel.statistics.models import Tally
from commonweal.kernel.statistics.types import CountTable, Figures, StatisticsSource

MONTHS = 13
"""The month that runs, and the twelve before it."""

BANDS = ((7, "7"), (30, "30"), (90, "90"), (None, "more"))
"""Up to so many days waited, and the key of it."""

_HALF, _NINE_TENTHS = 50, 90


def declared(service: Service) -> StatisticsSource:
    """Return what a service declares of its statistics."""
    found: StatisticsSource = service.compiled.sections["statistics"]
    return found


def public_figures(key: str, language: str = "", *, today: date) -> tuple[Service, Figures]:
    """Return what everybody may see of a service: months that are over, in rounded counts.

    Raises:
        ServiceNotFound: No such service is offered.
        StatisticsNotShown: The service does not publish them.
    """
    service = offered_service(key, language)
    source = declared(service)
    if not source.public:
        raise StatisticsNotShown(service=key)
    rows = _of_late(Tally.objects.filter(service_key=key), today)
    return service, _published(service, rows, today=today, base=source.smallest)


def whole_figures(key: str, language: str = "", *, actor: Actor, today: date) -> tuple[Service, Figures]:
    """Return the counts of a service as they are, for officers of its agency.

    Raises:
        ServiceNotFound: No such service is offered.
        StatisticsNotShown: It is another agency's.
    """
    service = offered_service(key, language)
    if not rules.allows(actor, service.info):
        raise StatisticsNotShown(service=key)
    rows = rules.visible(Tally.objects.filter(service_key=key), actor)
    counts = _counts(_of_late(rows, today))
    waiting = Counter[tuple[str, str]]()
    for (_, day), count in counts[Kind.OPEN].items():
        waiting["", _band((today - date.fromisoformat(day)).days)] += max(count, 0)
    outcomes = sorted({outcome for _, outcome in counts[Kind.DECIDED]})
    return service, _figures(key, counts, months=_months(today), outcomes=outcomes, waiting=waiting)


def services_of(actor: Actor, language: str = "") -> list[Service]:
    """Return the live services whose counts an officer may see."""
    return [service for service in live_services(language) if rules.allows(actor, service.info)]


def totals(keys: Sequence[str], *, actor: Actor, today: date) -> dict[str, Counter[str]]:
    """Return by service how many applications were received and answered of late, and how many wait."""
    found: dict[str, Counter[str]] = {key: Counter() for key in keys}
    rows = rules.visible(Tally.objects.filter(service_key__in=keys), actor)
    for row in _of_late(rows, today).filter(kind__in=[Kind.RECEIVED, Kind.DECIDED, Kind.OPEN]):
        found[row.service_key][row.kind] += row.count
    return found


def _of_late(rows: QuerySet[Tally], today: date) -> QuerySet[Tally]:
    return rows.filter(Q(starts_on__gte=_months(today)[0]) | Q(kind=Kind.OPEN)).order_by(
        "starts_on", "kind", "key"
    )


def _months(today: date) -> tuple[date, ...]:
    last = today.year * 12 + today.month - 1
    return tuple(date(at // 12, at % 12 + 1, 1) for at in range(last - MONTHS + 1, last + 1))


Counts = dict[str, Counter[tuple[str, str]]]


def _counts(rows: Iterable[Tally]) -> Counts:
    found: Counts = {kind: Counter() for kind in Kind}
    for row in rows:
        found[row.kind][row.starts_on.isoformat(), row.key] += row.count
    return found


def _published(service: Service, rows: Iterable[Tally], *, today: date, base: int) -> Figures:
    """Return what everybody may see: months that are over, as they stood at their end, each count rounded for good.

    What is published of a month never changes, so that nobody learns anything by looking again; sums are made of rounded
    counts, so that nobody learns anything by subtracting. See ``README.md``.
    """
    key, this_month = service.key, today.replace(day=1)
    counts = _as_of(_counts(rows), this_month)
    few = sum(counts[Kind.DECIDED].values()) < base
    shown = {kind: _rounded(key, kind, cells, base) for kind, cells in counts.items() if kind not in _INNER}
    waited = Counter[tuple[str, str]]()
    end = (this_month - timedelta(days=1)).isoformat()
    for (_, day), count in counts[Kind.OPEN].items():
        waited[end, _band((date.fromisoformat(end) - date.fromisoformat(day)).days)] += max(count, 0)
    figures = _figures(
        key,
        shown | {Kind.DAYS: Counter() if few else counts[Kind.DAYS]},
        months=_months(today)[:-1],
        outcomes=sorted(
            _known_outcomes(service) | {what for (_, what), n in shown[Kind.DECIDED].items() if n}
        ),
        waiting=_rounded(key, Kind.OPEN, waited, base),
    )
    return replace(figures, smallest=base)


def _known_outcomes(service: Service) -> set[str]:
    """Return how an application can end: an outcome that nobody had stands in the table like one that few had."""
    if service.compiled.sections.get("decision") is None:
        return {"WITHDRAWN"}
    found = outcomes_of(service.compiled).items()
    return {"WITHDRAWN", *(key for key, outcome in found if not outcome.officer)}


_INNER = (Kind.DAYS, Kind.LEFT, Kind.OPEN)
"""What is counted and not published cell by cell."""


def _as_of(counts: Counts, month: date) -> Counts:
    """Return counts as they were when a month began: what was received since is left out, what was answered waits again."""
    first = month.isoformat()
    before: Counts = {
        kind: Counter({cell: count for cell, count in cells.items() if cell[0] < first})
        for kind, cells in counts.items()
    }
    for (answered_in, day), count in counts[Kind.LEFT].items():
        if answered_in >= first and day < first:
            before[Kind.OPEN][f"{day[:7]}-01", day] += count
    return before


def _rounded(key: str, kind: str, cells: Counter[tuple[str, str]], base: int) -> Counter[tuple[str, str]]:
    return Counter(
        {
            (month, what): rounded(
                max(count, 0), base=base, draw=steady_draw(f"{key}:{kind}:{month}:{what}:{base}", below=base)
            )
            for (month, what), count in cells.items()
        }
    )


def _figures(
    key: str,
    by_kind: Counts,
    *,
    months: tuple[date, ...],
    outcomes: Sequence[str],
    waiting: Counter[tuple[str, str]],
) -> Figures:
    names = [month.isoformat() for month in months]
    days = Counter[int]()
    for (_, number), count in by_kind[Kind.DAYS].items():
        days[int(number)] += count
    return Figures(
        service_key=key,
        months=months,
        received=_table(names, Channel.values, by_kind[Kind.RECEIVED]),
        answered=_table(names, outcomes, by_kind[Kind.DECIDED]),
        timely=_table([""], Timely.values, _over_all(by_kind[Kind.TIMELY])),
        waiting=_table([""], [band for _, band in BANDS], _over_all(waiting)),
        median_days=_share_within(days, _HALF),
        ninth_decile_days=_share_within(days, _NINE_TENTHS),
        smallest=0,
    )


def _over_all(cells: Counter[tuple[str, str]]) -> Counter[tuple[str, str]]:
    found = Counter[tuple[str, str]]()
    for (_, what), count in cells.items():
        found["", what] += count
    return found


def _band(days: int) -> str:
    return next(key for limit, key in BANDS if limit is None or days <= limit)


def _share_within(days: Counter[int], percent: int) -> int | None:
    """Return within how many days so many of a hundred were answered (nearest rank), or None where none were."""
    total = days.total()
    if not total:
        return None
    wanted, numbers = -(-total * percent // 100), sorted(days)
    so_far = accumulate(days[number] for number in numbers)
    return next(number for number, count in zip(numbers, so_far, strict=True) if count >= wanted)


def _table(rows: Sequence[str], columns: Sequence[str], counts: Counter[tuple[str, str]]) -> CountTable:
    cells = tuple(tuple(counts[row, column] for column in columns) for row in rows)
    return CountTable(
        rows=tuple(rows),
        columns=tuple(columns),
        cells=cells,
        row_sums=tuple(sum(line) for line in cells),
        column_sums=tuple(sum(column) for column in zip(*cells, strict=True)),
        total=sum(sum(line) for line in cells),
    )


__all__ = ["MONTHS", "declared", "public_figures", "services_of", "totals", "whole_figures"]
