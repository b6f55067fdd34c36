from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from tests.factories.people import make_account, make_officer, make_person, resident
from tests.kernel.mailbox.conftest import AT, CONTEXT, KEY, OFFICER

from commonweal.kernel.base.encryption import decrypt
from commonweal.kernel.base.errors import NotFound
from commonweal.kernel.base.fields import new_id
from commonweal.kernel.base.pages import slots
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.files.models import StoredFile
from commonweal.kernel.files.queries import may_read, open_file
from commonweal.kernel.files.registry import FileAccess, access
from commonweal.kernel.jobs import messages
from commonweal.kernel.jobs.models import Job, OutboxMessage
from commonweal.kernel.jobs.worker import Worker
from commonweal.kernel.ledger.models import AccessRecord
from commonweal.kernel.ledger.queries import accesses_to, events_of, verify
from commonweal.kernel.mailbox.actions import attach, mark_read, send
from commonweal.kernel.mailbox.errors import LetterFault, MessageNotFound, PdfNotReady, UnknownLetter
from commonweal.kernel.mailbox.models import Attachment, Message, Thread
from commonweal.kernel.mailbox.queries import (
    agency_name,
    letter_file,
    mailbox_of,
    message_for,
    messages_about,
    unread_count,
)
from commonweal.kernel.people.actions import merge_persons
from commonweal.kernel.people.models import Person
from commonweal.kernel.people.queries import actor_of

pytestmark = pytest.mark.django_db

STREAM = "case:0190-case"


@pytest.fixture
def ada(version: UUID) -> Person:
    return make_person(
        name="Ada <i>",
        account=make_account(),
        email="ada@example.org",
        address={"street": "1 Harbour Road", "city": "Port Alder", "region": "WA", "postcode": "98000"},
    )


def post(person: Person, version: UUID, **changes: Any) -> Message:
    arguments: dict[str, Any] = {
        "stream": STREAM,
        "agency": "human-services",
        "by": OFFICER,
        "at": AT,
    } | changes
    context = arguments.pop("context", CONTEXT)
    return send(person.pk, arguments.pop("letter", "award"), version, context, **arguments)


def test_send_puts_a_letter_into_the_mailbox(ada: Person, version: UUID) -> None:
    message = post(ada, version)

    stored = Message.objects.get()
    assert (stored.pk, stored.recipient_id, stored.agency, stored.service_key, stored.version_id) == (
        message.pk,
        ada.pk,
        "human-services",
        KEY,
        version,
    )
    assert (stored.letter_key, stored.language, stored.reference) == ("award", "en", "7K3M-2QX9-CD41")
    assert stored.subject == "You get a card (7K3M-2QX9-CD41)"
    assert stored.summary == "Your card is ready, Ada <i>."
    assert stored.body.startswith("Dear Ada \\<i\\>,\n\nyou pay **\\$12\\.50** by September 15\\, 2026.")
    assert stored.address == "Ada <i>\n1 Harbour Road\nPort Alder, WA 98000"
    assert (stored.sent_at, stored.read_at) == (AT, None)


def test_send_is_in_the_ledger_under_its_subject(ada: Person, version: UUID) -> None:
    message = post(ada, version)

    (event,) = events_of(STREAM)
    assert (event.type, event.subject, event.actor.id, event.at) == ("mailbox.sent", ada.pk, OFFICER.id, AT)
    assert event.payload == {
        "message": str(message.pk),
        "letter": "award",
        "version": str(version),
        "language": "en",
        "text_sha256": hashlib.sha256(f"{message.subject}\n{message.body}".encode()).hexdigest(),
    }
    assert verify(STREAM) == []


def test_send_writes_in_the_persons_language(ada: Person, version: UUID) -> None:
    Person.objects.filter(pk=ada.pk).update(language="es")
    assert post(ada, version).subject == "Usted recibe una tarjeta (7K3M-2QX9-CD41)"


