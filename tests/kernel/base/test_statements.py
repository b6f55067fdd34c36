"""Statements on a kept cursor behave as Django's own."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.db.transaction import TransactionManagementError

from commonweal.kernel.base.statements import fetch, run
from commonweal.kernel.people.models import Team

pytestmark = pytest.mark.django_db

INSERT = "INSERT INTO people_team (id, key, name, agency, is_active) VALUES (%s, %s, 'Team', 'agency', %s)"
NAMES = "SELECT key FROM people_team WHERE agency = %s ORDER BY key"
ONE, TWO = "0" * 31 + "1", "0" * 31 + "2"


def test_rows_and_counts_come_back() -> None:
    assert run(connection, INSERT, [ONE, "one", True]) == 1
    assert run(connection, INSERT, [TWO, "two", True]) == 1

    assert fetch(connection, NAMES, ["agency"]) == [("one",), ("two",)]
    assert fetch(connection, NAMES, ["another"]) == []
    assert run(connection, "UPDATE people_team SET name = %s WHERE agency = %s", ["New", "agency"]) == 2
    assert list(Team.objects.order_by("key").values_list("name", flat=True)) == ["New", "New"]


def test_the_cursor_is_kept_however_the_connection_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    fetch(connection, NAMES, ["agency"])
    monkeypatch.setattr(connections["default"], "cursor", None)

    assert fetch(connection, NAMES, ["agency"]) == []
    assert fetch(connections["default"], NAMES, ["agency"]) == []


def test_an_error_becomes_django_s_and_the_next_statement_runs_after_the_savepoint() -> None:
    run(connection, INSERT, [ONE, "one", True])

    with pytest.raises(IntegrityError), transaction.atomic():
        run(connection, INSERT, [ONE, "one", True])

    assert fetch(connection, NAMES, ["agency"]) == [("one",)]


def test_a_broken_transaction_refuses() -> None:
    with transaction.atomic():
        fetch(connection, NAMES, ["agency"])
        transaction.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            fetch(connection, NAMES, ["agency"])


def test_wrappers_and_the_log_of_queries_see_each_statement(django_assert_num_queries) -> None:
    fetch(connection, NAMES, ["agency"])
    seen = []

    def note(execute, sql, params, many, context):
        seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        fetch(connection, NAMES, ["agency"])
    with django_assert_num_queries(2):
        fetch(connection, NAMES, ["agency"])
        fetch(connection, NAMES, ["agency"])
    assert seen == [NAMES]


def test_a_wrapper_may_ask_something_itself() -> None:
    run(connection, INSERT, [ONE, "one", True])
    fetch(connection, NAMES, ["agency"])

    def ask_more(execute, sql, params, many, context):
        done = execute(sql, params, many, context)
        if params == ["agency"]:
            assert fetch(connection, NAMES, ["another"]) == []
        return done

    with connection.execute_wrapper(ask_more):
        assert fetch(connection, NAMES, ["agency"]) == [("one",)]


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_was_closed_is_opened_again() -> None:
    fetch(connection, NAMES, ["agency"])
    connection.close()  # a database in memory keeps its connection: there nothing happens

    assert fetch(connection, NAMES, ["agency"]) == []
