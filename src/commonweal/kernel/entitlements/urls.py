"""Routes of the check."""

from __future__ import annotations

from django.urls import path

from commonweal.kernel.entitlements import portal

app_name = "entitlements"
urlpatterns = [
    path("entitlements/", portal.check, name="check"),
    path("entitlements/<slug:key>/", portal.check, name="service"),
    path("entitlements/<slug:key>/apply", portal.apply, name="apply"),
]
