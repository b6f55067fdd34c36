"""Django's entry to the catalogue."""

from __future__ import annotations

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    """Declarations of services: loader, compiler, versions, pages."""

    name = "commonweal.kernel.catalogue"
    label = "catalogue"
    default_auto_field = "django.db.models.BigAutoField"
