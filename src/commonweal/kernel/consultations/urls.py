"""Routes of consultations."""

from __future__ import annotations

from django.urls import path

from commonweal.kernel.consultations import portal, workbench

app_name = "consultations"
urlpatterns = [
    path("comment/", portal.door, name="door"),
    path("comment/<str:code>/", portal.comment, name="comment"),
    path("workbench/cases/<str:reference>/neighbours/", workbench.neighbours, name="neighbours"),
    path("workbench/cases/<str:reference>/neighbours/posted/", workbench.posted, name="posted"),
    path("workbench/cases/<str:reference>/neighbours/none/", workbench.go_on_without, name="without"),
    path(
        "workbench/cases/<str:reference>/neighbours/<uuid:neighbour_id>/<str:language>.pdf",
        workbench.letter,
        name="letter",
    ),
]
