"""Encrypts single values at rest, and finds them again without reading them.

Keys come from ``COMMONWEAL_KEYS``, a ring of named keys: the first encrypts, all of them decrypt, so that a
key is replaced by putting a new one in front and encrypting anew. The key named ``index`` makes blind
indexes only; it stays, for what it made cannot be compared with what another key makes.

A ciphertext is bytes: a version (1), the length of the key's name, the name, a nonce of 12 bytes, and
AES-256-GCM's output. What it belongs to (``table.column``) is authenticated, so that a value copied into
another column does not decrypt.

Source: NIST SP 800-38D (GCM); RFC 2104 (HMAC).
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from dataclasses import dataclass, field
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from commonweal.kernel.base.errors import CommonwealError

INDEX_KEY = "index"
KEY_BYTES = 32
_VERSION = 1
_NONCE_BYTES = 12


class Undecryptable(CommonwealError):
    """A stored value does not decrypt: its key is missing, or it was changed or moved."""

    code = "undecryptable"


@dataclass(frozen=True)
class KeyRing:
    """The keys that are in use.

    Attributes:
        current: Name of the key that encrypts.
        keys: Every key that decrypts, by name.
        index: The key of blind indexes.
    """

    current: str
    keys: dict[str, bytes] = field(repr=False)
    index: bytes = field(repr=False)


@cache
def parse_ring(text: str) -> KeyRing:
    """Read a key ring: ``name:key`` pairs with commas, each key 32 bytes in URL-safe Base64.

    Raises:
        ImproperlyConfigured: A pair cannot be read, a name comes twice, or one of the two kinds is missing.
    """
    keys: dict[str, bytes] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        name, _, encoded = pair.partition(":")
        key = _key(encoded)
        if not name.isascii() or not 0 < len(name) < 64 or key is None:
            raise ImproperlyConfigured(
                "COMMONWEAL_KEYS holds name:key pairs with commas between them; each key is 32 bytes in Base64."
            )
        if name in keys:
            raise ImproperlyConfigured(f"COMMONWEAL_KEYS names the key '{name}' twice.")
        keys[name] = key
    index = keys.pop(INDEX_KEY, None)
    if index is None or not keys:
        raise ImproperlyConfigured(
            f"COMMONWEAL_KEYS needs a key named '{INDEX_KEY}' and at least one other key."
        )
    return KeyRing(next(iter(keys)), keys, index)


def _key(encoded: str) -> bytes | None:
    try:
        key = base64.b64decode(encoded.translate(str.maketrans("-_", "+/")), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == KEY_BYTES else None


def ring() -> KeyRing:
    """Return the key ring of this installation.

    Raises:
        ImproperlyConfigured: ``COMMONWEAL_KEYS`` is missing or wrong.
    """
    return parse_ring(settings.COMMONWEAL_KEYS)


def new_key() -> str:
    """Return a fresh key as ``COMMONWEAL_KEYS`` takes it."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode("ascii")


@cache
def _cipher(key: bytes) -> AESGCM:
    """Return what encrypts with a key of the ring; kept, for to make it takes longer than to use it."""
    return AESGCM(key)


def encrypt(plain: bytes, *, context: str) -> bytes:
    """Encrypt a value under the current key.

    Args:
        plain: The value.
        context: What it belongs to, for example ``people_identifier.value``; needed again to decrypt.
    """
    keys = ring()
    name = keys.current.encode("ascii")
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = _cipher(keys.keys[keys.current]).encrypt(nonce, plain, context.encode())
    return bytes([_VERSION, len(name)]) + name + nonce + sealed


def decrypt(cipher: bytes, *, context: str) -> bytes:
    """Decrypt what :func:`encrypt` made.

    Raises:
        Undecryptable: The key is not in the ring, or the value was changed or belongs elsewhere.
    """
    name = key_name(cipher)
    key = ring().keys.get(name)
    body = cipher[2 + len(name) :]
    if key is None or len(body) < _NONCE_BYTES:
        raise Undecryptable(key=name, context=context)
    try:
        return _cipher(key).decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], context.encode())
    except InvalidTag:
        raise Undecryptable(key=name, context=context) from None


def key_name(cipher: bytes) -> str:
    """Return the name of the key that a value was encrypted with.

    Raises:
        Undecryptable: These bytes are not of our making.
    """
    if len(cipher) < 2 or cipher[0] != _VERSION or not cipher[2 : 2 + cipher[1]].isascii():
        raise Undecryptable(key="", context="")
    return cipher[2 : 2 + cipher[1]].decode("ascii")


def is_current(cipher: bytes) -> bool:
    """Whether a value is encrypted with the key that encrypts now."""
    return key_name(cipher) == ring().current


def blind_index(value: str, *, context: str) -> str:
    """Return 64 hexadecimal digits by which an encrypted value can be found, exactly, and not read.

    Args:
        value: The value in its one normal form.
        context: What it belongs to; equal values of two contexts have different indexes.
    """
    return hmac.digest(ring().index, f"{context}\x00{value}".encode(), "sha256").hex()


def steady_draw(what: str, *, below: int) -> int:
    """Return a number from 0 to ``below`` - 1 that nobody else can tell, and that is always the same for one thing.

    Args:
        what: What it is drawn for.
        below: At least 1.
    """
    return int(blind_index(what, context="base.steady_draw"), 16) % below
