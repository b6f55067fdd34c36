"""Small values that the people app hands to others."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.utils.functional import Promise

from commonweal.kernel.base.types import Json


@dataclass(frozen=True, slots=True)
class KnownFact:
    """The latest that is known of a person under one key.

    Attributes:
        value: JSON; dates in ISO 8601.
        source: Who said so.
        legal_basis: The ground on which it is held.
        observed_at: When it was so.
    """

    value: Json
    source: str
    legal_basis: str
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class PersonCard:
    """What a page or a letter needs to know of a person.

    Attributes:
        id: The person's id; of a merged record, the one that stands for both.
        name: As the person writes it.
        birth_date: Where it is known.
        email: Where to write to; may be empty.
        address: One line a part; empty where it is not known.
        language: BCP 47 tag.
    """

    id: UUID
    name: str
    birth_date: date | None
    email: str
    address: tuple[str, ...]
    language: str


@dataclass(frozen=True, slots=True)
class DemoSignIn:
    """As whom a visitor of the practice city may sign in.

    Attributes:
        email: To sign in with.
        name: Who it is.
        work: An officer's title or agency; empty for a resident.
    """

    email: str
    name: str
    work: str


@dataclass(frozen=True, slots=True)
class MadeToken:
    """A token that was made just now.

    Attributes:
        id: Of its row.
        secret: The token itself; nobody can ever show it again.
    """

    id: UUID
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Link:
    """A link of the page shell.

    Attributes:
        href: Where it leads.
        label: As people read it.
    """

    href: str
    label: str | Promise
