"""A lottery that anybody can draw again."""

from __future__ import annotations

import hashlib

DIGITS = 8


def lottery(seed: str, key: str) -> int:
    """Return the number of a key: the first 8 hexadecimal digits of SHA-256 of ``SEED|key`` in UTF-8.

    The seed is drawn and published after the last application is in, so that nobody can choose a lucky key.

    Args:
        seed: Published text.
        key: Of the application.

    Returns:
        From 0 to 2**32 - 1; the smallest goes first.
    """
    return int(hashlib.sha256(f"{seed}|{key}".encode()).hexdigest()[:DIGITS], 16)
