"""How a form is declared: the section `form`, in ``form.yaml``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeAlias

import regex
from pydantic import ConfigDict, Field, field_validator, model_validator

from commonweal.kernel.base.jurisdiction import Declared, Key
from commonweal.kernel.files.enums import FileKind

QuestionKey = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
PageKey = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,59}$")]
Feel = Annotated[str, Field(min_length=1, max_length=2_000)]
Condition: TypeAlias = bool | Feel
Line = Annotated[str, Field(min_length=1, max_length=300)]
Asked = Literal["always", "when it matters"]
"""When a question is asked: always (where its conditions let it come), or only while the decision may hang on it."""

AUTOCOMPLETE = frozenset(
    {
        "name", "given-name", "family-name", "email", "tel", "bday", "street-address", "address-line1",
        "address-line2", "address-level1", "address-level2", "postal-code", "country", "organization", "off",
    }
)  # fmt: skip
"""Purposes of fields that browsers fill in (HTML Living Standard, 4.10.18.7; WCAG 2.2, 1.3.5)."""


class Validation(Declared):
    """A rule that an answer has to satisfy.

    Attributes:
        that: FEEL that is true where the answer is right; sees this answer and those before it.
        message: What to tell the resident where it is not.
    """

    that: Feel
    message: Line


def _or_fact_alone(schema: dict[str, Any]) -> None:
    """Say in the JSON Schema that the key of a fact may stand alone."""
    whole = dict(schema)
    schema.clear()
    schema["anyOf"] = [{"type": "string"}, whole]


class Prefill(Declared):
    """Where an answer may be known already: a fact about the applicant, a field of a register's entry, or an award.

    A register is asked only for somebody who has signed in, and a field that tells of a person only where the entry is
    about the applicant.

    Attributes:
        fact: Key of a fact about the applicant, for example ``birth_date``.
        register_key: Key of a register (written ``register``), with ``key``, ``field`` and ``why``.
        key: FEEL over the questions before this one; names the register's entry, for example by a number plate.
        field: Key of the entry's field.
        why: What the register is asked for, for the person whom it concerns.
        award: Key of a service of which the applicant holds running awards. Where there are several, the applicant chooses.
        value: FEEL that makes the answer of the fact, the field or the award (a context of ``item``, ``outcome``, ``starts_on``
            and ``ends_on``), named ``fact``; the fact itself by default.
    """

    model_config = ConfigDict(json_schema_extra=_or_fact_alone)

    fact: QuestionKey | None = None
    award: Key | None = None
    register_key: Key | None = Field(default=None, alias="register")
    key: Feel | None = None
    field: QuestionKey | None = None
    why: Annotated[str, Field(max_length=200)] = ""
    value: Feel = "fact"

    @model_validator(mode="after")
    def _one_way(self) -> Prefill:
        entry = (self.register_key, self.key, self.field, self.why or None)
        alone = [each for each in (self.fact, self.award) if each is not None]
        if len(alone) > 1 or not (not any(entry) if alone else all(entry)):
            raise ValueError("write a 'fact', a 'register' with 'key', 'field' and 'why', or an 'award'")
        if self.award is not None and self.value == "fact":
            raise ValueError("write 'value', FEEL that makes the answer of an award, for example of its item")
        return self


class Question(Declared):
    """What every question has.

    Attributes:
        key: Name of the answer in FEEL, in the API and in the database; never changes.
        label: The question, as a resident reads it.
        hint: Help below the question.
        short: The answer as a noun, for messages: "your rent"; of a yes-no question "whether you rent".
        required: Whether it has to be answered; true, false or FEEL.
        when: FEEL; the question is asked only where it is true.
        valid: Rules that the answer has to satisfy.
        prefill: Where the answer may be known already.
        autocomplete: What browsers may fill in.
        purpose: Why it is asked, shown on demand; needed for sensitive questions.
        sensitive: Whether the answer deserves special protection (health, belief, origin).
        default: What a blank answer of an optional question means.
        ask: ``when it matters`` leaves the question out as soon as its answer can no longer change what comes of the
            application: outcome, amounts, letters, what is granted. The review says so, and it can be answered
            anyway. Left out, the form's own ``ask`` counts.
    """

    key: QuestionKey
    label: Line
    hint: Annotated[str, Field(max_length=1_000)] = ""
    short: Annotated[str, Field(max_length=100)] = ""
    required: Condition = True
    when: Feel | None = None
    valid: tuple[Validation, ...] = ()
    prefill: Prefill | None = None
    autocomplete: str = ""
    purpose: Annotated[str, Field(max_length=500)] = ""
    sensitive: bool = False
    default: Any = None
    ask: Asked | None = None

    @field_validator("prefill", mode="before")
    @classmethod
    def _name_alone(cls, value: Any) -> Any:
        return {"fact": value} if isinstance(value, str) else value

    @field_validator("autocomplete")
    @classmethod
    def _known_purpose(cls, value: str) -> str:
        if value and value not in AUTOCOMPLETE:
            raise ValueError(f"'{value}' is not known to browsers. Known: {', '.join(sorted(AUTOCOMPLETE))}")
        return value

    @model_validator(mode="after")
    def _said_why(self) -> Question:
        if self.sensitive and not self.purpose:
            raise ValueError("a sensitive question needs a 'purpose' that says why it is asked")
        if self.default is not None and self.required is True:
            raise ValueError("a required question has no use for a 'default'")
        return self

    def texts(self) -> Iterator[str]:
        """Return every text that a resident may see."""
        yield from (self.label, self.hint, self.short, self.purpose)
        if self.prefill is not None:
            yield self.prefill.why
        for rule in self.valid:
            yield rule.message


class TextQuestion(Question):
    """One line of text.

    Attributes:
        max_length: In characters.
        pattern: Regular expression that the whole answer matches.
        pattern_message: What to say where it does not.
        upper: Whether the answer is kept in capitals (number plates).
    """

    type: Literal["text"]
    max_length: int = Field(default=200, ge=1, le=500)
    pattern: str = Field(default="", max_length=200)
    pattern_message: str = Field(default="", max_length=300)
    upper: bool = False

    @field_validator("pattern")
    @classmethod
    def _readable(cls, value: str) -> str:
        try:
            regex.compile(value)
        except regex.error as error:
            raise ValueError(f"this is not a regular expression: {error}") from None
        return value

    def texts(self) -> Iterator[str]:
        """Return every text that a resident may see."""
        yield from super().texts()
        yield self.pattern_message


class LongTextQuestion(Question):
    """Several lines of text.

    Attributes:
        max_length: In characters.
    """

    type: Literal["long_text"]
    max_length: int = Field(default=4_000, ge=1, le=20_000)


class NumberQuestion(Question):
    """A number.

    Attributes:
        minimum: Smallest answer allowed (written ``min``).
        maximum: Largest answer allowed (written ``max``).
        decimals: Digits after the point.
        unit: Shown behind the field, for example ``kg``.
    """

    type: Literal["number"]
    minimum: Decimal | None = Field(default=None, alias="min")
    maximum: Decimal | None = Field(default=None, alias="max")
    decimals: int = Field(default=0, ge=0, le=6)
    unit: str = Field(default="", max_length=20)


class MoneyQuestion(Question):
    """An amount in the jurisdiction's currency, with cents.

    Attributes:
        minimum: Smallest answer allowed (written ``min``); nothing below zero by default.
        maximum: Largest answer allowed (written ``max``).
        per: What the amount is for, shown behind the field, for example ``a month``.
    """

    type: Literal["money"]
    minimum: Decimal = Field(default=Decimal(0), alias="min")
    maximum: Decimal = Field(default=Decimal(100_000_000), alias="max")
    per: str = Field(default="", max_length=40)

    def texts(self) -> Iterator[str]:
        """Return every text that a resident may see."""
        yield from super().texts()
        yield self.per


class DateQuestion(Question):
    """A day, asked as day, month and year.

    Attributes:
        earliest: First day allowed.
        latest: Last day allowed.
    """

    type: Literal["date"]
    earliest: date = date(1900, 1, 1)
    latest: date = date(2100, 12, 31)


class BooleanQuestion(Question):
    """Yes or no."""

    type: Literal["boolean"]


class Choice(Declared):
    """One of several possible answers.

    Attributes:
        key: What is stored and what FEEL sees.
        label: As a resident reads it.
        hint: Help below the label.
    """

    key: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$")]
    label: Line
    hint: Annotated[str, Field(max_length=300)] = ""


class ChoiceQuestion(Question):
    """One of several answers, or with ``choices`` any number of them.

    Attributes:
        options: What can be chosen.
        drop_down: Whether a ``choice`` opens as a list, for long options that are asked several times on one page.
    """

    type: Literal["choice", "choices"]
    options: Annotated[tuple[Choice, ...], Field(min_length=2, max_length=100)]
    drop_down: bool = False

    @model_validator(mode="after")
    def _one_of_a_list(self) -> ChoiceQuestion:
        if self.drop_down and (self.type == "choices" or any(option.hint for option in self.options)):
            raise ValueError("only a 'choice' whose options have no hints can be a drop-down")
        return self

    @field_validator("options")
    @classmethod
    def _once(cls, value: tuple[Choice, ...]) -> tuple[Choice, ...]:
        keys = [option.key for option in value]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise ValueError(f"the option '{twice[0]}' stands here twice")
        return value

    def texts(self) -> Iterator[str]:
        """Return every text that a resident may see."""
        yield from super().texts()
        for option in self.options:
            yield from (option.label, option.hint)


class EmailQuestion(Question):
    """An e-mail address."""

    type: Literal["email"]


class PhoneQuestion(Question):
    """A telephone number."""

    type: Literal["phone"]


class AddressQuestion(Question):
    """A postal address: street, unit, city, postal code."""

    type: Literal["address"]


class FileQuestion(Question):
    """Files to hand in: evidence that no register has.

    Attributes:
        kinds: What they may be, told by their content: pdf, photo, document, table or text.
        max_mb: Largest file, in megabytes.
        max_files: Most files.
        kept_days: Days after sending on which the files are deleted, where they need not be kept as long as the case.
    """

    type: Literal["file"]
    kinds: Annotated[tuple[FileKind, ...], Field(min_length=1)] = (FileKind.PDF, FileKind.PHOTO)
    max_mb: int = Field(default=10, ge=1, le=20)
    max_files: int = Field(default=5, ge=1, le=20)
    kept_days: int | None = Field(default=None, ge=1, le=3_650)

    @model_validator(mode="after")
    def _said_what_for(self) -> FileQuestion:
        if not self.purpose:
            raise ValueError("a question for files needs a 'purpose' that says what they are used for")
        if self.default is not None or self.prefill is not None:
            raise ValueError("a question for files has neither 'default' nor 'prefill'")
        return self


Simple: TypeAlias = (
    TextQuestion
    | LongTextQuestion
    | NumberQuestion
    | MoneyQuestion
    | DateQuestion
    | BooleanQuestion
    | ChoiceQuestion
    | EmailQuestion
    | PhoneQuestion
    | AddressQuestion
    | FileQuestion
)


class GroupQuestion(Question):
    """Questions that are answered once for each of several things, for example each person in a household.

    Attributes:
        item: One of them as a noun: "person".
        title: FEEL that makes the title of one item from its answers; the first answer by default.
        minimum: Fewest items allowed (written ``min``).
        maximum: Most items allowed (written ``max``).
        questions: Asked for each item, on one page.
    """

    type: Literal["group"]
    item: Line
    title: Feel | None = None
    minimum: int = Field(default=0, alias="min", ge=0, le=100)
    maximum: int = Field(default=20, alias="max", ge=1, le=100)
    questions: Annotated[
        tuple[Annotated[Simple, Field(discriminator="type")], ...], Field(min_length=1, max_length=60)
    ]

    @model_validator(mode="after")
    def _no_files(self) -> GroupQuestion:
        if any(question.type == "file" for question in self.questions):
            raise ValueError("files are not asked for inside a group; ask for them on a page of their own")
        return self

    def texts(self) -> Iterator[str]:
        """Return every text that a resident may see."""
        yield from super().texts()
        yield self.item
        for question in self.questions:
            yield from question.texts()


AnyQuestion = Annotated[Simple | GroupQuestion, Field(discriminator="type")]


class Page(Declared):
    """One topic.

    Attributes:
        key: Stands in addresses; unique in the form.
        title: The page's heading.
        guidance: Help above the questions, in paragraphs.
        when: FEEL; the page comes only where it is true.
        questions: What is asked; a group stands alone on its page.
    """

    key: PageKey
    title: Line
    guidance: Annotated[str, Field(max_length=3_000)] = ""
    when: Feel | None = None
    questions: Annotated[tuple[AnyQuestion, ...], Field(min_length=1, max_length=60)]

    @model_validator(mode="after")
    def _group_alone(self) -> Page:
        if len(self.questions) > 1 and any(question.type == "group" for question in self.questions):
            raise ValueError("a group stands alone on its page; move the other questions to another page")
        return self


class Form(Declared):
    """The section `form`: pages in the order in which they come.

    Attributes:
        pages: At least one.
        ask: When questions are asked that do not say it themselves. A question that the decision does not take is
            always asked.
        about: Keys of the questions whose answers tell two forms of one person apart in a list: the child's name, the
            number plate. Of a group, the first answer of each item.
    """

    ask: Asked = "always"
    about: Annotated[tuple[str, ...], Field(max_length=5)] = ()
    pages: Annotated[tuple[Page, ...], Field(min_length=1, max_length=200)]


__all__ = [
    "AddressQuestion",
    "AnyQuestion",
    "BooleanQuestion",
    "Choice",
    "ChoiceQuestion",
    "Condition",
    "DateQuestion",
    "EmailQuestion",
    "Feel",
    "FileQuestion",
    "Form",
    "GroupQuestion",
    "LongTextQuestion",
    "MoneyQuestion",
    "NumberQuestion",
    "Page",
    "PhoneQuestion",
    "Prefill",
    "Question",
    "Simple",
    "TextQuestion",
    "Validation",
]
