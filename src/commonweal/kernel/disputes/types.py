"""How a jurisdiction declares who puts records right, and the values of disputes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, model_validator

from commonweal.kernel.base.jurisdiction import Declared, Key

FactKey = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]


class Objection(Declared):
    """What somebody can do where a correction is refused.

    Attributes:
        days: Within how many days.
        text: In plain words.
        legal_basis: Where the law says so.
    """

    days: Annotated[int, Field(ge=1, le=3650)]
    text: Annotated[str, Field(min_length=1, max_length=1_000)]
    legal_basis: Annotated[str, Field(min_length=1, max_length=300)]


class Corrections(Declared):
    """``corrections.yaml`` of a jurisdiction: who looks into it when somebody says that a record is wrong.

    Attributes:
        working_days: Within how many working days there is an answer.
        kept_years: How long an answered report is kept.
        appeal: What somebody can do where a correction is refused.
        facts: Key of the team, by the key of a fact about a person.
        registers: Key of the team, by the key of a register.
    """

    working_days: Annotated[int, Field(ge=1, le=1000)]
    kept_years: Annotated[int, Field(ge=0, le=100)]
    appeal: Objection
    facts: dict[FactKey, Key] = Field(default_factory=dict)
    registers: dict[Key, Key] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _anybody(self) -> Corrections:
        if not self.facts and not self.registers:
            raise ValueError("name a team for at least one fact or register")
        return self


@dataclass(frozen=True, slots=True)
class Record:
    """What a value comes from.

    Attributes:
        kind: ``fact`` or ``entry``.
        name: Key of the fact, or of the register.
        field: Of a register, the field.
        key: Of a register, what names the entry.
    """

    kind: str
    name: str
    field: str = ""
    key: str = ""

    @classmethod
    def read(cls, text: str) -> Record | None:
        """Return what a provenance names; None for what is no record."""
        kind, _colon, rest = text.partition(":")
        if kind == "fact" and rest:
            return cls("fact", rest)
        parts = rest.split(":", 2)
        return cls("entry", *parts) if kind == "entry" and len(parts) == 3 else None


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value of a record that an officer can put right.

    Attributes:
        name: Of the form's field.
        label: As people read it.
        value: As it is written there.
        kind: Of the value: text, date, number or boolean.
    """

    name: str
    label: str
    value: str
    kind: str


@dataclass(frozen=True, slots=True)
class Written:
    """A value that was written out in leaves, and how to read it back.

    Attributes:
        leaves: In order.
        shape: The value that they came from.
    """

    leaves: tuple[Leaf, ...]
    shape: Any
