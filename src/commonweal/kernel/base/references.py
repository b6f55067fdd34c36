"""References that a person can read aloud: random, check-digited, safe in a URL.

Source: Crockford's Base32 alphabet (no I, L, O, U), check symbol modulo 37 restricted to its first 32
by drawing again, so that a reference holds letters and digits only.
"""

from __future__ import annotations

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOK_ALIKES = str.maketrans({"I": "1", "L": "1", "O": "0"})
_GROUPS = 3
_GROUP_SIZE = 4


def new_reference() -> str:
    """Return a fresh reference of 55 random bits, for example ``7K3M-2QX9-CD41``."""
    return with_random("", groups=_GROUPS)


def with_random(fixed: str, *, groups: int) -> str:
    """Return a code that begins with fixed characters of the alphabet and goes on with random ones and a check.

    Args:
        fixed: What it begins with.
        groups: How many groups of four characters it has in all.
    """
    free = groups * _GROUP_SIZE - 1 - len(fixed)
    while True:
        body = fixed + "".join(ALPHABET[byte & 31] for byte in secrets.token_bytes(free))
        check = _check_value(body)
        if check < len(ALPHABET):
            return _grouped(body + ALPHABET[check])


def normalise(text: str, *, groups: int = _GROUPS) -> str | None:
    """Return the reference that somebody typed in its stored form, or None if it has a slip.

    Small letters, blanks, missing dashes and the look-alikes I, L and O are forgiven. A wrong character, and two
    characters that changed places, are always noticed: 32 is a primitive root modulo 37, so that no two of up to 36
    places weigh the same.

    Args:
        text: As typed.
        groups: How many groups of four characters it has.

    Example:
        >>> reference = new_reference()
        >>> normalise(reference.lower().replace("-", " ")) == reference
        True
        >>> normalise("not a reference") is None
        True
    """
    plain = "".join(char for char in text.upper() if char.isalnum()).translate(_LOOK_ALIKES)
    if len(plain) != groups * _GROUP_SIZE or any(char not in ALPHABET for char in plain):
        return None
    if _check_value(plain[:-1]) != ALPHABET.index(plain[-1]):
        return None
    return _grouped(plain)


def _check_value(body: str) -> int:
    value = 0
    for char in body:
        value = (value * 32 + ALPHABET.index(char)) % 37
    return value


def _grouped(plain: str) -> str:
    return "-".join(plain[at : at + _GROUP_SIZE] for at in range(0, len(plain), _GROUP_SIZE))
