"""Django's entry to registers."""

from __future__ import annotations

from django.apps import AppConfig


class RegistersConfig(AppConfig):
    """Registers of facts."""

    name = "commonweal.kernel.registers"
    label = "registers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the check."""
        from commonweal.kernel.registers import plugins  # noqa: F401, PLC0415 - registers on import, needs apps
