"""Routes of the catalogue."""

from __future__ import annotations

from django.urls import path

from commonweal.kernel.catalogue import portal

app_name = "catalogue"
urlpatterns = [
    path("", portal.home, name="home"),
    path("services/", portal.services, name="services"),
    path("services/<slug:key>/", portal.service, name="service"),
]
