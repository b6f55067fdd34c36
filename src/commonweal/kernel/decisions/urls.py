"""Routes of the law and the register of algorithms."""

from __future__ import annotations

from django.urls import path

from commonweal.kernel.decisions import portal

app_name = "decisions"
urlpatterns = [
    path("law/", portal.law_list, name="law-list"),
    path("law/<slug:programme>/", portal.law, name="law"),
    path("law/<slug:programme>/<slug:parameter>/", portal.parameter, name="parameter"),
    path("algorithms/", portal.algorithms, name="algorithms"),
    path("algorithms/<slug:service>/", portal.algorithm, name="algorithm"),
]
