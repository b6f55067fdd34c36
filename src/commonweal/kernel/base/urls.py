"""Routes of the ground floor."""

from __future__ import annotations

from django.urls import path

from commonweal.kernel.base import views

app_name = "base"
urlpatterns = [
    path("healthz", views.health, name="health"),
]
