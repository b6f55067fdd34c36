"""Django's entry to revocations."""

from __future__ import annotations

from django.apps import AppConfig


class RevocationsConfig(AppConfig):
    """Officers take back what was granted, as the service declares."""

    name = "commonweal.kernel.revocations"
    label = "revocations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the section, the notices, the job and the API."""
        from commonweal.kernel.revocations import api, plugins, tasks  # noqa: F401, PLC0415 - registers, needs apps
