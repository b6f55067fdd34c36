from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from django.apps import apps
from django.db import IntegrityError, models
from django.db.models import Q
from tests.factories.people import make_account, make_person

from commonweal.kernel.base import rows
from commonweal.kernel.base.prepared import Given, Prepared
from commonweal.kernel.base.rows import insert, insert_rows, new, update
from commonweal.kernel.jobs.models import CronTick, OutboxMessage
from commonweal.kernel.people.models import Account

AT = datetime(2026, 9, 15, 12, 0, 0, 123456, tzinfo=UTC)
_later = Prepared(
    lambda: CronTick.objects.filter(Q(key=Given("key")) | Q(last__gt=Given("at"))).order_by("key")
)
_message = Prepared(lambda: OutboxMessage.objects.filter(pk=Given("id"), sent_at=None).order_by())

pytestmark = pytest.mark.django_db


def message(key: str) -> OutboxMessage:
    return OutboxMessage(
        channel="email", idempotency_key=key, payload="dear", subject=None, agency=None, created_at=AT
    )


def test_new_instance_is_as_the_constructor_leaves_it() -> None:
    ours = [model for model in apps.get_models() if model.__module__.startswith("commonweal.")]
    for model in ours:
        made, plain = new(model), model()
        found = [{**vars(each), "_state": vars(each._state)} for each in (made, plain)]
        for field in model._meta.concrete_fields:
            if field.has_default() and callable(field.default):  # another one each time
                one, two = (each.pop(field.attname) for each in found)
                assert type(one) is type(two)
        for each in found:
            each["_state"].pop("fields_cache", None)
        assert found[0] == found[1]


def test_new_instance_has_what_it_was_given_and_no_other_columns() -> None:
    one = new(OutboxMessage, channel="email", idempotency_key="a", payload="dear", created_at=AT)

    assert insert(one)
    assert OutboxMessage.objects.get() == one
    with pytest.raises(TypeError, match="OutboxMessage has no column colour"):
        new(OutboxMessage, channel="email", colour="red")


def test_insert_writes_what_save_would_write() -> None:
    one = message("a")

    assert insert(one)
    kept = OutboxMessage.objects.get(pk=one.pk)
    names = [field.attname for field in OutboxMessage._meta.concrete_fields]
    assert [getattr(kept, name) for name in names] == [getattr(one, name) for name in names]
    one.channel = "sms"
    one.save()
    assert OutboxMessage.objects.get().channel == "sms"


def test_insert_of_a_row_that_is_there_already() -> None:
    insert(message("a"))

    assert not insert(message("a"), ignore_conflicts=True)
    with pytest.raises(IntegrityError):
        insert(message("a"))


def test_insert_rows_takes_several_batches() -> None:
    rows = [{"key": f"{number:04}", "last": AT} for number in range(1_001)]

    assert insert_rows(CronTick, rows) == 1_001
    assert insert_rows(CronTick, [*rows[:3], {"key": "x", "last": AT}], ignore_conflicts=True) == 1
    assert CronTick.objects.count() == 1_002


def test_update_writes_the_fields_named_and_no_others() -> None:
    one, other = message("a"), message("b")
    insert(one)
    insert(other)
    one.channel, one.payload, one.sent_at = "sms", None, AT

    update(one, ("payload", "sent_at"))

    kept = OutboxMessage.objects.get(pk=one.pk)
    assert (kept.channel, kept.payload, kept.sent_at) == ("email", None, AT)
    assert OutboxMessage.objects.get(pk=other.pk).payload == "dear"


def test_prepared_query_gives_what_the_queryset_gives_each_time() -> None:
    first, second = message("a"), message("b")
    insert(first)
    insert(second)

    assert [_message.one(id=each.pk) for each in (first, second)] == [first, second]
    found = _message.one(id=first.pk)
    assert found is not None
    assert (found.payload, found.created_at, found._state.adding) == ("dear", AT, False)
    first.sent_at = AT
    update(first, ("sent_at",))
    assert _message.one(id=first.pk) is None


def test_prepared_query_takes_texts_and_times_and_keeps_the_order() -> None:
    insert_rows(
        CronTick,
        [{"key": key, "last": AT.replace(hour=hour)} for key, hour in (("b", 14), ("a", 9), ("c", 15))],
    )

    assert [tick.key for tick in _later.all(key="a", at=AT)] == ["a", "b", "c"]
    assert [tick.key for tick in _later.all(key="zz", at=AT.replace(hour=14))] == ["c"]


def test_prepared_query_needs_its_values() -> None:
    with pytest.raises(KeyError):
        _message.all()


def test_a_prepared_query_joins_what_is_there_and_leaves_out_what_is_deferred() -> None:
    joined = Prepared(
        lambda: (
            Account.objects.select_related("person", "officer")
            .defer("password")
            .filter(pk=Given("id"))
            .order_by()
        )
    )
    account, alone = make_account(), make_account()
    person = make_person(account=account)
    found, other = joined.one(id=account.pk), joined.one(id=alone.pk)

    assert found is not None
    assert other is not None
    assert found.person == person
    assert found.person.account is found
    assert found.get_deferred_fields() == {"password"}
    assert (getattr(found, "officer", None), getattr(other, "person", None)) == (None, None)
    assert other == alone


@pytest.mark.parametrize(
    ("kind", "on_sqlite", "on_postgresql"),
    [
        (models.UUIDField, None, UUID),
        (models.DateTimeField, None, datetime),
        (models.DateField, None, date),
        (models.BinaryField, bytes, bytes),
        (models.JSONField, None, None),
    ],
)
def test_each_database_takes_some_values_as_they_are(
    kind: type, on_sqlite: type | None, on_postgresql: type | None
) -> None:
    for vendor, own in (("sqlite", on_sqlite), ("postgresql", on_postgresql)):
        assert rows._taken_as_it_is(kind, vendor) == frozenset({type(None), own or type(None)})
