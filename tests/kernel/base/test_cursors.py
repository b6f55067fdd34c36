from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DataError, IntegrityError, connection, transaction

pytest.importorskip("psycopg")

from commonweal.kernel.base.cursors import numbered
from commonweal.kernel.base.errors import NotFound
from commonweal.kernel.base.statements import fetch, run

AT = datetime(2026, 9, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("SELECT 1", (b"SELECT 1", ())),
        ("SELECT %s, %s", (b"SELECT $1, $2", ())),
        ("SELECT '100 %%' LIKE %s", (b"SELECT '100 %' LIKE $1", ())),
        ("SELECT %%s", (b"SELECT %s", ())),
        ("SELECT %(b)s, %(a)s, %(b)s", (b"SELECT $1, $2, $1", ("b", "a"))),
    ],
)
def test_a_statement_gets_numbered_places(statement: str, expected: tuple[bytes, tuple[str, ...]]) -> None:
    assert numbered(statement) == expected


@pytest.mark.parametrize("statement", ["SELECT %d", "SELECT 5 %", "SELECT %(a)%", "SELECT %s, %(a)s"])
def test_a_statement_that_cannot_be_read_is_refused(statement: str) -> None:
    with pytest.raises(ValueError, match="places"):
        numbered(statement)


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="psycopg's cursor serves PostgreSQL")
@pytest.mark.parametrize(
    ("statement", "values", "expected"),
    [
        ("SELECT %s::int + 1, '5 %%'", [41], (42, "5 %")),
        ("SELECT %(a)s::int - %(b)s::int, %(a)s::text", {"a": 5, "b": 2}, (3, "5")),
        ("SELECT '5 %'", None, ("5 %",)),
        (f"SELECT {','.join(['%s::int'] * 200)}", list(range(200)), tuple(range(200))),
    ],
)
def test_postgresql_answers_as_it_was_asked(
    statement: str, values: Any, expected: tuple[object, ...]
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found = cursor.fetchone()

    assert found == expected


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="psycopg's cursor serves PostgreSQL")
def test_one_statement_runs_with_each_set_of_values() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE kept (number int, word text)")
        cursor.executemany("INSERT INTO kept VALUES (%s, %s)", [(1, "a"), (2, "b")])
        cursor.executemany("INSERT INTO kept VALUES (%(n)s, %(w)s)", [{"w": "c", "n": 3}])
        cursor.execute("SELECT number, word FROM kept ORDER BY number")
        found = cursor.fetchall()

    assert found == [(1, "a"), (2, "b"), (3, "c")]


INSERT = "INSERT INTO jobs_crontick (key, last) VALUES (%s, %s)"
on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="only there statements are planned ahead"
)


def plan(first: int) -> None:
    """Send a statement so often that the server plans it."""
    for number in range(first, first + 8):
        assert run(connection, INSERT, [f"{number:02}", AT]) == 1
    named = "SELECT count(*) FROM pg_prepared_statements WHERE starts_with(statement, %s)"
    assert fetch(connection, named, [INSERT[:25]]) == [(1,)]


def keys() -> list[str]:
    return [row[0] for row in fetch(connection, "SELECT key FROM jobs_crontick ORDER BY key", [])]


@on_postgresql
@pytest.mark.django_db
def test_a_planned_statement_answers_as_it_is_asked() -> None:
    for number in range(20):
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::int + %s::int, %s::text", [number, 1, None])
            assert cursor.fetchall() == [(number + 1, None)]
            assert cursor.rowcount == 1
            cursor.execute("SELECT %s::int WHERE false", [number])
            assert (cursor.fetchone(), cursor.rowcount) == (None, 0)


@on_postgresql
@pytest.mark.django_db
def test_a_planned_statement_that_fails_is_undone_with_its_savepoint() -> None:
    plan(0)
    with pytest.raises(IntegrityError), transaction.atomic():
        run(connection, INSERT, ["07", AT])
    assert run(connection, INSERT, ["08", AT]) == 1

    assert keys() == [f"{number:02}" for number in range(9)]


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_planned_statement_begins_a_transaction_where_one_is_wanted() -> None:
    plan(0)
    with contextlib.suppress(NotFound), transaction.atomic():
        run(connection, INSERT, ["08", AT])
        raise NotFound
    plan(10)
    with transaction.atomic():
        run(connection, INSERT, ["18", AT])

    assert keys() == [f"{number:02}" for number in (*range(8), *range(10, 19))]


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="psycopg's cursor serves PostgreSQL")
def test_statements_in_turns_are_read_as_their_own_types_each_time() -> None:
    at = datetime(2026, 9, 15, 12, tzinfo=UTC)
    for number in range(12):
        assert fetch(connection, "SELECT %s::int, %s::text", [number, "a"]) == [(number, "a")]
        assert fetch(connection, "SELECT %s::timestamptz", [at]) == [(at,)]
        assert fetch(connection, "SELECT %s::text, %s::int", [str(number), None]) == [(str(number), None)]
        assert fetch(connection, "SELECT %s::text, %s::int", [None, number]) == [(None, number)]


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="psycopg's cursor serves PostgreSQL")
@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-09-15 12:00:00.5+02", AT.replace(hour=10, microsecond=500_000)),
        ("2026-09-15 12:00:00.123456+00", AT.replace(microsecond=123_456)),
        (None, None),
    ],
)
def test_postgresql_s_times_are_read_in_utc(written: str | None, expected: datetime | None) -> None:
    ((found,),) = fetch(connection, "SELECT %s::timestamptz", [written])

    assert found == expected
    assert found is None or found.tzinfo is UTC


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="psycopg's cursor serves PostgreSQL")
@pytest.mark.parametrize("written", ["infinity", "0044-03-15 00:00:00+00 BC"])
def test_a_time_for_which_python_has_no_room_is_refused(written: str) -> None:
    with pytest.raises(DataError), transaction.atomic():
        fetch(connection, "SELECT %s::timestamptz", [written])
