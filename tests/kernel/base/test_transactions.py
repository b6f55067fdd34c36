from __future__ import annotations

import contextlib
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from pytest_django import DjangoAssertNumQueries
from structlog.testing import capture_logs

from commonweal.kernel.base.errors import NotFound
from commonweal.kernel.base.transactions import Transaction, action, catch_up, put_off, try_row
from commonweal.kernel.jobs.models import CronTick

done: list[list[Any]] = []


def work(items: list[Any]) -> None:
    done.append(items)


@pytest.fixture(autouse=True)
def _nothing_done_yet() -> None:
    done.clear()


@action
def tick(key: str) -> None:
    """Write a row."""
    CronTick.objects.create(key=key, last="2026-09-15T12:00:00Z")


@action
def fail(key: str) -> None:
    """Write a row and fail."""
    tick(key)
    raise NotFound


@action
def go_on_regardless() -> None:
    """Catch an inner error without a savepoint."""
    with contextlib.suppress(NotFound):
        fail("d")
    tick("e")


def ticks() -> list[str]:
    return list(CronTick.objects.order_by("key").values_list("key", flat=True))


@pytest.mark.django_db(transaction=True)
def test_action_commits_alone_and_rolls_back_alone() -> None:
    tick("a")
    with pytest.raises(NotFound):
        fail("b")

    assert ticks() == ["a"]
    assert not connection.in_atomic_block


@pytest.mark.django_db
def test_action_within_an_action_makes_no_savepoint(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with (
        django_assert_num_queries(4),
        Transaction(),
    ):  # two rows, and one savepoint within the test's transaction
        tick("a")
        tick("b")

    assert ticks() == ["a", "b"]


@pytest.mark.django_db
def test_action_behind_a_savepoint_makes_no_second_one(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with (
        django_assert_num_queries(5),
        Transaction(),
        transaction.atomic(),
    ):  # a row, the savepoint that was asked for, and one within the test's transaction
        tick("a")

    assert ticks() == ["a"]


@pytest.mark.django_db
def test_error_of_an_inner_action_may_be_survived_behind_a_savepoint_only() -> None:
    with Transaction():
        tick("a")
        with contextlib.suppress(NotFound), transaction.atomic():
            fail("b")
        tick("c")
    assert ticks() == ["a", "c"]

    with pytest.raises(TransactionManagementError):
        go_on_regardless()
    assert ticks() == ["a", "c"]


@pytest.mark.django_db
def test_what_is_put_off_is_done_once_at_the_end_of_the_outermost_action() -> None:
    with Transaction():
        put_off(work, [1])
        with Transaction(), transaction.atomic(), Transaction():
            put_off(work, [2, 3])
        assert done == []

    assert done == [[1, 2, 3]]


@pytest.mark.django_db
def test_what_is_put_off_goes_with_its_savepoint() -> None:
    with Transaction():
        put_off(work, [1])
        with contextlib.suppress(NotFound), transaction.atomic():
            put_off(work, [2])
            raise NotFound

    assert done == [[1]]


@pytest.mark.django_db
def test_what_is_put_off_can_be_caught_up_with() -> None:
    with Transaction():
        put_off(work, [1])
        catch_up()
        put_off(work, [2])

    assert done == [[1], [2]]


@pytest.mark.django_db
def test_what_is_put_off_outside_of_an_action_is_done_at_once() -> None:
    put_off(work, [1])

    assert done == [[1]]


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_done_at_the_end_takes_the_action_back() -> None:
    def refuse(items: list[Any]) -> None:
        raise NotFound

    @action
    def leave_to_the_end() -> None:
        tick("a")
        put_off(refuse, [1])

    with pytest.raises(NotFound):
        leave_to_the_end()

    assert ticks() == []
    assert not connection.in_atomic_block


@pytest.mark.django_db
@pytest.mark.parametrize("error", [NotFound(), KeyError("Somebody"), ValueError("Somebody")])
def test_what_goes_wrong_with_one_row_is_undone_and_logged_without_its_words(error: Exception) -> None:
    row = uuid4()

    def go_wrong() -> None:
        tick("a")
        raise error

    with transaction.atomic(), capture_logs() as logs:
        assert not try_row("town.tick", row, go_wrong)
        assert try_row("town.tick", uuid4(), lambda: tick("b"))

    assert ticks() == ["b"]
    assert logs == [
        {
            "event": "jobs.row_left_out",
            "log_level": "error",
            "job": "town.tick",
            "row": str(row),
            "error": type(error).__name__,
        }
    ]
