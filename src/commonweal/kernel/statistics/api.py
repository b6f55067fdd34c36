"""The API's door to the statistics of services."""

from __future__ import annotations

from datetime import date

from django.utils import translation
from ninja import Router, Schema

from commonweal.kernel.base import clock
from commonweal.kernel.base.api import PROBLEMS, ApiRouter, operation, routers
from commonweal.kernel.base.routes import NOTHING, ActorRequest
from commonweal.kernel.base.rules import anyone
from commonweal.kernel.statistics import presenting, queries

router = Router()
routers.register(ApiRouter("statistics", "", router))


class CountLine(Schema):
    """One count.

    Attributes:
        measure: ``received``, ``channels``, ``outcomes``, ``time`` or ``open``.
        month: First day of the month; null for the whole time.
        key: Which of its kind; empty for the sum of all.
        label: In words.
        count: How many, rounded up or down to a multiple; a sum is a sum of rounded counts.
    """

    measure: str
    month: date | None
    key: str
    label: str
    count: int


class ServiceStatistics(Schema):
    """What is counted of a service: the last twelve months that are over.

    Attributes:
        service: Key of the service.
        from_month: First day of the first month.
        smallest: Counts are multiples of this.
        median_days: Half of the answers took at most so many days; null for too few answers, or where the service
            does not show it.
        ninth_decile_days: Nine of ten took at most so many days; null likewise.
        limit_working_days: Limit for the answer in working days; null where there is none.
        limit_calendar_days: Likewise in calendar days.
        counts: Every count.
    """

    service: str
    from_month: date
    smallest: int
    median_days: int | None
    ninth_decile_days: int | None
    limit_working_days: int | None
    limit_calendar_days: int | None
    counts: list[CountLine]


@router.get(
    "/services/{key}/statistics",
    response={200: ServiceStatistics, **PROBLEMS},
    summary="Show the statistics of a service",
)
@operation(allows=anyone, discloses=NOTHING)
def statistics(request: ActorRequest, key: str) -> ServiceStatistics:
    """Return how many applied, how many were answered and how, and how long it took."""
    found, figures = queries.public_figures(key, translation.get_language() or "", today=clock.today())
    shows_time = "time" in queries.declared(found).measures
    processing = found.info.processing
    return ServiceStatistics(
        service=key,
        from_month=figures.months[0],
        smallest=figures.smallest,
        median_days=figures.median_days if shows_time else None,
        ninth_decile_days=figures.ninth_decile_days if shows_time else None,
        limit_working_days=processing.working_days,
        limit_calendar_days=processing.calendar_days,
        counts=[
            CountLine(
                measure=line.measure, month=line.month, key=line.key, label=line.label, count=line.count
            )
            for line in presenting.lines(found, figures)
        ],
    )
