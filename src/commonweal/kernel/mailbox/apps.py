"""Django's entry to the mailbox."""

from __future__ import annotations

from django.apps import AppConfig


class MailboxConfig(AppConfig):
    """Messages, letters, proof of reading."""

    name = "commonweal.kernel.mailbox"
    label = "mailbox"

    def ready(self) -> None:
        """Register the section of declarations, the jobs, and what hangs into every page."""
        from commonweal.kernel.mailbox import api, plugins, tasks  # noqa: F401, PLC0415 - register on import, need apps
