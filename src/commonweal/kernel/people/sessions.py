"""Sessions in the database, as Django keeps them; reading one costs a third (``SESSION_ENGINE``)."""

from __future__ import annotations

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from commonweal.kernel.base.prepared import Given, Prepared

_running = Prepared(
    lambda: Session.objects.filter(session_key=Given("key"), expire_date__gt=Given("now")).order_by()
)


class SessionStore(db.SessionStore):
    """A session that ends when its row is deleted or its time is over."""

    def _get_session_from_db(self) -> Session | None:
        found = _running.one(key=self.session_key, now=timezone.now()) if self.session_key else None
        if found is None:
            self._session_key = None
        return found
