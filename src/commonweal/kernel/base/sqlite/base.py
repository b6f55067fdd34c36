"""Django's SQLite backend with a queue for writers.

SQLite admits one writer at a time, and a writer who finds the door shut sleeps ever longer: under load one may
sleep past its timeout while others pass. Here every transaction first takes a lock on a file beside the
database (``flock``, so the database must lie on a local disk) and gives it back when it ends, killed processes
included. Statements outside a transaction, such as the reads of a page, never wait.

Source: https://www.sqlite.org/lang_transaction.html (BEGIN IMMEDIATE), flock(2).
"""

from __future__ import annotations

import fcntl
import os
import random
import time
from functools import lru_cache
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError

_FIRST_SLEEP_S = 0.0005
_LONGEST_SLEEP_S = 0.008


class _Cursor(base.SQLiteCursorWrapper):
    """Django's cursor, which puts SQLite's placeholders into a statement once."""

    def convert_query(self, query: str, *, param_names: list[str] | None = None) -> str:
        return (
            _converted(query)
            if param_names is None
            else super().convert_query(query, param_names=param_names)
        )


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that queues before it writes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._queue: int | None = None
        self._holds_queue = False

    def create_cursor(self, name: str | None = None) -> Any:
        """Return a cursor."""
        return self.connection.cursor(factory=_Cursor)

    def _start_transaction_under_autocommit(self) -> None:
        self._enter_queue()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # missing in django-stubs
        except BaseException:
            self._leave_queue()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]  # missing in django-stubs
        self._leave_queue()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]  # missing in django-stubs
        finally:
            self._leave_queue()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]  # missing in django-stubs
        finally:
            self._leave_queue()
            if self._queue is not None:
                os.close(self._queue)
                self._queue = None

    def _enter_queue(self) -> None:
        """Wait for our turn.

        Raises:
            OperationalError: The database stayed locked for longer than its ``timeout``.
        """
        if self.is_in_memory_db() or self._holds_queue:
            return
        if self._queue is None:
            path = f"{self.settings_dict['NAME']}.writelock"
            self._queue = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        patience_s = float(self.settings_dict["OPTIONS"].get("timeout", 5))
        until, sleep_s = time.monotonic() + patience_s, _FIRST_SLEEP_S
        while not _try_lock(self._queue):
            if time.monotonic() > until:
                raise OperationalError("database is locked: other writers took too long")
            time.sleep(sleep_s * random.uniform(0.5, 1.5))  # noqa: S311 - spreads waiters, guards nothing
            sleep_s = min(sleep_s * 1.5, _LONGEST_SLEEP_S)
        self._holds_queue = True

    def _leave_queue(self) -> None:
        if self._holds_queue and self._queue is not None:
            fcntl.flock(self._queue, fcntl.LOCK_UN)
            self._holds_queue = False


@lru_cache(maxsize=512)
def _converted(query: str) -> str:
    return str(base.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%"))


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
