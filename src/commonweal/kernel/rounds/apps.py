"""Django's entry to rounds."""

from __future__ import annotations

from django.apps import AppConfig


class RoundsConfig(AppConfig):
    """What is scarce, shared out among the cases of a round."""

    name = "commonweal.kernel.rounds"
    label = "rounds"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register methods, operations, section, stages, navigation, capabilities and jobs."""
        from commonweal.kernel.rounds import api, methods, plugins, tasks  # noqa: F401, PLC0415 - registers, needs apps
