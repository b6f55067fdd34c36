"""Routes of forms on paper."""

from __future__ import annotations

from django.urls import path

from commonweal.kernel.paper import portal

app_name = "paper"
urlpatterns = [
    path("services/<slug:key>/form-<slug:language>.pdf", portal.blank, name="blank"),
]
