"""A PostgreSQL connection is asked whether it lives only where it may not."""

from __future__ import annotations

import pytest
from django.db import connection, connections

from commonweal.kernel.base.statements import fetch

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="about PostgreSQL's connections"),
]


@pytest.fixture
def asked(monkeypatch):
    """What the connection answered when it was asked."""
    database, answers = connections["default"], []
    is_usable = database.is_usable

    def note() -> bool:
        answers.append(is_usable())
        return answers[-1]

    database.ensure_connection()
    monkeypatch.setattr(database, "is_usable", note)
    monkeypatch.setattr(database, "health_check_enabled", True)
    monkeypatch.setattr(database, "_answered_at", float("-inf"))
    return answers


def request() -> list[object]:
    """Do what a request does, after the one before it ended."""
    connection.close_if_unusable_or_obsolete()
    return fetch(connection, "SELECT %s::int", [1])


def test_a_silent_connection_is_asked_once_in_a_while(asked, monkeypatch) -> None:
    assert [request() for _ in range(3)] == [[(1,)]] * 3
    assert asked == [True]

    monkeypatch.setattr(connections["default"], "_answered_at", float("-inf"))
    assert request() == [(1,)]
    assert asked == [True, True]


def test_a_session_that_the_server_ended_is_replaced_before_the_next_request(asked) -> None:
    assert request() == [(1,)]
    before = connection.connection.info.backend_pid
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [before])
    other.close()

    assert request() == [(1,)]
    assert connection.connection.info.backend_pid != before
    assert asked[:2] == [True, False]
