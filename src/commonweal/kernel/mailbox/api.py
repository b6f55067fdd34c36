"""The API's door to the mailbox."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Query, Router, Schema

from commonweal.kernel.base.api import PROBLEMS, ApiRouter, CursorUnknown, operation, routers
from commonweal.kernel.base.clock import now
from commonweal.kernel.base.routes import ActorRequest
from commonweal.kernel.base.rules import is_resident
from commonweal.kernel.ledger.actions import record_access
from commonweal.kernel.mailbox.actions import LETTER_FILE, mark_read
from commonweal.kernel.mailbox.models import Message
from commonweal.kernel.mailbox.queries import (
    MessageLine,
    agency_name,
    has_file,
    mailbox_of,
    message_for,
)

PURPOSE = "mailbox.read"

router = Router()
routers.register(ApiRouter("mailbox", "", router))


class Envelope(Schema):
    """A letter as the list shows it.

    Attributes:
        id: To open it.
        subject: One line.
        summary: One or two lines; may be empty.
        agency: Name of the agency that wrote.
        language: BCP 47.
        reference: Of the case; may be empty.
        sent_at: When it was sent.
        read_at: When it was opened first; null if it was not.
    """

    id: UUID
    subject: str
    summary: str
    agency: str
    language: str
    reference: str
    sent_at: datetime
    read_at: datetime | None

    @classmethod
    def of(cls, line: MessageLine) -> Envelope:
        """Write a line of the mailbox for the API."""
        return cls(**{name: getattr(line, name) for name in cls.model_fields})


class EnvelopeList(Schema):
    """A stretch of the mailbox.

    Attributes:
        items: The latest first.
        next_cursor: Asks for the stretch after this one; null at the end.
    """

    items: list[Envelope]
    next_cursor: str | None


class Letter(Envelope):
    """A letter.

    Attributes:
        body: Markdown; null until the letter is opened, for opening it is the proof that it was served.
        has_pdf: Whether its PDF has been made.
    """

    body: str | None
    has_pdf: bool


def _letter(request: ActorRequest, message: Message) -> Letter:
    record_access(request.actor, [message.recipient_id], PURPOSE, at=now())
    return Letter(
        id=message.pk,
        subject=message.subject,
        summary=message.summary,
        agency=agency_name(message.agency),
        language=message.language,
        reference=message.reference,
        sent_at=message.sent_at,
        read_at=message.read_at,
        body=message.body if message.read_at is not None else None,
        has_pdf=has_file(message.pk, LETTER_FILE),
    )


@router.get("/messages", response={200: EnvelopeList, **PROBLEMS}, summary="List one's letters")
@operation(allows=is_resident, discloses=PURPOSE)
def messages(
    request: ActorRequest,
    cursor: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
) -> EnvelopeList:
    """Return the letters of the resident who asks, the latest first."""
    found = mailbox_of(request.actor, after=_after(cursor), limit=limit + 1)
    record_access(request.actor, {line.recipient_id for line in found[:limit]}, PURPOSE, at=now())
    return EnvelopeList(
        items=[Envelope.of(line) for line in found[:limit]],
        next_cursor=str(found[limit - 1].id) if len(found) > limit else None,
    )


@router.get("/messages/{message_id}", response={200: Letter, **PROBLEMS}, summary="Show a letter")
@operation(allows=is_resident, discloses=PURPOSE)
def message(request: ActorRequest, message_id: UUID) -> Letter:
    """Return a letter; before it is opened, without what it says."""
    return _letter(request, message_for(request.actor, message_id))


@router.post("/messages/{message_id}/open", response={200: Letter, **PROBLEMS}, summary="Open a letter")
@operation(allows=is_resident, discloses=PURPOSE)
def open_message(request: ActorRequest, message_id: UUID) -> Letter:
    """Open a letter, which counts as served from then on; opening it again changes nothing."""
    return _letter(request, mark_read(message_id, by=request.actor, at=now()))


def _after(cursor: str) -> UUID | None:
    try:
        return UUID(cursor) if cursor else None
    except ValueError:
        raise CursorUnknown from None
