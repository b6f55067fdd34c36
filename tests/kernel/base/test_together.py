from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from tests.factories.people import make_account, make_person

from commonweal.kernel.base.prepared import Given, Prepared, together
from commonweal.kernel.base.rows import insert_rows, insertion
from commonweal.kernel.jobs.models import CronTick
from commonweal.kernel.people.models import Account

AT = datetime(2026, 9, 15, 12, 0, 0, 123456, tzinfo=UTC)
_after = Prepared(lambda: CronTick.objects.filter(last__gt=Given("at")).order_by("-last", "key"))
_account = Prepared(lambda: Account.objects.select_related("person").filter(pk=Given("id")).order_by())
_all = Prepared(lambda: CronTick.objects.exclude(key="100%").order_by("key"))

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _ticks(db: None) -> None:
    hours = {"b": 14, "a": 9, "c": 14, "d": 15}
    insert_rows(CronTick, [{"key": key, "last": AT.replace(hour=hour)} for key, hour in hours.items()])


def test_queries_asked_together_find_in_one_statement_what_each_finds_in_its_order() -> None:
    account = make_account()
    person = make_person(account=account)
    asked = (_after.given(at=AT), _account.given(id=account.pk), _all.given())

    with (
        CaptureQueriesContext(
            connection,
        ) as statements,
        together(*asked),
    ):
        later, found, everything = _after.all(at=AT), _account.one(id=account.pk), _all.all()

    assert len(statements) == 1
    assert ([tick.key for tick in later], later[0].last) == (["d", "b", "c"], AT.replace(hour=15))
    assert later == _after.all(at=AT)
    assert [tick.key for tick in everything] == ["a", "b", "c", "d"]
    assert found is not None
    assert (found, found.person, found.created_at) == (account, person, account.created_at)


def test_what_nobody_finds_is_not_asked_again() -> None:
    account = make_account()
    late = AT.replace(hour=23)

    asked = together(_after.given(at=late), _account.given(id=account.pk))
    with CaptureQueriesContext(connection) as statements, asked:
        found, later = _account.one(id=account.pk), _after.all(at=late)

    assert (len(statements), later) == (1, [])
    assert found is not None
    assert getattr(found, "person", None) is None


def test_an_answer_is_given_once_and_to_its_own_question_inside_the_block_alone() -> None:
    with together(_after.given(at=AT), _all.given()):
        CronTick.objects.all().delete()
        assert _after.all(at=AT.replace(hour=14)) == []
        assert len(_after.all(at=AT)) == 3
        assert _after.all(at=AT) == []

    assert _all.all() == []


def test_a_query_that_is_ordered_by_what_it_does_not_read_is_refused() -> None:
    odd = Prepared(lambda: CronTick.objects.order_by(F("last").desc(), "key").only("key"))

    assert [tick.key for tick in odd.all()] == ["d", "b", "c", "a"]
    with pytest.raises(ValueError, match="is not in list"), together(odd.given(), _all.given()):
        pass


def test_what_is_to_be_written_goes_along() -> None:
    writing = insertion(CronTick, [{"key": "e", "last": AT}, {"key": "f", "last": AT}])

    with (
        CaptureQueriesContext(connection) as statements,
        together(_all.given(), _after.given(at=AT), writing=writing),
    ):
        everything = _all.all()

    sent = [each["sql"] for each in statements if "SAVEPOINT" not in each["sql"]]
    assert len(sent) == (1 if connection.vendor == "postgresql" else 2)
    assert {"a", "b", "c", "d"} <= {tick.key for tick in everything}
    assert CronTick.objects.filter(key__in="ef", last=AT).count() == 2
