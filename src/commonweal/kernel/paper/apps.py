"""Django's entry to forms on paper."""

from __future__ import annotations

from django.apps import AppConfig


class PaperConfig(AppConfig):
    """Forms are printed with a code, and taken in again under it."""

    name = "commonweal.kernel.paper"
    label = "paper"
    default_auto_field = "django.db.models.BigAutoField"
