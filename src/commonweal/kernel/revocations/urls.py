"""Routes of revocations."""

from __future__ import annotations

from django.urls import path

from commonweal.kernel.revocations import portal, workbench

app_name = "revocations"
_one = "workbench/cases/<str:reference>/revocation/"
urlpatterns = [
    path("cases/<str:reference>/revocation/", portal.own, name="own"),
    path(_one, workbench.work, name="work"),
    path(f"{_one}preview", workbench.preview, name="preview"),
    path(f"{_one}announce", workbench.announce, name="announce"),
    path(f"{_one}suspend", workbench.suspend, name="suspend"),
    path(f"{_one}resume", workbench.resume, name="resume"),
    path(f"{_one}drop", workbench.drop, name="drop"),
]
