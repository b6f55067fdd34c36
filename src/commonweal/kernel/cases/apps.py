"""Django's entry to cases."""

from __future__ import annotations

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """One run of a service for somebody."""

    name = "commonweal.kernel.cases"
    label = "cases"

    def ready(self) -> None:
        """Register the plug-ins of other apps' points."""
        from commonweal.kernel.cases import api, asking, evidence_api, nights, plugins, tasks  # noqa: F401, PLC0415 - registers, needs apps
