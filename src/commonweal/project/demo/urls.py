"""Routes of the practice city; they exist only there."""

from __future__ import annotations

from django.urls import path

from commonweal.project.demo import portal

app_name = "demo"
urlpatterns = [
    path("demo/", portal.start, name="start"),
    path("demo/mail/", portal.mail, name="mail"),
]
