"""Django's entry to the ledger."""

from __future__ import annotations

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Append-only events with salted commitments, and the access log."""

    name = "commonweal.kernel.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let answers that are given once more be written into the access log; name the wrapped keys."""
        from commonweal.kernel.base.keys import SealedColumn, sealed_values  # noqa: PLC0415 - needs apps
        from commonweal.kernel.base.routes import keep_access_log  # noqa: PLC0415 - needs apps
        from commonweal.kernel.ledger.actions import record_access  # noqa: PLC0415 - likewise
        from commonweal.kernel.ledger.models import SubjectKey  # noqa: PLC0415 - likewise

        keep_access_log(record_access)
        sealed_values.register(SealedColumn(SubjectKey, "wrapped", is_bound_to_row=True))