def test_send_promises_a_notice_that_says_nothing_personal(ada: Person, version: UUID) -> None:
    message = post(ada, version)

    (mail,) = OutboxMessage.objects.all()
    stored = messages.load(mail.payload or "")
    content = stored.content.decode().replace("=\r\n", "").replace("=3D", "=")
    assert stored.recipients == ["ada@example.org"]
    assert "Subject: You have a new letter from Department of Human Services" in content
    assert f"/mailbox/{message.pk}/" in content
    for secret in ("card", "7K3M", "12.50", "Ada"):
        assert secret not in content
    assert mail.subject == ada.pk


def test_send_to_somebody_without_email_promises_no_notice(version: UUID) -> None:
    post(make_person(), version)

    assert OutboxMessage.objects.count() == 0
    assert [job.key for job in Job.objects.all()] == ["mailbox.render_pdf"]


def test_send_with_a_unique_key_twice_sends_once(ada: Person, version: UUID) -> None:
    first, second = (post(ada, version, unique_key="case:1:award") for _ in range(2))

    assert first.pk == second.pk
    assert (Message.objects.count(), len(events_of(STREAM)), OutboxMessage.objects.count()) == (1, 1, 1)


def test_a_letter_that_was_sent_is_found_though_it_cannot_be_written_any_more(
    ada: Person, version: UUID
) -> None:
    first = post(ada, version, unique_key="case:1:award")

    assert post(ada, version, unique_key="case:1:award", context={}).pk == first.pk
    with pytest.raises(LetterFault):
        post(ada, version, unique_key="case:2:award", context={})


def test_letters_about_one_matter_share_a_thread(ada: Person, version: UUID) -> None:
    for _ in range(2):
        post(ada, version)
    post(ada, version, stream="case:other")

    assert Thread.objects.count() == 2
    assert len(messages_about(STREAM)) == 2


def test_send_refuses_unknown_letters_and_persons(ada: Person, version: UUID) -> None:
    with pytest.raises(UnknownLetter):
        post(ada, version, letter="denial")
    with pytest.raises(NotFound):
        send(new_id(), "award", version, CONTEXT, stream=STREAM, agency="human-services", by=OFFICER, at=AT)


def test_send_with_a_fact_missing_sends_nothing(ada: Person, version: UUID) -> None:
    with pytest.raises(LetterFault):
        post(ada, version, context={"case": CONTEXT["case"], "applicant": {"fee": None}})
    with pytest.raises(LetterFault):
        post(ada, version, context={})

    assert (Message.objects.count(), Job.objects.count(), events_of(STREAM)) == (0, 0, [])


def test_pdf_is_made_by_a_job_and_kept_as_a_file(ada: Person, version: UUID) -> None:
    message = post(ada, version)
    with pytest.raises(PdfNotReady):
        letter_file(message, "letter.pdf", resident(ada))
    Job.objects.exclude(key="mailbox.render_pdf").delete()
    assert Worker().run_until_empty() == 1

    file = StoredFile.objects.get()
    assert (file.media_type, file.subject, file.stream) == (
        "application/pdf",
        ada.pk,
        f"mailbox:{message.pk}",
    )
    with open_file(file.pk, Actor.system("test")).content as content:
        assert content.read(5) == b"%PDF-"
    Job.objects.all().delete()
    attach(message.pk, b"%PDF-1.7 other", name="letter.pdf", by=OFFICER, at=AT)
    assert Attachment.objects.count() == 1


def test_pdf_job_run_again_or_without_its_message_does_nothing(ada: Person, version: UUID) -> None:
    from commonweal.kernel.jobs.actions import enqueue

    message = post(ada, version)
    Job.objects.exclude(key="mailbox.render_pdf").delete()
    Worker().run_until_empty()
    enqueue("mailbox.render_pdf", {"message": str(message.pk)}, at=AT)
    enqueue("mailbox.render_pdf", {"message": str(new_id())}, at=AT)

    assert Worker().run_until_empty() == 2
    assert (Job.objects.count(), StoredFile.objects.count()) == (0, 1)


