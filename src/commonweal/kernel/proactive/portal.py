"""What residents see: saying no to what was granted unasked."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from commonweal.kernel.base import clock
from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import ActorRequest, route
from commonweal.kernel.base.rules import is_resident
from commonweal.kernel.ledger.actions import record_access
from commonweal.kernel.proactive import actions, queries

OWN = "show people what was granted to them without an application"


@require_http_methods(["GET", "POST"])
@route(allows=is_resident, discloses=OWN)
def decline(request: ActorRequest, reference: str) -> HttpResponse:
    """Say no, after asking once more."""
    found = queries.offer_for(reference, actor=request.actor)
    record_access(request.actor, [found.person_id], OWN, at=clock.now())
    if request.method == "GET":
        return page(request, "proactive/decline.html", {"reference": reference})
    actions.decline(reference, by=request.actor, at=clock.now())
    return redirect("cases:case", reference=reference)
