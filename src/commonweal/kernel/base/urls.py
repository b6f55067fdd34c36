"""Routes of the ground floor."""

from __future__ import annotations

from django.urls import path

from commonweal.kernel.base import gallery, views

app_name = "base"
urlpatterns = [
    path("gallery", gallery.gallery, name="gallery"),
    path("language/<str:code>", views.language, name="language"),
    path("healthz", views.health, name="health"),
]
