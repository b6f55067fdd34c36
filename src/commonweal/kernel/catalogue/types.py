"""What a service is, in the terms of CPSV-AP, and what its folder compiles to.

Source: Core Public Service Vocabulary Application Profile (CPSV-AP) 3.2, SEMIC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from commonweal.kernel.base.jurisdiction import Declared, Key

Text = Annotated[str, Field(min_length=1, max_length=5_000)]
Line = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\n]+$")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]


class LegalReference(Declared):
    """A rule of law that the service rests on (CPSV-AP: legal resource).

    Attributes:
        citation: As lawyers cite it, for example ``7 CFR 273.9``.
        title: What it regulates, in plain words.
        url: Where it can be read.
    """

    citation: Line
    title: Line
    url: str = Field(default="", pattern=r"^(https://\S+)?$")


class Channel(Declared):
    """A way to reach the service (CPSV-AP: channel).

    Attributes:
        kind: What sort of way; ``online`` means this portal.
        details: Address, number and hours in plain words; not needed for ``online``.
    """

    kind: Literal["online", "counter", "phone", "post"]
    details: str = ""


class Cost(Declared):
    """What the resident pays (CPSV-AP: cost).

    Attributes:
        description: In plain words; says what the amount depends on.
        amount: In major units of the jurisdiction's currency; left out where it depends.
    """

    description: Text
    amount: Decimal | None = Field(default=None, ge=0)


class Evidence(Declared):
    """What the resident has to show (CPSV-AP: evidence).

    Attributes:
        key: Stable name.
        name: In plain words.
        description: What counts.
        register_key: Key of a register the fact may come from instead (written ``register``).
        question: Key of the question of the form that asks for it, for example one for files.
        is_requested: Whether an officer asks for it once the application is here (written ``on_request``).
        is_required: Whether nobody can do without (written ``required``); then one of the three supplies it.
    """

    key: Key
    name: Line
    description: str = ""
    question: str | None = None
    is_requested: bool = Field(default=False, alias="on_request")
    register_key: Key | None = Field(default=None, alias="register")
    is_required: bool = Field(default=True, alias="required")


class Output(Declared):
    """What the resident gets (CPSV-AP: output).

    Attributes:
        name: In plain words.
        description: What it is good for, and for how long.
    """

    name: Line
    description: str = ""


class Processing(Declared):
    """How long a decision takes (CPSV-AP: processing time).

    Attributes:
        description: In plain words.
        working_days: Limit in working days of the jurisdiction.
        calendar_days: Limit in calendar days; one of the two at most.
        legal_basis: Where the limit comes from.
    """

    description: Text
    working_days: int | None = Field(default=None, ge=0, le=1000)
    calendar_days: int | None = Field(default=None, ge=0, le=1000)
    legal_basis: str = ""


class Contact(Declared):
    """Who helps (CPSV-AP: contact point); empty fields fall back on the agency's.

    Attributes:
        email: E-mail address.
        phone: Telephone number.
        hours: When somebody answers.
    """

    email: str = ""
    phone: str = ""
    hours: str = ""


class Purpose(Declared):
    """Why personal data are collected, shown to the resident before the first question.

    Attributes:
        description: What for, in plain words.
        legal_basis: The rule that allows it.
        kept_for: How long, in plain words.
    """

    description: Text
    legal_basis: Line
    kept_for: Line


class ServiceInfo(Declared):
    """What a service is and who it is for: the part of ``service.yaml`` that the catalogue owns.

    Attributes:
        key: Equal to the folder's name; stored with every case, so it never changes.
        name: As residents know it.
        summary: One or two sentences for lists.
        description: What it is, in paragraphs.
        agency: Key of the agency that is answerable.
        audience: Who it is for, in plain words.
        who: Kinds of applicants.
        keywords: Words that residents search by.
        life_events: Keys from ``life-events.yaml``.
        legal_basis: The law it rests on.
        channels: How to apply.
        cost: What it costs.
        evidence: What has to be shown.
        output: What one gets.
        processing: How long it takes.
        languages: BCP 47; the first is the one the files are written in.
        contact: Who helps.
        purpose: Why personal data are collected.
    """

    key: Key
    name: Line
    summary: Annotated[str, Field(min_length=1, max_length=300)]
    description: Text
    agency: Key
    audience: Text
    who: tuple[Literal["person", "business"], ...] = ("person",)
    keywords: tuple[Line, ...] = ()
    life_events: tuple[Key, ...] = ()
    legal_basis: Annotated[tuple[LegalReference, ...], Field(min_length=1)]
    channels: Annotated[tuple[Channel, ...], Field(min_length=1)]
    cost: Annotated[tuple[Cost, ...], Field(min_length=1)]
    evidence: tuple[Evidence, ...] = ()
    output: Annotated[tuple[Output, ...], Field(min_length=1)]
    processing: Processing
    languages: Annotated[tuple[Language, ...], Field(min_length=1)]
    contact: Contact = Contact()
    purpose: Purpose

    @property
    def takes_paper(self) -> bool:
        """Whether one may apply on paper: by post, or by handing a form in over the counter."""
        return any(channel.kind in {"counter", "post"} for channel in self.channels)

    def texts(self) -> Iterator[str]:
        """Return every text that a resident may see."""
        yield from (self.name, self.summary, self.description, self.audience, *self.keywords)
        for reference in self.legal_basis:
            yield reference.title
        for channel in self.channels:
            yield channel.details
        for cost in self.cost:
            yield cost.description
        for evidence in self.evidence:
            yield from (evidence.name, evidence.description)
        for output in self.output:
            yield from (output.name, output.description)
        yield from (self.processing.description, self.contact.hours)
        yield from (self.purpose.description, self.purpose.kept_for)


class LifeEvent(Declared):
    """A moment in life at which people need several services (CPSV-AP: life event).

    Attributes:
        key: Stable name.
        name: As residents would say it.
        summary: One sentence.
    """

    key: Key
    name: Line
    summary: str = ""


class LifeEvents(Declared):
    """The file ``life-events.yaml`` of a jurisdiction."""

    life_events: tuple[LifeEvent, ...]


@dataclass(frozen=True, slots=True)
class Translator:
    """Puts the texts of one service into one language.

    Attributes:
        language: BCP 47.
        messages: Text in the main language to text in this one.

    Example:
        >>> translate = Translator("es", {"Yes": "Sí"})
        >>> translate("Yes"), translate("Not translated")
        ('Sí', 'Not translated')
    """

    language: str
    messages: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, text: str) -> str:
        """Return the translation, or the text itself where there is none."""
        return self.messages.get(text, text)


@dataclass(frozen=True, slots=True)
class CompiledService:
    """A service as the running system uses it.

    Attributes:
        key: The service's key.
        hash: SHA-256 of its files but the translations, in hexadecimal.
        locale_hash: SHA-256 of the translations.
        info: What it is.
        sections: What each section compiled to, by key; None where an optional section is absent.
        translations: Messages by language.
        version_id: The stored version, or None for a folder that is only being checked.
        number: The stored version's number, or 0.
    """

    key: str
    hash: str
    locale_hash: str
    info: ServiceInfo
    sections: Mapping[str, Any]
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    version_id: UUID | None = None
    number: int = 0

    def translator(self, language: str) -> Translator:
        """Return what puts this service's texts into a language (``es-MX`` falls back on ``es``)."""
        for candidate in (language, language.split("-", maxsplit=1)[0]):
            if candidate in self.translations:
                return Translator(candidate, self.translations[candidate])
        return Translator(self.info.languages[0])
