"""Django's entry to mass re-assessment."""

from __future__ import annotations

from django.apps import AppConfig


class ReassessmentsConfig(AppConfig):
    """Every running award, worked out again under new law."""

    name = "commonweal.kernel.reassessments"
    label = "reassessments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register operations, section, navigation, capabilities and jobs."""
        from commonweal.kernel.reassessments import api, plugins, tasks  # noqa: F401, PLC0415 - registers, needs apps
