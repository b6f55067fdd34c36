"""The services of an agency for those who answer for them: versions, what changed, and how each stands."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from commonweal.kernel.base.clock import now
from commonweal.kernel.base.errors import Malformed
from commonweal.kernel.base.free_text import readable
from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route
from commonweal.kernel.catalogue.actions import set_status
from commonweal.kernel.catalogue.enums import MOVES, Status
from commonweal.kernel.catalogue.models import ServiceVersion
from commonweal.kernel.catalogue.queries import changes_in, version_for, versions_for
from commonweal.kernel.catalogue.rules import may_publish

TONES = {Status.LIVE: "success", Status.SUSPENDED: "warning", Status.DRAFT: "info", Status.CLOSED: "neutral"}

_VERBS = {
    Status.LIVE: _("Offer it"),
    Status.SUSPENDED: _("Suspend it"),
    Status.CLOSED: _("Close it for good"),
    Status.DRAFT: "",
}


@require_GET
@route(allows=may_publish, discloses=NOTHING)
def versions(request: ActorRequest) -> HttpResponse:
    """Show the latest versions of the agency's services."""
    return page(
        request,
        "catalogue/versions.html",
        {"rows": [_row(version) for version in versions_for(request.actor)]},
    )


@require_GET
@route(allows=may_publish, discloses=NOTHING)
def version(request: ActorRequest, version_id: UUID) -> HttpResponse:
    """Show one version: what changed since the one before, and where it may go."""
    found = version_for(request.actor, version_id)
    context = {
        "version": found,
        "status": {"text": Status(found.status).label, "tone": TONES[Status(found.status)]},
        "changes": changes_in(found),
        "moves": [(status, _VERBS[status]) for status in Status if status in MOVES[found.status]],
    }
    return page(request, "catalogue/version.html", context)


@require_POST
@route(allows=may_publish, discloses=NOTHING)
def move(request: ActorRequest, version_id: UUID) -> HttpResponse:
    """Offer, suspend or close a version, with the reason for the record."""
    found = version_for(request.actor, version_id)
    wanted = request.POST.get("status", "")
    if wanted not in Status.values:
        raise Malformed
    reason = readable(request.POST.get("reason", "")[:500])
    set_status(found.pk, Status(wanted), by=request.actor, at=now(), reason=reason)
    return HttpResponseRedirect(reverse("catalogue:version", kwargs={"version_id": found.pk}))


def _row(found: ServiceVersion) -> dict[str, Any]:
    return {
        "service": {
            "text": f"{found.service_key}, {found.number}",
            "href": reverse("catalogue:version", kwargs={"version_id": found.pk}),
        },
        "status": {"text": Status(found.status).label, "tone": TONES[Status(found.status)]},
        "at": found.published_at,
        "hash": found.content_hash[:12],
    }
