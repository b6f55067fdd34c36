"""Django's entry to the check of entitlements."""

from __future__ import annotations

from django.apps import AppConfig


class EntitlementsConfig(AppConfig):
    """One short interview over all services; what is worked out is not stored."""

    name = "commonweal.kernel.entitlements"
    label = "entitlements"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register operations, section and navigation."""
        from commonweal.kernel.entitlements import api, plugins  # noqa: F401, PLC0415 - registers, needs apps
