"""What the counts come to. Each answer reads the rows of one service, whose number does not grow with its cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import accumulate

from django.db.models import Q, QuerySet

from commonweal.engines.disclosure import hidden
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.enums import Channel
from commonweal.kernel.catalogue.queries import Service, live_services, offered_service
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
    """Return what everybody may see of a service; small counts are hidden.

    Raises:
        ServiceNotFound: No such service is offered.
        StatisticsNotShown: The service does not publish them.
    """
    service = offered_service(key, language)
    source = declared(service)
    if not source.public:
        raise StatisticsNotShown(service=key)
    rows = Tally.objects.filter(service_key=key)
    return service, _figures(key, list(_of_late(rows, today)), today=today, smallest=source.smallest)


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
    return service, _figures(key, list(_of_late(rows, today)), today=today, smallest=0)


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


def _figures(key: str, rows: Iterable[Tally], *, today: date, smallest: int) -> Figures:
    by_kind: dict[str, Counter[tuple[str, str]]] = {kind: Counter() for kind in Kind}
    for row in rows:
        by_kind[row.kind][row.starts_on.isoformat(), row.key] += row.count
    months = _months(today)
    names = [month.isoformat() for month in months]
    outcomes = sorted({outcome for _, outcome in by_kind[Kind.DECIDED]})
    timely, waiting = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for (_, how), count in by_kind[Kind.TIMELY].items():
        timely["", how] += count
    for (_, day), count in by_kind[Kind.OPEN].items():
        waiting["", _band((today - date.fromisoformat(day)).days)] += max(count, 0)
    days = Counter[int]()
    for (_, number), count in by_kind[Kind.DAYS].items():
        days[int(number)] += count
    return Figures(
        service_key=key,
        months=months,
        received=_table(names, Channel.values, by_kind[Kind.RECEIVED], smallest),
        answered=_table(names, outcomes, by_kind[Kind.DECIDED], smallest),
        timely=_table([""], Timely.values, timely, smallest),
        waiting=_table([""], [band for _, band in BANDS], waiting, smallest),
        median_days=_share_within(days, _HALF, smallest),
        ninth_decile_days=_share_within(days, _NINE_TENTHS, smallest),
        smallest=smallest,
    )


def _band(days: int) -> str:
    return next(key for limit, key in BANDS if limit is None or days <= limit)


def _share_within(days: Counter[int], percent: int, smallest: int) -> int | None:
    """Return within how many days so many of a hundred were answered (nearest rank), or None for too few."""
    total = days.total()
    if total < max(smallest, 1):
        return None
    wanted, numbers = -(-total * percent // 100), sorted(days)
    so_far = accumulate(days[number] for number in numbers)
    return next(number for number, count in zip(numbers, so_far, strict=True) if count >= wanted)


def _table(
    rows: Sequence[str], columns: Sequence[str], counts: Counter[tuple[str, str]], smallest: int
) -> CountTable:
    """Put counts into a table with its sums; small ones are hidden, and what they could be worked out from.

    The sums stand in the table as further cells: each line then has either nothing hidden or more than one count.
    """
    whole = [[counts[row, column] for column in columns] for row in rows]
    whole = [[*line, sum(line)] for line in whole]
    whole.append([sum(column) for column in zip(*whole, strict=True)] or [0])
    covered = hidden(whole, least=smallest) if smallest else [[False] * len(line) for line in whole]
    shown: list[list[int | None]] = [
        [None if is_hidden else count for count, is_hidden in zip(line, mask, strict=True)]
        for line, mask in zip(whole, covered, strict=True)
    ]
    *lines, sums = shown
    return CountTable(
        rows=tuple(rows),
        columns=tuple(columns),
        cells=tuple(tuple(line[:-1]) for line in lines),
        row_sums=tuple(line[-1] for line in lines),
        column_sums=tuple(sums[:-1]),
        total=sums[-1],
    )


__all__ = ["MONTHS", "declared", "public_figures", "services_of", "totals", "whole_figures"]
