"""Routes of services without an application."""

from __future__ import annotations

from django.urls import path

from commonweal.kernel.proactive import portal

app_name = "proactive"
urlpatterns = [path("cases/<str:reference>/no-thanks/", portal.decline, name="decline")]
