"""What a mailbox shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from babel.dates import format_date
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext

from commonweal.kernel.base.clock import local
from commonweal.kernel.base.jurisdiction import current_in, root
from commonweal.kernel.base.prepared import Given, Prepared, Question
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.base.typesetting import direction_of
from commonweal.kernel.catalogue.queries import compiled
from commonweal.kernel.files.queries import open_file
from commonweal.kernel.files.registry import access
from commonweal.kernel.files.types import OpenFile
from commonweal.kernel.mailbox.errors import MessageNotFound, PdfNotReady, UnknownLetter
from commonweal.kernel.mailbox.markup import to_html
from commonweal.kernel.mailbox.models import Attachment, Message
from commonweal.kernel.mailbox.pdf import Sheet, letter_pdf
from commonweal.kernel.mailbox.types import fill_in
from commonweal.kernel.people.queries import record_ids

FILES = "mailbox"
"""Prefix of the streams to which the files of messages belong."""

_LONG = ("body", "address")
_PAGE = 30
_newest = Prepared(
    lambda: Message.objects.filter(recipient_id=Given("recipient")).defer(*_LONG).order_by("-id")[:_PAGE]
)
_about = Prepared(lambda: Message.objects.filter(thread__stream=Given("stream")).defer(*_LONG).order_by("id"))


@dataclass(frozen=True, slots=True)
class MessageLine:
    """A message in a list.

    Attributes:
        id: Primary key.
        subject: One line.
        summary: May be empty.
        agency: Name of the agency that wrote.
        language: BCP 47.
        reference: Of the case; may be empty.
        sent_at: When it was sent.
        read_at: When it was opened first.
        letter_key: Which letter of the service it is.
        recipient_id: The record that it was written to; a person can have several that were merged.
    """

    id: UUID
    subject: str
    summary: str
    agency: str
    language: str
    reference: str
    sent_at: datetime
    read_at: datetime | None
    letter_key: str
    recipient_id: UUID


def owner_ids(actor: Actor) -> list[UUID]:
    """Return the ids under which an actor's mailbox is kept, merged records included; none for others than people."""
    if actor.kind is not ActorKind.RESIDENT:
        return []
    try:
        return record_ids(UUID(actor.on_behalf_of)) if actor.on_behalf_of else list(actor.person_ids)
    except ValueError:
        return []


def mailbox_of(actor: Actor, *, after: UUID | None = None, limit: int = _PAGE) -> list[MessageLine]:
    """Return an actor's messages, the latest first.

    Args:
        actor: A resident.
        after: Continue behind this one.
        limit: How many at most.
    """
    owners = owner_ids(actor)
    if after is None and limit == _PAGE and len(owners) == 1:
        return [_line(row) for row in _newest.all(recipient=owners[0])]
    rows = Message.objects.filter(recipient_id__in=owners).defer(*_LONG).order_by("-id")
    if after is not None:
        rows = rows.filter(id__lt=after)
    return [_line(row) for row in rows[:limit]]


def newest_asked(recipient: UUID) -> Question:
    """Return what :func:`mailbox_of` asks for the beginning of one record's mailbox, to be asked together with others."""
    return _newest.given(recipient=recipient)


def message_for(actor: Actor, message_id: UUID) -> Message:
    """Return one message of an actor's mailbox.

    Raises:
        MessageNotFound: There is none.
    """
    message = _of(actor).select_related("thread").filter(pk=message_id).order_by("id").first()
    if message is None:
        raise MessageNotFound
    return message


def messages_about(stream: str) -> list[MessageLine]:
    """Return what was written about one matter, the oldest first; whoever asks has checked who may see it."""
    return [_line(row) for row in _about.all(stream=stream)]


def messages_asked(stream: str) -> Question:
    """Return what :func:`messages_about` asks, to be asked together with others."""
    return _about.given(stream=stream)


def unread_count(actor: Actor) -> int:
    """Return how many letters an actor has not opened yet."""
    ids = owner_ids(actor)
    return Message.objects.filter(recipient_id__in=ids, read_at=None).count() if ids else 0


def letter_file(message: Message, name: str, actor: Actor) -> OpenFile:
    """Open a file of a message; whoever shows it records the access.

    Raises:
        PdfNotReady: It is still being made.
        NotFound: The actor may not read it.
    """
    row = Attachment.objects.filter(message_id=message.pk, name=name).order_by("id").first()
    if row is None:
        raise PdfNotReady
    return open_file(row.file_id, actor)