def test_pdf_of_a_letter_without_reference_or_logo_and_of_an_agency_that_has_gone(
    ada: Person, version: UUID, settings: Any
) -> None:
    from pathlib import Path

    message = post(ada, version)
    Message.objects.update(reference="", agency="gone", language="ar")
    logo = Path(settings.COMMONWEAL_JURISDICTION) / "theme" / "logo.svg"
    logo.unlink(missing_ok=True)
    Job.objects.exclude(key="mailbox.render_pdf").delete()
    Worker().run_until_empty()

    assert Attachment.objects.filter(message=message).count() == 1
    assert agency_name("gone") == "City of Port Alder"


def test_attach_refuses_a_message_that_is_not_there() -> None:
    with pytest.raises(MessageNotFound):
        attach(new_id(), b"x", name="a.pdf", by=OFFICER, at=AT)


def test_mark_read_is_proof_of_service_once(ada: Person, version: UUID) -> None:
    message = post(ada, version)
    reader = resident(ada)
    later = AT + timedelta(days=2)
    assert unread_count(reader) == 1

    mark_read(message.pk, by=reader, at=later)
    mark_read(message.pk, by=reader, at=later + timedelta(days=1))

    assert Message.objects.get().read_at == later
    assert [(event.type, event.at) for event in events_of(STREAM)] == [
        ("mailbox.sent", AT),
        ("mailbox.read", later),
    ]
    assert unread_count(reader) == 0


def test_mark_read_by_somebody_else_is_refused(ada: Person, version: UUID) -> None:
    message = post(ada, version)
    for actor in (resident(make_person()), OFFICER, Actor.guest(), Actor(ActorKind.RESIDENT, "nonsense")):
        with pytest.raises(MessageNotFound):
            mark_read(message.pk, by=actor, at=AT)
        with pytest.raises(MessageNotFound):
            message_for(actor, message.pk)
        assert mailbox_of(actor) == []
        assert unread_count(actor) == 0


def test_mailbox_is_listed_latest_first_and_in_parts(ada: Person, version: UUID) -> None:
    ids = [post(ada, version).pk for _ in range(3)]
    reader = resident(ada)

    assert [line.id for line in mailbox_of(reader)] == ids[::-1]
    assert [line.id for line in mailbox_of(reader, after=ids[1])] == [ids[0]]
    assert [line.id for line in mailbox_of(reader, limit=1)] == [ids[2]]


def test_text_of_letters_is_encrypted_in_the_table(ada: Person, version: UUID) -> None:
    from django.db import connection

    message = post(ada, version)
    with connection.cursor() as cursor:
        cursor.execute("SELECT subject, body FROM mailbox_message")
        subject, body = (bytes(value) for value in cursor.fetchone())
    assert b"card" not in subject + body
    assert decrypt(subject, context="mailbox_message.subject").decode() == message.subject


