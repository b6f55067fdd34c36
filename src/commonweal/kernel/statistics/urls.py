"""Routes of statistics."""

from __future__ import annotations

from django.urls import path

from commonweal.kernel.statistics import portal, workbench

app_name = "statistics"
urlpatterns = [
    path("services/<slug:key>/statistics/", portal.service, name="service"),
    path("services/<slug:key>/statistics.csv", portal.table, name="table"),
    path("workbench/statistics/", workbench.listing, name="list"),
    path("workbench/statistics/<slug:key>/", workbench.service, name="whole"),
]
