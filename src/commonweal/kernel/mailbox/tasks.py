"""The jobs of the mailbox."""

from __future__ import annotations

from uuid import UUID

from babel.dates import format_date
from django.utils import translation
from django.utils.translation import gettext

from commonweal.kernel.base.clock import local, now
from commonweal.kernel.base.jurisdiction import current_in, root
from commonweal.kernel.base.types import Actor
from commonweal.kernel.jobs.enums import Kind
from commonweal.kernel.jobs.registry import Commit, Payload, job
from commonweal.kernel.mailbox.actions import LETTER_FILE, RENDER, attach
from commonweal.kernel.mailbox.models import Message
from commonweal.kernel.mailbox.pdf import Sheet, letter_pdf
from commonweal.kernel.mailbox.queries import has_file


@job(RENDER, kind=Kind.EFFECT)
def render_pdf(payload: Payload) -> Commit | None:
    """Make a letter's PDF outside a transaction, and store it when done."""
    message = Message.objects.filter(pk=UUID(payload["message"])).order_by("id").first()
    if message is None or has_file(message.pk, LETTER_FILE):
        return None
    pdf = letter_pdf(sheet_of(message))

    def store() -> None:
        attach(
            message.pk,
            pdf,
            name=LETTER_FILE,
            by=Actor.system(RENDER),
            at=now(),
        )

    return store


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
