"""What residents see of forms on paper: a blank form to print, and their own draft to finish with a pen."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.views.decorators.http import require_GET, require_POST

from commonweal.kernel.base import clock
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route
from commonweal.kernel.base.rules import anyone, signed_in
from commonweal.kernel.ledger.actions import record_access
from commonweal.kernel.paper import actions, queries

OWN = "print people their own draft"


@require_GET
@route(allows=anyone, discloses=NOTHING)
def blank(request: ActorRequest, key: str, language: str) -> HttpResponse:
    """Hand out a blank form to print; those of the same ten minutes are one copy."""
    pdf = queries.blank_form(key, language, at=clock.now())
    return _pdf(pdf, f"{key}-{language}.pdf")


@require_POST
@route(allows=signed_in, discloses=NOTHING)
def print_draft(request: ActorRequest, sheet_id: UUID) -> HttpResponse:
    """Make a copy of one's draft to finish on paper."""
    language = (translation.get_language() or "").partition("-")[0]
    copy = actions.print_draft(sheet_id, language, by=request.actor, at=clock.now())
    return redirect("paper:printed", sheet_id=sheet_id, copy_id=copy.pk)


@require_GET
@route(allows=signed_in, discloses=OWN)
def printed(request: ActorRequest, sheet_id: UUID, copy_id: UUID) -> HttpResponse:
    """Hand out the copy."""
    pdf, person_id = queries.printed_draft(copy_id, by=request.actor, at=clock.now())
    record_access(request.actor, [person_id], OWN, at=clock.now())
    return _pdf(pdf, "form.pdf")


def _pdf(pdf: bytes, name: str) -> HttpResponse:
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response
