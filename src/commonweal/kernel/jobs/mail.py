"""Django's e-mail backend: whatever anybody sends goes into the outbox, in the sender's transaction."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage

from commonweal.kernel.base.clock import now
from commonweal.kernel.jobs.actions import queue_message

IDEMPOTENCY_HEADER = "X-Idempotency-Key"


class OutboxBackend(BaseEmailBackend):
    """Stores messages for delivery by a worker; a header ``X-Idempotency-Key`` keeps one from being sent twice."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Store messages; return how many have recipients."""
        addressed = [message for message in email_messages if message.recipients()]
        for message in addressed:
            key = str(message.extra_headers.pop(IDEMPOTENCY_HEADER, "")) or f"mail:{secrets.token_hex(16)}"
            queue_message(message, idempotency_key=key, at=now())
        return len(addressed)
