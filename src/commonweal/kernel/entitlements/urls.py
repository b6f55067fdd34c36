"""Routes of the check."""

from __future__ import annotations

from django.urls import path

from commonweal.kernel.entitlements import portal

app_name = "entitlements"
urlpatterns = [
    path("me/suggestions/agree", portal.agree, name="agree"),
    path("me/suggestions/stop", portal.take_back, name="take-back"),
    path("me/suggestions/<slug:key>/decline", portal.decline, name="decline"),
    path("entitlements/known", portal.check_known, name="check-known"),
    path("entitlements/", portal.check, name="check"),
    path("entitlements/<slug:key>/", portal.check, name="service"),
    path("entitlements/<slug:key>/apply", portal.apply, name="apply"),
]
