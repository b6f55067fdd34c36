"""All routes: each app brings its own."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from commonweal.kernel.base.resolving import ByBeginning
from commonweal.project.api import api

_routes: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
    path("", include("commonweal.kernel.cases.urls")),
    path("", include("commonweal.kernel.mailbox.urls")),
    path("", include("commonweal.kernel.base.urls")),
    path("", include("commonweal.kernel.jobs.urls")),
    path("", include("commonweal.kernel.files.urls")),
    path("", include("commonweal.kernel.places.urls")),
    path("", include("commonweal.kernel.catalogue.urls")),
    path("", include("commonweal.kernel.people.urls")),
    path("", include("commonweal.kernel.consent.urls")),
    path("", include("commonweal.kernel.decisions.urls")),
    path("", include("commonweal.kernel.disputes.urls")),
    path("", include("commonweal.kernel.reassessments.urls")),
    path("", include("commonweal.kernel.rounds.urls")),
    path("", include("commonweal.kernel.entitlements.urls")),
    path("", include("commonweal.kernel.proactive.urls")),
    path("", include("commonweal.kernel.revocations.urls")),
    path("", include("commonweal.kernel.consultations.urls")),
    path("", include("commonweal.kernel.authoring.urls")),
    path("", include("commonweal.kernel.statistics.urls")),
    path("", include("commonweal.kernel.counter.urls")),
    path("", include("commonweal.kernel.paper.urls")),
    path("", include("commonweal.domains.insight.urls")),
]

if settings.COMMONWEAL_DEMO:
    _routes.append(path("", include("commonweal.project.demo.urls")))

urlpatterns = [ByBeginning(_routes)]

handler400 = "commonweal.kernel.base.views.bad_request"
handler403 = "commonweal.kernel.base.views.permission_denied"
handler404 = "commonweal.kernel.base.views.page_not_found"
handler500 = "commonweal.kernel.base.views.server_error"
