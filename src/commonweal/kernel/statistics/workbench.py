"""What officers see of how the services of their agency do: every count as it is."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from commonweal.kernel.base import clock
from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route
from commonweal.kernel.base.templates import address, number
from commonweal.kernel.cases.rules import may_work
from commonweal.kernel.statistics import presenting, queries
from commonweal.kernel.statistics.enums import Kind


@require_GET
@route(allows=may_work, discloses=NOTHING)
def listing(request: ActorRequest) -> HttpResponse:
    """List the services of the officer's agency, with what came and what waits."""
    services = queries.services_of(request.actor, get_language() or "")
    counts = queries.totals([each.key for each in services], actor=request.actor, today=clock.today())
    rows = [
        {
            "service": {"text": each.name, "href": address("statistics:whole", key=each.key)},
            "received": number(counts[each.key][Kind.RECEIVED]),
            "answered": number(counts[each.key][Kind.DECIDED]),
            "open": number(counts[each.key][Kind.OPEN]),
        }
        for each in services
    ]
    return page(request, "statistics/list.html", {"rows": rows})


@require_GET
@route(allows=may_work, discloses=NOTHING)
def service(request: ActorRequest, key: str) -> HttpResponse:
    """Show the counts of one service."""
    found, figures = queries.whole_figures(
        key, get_language() or "", actor=request.actor, today=clock.today()
    )
    return page(request, "statistics/whole.html", presenting.context(found, figures))
