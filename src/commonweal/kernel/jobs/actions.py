"""Everything that puts work into the queue, and what an operator does with work that failed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail.message import EmailMessage
from django.db import connection
from pydantic import TypeAdapter

from commonweal.kernel.base.errors import Forbidden, NotFound
from commonweal.kernel.base.events import Event, receivers_of
from commonweal.kernel.base.fields import new_id
from commonweal.kernel.base.jurisdiction import current
from commonweal.kernel.base.rows import insert_rows
from commonweal.kernel.base.transactions import Transaction, action, put_off
from commonweal.kernel.base.types import Actor, Json
from commonweal.kernel.jobs import messages
from commonweal.kernel.jobs.enums import Lane
from commonweal.kernel.jobs.errors import NotDead
from commonweal.kernel.jobs.models import CronTick, Job, OutboxMessage
from commonweal.kernel.jobs.registry import CronEntry, cron_table, job_types
from commonweal.kernel.jobs.rules import may_operate
from commonweal.kernel.ledger.actions import record

DELIVER = "jobs.deliver_event"
SEND_MAIL = "jobs.send_mail"
RUN_TASK = {lane: f"jobs.run_{lane.name.lower()}_task" for lane in Lane}
_adapters: dict[type[Event], TypeAdapter[Event]] = {}


def enqueue(
    key: str,
    payload: Mapping[str, Json],
    *,
    at: datetime,
    run_at: datetime | None = None,
    unique_key: str | None = None,
    agency: str | None = None,
) -> UUID | None:
    """Put work into the queue; it begins only if the caller's transaction is committed.

    Args:
        key: Of a registered job.
        payload: Ids, dates as text and plain values; never a person's data, for it is not encrypted.
        at: The time now.
        run_at: Not before.
        unique_key: While a job with this key waits or runs, another one is not added.
        agency: Whose operators see it, should it fail.

    Returns:
        Id of the job, or None where one with this unique key is there already.

    Raises:
        UnknownKey: No such job is registered.
    """
    id_ = new_id()
    row = _row(
        id_,
        key,
        payload,
        lane=job_types[key].lane,
        at=at,
        agency=agency,
        run_at=run_at,
        unique_key=unique_key,
    )
    return id_ if insert_rows(Job, [row], ignore_conflicts=unique_key is not None) else None


def enqueue_with_others(
    key: str, payload: Mapping[str, Json], *, at: datetime, unique_key: str, agency: str | None = None
) -> None:
    """Put work into the queue at the end of the action, in one statement with what else it puts there.

    The arguments are those of :func:`enqueue`; whether the job was there already is not told.

    Raises:
        UnknownKey: No such job is registered.
    """
    lane = job_types[key].lane
    row = _row(new_id(), key, payload, lane=lane, at=at, agency=agency, unique_key=unique_key)
    put_off(_store, [row])


def announce(event: Event, *, at: datetime, agency: str | None = None) -> None:
    """Tell other apps that something happened: one delivery is stored for each receiver.

    Deliveries run after the caller's transaction, each in one of its own, at least once.

    Args:
        event: What happened.
        at: The time now.
        agency: Whose operators see a delivery that fails.
    """
    receivers = receivers_of(type(event))
    if not receivers:
        return
    data = _adapter(type(event)).dump_python(event, mode="json")
    rows = [
        _row(
            new_id(),
            DELIVER,
            {"receiver": receiver.key, "event": event.key, "data": data},
            lane=Lane.NORMAL,
            at=at,
            agency=agency,
        )
        for receiver in receivers
    ]
    put_off(_store, rows)


def _store(rows: list[dict[str, Any]]) -> None:
    """Store jobs and deliveries: those of one action in one statement."""
    insert_rows(Job, rows, ignore_conflicts=True)


def deliver(receiver_handle: Any, event_type: type[Event], data: Mapping[str, Any]) -> None:
    """Rebuild an event from its stored form, and hand it to a receiver."""
    receiver_handle(_adapter(event_type).validate_python(data))


def queue_mail(
    *,
    to: Sequence[str],
    subject_line: str,
    text: str,
    idempotency_key: str,
    at: datetime,
    html: str | None = None,
    sender: str | None = None,
    subject: UUID | None = None,
    agency: str | None = None,
) -> UUID:
    """Promise an e-mail: it leaves once the caller's transaction is committed.

    A second call with the same idempotency key promises nothing new. Delivery is at least once; the Message-ID
    follows from the idempotency key, so that a mail server can tell a repetition.

    Args:
        to: Addresses.
        subject_line: Without personal data: it is shown on locked screens.
        text: The body as plain text.
        idempotency_key: For example ``mailbox.notice:<message id>``.
        at: The time now.
        html: The body as HTML besides.
        sender: Address of the sender; the installation's own where None.
        subject: The person who is written to.
        agency: Who writes.

    Returns:
        Id of the outbox message, the first one's where the key was used before.
    """
    payload = messages.dump_plain(
        to=to,
        subject_line=subject_line,
        text=text,
        html=html,
        sender=sender or settings.DEFAULT_FROM_EMAIL,
        idempotency_key=idempotency_key,
        at=at,
    )
    return _promise(payload, idempotency_key=idempotency_key, at=at, subject=subject, agency=agency)


def queue_message(
    mail: EmailMessage,
    *,
    idempotency_key: str,
    at: datetime,
    subject: UUID | None = None,
    agency: str | None = None,
) -> UUID:
    """Promise an e-mail that Django has composed; see :func:`queue_mail`."""
    payload = messages.dump(mail, idempotency_key, at)
    return _promise(payload, idempotency_key=idempotency_key, at=at, subject=subject, agency=agency)


@action
def _promise(
    payload: str, *, idempotency_key: str, at: datetime, subject: UUID | None, agency: str | None
) -> UUID:
    id_ = new_id()
    row = {
        "id": id_,
        "channel": "email",
        "idempotency_key": idempotency_key,
        "payload": payload,
        "subject": subject,
        "agency": agency,
        "created_at": at,
        "sent_at": None,
    }
    if not insert_rows(OutboxMessage, [row], ignore_conflicts=True):
        return OutboxMessage.objects.values_list("id", flat=True).get(idempotency_key=idempotency_key)
    unique_key = f"{SEND_MAIL}:{id_}"
    enqueue_with_others(SEND_MAIL, {"message": str(id_)}, at=at, unique_key=unique_key, agency=agency)
    return id_


@action
def replay_job(job_id: UUID, *, by: Actor, at: datetime) -> None:
    """Start a dead letter again, with all its attempts before it.

    Args:
        job_id: Primary key.
        by: An operator.
        at: The time now.

    Raises:
        Forbidden: ``by`` may not operate jobs.
        NotFound: There is no such job.
        NotDead: It is waiting or running already.
    """
    job = _dead(job_id, by)
    job.dead_at, job.attempts, job.losses, job.run_at = None, 0, 0, at
    job.save(update_fields=["dead_at", "attempts", "losses", "run_at"])
    record("jobs.replayed", stream=f"job:{job.pk}", by=by, at=at, key=job.key, error=job.error)


@action
def discard_job(job_id: UUID, *, by: Actor, at: datetime) -> None:
    """Give up a dead letter for good; the text of a mail that was never sent goes with it.

    Args:
        job_id: Primary key.
        by: An operator.
        at: The time now.

    Raises:
        Forbidden: ``by`` may not operate jobs.
        NotFound: There is no such job.
        NotDead: It is waiting or running already.
    """
    job = _dead(job_id, by)
    record("jobs.discarded", stream=f"job:{job.pk}", by=by, at=at, key=job.key, error=job.error)
    if job.key == SEND_MAIL:
        OutboxMessage.objects.filter(pk=UUID(json.loads(job.payload)["message"])).update(payload=None)
    job.delete()


@action
def put_behind(*, by: Actor, at: datetime) -> int:
    """Let all work that waits now go behind what comes from now on, for example after taking over years of cases.

    Returns:
        How many jobs that were.
    """
    count = Job.objects.filter(holder=None, dead_at=None).exclude(lane=Lane.BULK).update(lane=Lane.BULK)
    if count:
        record("jobs.put_behind", stream="jobs:queue", by=by, at=at, count=count)
    return count


def enqueue_due(at: datetime) -> list[str]:
    """Enqueue what the cron table says is due, once for each tick however many workers ask.

    Returns:
        The keys of the entries that came due.
    """
    return [entry.key for entry in cron_table if _tick(entry, at)]


_TICK = """
INSERT INTO jobs_crontick (key, last) VALUES (%s, %s)
ON CONFLICT (key) DO UPDATE SET last = excluded.last WHERE jobs_crontick.last < excluded.last
RETURNING last
"""


def _tick(entry: CronEntry, at: datetime) -> bool:
    due = entry.schedule.last(at, ZoneInfo(current().time_zone))
    known = _last_tick(entry.key)
    if due is None or (known is not None and known >= due):
        return False
    with Transaction():
        with connection.cursor() as cursor:
            cursor.execute(_TICK, [entry.key, connection.ops.adapt_datetimefield_value(due)])
            is_ours = cursor.fetchone() is not None
        # An entry that is new begins with its next tick, or every installation would begin with all of them.
        is_ours = is_ours and known is not None
        if is_ours:
            enqueue(entry.job, entry.payload, at=at)
    return is_ours


def _last_tick(key: str) -> datetime | None:
    return CronTick.objects.filter(key=key).values_list("last", flat=True).order_by("key").first()


def _dead(job_id: UUID, by: Actor) -> Job:
    if not may_operate(by):
        raise Forbidden
    job = Job.objects.select_for_update().filter(pk=job_id).order_by("id").first()
    if job is None or (by.agency is not None and job.agency not in {None, by.agency}):
        raise NotFound
    if job.dead_at is None:
        raise NotDead
    return job


def _row(
    id_: UUID,
    key: str,
    payload: Mapping[str, Any],
    *,
    lane: Lane,
    at: datetime,
    agency: str | None,
    run_at: datetime | None = None,
    unique_key: str | None = None,
) -> dict[str, Any]:
    return {
        "id": id_,
        "key": key,
        "payload": json.dumps(payload, separators=(",", ":")),
        "lane": int(lane),
        "run_at": run_at or at,
        "enqueued_at": at,
        "agency": agency,
        "unique_key": unique_key,
        "cursor": None,
        "fence": 0,
        "holder": None,
        "attempts": 0,
        "losses": 0,
        "error": "",
        "dead_at": None,
    }


def _adapter(event_type: type[Event]) -> TypeAdapter[Event]:
    if event_type not in _adapters:
        _adapters[event_type] = TypeAdapter(event_type)
    return _adapters[event_type]
