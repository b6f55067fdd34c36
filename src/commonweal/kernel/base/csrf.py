"""The field by which a form shows that it comes from one of our pages: Django's token, its mask drawn in one go.

Django asks the system for randomness once for each of a mask's 32 characters, which takes as long as one of the page's
statements. Everything else is Django's: the cookie, its secret, how a token is masked, and who checks it.
"""

from __future__ import annotations

from secrets import token_bytes

from django.http import HttpRequest
from django.middleware.csrf import CSRF_ALLOWED_CHARS, get_token

_COUNT = len(CSRF_ALLOWED_CHARS)
_PLACES = {char: place for place, char in enumerate(CSRF_ALLOWED_CHARS)}
_EVEN = 256 - 256 % _COUNT
"""Bytes from here on are thrown away: with them, the first characters would come up more often than the others."""


class Token:
    """The token of a form; it is made where a page shows it, as only such a page sets the cookie."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    def __html__(self) -> str:
        """Return it; it holds letters and digits alone."""
        return token(self._request)


class TokenField(Token):
    """The hidden field with the token of a form."""

    def __html__(self) -> str:
        """Return the field."""
        return f'<input type="hidden" name="csrfmiddlewaretoken" value="{token(self._request)}">'


def token(request: HttpRequest) -> str:
    """Return a new token for a form; see Django's ``get_token``, which also begins a browser's first secret."""
    secret = request.META.get("CSRF_COOKIE")
    if secret is None:
        return get_token(request)
    request.META["CSRF_COOKIE_NEEDS_UPDATE"] = True  # the browser keeps it from now on as long as a new one
    mask = _mask(len(secret))
    masked = [(_PLACES[char] + place) % _COUNT for char, place in zip(secret, mask, strict=True)]
    return "".join([CSRF_ALLOWED_CHARS[place] for place in (*mask, *masked)])


def _mask(length: int) -> list[int]:
    """Return places of characters, each as likely as any other."""
    found: list[int] = []
    while len(found) < length:
        found += [byte % _COUNT for byte in token_bytes(length + 8) if byte < _EVEN]
    return found[:length]
