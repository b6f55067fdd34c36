"""Routes of the files app."""

from __future__ import annotations

from django.urls import path

from commonweal.kernel.files import portal

app_name = "files"
urlpatterns = [
    path("files/<uuid:file_id>/", portal.download, name="download"),
]
