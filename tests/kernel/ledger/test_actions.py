from __future__ import annotations

import contextlib
import contextvars
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction

from commonweal.kernel.base.encryption import Undecryptable
from commonweal.kernel.base.errors import NotFound
from commonweal.kernel.base.fields import new_id
from commonweal.kernel.base.prepared import Given, Prepared
from commonweal.kernel.base.routes import begin_disclosures
from commonweal.kernel.base.transactions import Transaction, action
from commonweal.kernel.base.types import Actor, ActorKind, Money
from commonweal.kernel.ledger.actions import (
    SYSTEM,
    erase_subject,
    record,
    record_access,
    record_many,
    recording_access,
)
from commonweal.kernel.ledger.errors import CannotErase, NoTimeZone, OutsideTransaction
from commonweal.kernel.ledger.models import AccessRecord, Event, SubjectKey
from commonweal.kernel.ledger.queries import accesses_to, events_of, verify
from commonweal.kernel.ledger.types import Access, Entry

AT = datetime(2026, 9, 15, 12, 0, 0, 123456, tzinfo=UTC)
OFFICER = Actor(
    ActorKind.OFFICER,
    "0190-officer",
    "0190-resident",
    "human-services",
    capabilities=frozenset({"cases.decide"}),
)
PERSON = UUID("01900000-0000-7000-8000-000000000001")
_keys = Prepared(lambda: SubjectKey.objects.filter(subject=Given("subject")).order_by("id"))

pytestmark = pytest.mark.django_db


def test_record_numbers_each_stream_from_one() -> None:
    for stream in ("a:1", "b:1", "a:1"):
        record("test.done", stream=stream, by=OFFICER, at=AT)

    assert [event.sequence for event in events_of("a:1")] == [1, 2]
    assert [event.sequence for event in events_of("b:1")] == [1]


def test_record_keeps_everything_but_capabilities() -> None:
    record("cases.opened", stream="case:1", by=OFFICER, at=AT, subject=PERSON, service="food-assistance")

    (event,) = events_of("case:1")
    assert (event.stream, event.sequence, event.type, event.at, event.subject) == (
        "case:1",
        1,
        "cases.opened",
        AT,
        PERSON,
    )
    assert event.actor == Actor(ActorKind.OFFICER, "0190-officer", "0190-resident", "human-services")
    assert event.payload == {"service": "food-assistance"}


def test_record_gives_each_entry_an_id_of_its_own() -> None:
    for _ in range(2):
        record("test.done", stream="a:1", by=OFFICER, at=AT)

    stored = Event.objects.order_by("sequence").values_list("pk", flat=True)
    assert [event.id for event in events_of("a:1")] == list(stored)


def test_record_writes_every_kind_of_value_as_json() -> None:
    at = datetime(2026, 9, 15, 14, 0, tzinfo=timezone(timedelta(hours=2)))
    record(
        "test.done",
        stream="a:1",
        by=OFFICER,
        at=AT,
        id=PERSON,
        on=date(2026, 9, 1),
        moment=at,
        sum=Decimal("1.50"),
        fee=Money(1250, "USD"),
        parts=(1, None, True),
        nested={"b": [1.5], "a": "é"},
    )

    assert events_of("a:1")[0].payload == {
        "id": str(PERSON),
        "on": "2026-09-01",
        "moment": "2026-09-15T12:00:00.000000Z",
        "sum": "1.50",
        "fee": {"minor": 1250, "currency": "USD"},
        "parts": [1, None, True],
        "nested": {"a": "é", "b": [1.5]},
    }


def test_record_refuses_what_json_cannot_say() -> None:
    with pytest.raises(TypeError, match="set"):
        record("test.done", stream="a:1", by=OFFICER, at=AT, things={1})  # type: ignore[arg-type]  # the point
    with pytest.raises(ValueError):
        record("test.done", stream="a:1", by=OFFICER, at=AT, big=2**60)


def test_record_refuses_a_time_without_zone() -> None:
    with pytest.raises(NoTimeZone):
        record("test.done", stream="a:1", by=OFFICER, at=datetime(2026, 9, 15))  # noqa: DTZ001 - the point


@pytest.mark.django_db(transaction=True)
def test_record_refuses_to_work_outside_a_transaction() -> None:
    with pytest.raises(OutsideTransaction) as caught:
        record("test.done", stream="a:1", by=OFFICER, at=AT)
    assert caught.value.data == {"type": "test.done"}
    assert events_of("a:1") == []


def test_record_vanishes_with_its_transaction_and_leaves_no_gap() -> None:
    with transaction.atomic():
        record("test.done", stream="a:1", by=OFFICER, at=AT)
        transaction.set_rollback(True)

    record("test.done", stream="a:1", by=OFFICER, at=AT)
    assert [event.sequence for event in events_of("a:1")] == [1]
    assert verify("a:1") == []


