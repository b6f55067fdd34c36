from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

import django
import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db import transaction
from tests.kernel.jobs.conftest import AT, Clock, Diary

from commonweal.kernel.base import events
from commonweal.kernel.base.errors import Forbidden, NotFound, UnknownKey
from commonweal.kernel.base.fields import new_id
from commonweal.kernel.base.types import Actor, ActorKind, Money
from commonweal.kernel.jobs import messages
from commonweal.kernel.jobs.actions import (
    announce,
    discard_job,
    enqueue,
    enqueue_due,
    put_behind,
    queue_mail,
    replay_job,
)
from commonweal.kernel.jobs.enums import Lane
from commonweal.kernel.jobs.errors import NotDead
from commonweal.kernel.jobs.leases import claim
from commonweal.kernel.jobs.mail import OutboxBackend
from commonweal.kernel.jobs.models import CronTick, Job, OutboxMessage
from commonweal.kernel.jobs.registry import cron, job
from commonweal.kernel.jobs.worker import Worker
from commonweal.kernel.ledger.queries import events_of

OPERATOR = Actor(ActorKind.OFFICER, "op", agency="transportation", capabilities=frozenset({"jobs.operate"}))
RESIDENT = Actor(ActorKind.RESIDENT, "res")

pytestmark = pytest.mark.django_db


def test_enqueue_stores_the_job(diary: Diary) -> None:
    job("test.note", lane=Lane.BULK)(diary)

    id_ = enqueue("test.note", {"a": [1, None]}, at=AT, run_at=AT + timedelta(hours=1), agency="parks")

    row = Job.objects.get()
    assert (row.pk, row.key, json.loads(row.payload), row.lane) == (id_, "test.note", {"a": [1, None]}, 9)
    assert (row.enqueued_at, row.run_at, row.agency) == (AT, AT + timedelta(hours=1), "parks")
    assert (row.fence, row.attempts, row.losses, row.holder, row.dead_at, row.cursor) == (
        0,
        0,
        0,
        None,
        None,
        None,
    )


def test_enqueue_refuses_an_unknown_key() -> None:
    with pytest.raises(UnknownKey):
        enqueue("test.nobody", {}, at=AT)


def test_enqueue_with_a_unique_key_twice_stores_one(diary: Diary) -> None:
    job("test.note")(diary)

    first = enqueue("test.note", {}, at=AT, unique_key="x")
    assert enqueue("test.note", {}, at=AT, unique_key="x") is None
    assert enqueue("test.note", {}, at=AT, unique_key="y") is not None
    assert enqueue("test.note", {}, at=AT) is not None
    assert Job.objects.count() == 3
    assert first is not None


def test_enqueue_with_a_unique_key_again_once_it_is_done(diary: Diary, time: Clock, worker: Worker) -> None:
    job("test.note")(diary)
    for _ in range(2):
        assert enqueue("test.note", {}, at=AT, unique_key="x") is not None
        assert worker.run_until_empty() == 1


def test_enqueue_vanishes_with_its_transaction(diary: Diary) -> None:
    job("test.note")(diary)
    with transaction.atomic():
        enqueue("test.note", {}, at=AT)
        transaction.set_rollback(True)

    assert Job.objects.count() == 0


def _event_class() -> type[events.Event]:
    @events.event
    @dataclass(frozen=True, kw_only=True)
    class Painted(events.Event):
        key: ClassVar[str] = "test.painted"
        id: UUID
        on: date
        at: datetime
        share: Decimal
        fee: Money
        colours: tuple[str, ...]
        agency: str | None = None

    Painted.__annotations__ = {
        name: eval(text) if isinstance(text, str) else text for name, text in Painted.__annotations__.items()
    }
    return Painted


def test_announce_delivers_the_same_event_to_each_receiver(time: Clock, worker: Worker) -> None:
    painted = _event_class()
    heard: list[Any] = []
    events.receives(painted, key="test.first")(lambda event: heard.append(("first", event)))
    events.receives(painted, key="test.second")(lambda event: heard.append(("second", event)))
    event = painted(  # type: ignore[call-arg]  # fields of the local class
        id=new_id(),
        on=date(2026, 9, 1),
        at=AT,
        share=Decimal("0.10"),
        fee=Money(5, "USD"),
        colours=("red", "blue"),
    )

    announce(event, at=AT)

    assert Job.objects.count() == 2
    assert worker.run_until_empty() == 2
    assert heard == [("first", event), ("second", event)]


