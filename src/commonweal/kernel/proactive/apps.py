"""Django's entry to services without an application."""

from __future__ import annotations

from django.apps import AppConfig


class ProactiveConfig(AppConfig):
    """What facts alone decide is granted without an application."""

    name = "commonweal.kernel.proactive"
    label = "proactive"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register operations, the section, what cases know, and the job."""
        from commonweal.kernel.proactive import api, plugins, tasks  # noqa: F401, PLC0415 - registers, needs apps
