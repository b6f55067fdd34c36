"""How an event is written, committed to and sealed: pure functions.

Source: RFC 8785 (canonical JSON); the commitment is SHA-256 over a salt of 32 bytes and the canonical event.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import rfc8785
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from commonweal.kernel.base.encryption import KEY_BYTES, Undecryptable, decrypt, encrypt
from commonweal.kernel.base.types import Actor, Money
from commonweal.kernel.ledger.types import Value

SALT_BYTES = 32
NONCE_BYTES = 12
VERSION = 1


def plain(value: Value) -> Any:
    """Turn a payload's value into plain JSON.

    Raises:
        TypeError: It is of a kind that has no place in the ledger.
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if type(value) is UUID:
        return str(value)
    if isinstance(value, (dict, Mapping)):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, Money):
        return {"minor": value.minor, "currency": value.currency}
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, (UUID, Decimal)):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    raise TypeError(f"A {type(value).__name__} cannot stand in the ledger.")


def canonical(value: Any) -> bytes:
    """Return the one way to write a JSON value.

    Raises:
        ValueError: A number is beyond what JSON can hold (integers beyond 2**53, infinities), or text is not Unicode.
    """
    return _write(value).encode() if _is_simple(value) else bytes(rfc8785.dumps(value))


_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode
_MOST = 2**53 - 1


def _is_simple(value: Any) -> bool:
    """Whether Python's own writer, four times as fast, writes a value as the standard says.

    It orders keys by code points, the standard by UTF-16: the same in ASCII. Of fractions the standard says how they are
    rounded.
    """
    kind = type(value)
    if kind is dict:
        return all(type(key) is str and key.isascii() and _is_simple(each) for key, each in value.items())
    if kind is list:
        return all(map(_is_simple, value))
    if kind is int:
        return bool(-_MOST <= value <= _MOST)
    return value is None or kind is str or kind is bool


def moment(at: datetime) -> str:
    """Return a time as it stands in the commitment: UTC, microseconds, ``Z``."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def new_salt() -> bytes:
    """Return a fresh salt, without which nobody can guess a payload from its commitment."""
    return secrets.token_bytes(SALT_BYTES)


def commit(
    salt: bytes,
    payload: bytes,
    *,
    stream: str,
    sequence: int,
    type_: str,
    actor: Actor,
    at: datetime,
    subject: UUID | None,
) -> bytes:
    """Return the commitment to an event.

    The event is canonical JSON: its members stand in the order of their names, the payload's third.

    Args:
        salt: Random, 32 bytes.
        payload: Canonical JSON.
        stream: For example ``case:<uuid>``.
        sequence: From 1.
        type_: ``app.happened``.
        actor: Who; capabilities and teams are left out.
        at: When.
        subject: Whom it is about.
    """
    before = {
        "actor": {
            "agency": actor.agency,
            "id": actor.id,
            "kind": str(actor.kind),
            "on_behalf_of": actor.on_behalf_of,
        },
        "at": moment(at),
    }
    after = {
        "sequence": sequence,
        "stream": stream,
        "subject": str(subject) if subject else None,
        "type": type_,
        "version": VERSION,
    }
    event = b'%b,"payload":%b,%b' % (canonical(before)[:-1], payload, canonical(after)[1:])
    return hashlib.sha256(salt + event).digest()


def new_wrapped_key(key_id: UUID) -> bytes:
    """Return a fresh data key, wrapped under the current master key."""
    return encrypt(secrets.token_bytes(KEY_BYTES), context=_place("ledger_subjectkey.wrapped", key_id))


def unwrap(key_id: UUID, wrapped: bytes) -> bytes:
    """Return a data key.

    Raises:
        Undecryptable: Its master key is not in the ring, or the row has been altered.
    """
    return decrypt(wrapped, context=_place("ledger_subjectkey.wrapped", key_id))


def close(cipher: AESGCM, event_id: UUID, salt: bytes, payload: bytes) -> bytes:
    """Seal salt and payload, which is canonical JSON, together under a data key."""
    nonce, place = secrets.token_bytes(NONCE_BYTES), _place("ledger_event.ciphertext", event_id)
    return nonce + cipher.encrypt(nonce, salt + payload, place.encode())


def open_(key: bytes, event_id: UUID, ciphertext: bytes) -> tuple[bytes, dict[str, Any]]:
    """Return salt and payload.

    Raises:
        Undecryptable: The row has been altered.
    """
    place = _place("ledger_event.ciphertext", event_id)
    try:
        opened = AESGCM(key).decrypt(ciphertext[:NONCE_BYTES], ciphertext[NONCE_BYTES:], place.encode())
    except (InvalidTag, ValueError):
        raise Undecryptable(key="", context=place) from None
    return opened[:SALT_BYTES], json.loads(opened[SALT_BYTES:])


def _place(column: str, row: UUID) -> str:
    """Return what a sealed value is bound to, so that it opens in no other row."""
    return f"{column}.{row}"
