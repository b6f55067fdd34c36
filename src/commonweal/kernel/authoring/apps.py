"""Django's entry to authoring."""

from __future__ import annotations

from django.apps import AppConfig


class AuthoringConfig(AppConfig):
    """Services are written, checked, proposed and approved in the browser."""

    name = "commonweal.kernel.authoring"
    label = "authoring"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the navigation, the capability, the sweep and the API's operations."""
        from commonweal.kernel.authoring import api, plugins, tasks  # noqa: F401, PLC0415 - registers on import, needs apps
