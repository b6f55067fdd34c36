"""Django's entry to awards."""

from __future__ import annotations

from django.apps import AppConfig


class AwardsConfig(AppConfig):
    """What a decision granted."""

    name = "commonweal.kernel.awards"
    label = "awards"

    def ready(self) -> None:
        """Register the plug-ins of other apps' points."""
        from commonweal.kernel.awards import plugins, tasks  # noqa: F401, PLC0415 - registers, needs apps
