"""Django's entry to the statistics of services."""

from __future__ import annotations

from django.apps import AppConfig


class StatisticsConfig(AppConfig):
    """Counts of applications and answers, kept as they happen."""

    name = "commonweal.kernel.statistics"
    label = "statistics"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the section, the API, navigation, and what is counted when cases open and close."""
        from commonweal.kernel.statistics import api, plugins, receivers  # noqa: F401, PLC0415 - registers, needs apps
