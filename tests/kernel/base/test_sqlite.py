from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db.utils import OperationalError

from commonweal.kernel.base.failures import as_ours
from commonweal.kernel.base.sqlite.base import DatabaseWrapper


class Connections:
    """Connections to one file, each with a queue place of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.made: list[DatabaseWrapper] = []

    def __call__(self, timeout: float = 0.2) -> DatabaseWrapper:
        settings = {
            "ENGINE": "commonweal.kernel.base.sqlite",
            "NAME": str(self.path),
            "ATOMIC_REQUESTS": False,
            "AUTOCOMMIT": True,
            "CONN_HEALTH_CHECKS": False,
            "CONN_MAX_AGE": None,
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": timeout},
            "TIME_ZONE": None,
        }
        connection = DatabaseWrapper(settings, "file")
        connection.inc_thread_sharing()
        self.made.append(connection)
        return connection


@pytest.fixture
def connect(tmp_path: Path, django_db_blocker: pytest.FixtureRequest) -> Iterator[Connections]:
    connections = Connections(tmp_path / "queue.sqlite3")
    with django_db_blocker.unblock():  # type: ignore[attr-defined]  # a fixture of pytest-django
        with sqlite3.connect(connections.path) as plain:
            plain.execute("PRAGMA journal_mode=WAL")
            plain.execute("CREATE TABLE counter (value INTEGER)")
            plain.execute("INSERT INTO counter VALUES (0)")
        plain.close()
        yield connections
        for connection in connections.made:
            connection.close()


def begin(connection: DatabaseWrapper) -> None:
    connection.ensure_connection()
    connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)


def end(connection: DatabaseWrapper, *, commit: bool = True) -> None:
    (connection.commit if commit else connection.rollback)()
    connection.set_autocommit(True)


@pytest.mark.parametrize("commit", [True, False])
def test_second_writer_waits_until_the_first_has_ended(connect: Connections, commit: bool) -> None:
    first, second = connect(), connect()
    begin(first)
    with pytest.raises(OperationalError, match="locked"):
        begin(second)
    end(first, commit=commit)
    second.close()

    begin(second)
    end(second)


def test_waiting_too_long_is_an_answer_to_try_again() -> None:
    error = as_ours(OperationalError("database is locked: other writers took too long"))
    assert error is not None
    assert error.status == 503


def test_reads_outside_a_transaction_never_wait(connect: Connections) -> None:
    writer, reader = connect(), connect()
    begin(writer)
    with writer.cursor() as cursor:
        cursor.execute("UPDATE counter SET value = 1")
    with reader.cursor() as cursor:
        cursor.execute("SELECT value FROM counter")
        assert cursor.fetchone() == (0,)
    end(writer)


def test_closed_connection_gives_its_place_back(connect: Connections) -> None:
    first, second = connect(), connect()
    begin(first)
    first.close()

    begin(second)
    end(second)


def test_failed_begin_gives_its_place_back(connect: Connections) -> None:
    first, second = connect(timeout=0.05), connect()
    # Somebody who does not queue holds the database.
    stranger = sqlite3.connect(connect.path, isolation_level=None)
    stranger.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError, match="locked"):
        begin(first)
    stranger.execute("ROLLBACK")
    stranger.close()

    begin(second)
    end(second)


def test_many_writers_lose_no_change(connect: Connections) -> None:
    rounds, writers = 40, 4

    def count() -> None:
        connection = connect(timeout=30)
        for _ in range(rounds):
            begin(connection)
            with connection.cursor() as cursor:
                cursor.execute("SELECT value FROM counter")
                value = cursor.fetchone()[0]
                cursor.execute("UPDATE counter SET value = %s", [value + 1])
            end(connection)

    threads = [threading.Thread(target=count) for _ in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with connect().cursor() as cursor:
        cursor.execute("SELECT value FROM counter")
        assert cursor.fetchone() == (rounds * writers,)
