"""The stored form of an e-mail: pure functions."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, parseaddr

from django.core.mail import EmailMultiAlternatives
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
            "sender": _address(mail.from_email),
            "recipients": [_address(each) for each in mail.recipients()],
            "content": b64encode(_content(mail)).decode(),
        }
    )


def dump_plain(
    *,
    to: Sequence[str],
    subject_line: str,
    text: str,
    html: str | None,
    sender: str,
    idempotency_key: str,
    at: datetime,
) -> str:
    """Write a mail for the outbox in parts; it is composed when it leaves, for that takes a while.

    Raises:
        ValueError: A line of the head holds a line break.
    """
    if any(set(line) & set("\r\n") for line in (subject_line, sender, *to)):
        raise ValueError("A line of a mail's head may not hold a line break.")
    return json.dumps(
        {
            "to": list(to),
            "subject": subject_line,
            "text": text,
            "html": html,
            "from": sender,
            "headers": {"Message-ID": message_id(idempotency_key, sender), "Date": format_datetime(at)},
        }
    )


def load(text: str) -> StoredMail:
    """Read what :func:`dump` or :func:`dump_plain` wrote."""
    data = json.loads(text)
    if "content" in data:
        return StoredMail(data["sender"], data["recipients"], b64decode(data["content"]))
    mail = EmailMultiAlternatives(
        data["subject"], data["text"], data["from"], data["to"], headers=data["headers"]
    )
    if data["html"] is not None:
        mail.attach_alternative(data["html"], "text/html")
    return StoredMail(_address(data["from"]), [_address(each) for each in data["to"]], _content(mail))


def subject_of(text: str) -> str:
    """Return the subject line of what was written; empty for a mail that Django composed."""
    return str(json.loads(text).get("subject", ""))


def _address(text: str) -> str:
    return parseaddr(text)[1]


def _content(mail: EmailMessage) -> bytes:
    return re.sub(rb"\r?\n", b"\r\n", mail.message().as_bytes())
