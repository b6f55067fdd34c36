"""Sessions in the database, as Django keeps them; reading one costs a third (``SESSION_ENGINE``)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from commonweal.kernel.base.prepared import Given, Prepared

_running = Prepared(
    lambda: Session.objects.filter(session_key=Given("key"), expire_date__gt=Given("now")).order_by()
)


class SessionStore(db.SessionStore):
    """A session that ends when its row is deleted or its time is over."""

    _row_ends_at: datetime | None = None

    @property
    def ends_at(self) -> datetime | None:
        """When it ends, by the machine's clock; None where nothing was stored yet. It costs no query."""
        if self.modified:  # it will be saved at the end of this request
            return timezone.now() + timedelta(seconds=self.get_expiry_age())
        self.get("")  # reads the row, if nothing has yet
        return self._row_ends_at

    def extend(self) -> None:
        """Let it last as long as a new one, from now."""
        self.modified = True

    def _get_session_from_db(self) -> Session | None:
        found = _running.one(key=self.session_key, now=timezone.now()) if self.session_key else None
        if found is None:
            self._session_key = None
        self._row_ends_at = found.expire_date if found else None
        return found
