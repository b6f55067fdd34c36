"""Django's entry to forms on paper."""

from __future__ import annotations

from django.apps import AppConfig


class PaperConfig(AppConfig):
    """Forms are printed with a code, and taken in again under it."""

    name = "commonweal.kernel.paper"
    label = "paper"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the API, the capability, the files, navigation, the scan beside a form, and the receiver."""
        from commonweal.kernel.paper import api, plugins, receivers  # noqa: F401, PLC0415 - registers, needs apps
