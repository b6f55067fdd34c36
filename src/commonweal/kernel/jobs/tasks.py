"""The jobs of this app: deliver an event, send a mail, clear the outbox."""

from __future__ import annotations

import smtplib
import ssl
from uuid import UUID

import structlog
from django.conf import settings
from django.utils.module_loading import import_string

from commonweal.kernel.base import events
from commonweal.kernel.base.clock import now
from commonweal.kernel.jobs import messages
from commonweal.kernel.jobs.actions import DELIVER, RUN_TASK, SEND_MAIL, deliver
from commonweal.kernel.jobs.django_tasks import Task
from commonweal.kernel.jobs.enums import Kind, Lane
from commonweal.kernel.jobs.errors import GiveUp
from commonweal.kernel.jobs.models import OutboxMessage
from commonweal.kernel.jobs.registry import Commit, Payload, job

_TIMEOUT_S = 30
log = structlog.get_logger(__name__)


@job(DELIVER)
def deliver_event(payload: Payload) -> None:
    """Hand an event to one receiver; where either has been removed since, there is nothing to do."""
    receiver, event_type = events.receiver(payload["receiver"]), events.event_type(payload["event"])
    if receiver is None or event_type is None:
        log.warning("delivery dropped", receiver=payload["receiver"], event_key=payload["event"])
        return
    deliver(receiver.handle, event_type, payload["data"])


@job(SEND_MAIL, kind=Kind.EFFECT, lane=Lane.URGENT)
def send_mail(payload: Payload) -> Commit | None:
    """Hand a message of the outbox to the mail server.

    Raises:
        GiveUp: The server refuses the recipients for good.
    """
    row = OutboxMessage.objects.filter(pk=UUID(payload["message"])).order_by("id").first()
    if row is None or row.payload is None:
        return None
    mail = messages.load(row.payload)
    try:
        _transmit(mail)
    except smtplib.SMTPRecipientsRefused as refused:
        if all(500 <= code < 600 for code, _ in refused.recipients.values()):
            raise GiveUp(reason="the mail server refuses the recipients") from None
        raise

    def sent() -> None:
        OutboxMessage.objects.filter(pk=row.pk).update(payload=None, sent_at=now())

    return sent


def _transmit(mail: messages.StoredMail) -> None:
    """Speak SMTP ourselves: Django's backends differ between its versions, and the message is composed already."""
    with smtplib.SMTP(
        settings.COMMONWEAL_SMTP_HOST, settings.COMMONWEAL_SMTP_PORT, timeout=_TIMEOUT_S
    ) as server:
        if settings.COMMONWEAL_SMTP_STARTTLS:
            server.starttls(context=ssl.create_default_context())
        if settings.COMMONWEAL_SMTP_USER:
            server.login(settings.COMMONWEAL_SMTP_USER, settings.COMMONWEAL_SMTP_PASSWORD)
        server.sendmail(mail.sender, mail.recipients, mail.content)


def run_task(payload: Payload) -> None:
    """Run a task of Django's Tasks API.

    Raises:
        GiveUp: There is no such task any more.
    """
    try:
        task = import_string(payload["task"])
    except ImportError:
        task = None
    if not isinstance(task, Task):
        raise GiveUp(reason=f"{payload['task']} is no task")
    task.func(*payload["args"], **payload["kwargs"])


for _lane, _key in RUN_TASK.items():
    job(_key, lane=_lane)(run_task)
