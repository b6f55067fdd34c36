"""The code on every page of a printed form: which service and version it asks for, and which copy it is.

Sixteen characters: eight of the hash of the version's content, seven of the copy, one to check the others. On paper
they stand in groups of four, and in a QR code with the number of the page.

Source: Crockford's Base32 with a check modulo 37; see :mod:`commonweal.kernel.base.references`. ISO/IEC 18004 (QR code).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from commonweal.kernel.base.references import ALPHABET, normalise, with_random

GROUPS = 4
_VERSION = 8
_HASH_DIGITS = 10
_IN_QR = re.compile(r"CW/([0-9A-Z-]{19})/([0-9]{1,3})")


@dataclass(frozen=True, slots=True)
class Mark:
    """What a QR code on a page says.

    Attributes:
        code: The code of the copy.
        page: The page, from 1.
    """

    code: str
    page: int


def new_code(content_hash: str) -> str:
    """Return a code for one more copy of a version's form.

    Example:
        >>> code = new_code("00000000010f" + 52 * "0")
        >>> code[:10], len(code)
        ('0000-0001-', 19)
    """
    return with_random(_of_hash(content_hash), groups=GROUPS)


def read_code(typed: str) -> str | None:
    """Return a code that somebody typed as it is stored, or None where it has a slip."""
    return normalise(typed, groups=GROUPS)


def hash_start(code: str) -> str:
    """Return how the hash of the version begins that a code names, in hexadecimal.

    Example:
        >>> hash_start(new_code("00ff00ff00ff" + 52 * "0"))
        '00ff00ff00'
    """
    value = 0
    for char in code.replace("-", "")[:_VERSION]:
        value = value * len(ALPHABET) + ALPHABET.index(char)
    return f"{value:0{_HASH_DIGITS}x}"


def qr_text(code: str, page: int) -> str:
    """Return what the QR code on a page says."""
    return f"CW/{code}/{page}"


def read_qr(text: str) -> Mark | None:
    """Return what a QR code says, or None where it is none of ours or is damaged."""
    found = _IN_QR.fullmatch(text)
    code = read_code(found[1]) if found else None
    return Mark(code, int(found[2])) if found and code else None


def _of_hash(content_hash: str) -> str:
    value = int(content_hash[:_HASH_DIGITS], 16)
    return "".join(ALPHABET[value >> shift & 31] for shift in range(5 * (_VERSION - 1), -1, -5))
