from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

pytest.importorskip("psycopg")

from commonweal.kernel.base.cursors import numbered


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