def test_record_many_numbers_entries_of_several_streams() -> None:
    record("test.done", stream="b:1", by=OFFICER, at=AT)
    entries = [
        Entry(f"{name}:1", subject, {"n": n})
        for n, (name, subject) in enumerate([("b", PERSON), ("a", None), ("b", new_id()), ("a", PERSON)])
    ]

    record_many("test.happened", entries, by=OFFICER, at=AT)
    assert [(event.sequence, event.payload) for event in events_of("b:1")] == [
        (1, {}),
        (2, {"n": 0}),
        (3, {"n": 2}),
    ]
    assert [(event.sequence, event.payload) for event in events_of("a:1")] == [(1, {"n": 1}), (2, {"n": 3})]
    assert verify("a:1") == verify("b:1") == []


def test_record_many_of_nothing_does_nothing() -> None:
    record_many("test.happened", [], by=OFFICER, at=AT)

    assert not Event.objects.exists()


def test_entries_of_an_action_are_written_together_at_its_end_in_their_order(
    django_assert_num_queries,
) -> None:
    @action
    def inner() -> None:
        record("test.inner", stream="a:1", by=OFFICER, at=AT, subject=PERSON)

    record("test.done", stream="b:1", by=OFFICER, at=AT, subject=PERSON)
    with django_assert_num_queries(6), Transaction():  # three, a savepoint around them, and the count below
        record("test.first", stream="a:1", by=OFFICER, at=AT, subject=PERSON)
        inner()
        record("test.last", stream="a:1", by=OFFICER, at=AT, subject=PERSON)
        assert Event.objects.count() == 1

    assert [(event.sequence, event.type) for event in events_of("a:1")] == [
        (1, "test.first"),
        (2, "test.inner"),
        (3, "test.last"),
    ]
    assert verify("a:1") == []


def test_entries_of_a_savepoint_that_is_rolled_back_are_not_written() -> None:
    with Transaction():
        record("test.first", stream="a:1", by=OFFICER, at=AT)
        with contextlib.suppress(NotFound), transaction.atomic():
            record("test.lost", stream="a:1", by=OFFICER, at=AT)
            raise NotFound
        record("test.last", stream="a:1", by=OFFICER, at=AT)

    assert [event.type for event in events_of("a:1")] == ["test.first", "test.last"]


def test_erasing_somebody_in_the_action_that_spoke_of_them_leaves_nothing_readable() -> None:
    with Transaction():
        record("test.done", stream="a:1", by=OFFICER, at=AT, subject=PERSON, name="Ada")
        erase_subject(PERSON, by=OFFICER, at=AT)

    assert [event.payload for event in events_of("a:1")] == [None]


def test_record_many_takes_three_statements_however_many(django_assert_num_queries) -> None:
    record("test.happened", stream="a:0", by=OFFICER, at=AT)
    with django_assert_num_queries(3):
        record_many("test.happened", [Entry(f"a:{n}", None, {"n": n}) for n in range(400)], by=OFFICER, at=AT)
    assert Event.objects.count() == 401


def test_record_many_above_a_batch_writes_all() -> None:
    record_many("test.happened", [Entry("a:1", None, {"n": n}) for n in range(1000)], by=OFFICER, at=AT)

    assert [event.sequence for event in events_of("a:1")] == list(range(1, 1001))


def test_payload_is_not_readable_in_the_table() -> None:
    record("test.done", stream="a:1", by=OFFICER, at=AT, subject=PERSON, name="Zebedee")
    record("test.done", stream="a:1", by=OFFICER, at=AT, name="Zebedee")

    for row in Event.objects.order_by("sequence"):
        assert b"Zebedee" not in bytes(row.ciphertext)
        assert len(bytes(row.commitment)) == 32


def test_two_equal_entries_have_different_commitments() -> None:
    for stream in ("a:1", "a:1"):
        record("test.done", stream=stream, by=OFFICER, at=AT, x=1)

    assert len({event.commitment for event in events_of("a:1")}) == 2


def test_erase_subject_makes_payloads_unreadable_and_keeps_rows() -> None:
    record("test.done", stream="a:1", by=OFFICER, at=AT, subject=PERSON, secret="x")
    record("test.done", stream="a:1", by=OFFICER, at=AT, subject=new_id(), other="y")
    commitment = events_of("a:1")[0].commitment

    erase_subject(PERSON, by=OFFICER, at=AT)

    first, second = events_of("a:1")
    assert (first.payload, first.commitment) == (None, commitment)
    assert second.payload == {"other": "y"}
    assert verify("a:1") == []
    assert SubjectKey.objects.get(subject=PERSON).wrapped is None
    assert [event.type for event in events_of("ledger:erasures")] == ["ledger.subject_erased"]
    assert events_of("ledger:erasures")[0].payload == {"subject_id": str(PERSON)}


