"""Values that the ledger takes and gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import UUID

from commonweal.kernel.base.types import Actor, Json, Money

Value: TypeAlias = (
    Json | UUID | date | datetime | Decimal | Money | Sequence["Value"] | Mapping[str, "Value"] | None
)
"""What a payload may hold; all but JSON's own kinds are written as text (``Money`` as minor units and currency)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One of several entries of the same type, made in one go.

    Attributes:
        stream: For example ``case:<uuid>``.
        subject: Whom it is about; the payload is erased with this person.
        payload: The facts.
    """

    stream: str
    subject: UUID | None
    payload: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class LedgerEvent:
    """An entry, decrypted.

    Attributes:
        id: Primary key.
        stream: For example ``case:<uuid>``.
        sequence: From 1, without gaps.
        type: ``app.happened``.
        actor: Who did it (without capabilities).
        at: When.
        subject: Whom it is about.
        payload: The facts as JSON; None once the subject has been erased.
        commitment: SHA-256 over salt and event, which stays for ever.
    """

    id: UUID
    stream: str
    sequence: int
    type: str
    actor: Actor
    at: datetime
    subject: UUID | None
    payload: dict[str, Any] | None
    commitment: bytes


@dataclass(frozen=True, slots=True)
class Access:
    """Somebody looked at a person's data.

    Attributes:
        actor: Who (without capabilities).
        purpose: What for.
        at: When.
    """

    actor: Actor
    purpose: str
    at: datetime
