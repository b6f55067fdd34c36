"""Routes of disputes."""

from __future__ import annotations

from django.urls import path

from commonweal.kernel.disputes import portal, workbench

app_name = "disputes"
_one = "workbench/corrections/<str:reference>/"
urlpatterns = [
    path("drafts/<uuid:sheet_id>/wrong/<slug:question>/", portal.wrong, name="wrong"),
    path("me/details/<slug:key>/wrong/", portal.wrong_fact, name="wrong-fact"),
    path("me/corrections/<str:reference>/", portal.own, name="own"),
    path("workbench/corrections/", workbench.queue, name="queue"),
    path(_one, workbench.show, name="show"),
    path(f"{_one}claim", workbench.claim, name="claim"),
    path(f"{_one}release", workbench.release, name="release"),
    path(f"{_one}accept", workbench.accept, name="accept"),
    path(f"{_one}refuse", workbench.refuse, name="refuse"),
]
