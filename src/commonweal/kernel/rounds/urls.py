"""Routes of rounds."""

from __future__ import annotations

from django.urls import path

from commonweal.kernel.rounds import portal, workbench

app_name = "rounds"
_one = "workbench/rounds/<uuid:round_id>/"
urlpatterns = [
    path("services/<slug:key>/rounds/", portal.listing, name="of-service"),
    path("cases/<str:reference>/round/", portal.own, name="own"),
    path("cases/<str:reference>/round/answer", portal.answer, name="answer"),
    path("workbench/rounds/", workbench.listing, name="list"),
    path("workbench/rounds/open", workbench.begin, name="open"),
    path(_one, workbench.show, name="show"),
    path(f"{_one}work-out", workbench.work_out, name="work-out"),
    path(f"{_one}approve", workbench.approve, name="approve"),
    path(f"{_one}close", workbench.close, name="close"),
]