def may_read_files(actor: Actor, message_id: UUID) -> bool:
    """Whether an actor may read the files of a message: its recipient once opened, and whoever may read the matter's."""
    message = Message.objects.select_related("thread").filter(pk=message_id).order_by("id").first()
    if message is None:
        return False
    if message.recipient_id in owner_ids(actor):
        return message.read_at is not None
    stream = message.thread.stream
    prefix = stream.partition(":")[0]
    return prefix in access and access[prefix].may_read(actor, stream, message.recipient_id)


def has_file(message_id: UUID, name: str) -> bool:
    """Whether a message has a file of this name by now."""
    return Attachment.objects.filter(message_id=message_id, name=name).exists()


def agency_name(key: str, language: str = "") -> str:
    """Return an agency's name in a language, the reader's by default; the government's where the agency has gone."""
    here = current_in(language)
    return next((agency.name for agency in here.agencies if agency.key == key), here.name)


def _of(actor: Actor) -> QuerySet[Message]:
    return Message.objects.filter(recipient_id__in=owner_ids(actor))


def _line(row: Message) -> MessageLine:
    return MessageLine(
        row.pk,
        row.subject,
        row.summary,
        agency_name(row.agency),
        row.language,
        row.reference,
        row.sent_at,
        row.read_at,
        row.letter_key,
        row.recipient_id,
    )


def file_streams(streams: Sequence[str]) -> list[str]:
    """Return the ledger's streams of the files of the letters about these matters."""
    rows = Message.objects.filter(thread__stream__in=streams).order_by("pk").values_list("pk", flat=True)
    return [f"{FILES}:{message}" for message in rows]


def letter_html(message: Message) -> str:
    """Return the text of a letter as HTML, made from Markdown with raw HTML off."""
    return to_html(message.body)


def letter_direction(message: Message) -> str:
    """Return ``ltr`` or ``rtl``, as the letter's language is written."""
    return direction_of(message.language)


def printed(
    letter: str,
    version_id: UUID,
    values: Mapping[str, object],
    *,
    receiver: Sequence[str],
    language: str,
    agency: str,
    reference: str,
    at: datetime,
) -> bytes:
    """Return a letter as a PDF for whoever has no mailbox here; nothing is stored.

    Args:
        letter: Key of one of the service's letters.
        version_id: Version of the service.
        values: All that the letter may name, besides ``recipient`` and ``sent_on``.
        receiver: Lines of the address.
        language: BCP 47; the service's main language where it does not have the letter in this one.
        agency: Key of the agency that writes.
        reference: Of the case; may be empty.
        at: Date of the letter.

    Raises:
        UnknownLetter: The version has no such letter.
        LetterFault: A place in the letter has no value.
    """
    service = compiled(version_id)
    letters = service.sections.get("letters") or {}
    if letter not in letters:
        raise UnknownLetter(service=service.key, letter=letter)
    recipient = {"name": receiver[0], "address": list(receiver[1:])}
    known = {**values, "recipient": recipient, "sent_on": local(at).date()}
    written = fill_in(letters[letter], language, known, currency=current_in().currency)
    message = Message(
        agency=agency,
        language=written.language,
        reference=reference,
        subject=written.subject,
        body=written.body,
        address="\n".join(receiver),
        sent_at=at,
    )
    return letter_pdf(sheet_of(message))


def sheet_of(message: Message) -> Sheet:
    """Return what is printed."""
    here, logo = current_in(message.language), root() / "theme" / "logo.svg"
    agency = next((each for each in here.agencies if each.key == message.agency), None)
    phone, email = (agency.phone, agency.email) if agency else (here.phone, here.email)
    with translation.override(message.language):
        day = format_date(local(message.sent_at), "long", locale=translation.to_locale(message.language))
        reference = gettext("Reference: %(reference)s") % {"reference": message.reference}
        page_label = gettext("Page")
    contact = " · ".join(filter(None, (phone or here.phone, email or here.email)))
    return Sheet(
        language=message.language,
        sender=(here.name, agency.name if agency else here.name, here.address, contact),
        receiver=tuple(message.address.split("\n")),
        date=day,
        reference=reference if message.reference else "",
        subject=message.subject,
        body=message.body,
        page_label=page_label,
        sent_at=message.sent_at,
        logo=logo.read_text() if logo.is_file() else "",
    )
