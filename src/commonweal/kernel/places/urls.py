"""Routes of the places app."""

from __future__ import annotations

from django.urls import path

from commonweal.kernel.places import portal

app_name = "places"
urlpatterns = [
    path("districts/", portal.districts, name="districts"),
]
