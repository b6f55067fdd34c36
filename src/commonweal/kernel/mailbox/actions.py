"""Everything that changes a mailbox."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from commonweal.engines import feel
from commonweal.kernel.base.clock import local
from commonweal.kernel.base.jurisdiction import current
from commonweal.kernel.base.prepared import Given, Prepared
from commonweal.kernel.base.rows import insert, new, update
from commonweal.kernel.base.templates import address
from commonweal.kernel.base.transactions import action
from commonweal.kernel.base.types import Actor
from commonweal.kernel.base.typesetting import amounts_apart
from commonweal.kernel.catalogue.queries import compiled
from commonweal.kernel.files.actions import delete_files, store_file
from commonweal.kernel.jobs.actions import announce, enqueue_with_others, queue_mail
from commonweal.kernel.ledger.actions import record, record_many
from commonweal.kernel.ledger.types import Entry
from commonweal.kernel.mailbox.errors import LetterFault, MessageNotFound, UnknownLetter
from commonweal.kernel.mailbox.events import MessageRead, MessageSent
from commonweal.kernel.mailbox.markup import plain
from commonweal.kernel.mailbox.models import Attachment, Message, Thread
from commonweal.kernel.mailbox.queries import FILES, agency_name, has_file, owner_ids
from commonweal.kernel.mailbox.types import About, CompiledLetter, Written, fill_in
from commonweal.kernel.people.queries import person_card
from commonweal.kernel.people.types import PersonCard

RENDER = "mailbox.render_pdf"
LETTER_FILE = "letter.pdf"
_to_open = Prepared(
    lambda: (
        Message.objects.select_for_update(of=("self",))
        .select_related("thread")
        .filter(pk=Given("id"))
        .order_by()
    )
)
BY_HAND = "by-hand"


def send(
    recipient: UUID,
    letter: str,
    version_id: UUID,
    context: Mapping[str, object],
    *,
    stream: str,
    agency: str,
    by: Actor,
    at: datetime,
    unique_key: str | None = None,
    card: PersonCard | None = None,
) -> Message:
    """Put a letter into a person's mailbox; its PDF and a notice by e-mail follow after commit.

    The letter is written in the person's language where the service has it in that language, else in the main one.
    It is worded before the transaction begins: whoever catches a fault can go on.

    Args:
        recipient: Id of the person.
        letter: Key of one of the service's letters.
        version_id: Version of the service.
        context: Facts that the letter's FEEL may name (``case``, ``applicant``, ``decision``, answers, …).
        stream: Of the ledger: what it is about, for example ``case:<uuid>``.
        agency: Key of the agency that writes.
        by: Who sends it.
        at: When.
        unique_key: A second call with the same key sends nothing and returns the first message.
        card: The recipient's, where the caller has read it just now; its language is that of letter and e-mail.

    Raises:
        NotFound: There is no such person.
        UnknownLetter: The version has no such letter.
        LetterFault: A place in the letter has no value; nothing is sent.
    """
    card = card or person_card(recipient)
    service = compiled(version_id)
    try:
        written = _written(card, _letter(service.sections.get("letters"), letter, service.key), context, at)
    except LetterFault:
        sent = _sent_before(unique_key)
        if sent is None:
            raise
        return sent
    message = new(
        Message,
        recipient_id=card.id,
        agency=agency,
        service_key=service.key,
        version_id=version_id,
        letter_key=letter,
        language=written.language,
        reference=_reference(context),
        subject=written.subject,
        summary=written.summary,
        body=written.body,
        address="\n".join((card.name, *card.address)),
        sent_at=at,
        unique_key=unique_key,
    )
    return _post(message, card, stream, by=by)


def write(
    recipient: UUID,
    about: About,
    *,
    title: str,
    text: str,
    by: Actor,
    at: datetime,
    unique_key: str,
    card: PersonCard | None = None,
) -> Message:
    """Put a letter that an officer has worded into a person's mailbox; the rest is as for :func:`send`.

    Args:
        recipient: Id of the person.
        about: The case, or another matter, that it is about.
        title: One line.
        text: Plain text, paragraphs with an empty line between them; nothing in it counts as markup.
        by: The officer.
        at: When.
        unique_key: A second call with the same key sends nothing and returns the first message.
        card: As for :func:`send`.

    Raises:
        NotFound: There is no such person.
    """
    card = card or person_card(recipient)
    message = new(
        Message,
        recipient_id=card.id,
        agency=about.agency,
        service_key=about.service_key,
        version_id=about.version_id,
        letter_key=BY_HAND,
        language=card.language,
        reference=about.reference,
        subject=amounts_apart(" ".join(title.split()), card.language),
        summary="",
        body=plain(amounts_apart(text, card.language)),
        address="\n".join((card.name, *card.address)),
        sent_at=at,
        unique_key=unique_key,
    )
    return _post(message, card, about.stream, by=by)


@action
def delete_messages(message_ids: Iterable[UUID], *, by: Actor, at: datetime) -> None:
    """Delete messages with their files. Doing it again changes nothing."""
    wanted = list(message_ids)
    held = Attachment.objects.filter(message__in=wanted).order_by("pk")
    files = list(held.values_list("file", flat=True))
    rows = Message.objects.filter(pk__in=wanted).order_by("pk")
    entries = [
        Entry(stream, None, {"message": pk}) for pk, stream in rows.values_list("pk", "thread__stream")
    ]
    record_many("mailbox.deleted", entries, by=by, at=at)
    Message.objects.filter(pk__in=wanted).delete()
    delete_files(files, reason="erasure", by=by, at=at)


@action
def _post(message: Message, card: PersonCard, stream: str, *, by: Actor) -> Message:
    """Store a message in the thread of its matter, have its PDF made, and tell the recipient; one sent before is returned."""
    at, agency = message.sent_at, message.agency
    message.thread_id = _thread(message.recipient_id, stream, agency, at)
    if not insert(message, ignore_conflicts=True):
        return Message.objects.get(unique_key=message.unique_key)
    record(
        "mailbox.sent",
        stream=stream,
        by=by,
        at=at,
        subject=message.recipient_id,
        message=message.pk,
        letter=message.letter_key,
        version=message.version_id,
        language=message.language,
        text_sha256=hashlib.sha256(f"{message.subject}\n{message.body}".encode()).hexdigest(),
    )
    unique_key = f"{RENDER}:{message.pk}"
    enqueue_with_others(RENDER, {"message": str(message.pk)}, at=at, unique_key=unique_key, agency=agency)
    sent = MessageSent(message_id=message.pk, recipient_id=message.recipient_id, stream=stream, at=at)
    announce(sent, at=at, agency=agency)
    if card.email:
        _notify(message, card, at)
    return message


def _sent_before(unique_key: str | None) -> Message | None:
    return Message.objects.filter(unique_key=unique_key).order_by("pk").first() if unique_key else None


def _thread(recipient: UUID, stream: str, agency: str, at: datetime) -> UUID:
    """Return the id of the thread of a matter; one is begun where there is none."""
    thread = new(Thread, recipient_id=recipient, stream=stream, agency=agency, created_at=at)
    if insert(thread, ignore_conflicts=True):
        return thread.pk
    return Thread.objects.get(recipient_id=recipient, stream=stream).pk


@action
def mark_read(message_id: UUID, *, by: Actor, at: datetime) -> Message:
    """Note that the recipient opened a letter: from then on it counts as served.

    Opening it again changes nothing.

    Args:
        message_id: Primary key.
        by: The recipient, or somebody who acts for them.
        at: When.

    Raises:
        MessageNotFound: There is no such message in this actor's mailbox.
    """
    message = _to_open.one(id=message_id)
    if message is None or message.recipient_id not in owner_ids(by):
        raise MessageNotFound
    if message.read_at is not None:
        return message
    message.read_at = at
    update(message, ("read_at",))
    record(
        "mailbox.read",
        stream=message.thread.stream,
        by=by,
        at=at,
        subject=message.recipient_id,
        message=message.pk,
        sent_at=message.sent_at,
    )
    announce(
        MessageRead(
            message_id=message.pk, recipient_id=message.recipient_id, stream=message.thread.stream, at=at
        ),
        at=at,
        agency=message.agency,
    )
    return message


@action
def attach(message_id: UUID, content: bytes, *, name: str, by: Actor, at: datetime) -> None:
    """Add a file to a message; where one of the same name is there already, nothing changes.

    Args:
        message_id: Primary key.
        content: The file, of a kind that ``files`` takes.
        name: What it is called when it is downloaded.
        by: Who adds it.
        at: When.

    Raises:
        MessageNotFound: There is no such message.
    """
    message = Message.objects.select_for_update().filter(pk=message_id).order_by("id").first()
    if message is None:
        raise MessageNotFound
    if has_file(message.pk, name):
        return
    file_id = store_file(
        content,
        name=name,
        stream=f"{FILES}:{message.pk}",
        subject=message.recipient_id,
        purpose="A letter, as it is printed and kept.",
        retention_on=None,
        by=by,
        at=at,
    )
    Attachment.objects.create(message=message, name=name, file_id=file_id)


def _letter(letters: Mapping[str, CompiledLetter] | None, key: str, service: str) -> CompiledLetter:
    if letters is None or key not in letters:
        raise UnknownLetter(letter=key, service=service)
    return letters[key]


def _written(
    card: PersonCard, letter: CompiledLetter, context: Mapping[str, object], at: datetime
) -> Written:
    values = {
        **context,
        "recipient": {"name": card.name, "address": list(card.address)},
        "sent_on": local(at).date(),
    }
    return fill_in(letter, card.language, values, currency=current().currency)


def _reference(context: Mapping[str, object]) -> str:
    case = feel.to_value(context.get("case"))
    found = case.get("reference") if isinstance(case, dict) else None
    return found if isinstance(found, str) else ""


def _notify(message: Message, card: PersonCard, at: datetime) -> None:
    """Promise an e-mail that says where to look, and nothing of what the letter says."""
    with translation.override(card.language):
        sender = agency_name(message.agency)
        link = settings.COMMONWEAL_URL.rstrip("/") + address("mailbox:message", message_id=message.pk)
        text = gettext(
            "You have a new letter from %(sender)s.\n\n"
            "Sign in to read it:\n%(link)s\n\n"
            "For your safety, this e-mail does not say what the letter is about.\n"
        ) % {"sender": sender, "link": link}
        queue_mail(
            to=[card.email],
            subject_line=gettext("You have a new letter from %(sender)s") % {"sender": sender},
            text=text,
            idempotency_key=f"mailbox.notice:{message.pk}",
            at=at,
            subject=card.id,
            agency=message.agency,
        )
