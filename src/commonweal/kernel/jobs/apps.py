"""Django's entry to the jobs."""

from __future__ import annotations

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """The lease queue, stored deliveries of events, the cron table, the outbox."""

    name = "commonweal.kernel.jobs"
    label = "jobs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the jobs of this app, and what it adds to pages and API."""
        from commonweal.kernel.jobs import (  # noqa: F401, PLC0415 - register on import, need apps
            api,
            plugins,
            tasks,
        )
