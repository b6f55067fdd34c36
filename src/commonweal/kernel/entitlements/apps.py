"""Django's entry to the check of entitlements."""

from __future__ import annotations

from django.apps import AppConfig


class EntitlementsConfig(AppConfig):
    """One short interview over all services; it stores nothing."""

    name = "commonweal.kernel.entitlements"
    label = "entitlements"

    def ready(self) -> None:
        """Register operations, section and navigation."""
        from commonweal.kernel.entitlements import api, plugins  # noqa: F401, PLC0415 - registers, needs apps
