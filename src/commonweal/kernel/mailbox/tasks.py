"""The jobs of the mailbox."""

from __future__ import annotations

from uuid import UUID

from commonweal.kernel.base.clock import now
from commonweal.kernel.base.types import Actor
from commonweal.kernel.jobs.enums import Kind
from commonweal.kernel.jobs.registry import Commit, Payload, job
from commonweal.kernel.mailbox.actions import LETTER_FILE, RENDER, attach
from commonweal.kernel.mailbox.models import Message
from commonweal.kernel.mailbox.pdf import letter_pdf
from commonweal.kernel.mailbox.queries import has_file, sheet_of


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
