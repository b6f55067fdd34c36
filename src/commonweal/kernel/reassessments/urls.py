"""Routes of mass re-assessment."""

from __future__ import annotations

from django.urls import path

from commonweal.kernel.reassessments import workbench

app_name = "reassessments"
_one = "workbench/law-changes/<uuid:run_id>/"
_item = "workbench/law-changes/awards/<uuid:item_id>/"
urlpatterns = [
    path("workbench/law-changes/", workbench.listing, name="list"),
    path("workbench/law-changes/start", workbench.begin, name="start"),
    path(_one, workbench.show, name="show"),
    path(f"{_one}propose", workbench.propose, name="propose"),
    path(f"{_one}approve", workbench.approve, name="approve"),
    path(f"{_one}cancel", workbench.cancel, name="cancel"),
    path(_item, workbench.item, name="item"),
    path(f"{_item}decide", workbench.decide, name="decide"),
    path(f"{_item}leave", workbench.leave, name="leave"),
]
