"""Django's entry to the ground floor."""

from __future__ import annotations

from django.apps import AppConfig


class BaseConfig(AppConfig):
    """Errors, events, registries, the jurisdiction, the page shell, security middleware."""

    name = "commonweal.kernel.base"
    label = "base"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks and the links at the foot of each page."""
        from commonweal.kernel.base import about, checks  # noqa: F401, PLC0415 - register on import, need apps
