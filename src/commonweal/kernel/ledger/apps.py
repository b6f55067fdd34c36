"""Django's entry to the ledger."""

from __future__ import annotations

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Append-only events with salted commitments, and the access log."""

    name = "commonweal.kernel.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"
