from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller
from django.db import OperationalError, connection
from tests.kernel.jobs.conftest import AT, Clock, Diary

from commonweal.kernel.base.errors import Conflict
from commonweal.kernel.base.fields import new_id
from commonweal.kernel.base.types import Actor
from commonweal.kernel.jobs import leases
from commonweal.kernel.jobs.actions import enqueue, queue_mail
from commonweal.kernel.jobs.cli import main
from commonweal.kernel.jobs.enums import Kind, Lane
from commonweal.kernel.jobs.errors import GiveUp, LeaseLost
from commonweal.kernel.jobs.models import Job, OutboxMessage
from commonweal.kernel.jobs.registry import cron, job, job_types
from commonweal.kernel.jobs.worker import Worker
from commonweal.kernel.ledger.actions import record
from commonweal.kernel.ledger.queries import events_of

pytestmark = pytest.mark.django_db

BY = Actor.system("test")


def note(stream: str) -> Callable[[dict[str, Any]], None]:
    """A handler that leaves a trace in the database."""

    def handle(payload: dict[str, Any]) -> None:
        record("test.done", stream=stream, by=BY, at=AT, **payload)

    return handle


def test_atomic_job_is_done_and_gone(time: Clock, worker: Worker) -> None:
    job("test.note")(note("a:1"))
    for n in range(7):
        enqueue("test.note", {"n": n}, at=AT)

    assert worker.run_until_empty() == 7
    assert [event.payload for event in events_of("a:1")] == [{"n": n} for n in range(7)]
    assert Job.objects.count() == 0


def test_jobs_for_later_wait_and_urgent_ones_go_first(time: Clock, worker: Worker, diary: Diary) -> None:
    job("test.bulk", lane=Lane.BULK)(diary)
    job("test.urgent", lane=Lane.URGENT)(diary)
    enqueue("test.bulk", {"n": 1}, at=AT)
    enqueue("test.bulk", {"n": 2}, at=AT, run_at=AT + timedelta(minutes=5))
    enqueue("test.urgent", {"n": 3}, at=AT)

    assert worker.run_until_empty() == 2
    time.at += timedelta(minutes=5)
    assert worker.run_until_empty() == 1
    assert diary.entries == [{"n": 3}, {"n": 1}, {"n": 2}]


def test_failed_job_leaves_nothing_and_is_tried_again_later(time: Clock, worker: Worker) -> None:
    failures = iter([True, True, False])

    @job("test.flaky")
    def flaky(payload: dict[str, Any]) -> None:
        record("test.done", stream="a:1", by=BY, at=AT)
        if next(failures):
            raise ZeroDivisionError

    enqueue("test.flaky", {}, at=AT)
    assert worker.run_until_empty() == 1
    row = Job.objects.get()
    assert (row.attempts, row.holder, row.dead_at) == (1, None, None)
    assert timedelta(seconds=0.5) <= row.run_at - AT <= timedelta(seconds=1.5)
    assert row.error.startswith("ZeroDivisionError at ")
    assert events_of("a:1") == []

    time.at += timedelta(seconds=1.5)
    worker.run_until_empty()
    assert timedelta(seconds=1) <= Job.objects.get().run_at - time.at <= timedelta(seconds=3)
    time.at += timedelta(seconds=3)
    worker.run_until_empty()
    assert Job.objects.count() == 0
    assert len(events_of("a:1")) == 1


def test_back_off_has_a_longest_time(time: Clock) -> None:
    assert leases._delay(200) <= timedelta(hours=1.5)


def test_job_becomes_a_dead_letter_after_its_attempts(time: Clock, worker: Worker) -> None:
    @job("test.broken", max_attempts=2)
    def broken(payload: dict[str, Any]) -> None:
        raise Conflict(reference="X-1")

    enqueue("test.broken", {}, at=AT)
    for _ in range(3):
        worker.run_until_empty()
        time.at += timedelta(hours=1)

    row = Job.objects.get()
    assert (row.attempts, row.dead_at) == (2, AT + timedelta(hours=1))
    assert row.error == "conflict: This has changed since you opened it. {'reference': 'X-1'}"


def test_job_that_gives_up_is_dead_at_once(time: Clock, worker: Worker) -> None:
    @job("test.hopeless")
    def hopeless(payload: dict[str, Any]) -> None:
        raise GiveUp(reason="no such account")

    enqueue("test.hopeless", {}, at=AT)
    worker.run_until_empty()

    assert Job.objects.get().dead_at == AT


