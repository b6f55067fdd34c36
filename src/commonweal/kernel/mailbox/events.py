"""What the mailbox announces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from commonweal.kernel.base.events import Event, event


@event
@dataclass(frozen=True, kw_only=True)
class MessageSent(Event):
    """A letter lies in a mailbox.

    Attributes:
        message_id: Which.
        recipient_id: Whose mailbox.
        stream: What it belongs to.
        at: When.
    """

    key: ClassVar[str] = "mailbox.message_sent"

    message_id: UUID
    recipient_id: UUID
    stream: str
    at: datetime


@event
@dataclass(frozen=True, kw_only=True)
class MessageRead(Event):
    """The recipient opened a letter.

    Attributes:
        message_id: Which.
        recipient_id: Whose mailbox.
        stream: What it belongs to.
        at: When.
    """

    key: ClassVar[str] = "mailbox.message_read"

    message_id: UUID
    recipient_id: UUID
    stream: str
    at: datetime
