"""Django's entry to the files app."""

from __future__ import annotations

from django.apps import AppConfig


class FilesConfig(AppConfig):
    """Stored files: random key, hash, scan state, retention, authorised download."""

    name = "commonweal.kernel.files"
    label = "files"

    def ready(self) -> None:
        """Register what goes on by itself."""
        from commonweal.kernel.files import plugins, tasks  # noqa: F401, PLC0415 - register on import, need apps
