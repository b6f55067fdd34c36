"""The stored form of an e-mail: pure functions."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, parseaddr

from django.core.mail.message import EmailMessage


@dataclass(frozen=True)
class StoredMail:
    """An e-mail as it lies in the outbox.

    Attributes:
        sender: Envelope sender.
        recipients: Envelope recipients.
        content: The message with its headers (RFC 5322).
    """

    sender: str
    recipients: list[str]
    content: bytes


def message_id(idempotency_key: str, sender: str) -> str:
    """Return the Message-ID of everything sent under a key: always the same."""
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    return f"<{hashlib.sha256(idempotency_key.encode()).hexdigest()[:40]}@{domain}>"


def dump(mail: EmailMessage, idempotency_key: str, at: datetime) -> str:
    """Write a mail for the outbox.

    Args:
        mail: As Django composed it.
        idempotency_key: Its Message-ID follows from it.
        at: Its date.
    """
    mail.extra_headers.setdefault("Message-ID", message_id(idempotency_key, mail.from_email))
    mail.extra_headers.setdefault("Date", format_datetime(at))
    return json.dumps(
        {
            "sender": parseaddr(mail.from_email)[1],
            "recipients": [parseaddr(address)[1] for address in mail.recipients()],
            "content": b64encode(re.sub(rb"\r?\n", b"\r\n", mail.message().as_bytes())).decode(),
        }
    )


def load(text: str) -> StoredMail:
    """Read what :func:`dump` wrote."""
    data = json.loads(text)
    return StoredMail(data["sender"], data["recipients"], b64decode(data["content"]))
