"""Django's entry to insight."""

from __future__ import annotations

from django.apps import AppConfig


class InsightConfig(AppConfig):
    """The policy lab: reforms of the law, simulated over whole populations."""

    name = "commonweal.domains.insight"
    label = "insight"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register role, capability, navigation, checks, jobs and the API."""
        from commonweal.domains.insight import api, plugins, tasks  # noqa: F401, PLC0415 - register, need apps
