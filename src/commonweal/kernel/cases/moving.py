"""Going on with an application on the newer version of its service: what stays, what is new, what goes."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from commonweal.kernel.base import clock
from commonweal.kernel.base.desks import shown_revision
from commonweal.kernel.base.errors import Malformed
from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import ActorRequest, route
from commonweal.kernel.base.rules import anyone
from commonweal.kernel.cases.presenting import HELP, note_helper
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.forms import actions as forms
from commonweal.kernel.forms import queries as sheets
from commonweal.kernel.forms.errors import SheetMoved


@require_http_methods(["GET", "POST"])
@route(allows=anyone, discloses=HELP)
def newer(request: ActorRequest, sheet_id: UUID) -> HttpResponse:
    """Show what going on with the newer version means, and do it."""
    language = translation.get_language() or ""
    token = str(request.session.get(f"sheet:{sheet_id}", ""))
    now, status, notice = clock.now(), 200, ""
    sheet = sheets.open_sheet(sheet_id, by=request.actor, at=now, token=token)
    note_helper(request)
    if request.method == "POST":
        try:
            to = UUID(request.POST.get("version", ""))
        except ValueError:
            raise Malformed from None
        try:
            forms.move_forward(
                sheet_id, to=to, revision=shown_revision(request), by=request.actor, at=now, token=token
            )
            return redirect("cases:draft", sheet_id=sheet_id)
        except SheetMoved as error:
            status, notice = error.status, _("Something has changed meanwhile. Look at this once more.")
    found = sheets.moving(sheet, language, at=now) if sheet.submitted_at is None else None
    if found is None:
        return redirect("cases:draft", sheet_id=sheet_id)
    service = catalogue.compiled(sheet.version_id)
    context = {
        "sheet_id": sheet_id,
        "revision": sheet.revision,
        "moving": found,
        "service_name": service.translator(language)(service.info.name),
        "notice": notice,
    }
    return page(request, "cases/newer.html", context, status=status)
