"""Django's entry to consent."""

from __future__ import annotations

from django.apps import AppConfig


class ConsentConfig(AppConfig):
    """Erasure, retention, and holds."""

    name = "commonweal.kernel.consent"
    label = "consent"

    def ready(self) -> None:
        """Register what goes on by itself and what other apps offer a place for."""
        from commonweal.kernel.consent import api, plugins, tasks  # noqa: F401, PLC0415 - register on import, need apps
