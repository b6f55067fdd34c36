"""How a register is declared, and an entry as others see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import regex
from pydantic import Field, field_validator, model_validator

from commonweal.engines.feel import BOOLEAN, DATE, NUMBER, STRING, ContextType, Type
from commonweal.kernel.base.jurisdiction import Declared, Key

FieldKey = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Line = Annotated[str, Field(min_length=1, max_length=300)]

_TYPES: dict[str, Type] = {
    "text": STRING,
    "number": NUMBER,
    "boolean": BOOLEAN,
    "date": DATE,
    "choice": STRING,
}


class RegisterField(Declared):
    """A fact that every entry may hold.

    Attributes:
        key: Its name in FEEL and in the database.
        type: What kind of fact.
        label: In plain words.
        options: Of a choice, what is possible.
        is_required: Whether an entry without it is refused (written ``required``).
        is_searchable: Whether entries are found by it (written ``searchable``).
        unit: Of a number, for example ``kg``.
        is_personal: Whether it tells of the person whom an entry is about, and so is shown to nobody else in a form
            (written ``personal``); false for what is true of the thing alone, for example a vehicle's length.
    """

    key: FieldKey
    type: Literal["text", "number", "boolean", "date", "choice"]
    label: Line
    options: tuple[str, ...] = ()
    is_required: bool = Field(default=True, alias="required")
    is_searchable: bool = Field(default=False, alias="searchable")
    unit: str = ""
    is_personal: bool = Field(default=True, alias="personal")

    @model_validator(mode="after")
    def _options_of_a_choice(self) -> RegisterField:
        if (self.type == "choice") != bool(self.options):
            raise ValueError("a choice needs 'options', and nothing else has them")
        return self


class EntryKey(Declared):
    """What names an entry.

    Attributes:
        label: In plain words, for example "Number plate".
        pattern: Regular expression that a whole key matches.
    """

    label: Line
    pattern: str

    @field_validator("pattern")
    @classmethod
    def _readable(cls, value: str) -> str:
        try:
            regex.compile(value)
        except regex.error as error:
            raise ValueError(f"this is not a regular expression: {error}") from None
        return value


class Register(Declared):
    """A register: who keeps which facts, and why.

    Attributes:
        key: Equal to the file's name.
        name: As officers and residents know it.
        description: What it holds.
        agency: Key of the agency that keeps it.
        source: Who says so, shown at every value that comes from it.
        legal_basis: The law that orders it.
        purpose: Why it is kept.
        retention: How long, in plain words.
        on_erasure: Whether its law lets a person have entries deleted before that.
        entry_key: What names an entry.
        fields: What an entry holds.
    """

    key: Key
    name: Line
    description: Line
    agency: Key
    source: Line
    legal_basis: Line
    purpose: Line
    retention: Line
    on_erasure: Literal["keep", "delete"] = "keep"
    entry_key: EntryKey
    fields: Annotated[tuple[RegisterField, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _once(self) -> Register:
        keys = [one.key for one in self.fields]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise ValueError(f"the field '{twice[0]}' stands here twice")
        if "key" in keys:
            raise ValueError("'key' is the entry's own name; call the field otherwise")
        return self

    @property
    def feel_type(self) -> ContextType:
        """The type of an entry in FEEL: its key and its fields."""
        return ContextType.of({"key": STRING} | {one.key: _TYPES[one.type] for one in self.fields})


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a register.

    Attributes:
        id: Primary key.
        register: Key of the register.
        key: Names the entry, for example a number plate.
        values: Facts by field: text, decimal text, true or false, ISO dates; None where a fact is not known.
        source: Who says so.
        observed_at: When it was so.
        subject: The person it is about, or None.
    """

    id: UUID
    register: str
    key: str
    values: Mapping[str, Any]
    source: str
    observed_at: datetime
    subject: UUID | None


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What is to be put into a register.

    Attributes:
        key: Names the entry.
        values: Facts by field.
        observed_at: When it was so.
        subject: The person it is about, or None.
    """

    key: str
    values: Mapping[str, Any]
    observed_at: datetime
    subject: UUID | None = None


__all__ = ["Entry", "EntryKey", "NewEntry", "Register", "RegisterField"]
