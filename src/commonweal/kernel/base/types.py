"""Small values that every app speaks of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

Json: TypeAlias = bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"] | None
"""What canonical JSON can hold; amounts travel as integers or strings, never as floats."""


class ActorKind(StrEnum):
    """Who can act."""

    GUEST = "guest"
    RESIDENT = "resident"
    OFFICER = "officer"
    CLIENT = "client"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, and for whom.

    Attributes:
        kind: What sort of actor.
        id: Pseudonymous id (a person's or officer's primary key, a client's name); empty for a guest.
        on_behalf_of: Id of the person or organisation acted for, where it is somebody else.
        agency: Key of the agency an officer or client acts in.
        capabilities: What the actor has been granted, for example ``{"cases.decide"}``.
        teams: Ids of the officer's teams; lists are limited to them in SQL.
        records: Ids of all records that are this resident, that of the account first; empty where there is one.
    """

    kind: ActorKind
    id: str = ""
    on_behalf_of: str | None = None
    agency: str | None = None
    capabilities: frozenset[str] = frozenset()
    teams: tuple[UUID, ...] = ()
    records: tuple[UUID, ...] = ()

    @property
    def person_ids(self) -> tuple[UUID, ...]:
        """Ids of the records for which a resident acts, the one for new things first; none for anybody else.

        Two records that were merged keep each what is its own, so that parting them again needs to move nothing.
        """
        if self.kind is not ActorKind.RESIDENT:
            return ()
        return (UUID(self.on_behalf_of),) if self.on_behalf_of else self.records or (UUID(self.id),)

    @property
    def is_signed_in(self) -> bool:
        """Whether we know who it is."""
        return self.kind is not ActorKind.GUEST

    def can(self, capability: str) -> bool:
        """Whether the capability was granted."""
        return capability in self.capabilities

    @classmethod
    def guest(cls) -> Actor:
        """Somebody who has not signed in."""
        return cls(ActorKind.GUEST)

    @classmethod
    def system(cls, name: str) -> Actor:
        """A job or command of ours, named."""
        return cls(ActorKind.SYSTEM, name)


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in minor units (cents) of one currency.

    Example:
        >>> Money.of("12.50", "USD")
        Money(minor=1250, currency='USD')
        >>> str(Money(1250, "USD") + Money(50, "USD"))
        '13.00 USD'
    """

    minor: int
    currency: str

    @classmethod
    def of(cls, amount: Decimal | int | str, currency: str) -> Money:
        """Turn major units into minor ones, cents half up."""
        cents = (Decimal(amount) * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP)
        return cls(int(cents), currency)

    @property
    def amount(self) -> Decimal:
        """The amount in major units, two places."""
        return Decimal(self.minor).scaleb(-2)

    def __add__(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise ValueError(f"Cannot add {other.currency} to {self.currency}.")
        return Money(self.minor + other.minor, self.currency)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