def test_files_are_open_to_the_recipient_once_read_and_to_whom_the_matter_is(
    ada: Person, version: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    class OfCases(FileAccess):
        key = "case"

        def may_read(self, actor: Actor, stream: str, subject: UUID | None) -> bool:
            return actor == OFFICER and stream == STREAM

    monkeypatch.setattr(access, "_items", {"mailbox": access["mailbox"]})
    message = post(ada, version)
    Job.objects.exclude(key="mailbox.render_pdf").delete()
    Worker().run_until_empty()
    file, reader = StoredFile.objects.get(), resident(ada)

    assert [may_read(actor, file) for actor in (reader, OFFICER)] == [False, False]
    access.register(OfCases)
    mark_read(message.pk, by=reader, at=AT)
    assert [may_read(actor, file) for actor in (reader, OFFICER, resident(make_person()))] == [
        True,
        True,
        False,
    ]
    file.stream = f"mailbox:{new_id()}"
    assert not may_read(reader, file)


@pytest.fixture
def browser(client: Client, ada: Person) -> Client:
    assert ada.account is not None
    client.force_login(ada.account)
    return client


def test_pages_show_the_envelope_then_the_letter(browser: Client, ada: Person, version: UUID) -> None:
    assert "no letters yet" in browser.get("/mailbox/").content.decode()
    message = post(ada, version)
    address = f"/mailbox/{message.pk}/"

    listed = browser.get("/mailbox/").content.decode()
    assert "Unread:" in listed
    assert address in listed
    envelope = browser.get(address).content.decode()
    assert "Open this letter" in envelope
    assert "12.50" not in envelope
    assert browser.get(f"{address}letter.pdf")["Location"] == address
    assert Message.objects.get().read_at is None

    assert browser.post(f"{address}open/")["Location"] == address
    letter = browser.get(address).content.decode()
    assert "Dear Ada &lt;i&gt;" in letter
    assert "<strong>$12.50</strong>" in letter
    assert "is being made" in letter
    assert browser.get(f"{address}letter.pdf").status_code == 409
    Job.objects.exclude(key="mailbox.render_pdf").delete()
    Worker().run_until_empty()
    assert "Download the letter (PDF)" in browser.get(address).content.decode()
    pdf = browser.get(f"{address}letter.pdf")
    assert (pdf["Content-Type"], b"".join(pdf.streaming_content)[:5]) == ("application/pdf", b"%PDF-")  # type: ignore[attr-defined]  # it is a file
    assert "award-7K3M-2QX9-CD41.pdf" in pdf["Content-Disposition"]
    assert {entry.purpose for entry in accesses_to(ada.pk)} == {"mailbox.read"}


def test_page_of_an_arabic_letter_is_set_from_right_to_left(
    browser: Client, ada: Person, version: UUID
) -> None:
    Person.objects.filter(pk=ada.pk).update(language="ar")
    message = post(ada, version)
    browser.post(f"/mailbox/{message.pk}/open/")

    text = browser.get(f"/mailbox/{message.pk}/").content.decode()
    assert '<div lang="ar" dir="rtl">' in text
    assert "<th>البند</th>" in text


def test_list_leads_to_older_letters_with_the_same_number_of_queries(
    browser: Client,
    ada: Person,
    version: UUID,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: Any,
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    post(ada, version)
    browser.get("/mailbox/")
    with CaptureQueriesContext(connection) as one:
        browser.get("/mailbox/")
    last, _ = (post(ada, version) for _ in range(2))
    with django_assert_num_queries(len(one)):
        browser.get("/mailbox/")

    monkeypatch.setattr("commonweal.kernel.mailbox.portal._PAGE", 2)
    assert f"?after={last.pk}" in browser.get("/mailbox/").content.decode()
    assert "?after=" not in browser.get(f"/mailbox/?after={last.pk}").content.decode()
    assert browser.get("/mailbox/?after=nonsense").status_code == 400


@pytest.mark.parametrize("address", ["/mailbox/", "/api/v1/messages"])
def test_a_list_of_letters_to_merged_records_is_an_access_to_each(
    browser: Client, ada: Person, version: UUID, address: str
) -> None:
    other = make_person(email="elsewhere@example.org")
    for person in (ada, other):
        post(person, version)
    merge_persons(
        ada.pk, other.pk, reason="same", by=actor_of(make_officer(roles=("supervisor",)).account), at=AT
    )
    before = [len(AccessRecord.objects.filter(subject=person.pk)) for person in (ada, other)]

    assert browser.get(address).status_code == 200

    after = [len(AccessRecord.objects.filter(subject=person.pk)) for person in (ada, other)]
    assert [late - early for early, late in zip(before, after, strict=True)] == [1, 1]


def test_strangers_find_nothing(browser: Client, version: UUID) -> None:
    other = post(make_person(), version)

    assert browser.get(f"/mailbox/{other.pk}/").status_code == 404
    assert browser.post(f"/mailbox/{other.pk}/open/").status_code == 404
    assert Client().get("/mailbox/")["Location"].startswith("/account/login/")


def test_unread_count_hangs_into_every_page(rf: Any, ada: Person, version: UUID) -> None:
    post(ada, version)
    request = rf.get("/")
    assert slots["unread_messages"].value(request) == 0
    request.actor = resident(ada)
    assert slots["unread_messages"].value(request) == 1