def test_erase_subject_twice_changes_nothing_more() -> None:
    record("test.done", stream="a:1", by=OFFICER, at=AT, subject=PERSON)
    erase_subject(PERSON, by=OFFICER, at=AT)
    erase_subject(PERSON, by=OFFICER, at=AT)

    assert len(events_of("ledger:erasures")) == 1


def test_entries_after_an_erasure_get_a_fresh_key() -> None:
    record("test.done", stream="a:1", by=OFFICER, at=AT, subject=PERSON, n=1)
    erase_subject(PERSON, by=OFFICER, at=AT)
    record("test.done", stream="a:1", by=OFFICER, at=AT, subject=PERSON, n=2)

    assert [event.payload for event in events_of("a:1")] == [None, {"n": 2}]


def test_erase_subject_refuses_the_system() -> None:
    with pytest.raises(CannotErase):
        erase_subject(SYSTEM, by=OFFICER, at=AT)


def test_record_access_writes_one_row_a_subject_in_one_statement(django_assert_num_queries) -> None:
    record_access(OFFICER, [PERSON], "queue", at=AT)
    people = [new_id() for _ in range(50)]
    # SQLite has a savepoint around the statement
    with django_assert_num_queries(1 if connection.vendor == "postgresql" else 3):
        record_access(OFFICER, [*people, people[0]], "case", at=AT)

    assert AccessRecord.objects.count() == 51
    assert accesses_to(PERSON) == [
        Access(Actor(ActorKind.OFFICER, "0190-officer", "0190-resident", "human-services"), "queue", AT)
    ]


def test_record_access_refuses_a_time_without_zone() -> None:
    with pytest.raises(NoTimeZone):
        record_access(OFFICER, [PERSON], "queue", at=datetime(2026, 9, 15))  # noqa: DTZ001 - the point


def test_an_access_is_recorded_with_what_is_asked_for_it() -> None:
    subject = new_id()

    with recording_access(
        OFFICER, [subject], "answer a question", at=AT, asking=[_keys.given(subject=subject)]
    ):
        assert _keys.all(subject=subject) == []

    (found,) = AccessRecord.objects.filter(subject=subject)
    assert (found.purpose, found.actor_id, found.at) == ("answer a question", OFFICER.id, AT)
    with (
        pytest.raises(NoTimeZone),
        recording_access(
            OFFICER, [subject], "look", at=AT.replace(tzinfo=None), asking=[_keys.given(subject=subject)]
        ),
    ):
        pass
    with recording_access(OFFICER, [], "look", at=AT, asking=[_keys.given(subject=subject)]):
        assert _keys.all(subject=subject) == []
    assert AccessRecord.objects.filter(subject=subject).count() == 1


def test_accesses_are_listed_latest_first() -> None:
    record_access(OFFICER, [PERSON], "queue", at=AT)
    record_access(OFFICER, [PERSON], "case", at=AT + timedelta(minutes=1))

    assert [access.purpose for access in accesses_to(PERSON)] == ["case", "queue"]
    assert [access.purpose for access in accesses_to(PERSON, limit=1)] == ["case"]


def test_accesses_written_late_stand_where_they_belong_in_time() -> None:
    record_access(OFFICER, [PERSON], "case", at=AT + timedelta(minutes=1))
    record_access(OFFICER, [PERSON], "queue", at=AT)

    assert [access.purpose for access in accesses_to(PERSON)] == ["case", "queue"]


def test_record_access_notes_the_purpose_for_the_route() -> None:
    def look() -> object:
        noted = begin_disclosures()
        record_access(OFFICER, [], "queue", at=AT)
        return noted

    assert contextvars.copy_context().run(look) == ["queue"]


def _forbidden_statements() -> list[str]:
    statements = [
        f"{verb} {table} {rest}"
        for table, column in (("ledger_event", "type"), ("ledger_accessrecord", "purpose"))
        for verb, rest in (("UPDATE", f"SET {column} = 'x'"), ("DELETE FROM", ""))
    ]
    if connection.vendor == "postgresql":
        statements += [f"TRUNCATE {table}" for table in ("ledger_event", "ledger_accessrecord")]
    return statements


def test_rows_can_be_neither_updated_nor_deleted_nor_truncated() -> None:
    record("test.done", stream="a:1", by=OFFICER, at=AT)
    record_access(OFFICER, [PERSON], "queue", at=AT)

    for statement in _forbidden_statements():
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert (Event.objects.count(), AccessRecord.objects.count()) == (1, 1)


def test_events_of_an_altered_row_do_not_open() -> None:
    record("test.done", stream="a:1", by=OFFICER, at=AT, subject=PERSON)
    SubjectKey.objects.all().delete()

    with pytest.raises(Undecryptable) as caught:
        events_of("a:1")
    event = Event.objects.get(stream="a:1")
    assert caught.value.data == {"key": str(event.key_id), "context": str(event)}
