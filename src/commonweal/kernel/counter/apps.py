"""Django's entry to counter mode."""

from __future__ import annotations

from django.apps import AppConfig


class CounterConfig(AppConfig):
    """Officers fill in forms for residents, with their consent."""

    name = "commonweal.kernel.counter"
    label = "counter"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the role, the capability, the stand-in, navigation and the banner."""
        from commonweal.kernel.counter import plugins  # noqa: F401, PLC0415 - registers, needs apps
