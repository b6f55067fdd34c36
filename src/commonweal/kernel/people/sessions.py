"""Sessions in the database, as Django keeps them; reading one costs a third (``SESSION_ENGINE``)."""

from __future__ import annotations

import hmac
import zlib
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any, cast

from django.conf import settings
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.core.signing import b64_decode, b64_encode
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

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        """Read what is stored and signed; what this secret did not sign goes Django's way, through older secrets."""
        signed, _, signature = str(session_data).rpartition(":")
        expected = hmac.digest(_signing_key(self.key_salt, settings.SECRET_KEY), signed.encode(), "sha256")
        if not hmac.compare_digest(signature.encode(), b64_encode(expected)):
            return super().decode(session_data)
        packed = signed.rpartition(":")[0]  # behind it stands when it was stored
        data = b64_decode(packed.removeprefix(".").encode())
        told = self.serializer().loads(zlib.decompress(data) if packed.startswith(".") else data)
        return cast("dict[str, Any]", told)

    def _get_session_from_db(self) -> Session | None:
        found = _running.one(key=self.session_key, now=timezone.now()) if self.session_key else None
        if found is None:
            self._session_key = None
        self._row_ends_at = found.expire_date if found else None
        return found


@lru_cache(maxsize=8)
def _signing_key(salt: str, secret: str) -> bytes:
    """Return the key with which Django signs sessions: it makes it anew each time."""
    return sha256(f"{salt}signer{secret}".encode()).digest()
