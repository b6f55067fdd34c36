"""What everybody may see of how a service does."""

from __future__ import annotations

import csv
import io

from django.http import HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from commonweal.kernel.base import clock
from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route
from commonweal.kernel.base.rules import anyone
from commonweal.kernel.statistics import presenting, queries


@require_GET
@route(allows=anyone, discloses=NOTHING)
def service(request: ActorRequest, key: str) -> HttpResponse:
    """Show how many applied, how many were answered and how, how long it took."""
    found, figures = queries.public_figures(key, get_language() or "", today=clock.today())
    return page(request, "statistics/service.html", presenting.context(found, figures))


@require_GET
@route(allows=anyone, discloses=NOTHING)
def table(request: ActorRequest, key: str) -> HttpResponse:
    """Hand out the same numbers as a file for spreadsheets."""
    found, figures = queries.public_figures(key, get_language() or "", today=clock.today())
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(("measure", "month", "key", "label", "count"))
    for line in presenting.lines(found, figures):
        month = line.month.strftime("%Y-%m") if line.month else ""
        rows.writerow((line.measure, month, line.key, line.label, line.count))
    answer = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{key}-statistics.csv"'
    return answer
