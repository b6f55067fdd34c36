"""What residents see of forms on paper: a blank form to print."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from commonweal.kernel.base import clock
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route
from commonweal.kernel.base.rules import anyone
from commonweal.kernel.paper import queries


@require_GET
@route(allows=anyone, discloses=NOTHING)
def blank(request: ActorRequest, key: str, language: str) -> HttpResponse:
    """Hand out a blank form to print; each has a code of its own."""
    pdf = queries.blank_form(key, language, at=clock.now())
    return _pdf(pdf, f"{key}-{language}.pdf")


def _pdf(pdf: bytes, name: str) -> HttpResponse:
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response
