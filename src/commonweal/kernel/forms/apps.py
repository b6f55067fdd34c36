"""Django's entry to forms."""

from __future__ import annotations

from django.apps import AppConfig


class FormsConfig(AppConfig):
    """Questions and answers."""

    name = "commonweal.kernel.forms"
    label = "forms"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the section and the jobs."""
        from commonweal.kernel.forms import plugins, tasks  # noqa: F401, PLC0415 - register on import, need apps
