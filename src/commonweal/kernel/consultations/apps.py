"""Django's entry to consultations."""

from __future__ import annotations

from django.apps import AppConfig


class ConsultationsConfig(AppConfig):
    """Neighbours hear of a case and comment on it before it is decided."""

    name = "commonweal.kernel.consultations"
    label = "consultations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the kind of stage, what officers are told, and the API."""
        from commonweal.kernel.consultations import api, plugins  # noqa: F401, PLC0415 - registers, needs apps
