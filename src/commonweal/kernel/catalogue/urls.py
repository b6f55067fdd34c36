"""Routes of the catalogue."""

from __future__ import annotations

from django.urls import path

from commonweal.kernel.catalogue import portal, workbench

app_name = "catalogue"
urlpatterns = [
    path("", portal.home, name="home"),
    path("services/", portal.services, name="services"),
    path("services/<slug:key>/", portal.service, name="service"),
    path("services/<slug:key>/about.jsonld", portal.about, name="about"),
    path("services/<slug:key>/history/", portal.history, name="history"),
    path("catalogue.ttl", portal.linked_data, {"form": "ttl"}, name="turtle"),
    path("catalogue.jsonld", portal.linked_data, {"form": "jsonld"}, name="json-ld"),
    path("workbench/services/", workbench.versions, name="versions"),
    path("workbench/services/<uuid:version_id>/", workbench.version, name="version"),
    path("workbench/services/<uuid:version_id>/move", workbench.move, name="move"),
]
