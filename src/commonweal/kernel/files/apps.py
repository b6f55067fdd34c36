"""Django's entry to the files app."""

from __future__ import annotations

from django.apps import AppConfig


class FilesConfig(AppConfig):
    """Stored files: random key, hash, scan state, retention, authorised download."""

    name = "commonweal.kernel.files"
    label = "files"
