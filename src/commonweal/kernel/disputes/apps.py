"""Django's entry to disputes."""

from __future__ import annotations

from django.apps import AppConfig


class DisputesConfig(AppConfig):
    """Residents say what is wrong with a record; the team that keeps it answers."""

    name = "commonweal.kernel.disputes"
    label = "disputes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register operations, the check, navigation, the capability, files and what is kept."""
        from commonweal.kernel.disputes import api, plugins  # noqa: F401, PLC0415 - registers, needs apps
