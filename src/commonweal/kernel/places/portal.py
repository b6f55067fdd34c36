"""Pages about places, for everybody."""

from __future__ import annotations

from django.http import HttpResponse

from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route
from commonweal.kernel.base.rules import anyone
from commonweal.kernel.places.queries import areas, district_map


@route(allows=anyone, discloses=NOTHING)
def districts(request: ActorRequest) -> HttpResponse:
    """Show the districts on a map and in a table."""
    total = sum(area.population for area in areas())
    return page(request, "places/districts.html", {"map": district_map(), "total": total})
