"""Django's entry to the catalogue."""

from __future__ import annotations

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    """Declarations of services: loader, compiler, versions, pages."""

    name = "commonweal.kernel.catalogue"
    label = "catalogue"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the navigation and the API's operations."""
        from commonweal.kernel.catalogue import api, plugins  # noqa: F401, PLC0415 - registers on import, needs apps