def test_job_whose_code_was_removed_is_dead_at_once(
    time: Clock, worker: Worker, diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    job("test.note")(diary)
    enqueue("test.note", {}, at=AT)
    monkeypatch.delitem(job_types._items, "test.note")
    worker.run_until_empty()

    assert Job.objects.get().dead_at == AT


def test_job_that_kills_its_workers_is_dead_in_the_end(time: Clock, worker: Worker, diary: Diary) -> None:
    job("test.note")(diary)
    enqueue("test.note", {}, at=AT)
    for _ in range(leases.MOST_LOST + 1):
        assert leases.claim(new_id(), 1, at=time.at, until=time.at + timedelta(seconds=60))
        time.at += timedelta(seconds=61)
    worker.run_until_empty()

    row = Job.objects.get()
    assert (row.dead_at, diary.entries) == (time.at, [])
    assert "21 workers died" in row.error


def test_claim_takes_no_more_than_asked_and_no_job_twice(time: Clock, diary: Diary) -> None:
    job("test.note")(diary)
    for n in range(5):
        enqueue("test.note", {"n": n}, at=AT)
    until = AT + timedelta(seconds=60)

    first, second = (leases.claim(new_id(), 3, at=AT, until=until) for _ in range(2))

    assert [lease.payload["n"] for lease in (*first, *second)] == [0, 1, 2, 3, 4]
    assert leases.claim(new_id(), 3, at=AT, until=until) == []
    assert [lease.fence for lease in leases.claim(new_id(), 9, at=until, until=until)] == [2] * 5


def test_worker_that_slept_past_its_lease_changes_nothing(time: Clock, worker: Worker) -> None:
    @job("test.slow")
    def slow(payload: dict[str, Any]) -> None:
        record("test.done", stream="a:1", by=BY, at=AT)

    enqueue("test.slow", {}, at=AT)
    (stale,) = leases.claim(new_id(), 1, at=AT, until=AT)
    (fresh,) = leases.claim(worker.id, 1, at=AT, until=AT + timedelta(seconds=60))

    worker._do(stale)
    assert (events_of("a:1"), Job.objects.count()) == ([], 1)
    leases.fail(stale, "late", at=AT, max_attempts=1)
    assert Job.objects.get().dead_at is None
    worker._do(fresh)
    assert (len(events_of("a:1")), Job.objects.count()) == (1, 0)


def test_effect_job_works_outside_and_commits_with_its_completion(time: Clock, worker: Worker) -> None:
    done: list[str] = []

    @job("test.effect", kind=Kind.EFFECT)
    def effect(payload: dict[str, Any]) -> Callable[[], None] | None:
        done.append("sent")
        if payload["silent"]:
            return None
        return lambda: note("a:1")({})

    enqueue("test.effect", {"silent": False}, at=AT)
    enqueue("test.effect", {"silent": True}, at=AT)
    worker.run_until_empty()

    assert (done, len(events_of("a:1")), Job.objects.count()) == (["sent", "sent"], 1, 0)


def test_effect_whose_lease_was_lost_commits_nothing(time: Clock, worker: Worker) -> None:
    @job("test.effect", kind=Kind.EFFECT)
    def effect(payload: dict[str, Any]) -> Callable[[], None]:
        Job.objects.update(fence=99)  # somebody else takes it meanwhile
        return lambda: note("a:1")({})

    enqueue("test.effect", {}, at=AT)
    worker.run_until_empty()

    assert (events_of("a:1"), Job.objects.count()) == ([], 1)


def chunks(upto: int, fails_at: int | None = None) -> Callable[..., dict[str, Any] | None]:
    def handle(payload: dict[str, Any], cursor: dict[str, Any] | None) -> dict[str, Any] | None:
        n = (cursor or {"n": 0})["n"]
        record("test.step", stream="a:1", by=BY, at=AT, n=n)
        if n == fails_at:
            raise ZeroDivisionError
        return {"n": n + 1} if n + 1 < upto else None

    return handle


def test_chunked_job_goes_step_by_step(time: Clock, worker: Worker) -> None:
    job("test.chunks", kind=Kind.CHUNKED)(chunks(4))
    enqueue("test.chunks", {}, at=AT)
    worker.run_until_empty()

    assert [event.payload for event in events_of("a:1")] == [{"n": n} for n in range(4)]
    assert Job.objects.count() == 0


def test_chunked_job_goes_on_from_its_cursor_after_an_error(time: Clock, worker: Worker) -> None:
    job("test.chunks", kind=Kind.CHUNKED)(chunks(4, fails_at=2))
    enqueue("test.chunks", {}, at=AT)
    worker.run_until_empty()
    assert Job.objects.get().cursor == '{"n": 2}'

    del job_types._items["test.chunks"]
    job("test.chunks", kind=Kind.CHUNKED)(chunks(4))
    time.at += timedelta(minutes=1)
    worker.run_until_empty()

    assert [event.payload for event in events_of("a:1")] == [{"n": n} for n in range(4)]


def test_chunked_job_whose_lease_was_lost_undoes_its_step(time: Clock, worker: Worker) -> None:
    @job("test.chunks", kind=Kind.CHUNKED)
    def handle(payload: dict[str, Any], cursor: dict[str, Any] | None) -> dict[str, Any] | None:
        record("test.step", stream="a:1", by=BY, at=AT)
        Job.objects.update(fence=99)
        return {"n": 1}

    enqueue("test.chunks", {}, at=AT)
    worker.run_until_empty()

    assert events_of("a:1") == []


def test_stopped_worker_gives_back_what_it_has_not_begun(time: Clock, worker: Worker) -> None:
    @job("test.last")
    def last(payload: dict[str, Any]) -> None:
        worker.stop()

    for _ in range(3):
        enqueue("test.last", {}, at=AT)

    assert worker.run_until_empty() == 1
    assert list(Job.objects.values_list("holder", "run_at")) == [(None, AT)] * 2


def test_stopped_worker_leaves_a_chunked_job_at_its_cursor(time: Clock, worker: Worker) -> None:
    @job("test.chunks", kind=Kind.CHUNKED)
    def handle(payload: dict[str, Any], cursor: dict[str, Any] | None) -> dict[str, Any] | None:
        worker.stop()
        return {"n": 1}

    enqueue("test.chunks", {}, at=AT)
    worker.run_until_empty()

    assert Job.objects.values_list("holder", "cursor").get() == (None, '{"n": 1}')


def test_renew_extends_what_a_worker_holds(time: Clock, diary: Diary) -> None:
    job("test.note")(diary)
    enqueue("test.note", {}, at=AT)
    holder = new_id()
    assert leases.renew(holder, until=AT) == 0
    leases.claim(holder, 1, at=AT, until=AT + timedelta(seconds=60))

    assert leases.renew(holder, until=AT + timedelta(seconds=90)) == 1
    assert Job.objects.get().run_at == AT + timedelta(seconds=90)


def test_save_cursor_and_complete_refuse_a_stale_fence(time: Clock, diary: Diary) -> None:
    lease = leases.Lease(new_id(), "test.note", {}, None, 1, 0, 0)
    with pytest.raises(LeaseLost):
        leases.complete(lease)
    with pytest.raises(LeaseLost):
        leases.save_cursor(lease, {}, until=AT)


class Catcher:
    """What a mail server received."""

    def __init__(self) -> None:
        self.envelopes: list[Any] = []
        self.refusal: str | None = None

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.refusal:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.envelopes.append(envelope)
        return "250 OK"


@pytest.fixture
def catcher(settings: Any) -> Iterator[Catcher]:
    handler = Catcher()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    settings.COMMONWEAL_SMTP_HOST, settings.COMMONWEAL_SMTP_PORT = "127.0.0.1", port
    yield handler
    controller.stop()


def _queue() -> UUID:
    return queue_mail(
        to=["ada@example.org"], subject_line="Ein Brief", text="Grüße\n.\nEnde", idempotency_key="k", at=AT
    )


def test_mail_is_sent_once_and_its_text_deleted(time: Clock, worker: Worker, catcher: Catcher) -> None:
    id_ = _queue()
    worker.run_until_empty()

    row = OutboxMessage.objects.get(pk=id_)
    assert (row.payload, row.sent_at) == (None, AT)
    (envelope,) = catcher.envelopes
    assert envelope.rcpt_tos == ["ada@example.org"]
    assert b"Message-ID: <" in envelope.content
    enqueue("jobs.send_mail", {"message": str(id_)}, at=AT)
    enqueue("jobs.send_mail", {"message": str(new_id())}, at=AT)
    assert worker.run_until_empty() == 2
    assert len(catcher.envelopes) == 1


def test_mail_server_is_spoken_to_in_secret_and_by_name_where_settings_say_so(
    time: Clock, worker: Worker, catcher: Catcher, settings: Any
) -> None:
    _queue()
    settings.COMMONWEAL_SMTP_STARTTLS = True
    worker.run_until_empty()
    assert "SMTPNotSupportedError" in Job.objects.get().error

    settings.COMMONWEAL_SMTP_STARTTLS = False
    settings.COMMONWEAL_SMTP_USER, settings.COMMONWEAL_SMTP_PASSWORD = "commonweal", "secret"
    time.at += timedelta(seconds=2)
    worker.run_until_empty()
    row = Job.objects.get()
    assert ("SMTPNotSupportedError" in row.error, row.attempts) == (True, 2)
    assert catcher.envelopes == []


@pytest.mark.parametrize(("refusal", "is_dead"), [("550 no such mailbox", True), ("450 try later", False)])
def test_mail_that_is_refused(
    time: Clock, worker: Worker, catcher: Catcher, refusal: str, is_dead: bool
) -> None:
    catcher.refusal = refusal
    id_ = _queue()
    worker.run_until_empty()

    row = Job.objects.get()
    assert (row.dead_at is not None) == is_dead
    assert "ada" not in row.error
    assert OutboxMessage.objects.get(pk=id_).sent_at is None


def test_mail_waits_for_a_server_that_is_away(time: Clock, worker: Worker, settings: Any) -> None:
    settings.COMMONWEAL_SMTP_PORT = 1
    _queue()
    worker.run_until_empty()

    assert Job.objects.get().attempts == 1


def test_loop_runs_cron_and_jobs_until_it_is_stopped(
    time: Clock, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    @job("test.stop")
    def stop(payload: dict[str, Any]) -> None:
        worker.stop()

    monkeypatch.setattr(
        worker, "_beat", lambda over: over.wait()
    )  # threads cannot share a test's transaction
    cron("test.tick", "* * * * *", job="test.stop")
    worker._survive_one_round()
    time.at += timedelta(minutes=1)
    worker._cron_looked_at = float("-inf")
    threading.Timer(10, worker.stop).start()
    worker.run()

    assert Job.objects.count() == 0


def test_loop_waits_out_a_database_that_is_away(
    time: Clock, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(at: Any) -> list[str]:
        worker.stop()
        raise OperationalError("the connection is lost")

    monkeypatch.setattr("commonweal.kernel.jobs.worker.enqueue_due", fail)
    monkeypatch.setattr(connection, "close", lambda: None)

    assert worker._survive_one_round() == 0


def test_job_is_not_to_blame_when_the_database_goes_away(
    time: Clock, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    @job("test.unlucky")
    def unlucky(payload: dict[str, Any]) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    enqueue("test.unlucky", {}, at=AT)
    monkeypatch.setattr(connection, "is_usable", lambda: False)
    with pytest.raises(OperationalError):
        worker.run_once()

    assert Job.objects.get().attempts == 0


class Beats(threading.Event):
    """Lets the heart beat so many times, at once."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.left = times

    def wait(self, timeout: float | None = None) -> bool:
        self.left -= 1
        return self.left < 0


@pytest.fixture
def _kept_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """The heart beats in the test's own thread, on its connection."""
    monkeypatch.setattr(connection, "close", lambda: None)


@pytest.mark.usefixtures("_kept_open")
def test_heartbeat_renews_leases_while_a_job_is_under_way(time: Clock, worker: Worker, diary: Diary) -> None:
    job("test.note")(diary)
    enqueue("test.note", {}, at=AT)
    leases.claim(worker.id, 1, at=AT, until=AT + timedelta(seconds=60))
    time.at += timedelta(seconds=20)
    worker._beat(Beats(1))

    assert Job.objects.get().run_at == AT + timedelta(seconds=80)


@pytest.mark.usefixtures("_kept_open")
def test_heartbeat_survives_a_database_that_is_away(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    beats = []

    def fail(holder: UUID, until: Any) -> int:
        beats.append(holder)
        raise OperationalError("gone")

    monkeypatch.setattr(leases, "renew", fail)
    worker._beat(Beats(2))

    assert beats == [worker.id] * 2


def test_heartbeat_lasts_as_long_as_the_work(worker: Worker) -> None:
    with worker._heartbeat():
        assert "heartbeat" in {thread.name for thread in threading.enumerate()}
    assert "heartbeat" not in {thread.name for thread in threading.enumerate()}


def test_command_line_does_what_is_due_and_ends(
    time: Clock, diary: Diary, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    job("test.note")(diary)
    for _ in range(3):
        enqueue("test.note", {}, at=AT)
    try:
        assert main(["--once", "--batch", "2"]) == 0
        assert main(["--until-empty"]) == 0
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

    assert capsys.readouterr().out == "2 jobs\n1 jobs\n"


def test_command_line_runs_until_sigterm(time: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    monkeypatch.setattr(Worker, "_beat", lambda self, over: over.wait())

    @job("test.stop")
    def stop(payload: dict[str, Any]) -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    enqueue("test.stop", {}, at=AT)
    try:
        assert main([]) == 0
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

    assert Job.objects.count() == 0
