"""Routes of the ground floor."""

from __future__ import annotations

from django.urls import path

from commonweal.kernel.base import about, gallery, views

app_name = "base"
urlpatterns = [
    path("gallery", gallery.gallery, name="gallery"),
    path("language/<str:code>", views.language, name="language"),
    path("about/accessibility/", about.accessibility, name="accessibility"),
    path("about/privacy/", about.privacy, name="privacy"),
    path("about/imprint/", about.imprint, name="imprint"),
    path(".well-known/security.txt", about.security, name="security"),
    path("api/", views.api, name="api"),
    path("healthz", views.health, name="health"),
]
