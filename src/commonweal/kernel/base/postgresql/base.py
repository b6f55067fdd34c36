"""Django's PostgreSQL backend; whether the server hung up since the last request is seen without asking it.

Django sends ``SELECT 1`` before the first statement of every request. A server that stops or ends a session says so and
closes the connection, and both lie ready to be read: a connection on which nothing does is as good as one that just answered.
Only what nobody announces, such as a cable pulled out, needs the question, so it is still asked where the last one is
some seconds old.
"""

from __future__ import annotations

import select
import time

from django.db.backends.postgresql import base
from psycopg import Error

TRUSTED_S = 15.0
"""How long after an answered question a connection that is silent is taken for a good one."""


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that is asked whether it lives only where it may not."""

    health_check_done: bool  # missing in django-stubs
    _answered_at = float("-inf")

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
