"""What the holder sees of a revocation."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.views.decorators.http import require_http_methods

from commonweal.kernel.base import clock
from commonweal.kernel.base.desks import form_page
from commonweal.kernel.base.errors import CommonwealError, Conflict, Invalid
from commonweal.kernel.base.routes import ActorRequest, route
from commonweal.kernel.base.rules import is_resident
from commonweal.kernel.cases import queries as cases
from commonweal.kernel.ledger.actions import record_access
from commonweal.kernel.revocations import actions, presenting
from commonweal.kernel.revocations.queries import the_revocation_of

OWN = "show people what is taken back from them"


@require_http_methods(["GET", "POST"])
@route(allows=is_resident, discloses=OWN)
def own(request: ActorRequest, reference: str) -> HttpResponse:
    """Show the holder ground, reasons and day, and take what they say to it."""
    if request.method == "GET":
        return _own(request, reference)
    try:
        text = request.POST.get("statement", "")
        actions.state_view(reference, text=text, by=request.actor, at=clock.now())
    except (Invalid, Conflict) as error:
        return _own(request, reference, error=error)
    return redirect("revocations:own", reference=reference)


def _own(request: ActorRequest, reference: str, *, error: CommonwealError | None = None) -> HttpResponse:
    case = cases.case_for(reference, actor=request.actor)
    found = the_revocation_of(case.pk)
    record_access(request.actor, [case.applicant_id], OWN, at=clock.now())
    context = {
        "case": case,
        "revocation": found,
        "rows": presenting.rows(case, found, translation.get_language() or ""),
    }
    return form_page(request, "revocations/own.html", context, error=error)
