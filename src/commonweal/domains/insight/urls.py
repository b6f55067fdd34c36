"""Routes of the policy lab."""

from __future__ import annotations

from django.urls import path

from commonweal.domains.insight import workbench

app_name = "insight"
_one = "workbench/lab/simulations/<uuid:simulation_id>/"
urlpatterns = [
    path("workbench/lab/", workbench.lab, name="lab"),
    path("workbench/lab/new/", workbench.begin, name="begin"),
    path("workbench/lab/new/law/", workbench.change, name="change"),
    path("workbench/lab/populations/", workbench.upload, name="upload"),
    path("workbench/lab/populations/<slug:programme>.csv", workbench.example, name="example"),
    path("workbench/lab/compare/", workbench.compare, name="compare"),
    path(_one, workbench.simulation, name="simulation"),
    path(f"{_one}state.json", workbench.state, name="state"),
    path(f"{_one}repeat/", workbench.repeat, name="repeat"),
    path(f"{_one}charts/<slug:key>.svg", workbench.chart, name="chart"),
    path(f"{_one}figures.<slug:form>", workbench.download, name="download"),
]
