"""Django's entry to the decisions."""

from __future__ import annotations

from django.apps import AppConfig


class DecisionsConfig(AppConfig):
    """Law in force, decisions made and explained, register of algorithms."""

    name = "commonweal.kernel.decisions"
    label = "decisions"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the operations and the sections of a service that belong to this app."""
        from commonweal.kernel.decisions import api, plugins, tasks  # noqa: F401, PLC0415 - registers on import, needs apps
