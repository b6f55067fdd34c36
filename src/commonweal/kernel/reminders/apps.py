"""Django's entry to reminders."""

from __future__ import annotations

from django.apps import AppConfig


class RemindersConfig(AppConfig):
    """Holders of awards are written to when a day comes."""

    name = "commonweal.kernel.reminders"
    label = "reminders"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the section and the job."""
        from commonweal.kernel.reminders import plugins, tasks  # noqa: F401, PLC0415 - registers, needs apps
