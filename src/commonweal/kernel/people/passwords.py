"""How passwords are kept: argon2id with OWASP's figures, a few checks at a time.

Source: OWASP Password Storage Cheat Sheet (argon2id, m = 19 MiB, t = 2, p = 1).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from django.contrib.auth.hashers import Argon2PasswordHasher

from commonweal.kernel.base.errors import TooManyRequests

AT_ONCE = 2
PATIENCE_S = 5.0
_gate = BoundedSemaphore(AT_ONCE)


@contextmanager
def gate() -> Iterator[None]:
    """Let a few password checks run at a time, so that a flood of them cannot take the whole machine.

    Raises:
        TooManyRequests: No place came free in time.
    """
    if not _gate.acquire(timeout=PATIENCE_S):
        raise TooManyRequests
    try:
        yield
    finally:
        _gate.release()


class Argon2(Argon2PasswordHasher):
    """Django's argon2id hasher with OWASP's figures, through the gate."""

    memory_cost = 19_456
    time_cost = 2
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """Hash a password."""
        with gate():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Whether a password is the one that was hashed."""
        with gate():
            return super().verify(password, encoded)