def test_announce_without_receivers_stores_nothing() -> None:
    painted = _event_class()
    announce(
        painted(id=new_id(), on=AT.date(), at=AT, share=Decimal(1), fee=Money(1, "USD"), colours=()),  # type: ignore[call-arg]  # as above
        at=AT,
    )
    assert Job.objects.count() == 0


def test_delivery_to_a_receiver_that_was_removed_is_dropped(
    time: Clock, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted = _event_class()
    events.receives(painted, key="test.first")(lambda event: None)
    announce(
        painted(id=new_id(), on=AT.date(), at=AT, share=Decimal(1), fee=Money(1, "USD"), colours=()),  # type: ignore[call-arg]  # as above
        at=AT,
    )
    monkeypatch.setattr(events, "_receivers", {})

    assert worker.run_until_empty() == 1
    assert Job.objects.count() == 0


def test_cron_enqueues_each_tick_once_however_often_it_is_asked(diary: Diary) -> None:
    job("test.note")(diary)
    cron("test.nightly", "0 3 * * *", job="test.note", payload={"a": 1})

    assert enqueue_due(AT) == []
    assert CronTick.objects.get().last == datetime(2026, 9, 15, 10, tzinfo=UTC)
    assert enqueue_due(AT + timedelta(days=1)) == ["test.nightly"]
    assert enqueue_due(AT + timedelta(days=1)) == []
    assert [json.loads(row.payload) for row in Job.objects.all()] == [{"a": 1}]


def test_cron_that_another_worker_has_just_seen_to_is_left_alone(
    diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    job("test.note")(diary)
    cron("test.nightly", "0 3 * * *", job="test.note")
    enqueue_due(AT)
    enqueue_due(AT + timedelta(days=1))
    # The look before the write is stale: only the write decides.
    monkeypatch.setattr("commonweal.kernel.jobs.actions._last_tick", lambda key: AT - timedelta(days=9))

    assert enqueue_due(AT + timedelta(days=1)) == []
    assert Job.objects.count() == 1


def test_cron_makes_up_for_many_ticks_with_one_job(diary: Diary) -> None:
    job("test.note")(diary)
    cron("test.often", "*/5 * * * *", job="test.note")
    enqueue_due(AT)

    assert enqueue_due(AT + timedelta(days=3)) == ["test.often"]
    assert Job.objects.count() == 1


def test_cron_that_never_comes_due_does_nothing(diary: Diary) -> None:
    job("test.note")(diary)
    cron("test.never", "0 0 31 2 *", job="test.note")

    assert enqueue_due(AT) == []


def test_cron_refuses_a_key_twice(diary: Diary) -> None:
    job("test.note")(diary)
    cron("test.nightly", "0 3 * * *", job="test.note")
    with pytest.raises(ValueError, match="taken"):
        cron("test.nightly", "0 4 * * *", job="test.note")


def test_job_refuses_a_key_twice(diary: Diary) -> None:
    job("test.note")(diary)
    job("test.note")(diary)
    with pytest.raises(ValueError, match="taken"):
        job("test.note")(Diary())


def _dead_job(diary: Diary, agency: str | None = "transportation") -> UUID:
    job("test.note")(diary)
    id_ = enqueue("test.note", {}, at=AT, agency=agency)
    assert id_ is not None
    Job.objects.filter(pk=id_).update(dead_at=AT, attempts=10, losses=3, fence=12, error="boom")
    return id_


def test_replay_starts_a_dead_letter_again(diary: Diary, time: Clock, worker: Worker) -> None:
    id_ = _dead_job(diary)

    replay_job(id_, by=OPERATOR, at=AT)

    row = Job.objects.get()
    assert (row.dead_at, row.attempts, row.losses, row.fence, row.run_at) == (None, 0, 0, 12, AT)
    assert [(event.type, event.payload) for event in events_of(f"job:{id_}")] == [
        ("jobs.replayed", {"key": "test.note", "error": "boom"})
    ]
    with pytest.raises(NotDead):
        replay_job(id_, by=OPERATOR, at=AT)
    assert worker.run_until_empty() == 1
    assert diary.entries == [{}]


def test_discard_deletes_a_dead_letter(diary: Diary) -> None:
    id_ = _dead_job(diary, agency=None)

    discard_job(id_, by=OPERATOR, at=AT)

    assert Job.objects.count() == 0
    assert [event.type for event in events_of(f"job:{id_}")] == ["jobs.discarded"]
    with pytest.raises(NotFound):
        discard_job(id_, by=OPERATOR, at=AT)


def test_discard_of_a_mail_deletes_its_text() -> None:
    ids = [
        queue_mail(
            to=["ada@example.org"], subject_line="Your code", text="123456", idempotency_key=key, at=AT
        )
        for key in ("test:dead", "test:waits")
    ]
    dead = Job.objects.get(payload__contains=str(ids[0]))
    Job.objects.filter(pk=dead.pk).update(dead_at=AT)

    discard_job(dead.pk, by=OPERATOR, at=AT)

    gone, waits = (OutboxMessage.objects.get(pk=id_) for id_ in ids)
    assert (gone.payload, gone.sent_at) == (None, None)
    assert "123456" in (waits.payload or "")


def test_dead_letters_of_another_agency_are_not_found_and_residents_are_refused(diary: Diary) -> None:
    id_ = _dead_job(diary, agency="human-services")

    with pytest.raises(NotFound):
        replay_job(id_, by=OPERATOR, at=AT)
    with pytest.raises(Forbidden):
        discard_job(id_, by=RESIDENT, at=AT)


def test_what_waits_is_put_behind_what_comes(diary: Diary) -> None:
    job("test.note")(diary)
    enqueue("test.note", {"n": 1}, at=AT)
    assert [put_behind(by=OPERATOR, at=AT), put_behind(by=OPERATOR, at=AT)] == [1, 0]
    enqueue("test.note", {"n": 2}, at=AT)

    taken = [claim(new_id(), 1, at=AT, until=AT + timedelta(minutes=1))[0] for _ in range(2)]

    assert [lease.payload["n"] for lease in taken] == [2, 1]
    assert [event.payload for event in events_of("jobs:queue")] == [{"count": 1}]


def test_queue_mail_stores_the_message_encrypted_and_a_job() -> None:
    person = new_id()
    id_ = queue_mail(
        to=["Ada <ada@example.org>"],
        subject_line="You have a new letter",
        text="Sign in to read it.",
        html="<p>Sign in</p>",
        idempotency_key="test:1",
        at=AT,
        subject=person,
        agency="parks",
        sender="City <city@port-alder.example>",
    )

    row = OutboxMessage.objects.get()
    assert (row.pk, row.channel, row.subject, row.agency, row.sent_at) == (
        id_,
        "email",
        person,
        "parks",
        None,
    )
    stored = messages.load(row.payload or "")
    assert (stored.sender, stored.recipients) == ("city@port-alder.example", ["ada@example.org"])
    assert messages.message_id("test:1", "city@port-alder.example").encode() in stored.content
    assert b"\r\nSubject: You have a new letter\r\n" in stored.content
    assert b"multipart/alternative" in stored.content
    assert Job.objects.get().key == "jobs.send_mail"


def test_queue_mail_with_the_same_key_promises_nothing_new() -> None:
    ids = {
        queue_mail(to=["a@example.org"], subject_line="x", text="y", idempotency_key="test:1", at=AT)
        for _ in range(3)
    }

    assert len(ids) == Job.objects.count() == OutboxMessage.objects.count() == 1


def test_djangos_mail_goes_into_the_outbox(settings: Any, time: Clock) -> None:
    backend = "commonweal.kernel.jobs.mail.OutboxBackend"
    if django.VERSION >= (6, 1):
        settings.MAILERS = {"default": {"BACKEND": backend}}
    else:
        settings.EMAIL_BACKEND = backend
    assert mail.send_mail("Your code", "123456", None, ["a@example.org"]) == 1
    assert mail.send_mail("Your code", "123456", None, ["a@example.org"]) == 1
    assert OutboxBackend().send_messages([EmailMessage("To nobody")]) == 0
    for _ in range(2):
        EmailMessage("x", "y", to=["a@example.org"], headers={"X-Idempotency-Key": "once"}).send()

    assert OutboxMessage.objects.count() == 3
    assert (
        b"X-Idempotency-Key"
        not in messages.load(OutboxMessage.objects.get(idempotency_key="once").payload or "").content
    )
