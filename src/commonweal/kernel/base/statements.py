"""Runs a statement on a cursor that is kept, for what every request or submission asks.

Django makes a cursor for each statement, which on PostgreSQL costs as much as sending it. What Django's cursor does is done
all the same: errors become Django's, a broken transaction refuses, wrappers and the log of queries see every statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.utils.connection import ConnectionProxy

_KEPT = "_commonweal_kept_cursor"


class Statement(NamedTuple):
    """A statement to be run.

    Attributes:
        sql: With ``%s`` for values.
        params: The values, as the database takes them.
    """

    sql: str
    params: Sequence[Any]


def fetch(database: BaseDatabaseWrapper, sql: str, params: Sequence[Any]) -> list[Any]:
    """Run a statement that answers with rows, and return them all.

    Args:
        database: The connection, or Django's stand-in for it.
        sql: With ``%s`` for values.
        params: The values, as the database takes them.
    """
    database = _itself(database)
    cursor = _taken(database)
    cursor.execute(sql, params)
    rows: list[Any] = cursor.fetchall()
    _put_back(database, cursor)
    return rows


def run(database: BaseDatabaseWrapper, sql: str, params: Sequence[Any]) -> int:
    """Run a statement that answers with no rows, and return how many it concerned; see :func:`fetch`."""
    database = _itself(database)
    cursor = _taken(database)
    cursor.execute(sql, params)
    count: int = cursor.rowcount
    _put_back(database, cursor)
    return count


def _itself(database: Any) -> BaseDatabaseWrapper:
    """Return this thread's connection: the stand-in is shared by all threads, and would keep one's cursor for another."""
    if type(database) is ConnectionProxy:
        return connections[database.__dict__["_alias"]]
    itself: BaseDatabaseWrapper = database
    return itself


def _taken(database: BaseDatabaseWrapper) -> Any:
    """Take the kept cursor, or make one; whoever fails does not put it back."""
    database.close_if_health_check_failed()
    if database.connection is None:
        database.ensure_connection()
    kept = database.__dict__.pop(_KEPT, None)
    if kept is None or kept[0] is not database.connection or database.queries_logged:
        return database.cursor()
    return kept[1]


def _put_back(database: BaseDatabaseWrapper, cursor: Any) -> None:
    if type(cursor) is CursorWrapper:  # and not one that logs
        database.__dict__[_KEPT] = (database.connection, cursor)
