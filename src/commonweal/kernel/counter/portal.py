"""How a resident lets an officer fill in a form together with them, and ends it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import Conflict
from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route
from commonweal.kernel.base.rules import is_resident
from commonweal.kernel.base.templates import moment
from commonweal.kernel.counter import actions, queries
from commonweal.kernel.forms.queries import open_sheet
from commonweal.kernel.people.queries import officer_names


@require_http_methods(["GET", "POST"])
@route(allows=is_resident, discloses=NOTHING)
def help_page(request: ActorRequest, sheet_id: UUID) -> HttpResponse:
    """Make a code to read out to an officer; show who helps now."""
    now = clock.now()
    open_sheet(sheet_id, by=request.actor, at=now)
    code, error = "", None
    if request.method == "POST":
        try:
            code = actions.invite(sheet_id, by=request.actor, at=now).code
        except Conflict as refused:
            error = refused
    helps = [each for each in queries.helps_with(sheet_id, actor=request.actor, at=now) if each.given_at]
    officers = officer_names({each.officer_id for each in helps if each.officer_id})
    context = {
        "sheet_id": sheet_id,
        "code": code,
        "error": error,
        "helps": [
            {
                "id": each.pk,
                "who": officers.get(each.officer_id, "") if each.officer_id else "",
                "until": moment(each.ends_at),
            }
            for each in helps
        ],
    }
    return page(request, "counter/help.html", context, status=error.status if error else 200)


@require_POST
@route(allows=is_resident, discloses=NOTHING)
def end(request: ActorRequest, sheet_id: UUID, assistance_id: UUID) -> HttpResponse:
    """Let an officer no longer fill in one's form."""
    actions.end(assistance_id, by=request.actor, at=clock.now())
    return redirect("counter:help", sheet_id=sheet_id)
