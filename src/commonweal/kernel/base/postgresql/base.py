"""Django's PostgreSQL backend; whether the server hung up since the last request is seen without asking it.

Django sends ``SELECT 1`` before the first statement of every request. A server that stops or ends a session says so and
closes the connection, and both lie ready to be read: a connection on which nothing does is as good as one that just answered.
Only what nobody announces, such as a cable pulled out, needs the question, so it is still asked where the last one is
some seconds old.

Times come in UTC, and Python reads what the server writes at an eighth of what Django's loader takes; a page reads a dozen.
"""

from __future__ import annotations

import select
import time
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.postgresql.psycopg_any import BaseTzLoader
from django.db.backends.postgresql.schema import DatabaseSchemaEditor
from psycopg import Error
from psycopg.adapt import AdaptersMap

TRUSTED_S = 15.0
"""How long after an answered question a connection that is silent is taken for a good one."""


class UtcLoader(BaseTzLoader):  # type: ignore[misc]  # django-stubs say nothing of it
    """Reads a time that the server writes in UTC, as all are for us; whatever else it writes, psycopg's way."""

    timezone = UTC

    def load(self, data: Any) -> datetime:
        """Return a time; psycopg says what is wrong with one that Python has no room for."""
        try:
            found = datetime.fromisoformat(str(data, "ascii"))
        except ValueError:
            return super().load(data)  # type: ignore[no-any-return]  # likewise
        return found if found.tzinfo is UTC else super().load(data)


@cache
def _in_utc(adapters: AdaptersMap) -> AdaptersMap:
    """Return how values are read and written, times in UTC."""
    own = AdaptersMap(adapters)
    own.register_loader("timestamptz", UtcLoader)
    return own


class SchemaEditor(DatabaseSchemaEditor):
    """Makes no second index for keys.

    Django gives each text with an index another one, for ``LIKE``. What is unique, or refers to what is, is looked up whole;
    each row that is written would be entered there for nothing. A text with ``db_index`` still gets both, but not one that was
    unique before: Django takes its second index for made.
    """

    def _create_like_index_sql(self, model: Any, field: Any) -> Any:
        is_key = field.unique or field.is_relation
        return None if is_key else super()._create_like_index_sql(model, field)  # type: ignore[misc]  # not in django-stubs


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that is asked whether it lives only where it may not."""

    SchemaEditorClass = SchemaEditor
    health_check_done: bool  # missing in django-stubs
    _answered_at = float("-inf")

    def get_connection_params(self) -> dict[str, Any]:
        """Return what psycopg connects with."""
        params = super().get_connection_params()
        if self.timezone is UTC:
            params["context"] = _in_utc(params["context"])
        return params

    def close_if_health_check_failed(self) -> None:
        """Close the connection where the server is gone; called before a request's first statement."""
        if self.connection is None or not self.health_check_enabled or self.health_check_done:  # type: ignore[attr-defined]  # missing in django-stubs
            return
        now = time.monotonic()
        if now - self._answered_at < TRUSTED_S and self._is_silent():
            self.health_check_done = True
            return
        super().close_if_health_check_failed()
        self._answered_at = now

    def _is_silent(self) -> bool:
        """Tell whether nothing lies ready to be read: no farewell, no error, no end."""
        try:
            waiting = select.poll()
            waiting.register(self.connection.fileno(), select.POLLIN | select.POLLPRI | select.POLLRDHUP)
            return not waiting.poll(0)
        except (OSError, ValueError, Error):
            return False
