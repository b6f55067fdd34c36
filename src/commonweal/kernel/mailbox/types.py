"""The template of a letter, compiled; and how it is filled in.

A letter is Markdown with three additions:

    {{ decision.amount | money }}        a value of FEEL; ``money``, ``date``, ``time``, ``number`` and ``text`` say how to write it
    {% if household size > 1 %} … {% elif … %} … {% else %} … {% endif %}
    {% for member in household %} … {{ member.name }} … {% endfor %}

Values are written as the reader's language does, and can never become Markdown or HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias
from uuid import UUID

from commonweal.engines import feel
from commonweal.kernel.base.typesetting import END_ISOLATE, ISOLATE, amounts_apart, direction_of
from commonweal.kernel.mailbox.errors import LetterFault
from commonweal.kernel.mailbox.writing import write

FORMATS = ("money", "date", "time", "number", "text")


class About(Protocol):
    """What a letter is about: a case, a dispute, or a :class:`Matter` where no row says all of it."""

    @property
    def stream(self) -> str:
        """Stream of the ledger; the letters of one stream make one thread."""

    @property
    def agency(self) -> str:
        """Key of the agency that writes."""

    @property
    def service_key(self) -> str:
        """The service; empty where there is none."""

    @property
    def version_id(self) -> UUID | None:
        """Its version, where one is known."""

    @property
    def reference(self) -> str:
        """What people quote; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What a letter is about, said in full; see :class:`About`."""

    stream: str
    agency: str
    service_key: str
    version_id: UUID | None
    reference: str


@dataclass(frozen=True, slots=True)
class Text:
    """What stands in the letter as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value is put in.

    Attributes:
        expression: FEEL.
        format: One of ``FORMATS``, or empty: as its type suggests.
    """

    expression: feel.Expression
    format: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Blocks of which at most one is written.

    Attributes:
        branches: Conditions with their blocks, tried in order.
        otherwise: The block where none holds.
    """

    branches: tuple[tuple[feel.Expression, Block], ...]
    otherwise: Block


@dataclass(frozen=True, slots=True)
class Loop:
    """A block that is written once for each item of a list.

    Attributes:
        name: Under which the block knows the item.
        items: FEEL for the list.
        block: What is written.
    """

    name: str
    items: feel.Expression
    block: Block


Node: TypeAlias = Text | Place | Choice | Loop
Block: TypeAlias = tuple[Node, ...]


def _names_in(block: Block) -> Iterator[str]:
    """Yield the names that the expressions of a block read."""
    for node in block:
        if isinstance(node, Place):
            yield from node.expression.names
        elif isinstance(node, Loop):
            yield from node.items.names
            yield from _names_in(node.block)
        elif isinstance(node, Choice):
            for condition, inner in node.branches:
                yield from condition.names
                yield from _names_in(inner)
            yield from _names_in(node.otherwise)


@dataclass(frozen=True, slots=True)
class Wording:
    """A letter in one language.

    Attributes:
        language: BCP 47.
        subject: One line.
        summary: One or two lines for the list of messages; may be empty.
        body: Markdown.
        names: What its expressions read, and the items of its loops.
    """

    language: str
    subject: Block
    summary: Block
    body: Block
    names: frozenset[str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Gather the names."""
        found = frozenset(_names_in((*self.subject, *self.summary, *self.body)))
        object.__setattr__(self, "names", found)


@dataclass(frozen=True, slots=True)
class CompiledLetter:
    """A letter of a service in all its languages.

    Attributes:
        key: Name of the file.
        wordings: By language; the service's main language is always there.
        main_language: Where a reader's own is missing.
    """

    key: str
    wordings: Mapping[str, Wording]
    main_language: str

    def wording(self, language: str) -> Wording:
        """Return the letter in a language, or in the main one."""
        for candidate in (language, language.split("-", maxsplit=1)[0]):
            if candidate in self.wordings:
                return self.wordings[candidate]
        return self.wordings[self.main_language]


@dataclass(frozen=True, slots=True)
class Written:
    """A letter with its values.

    Attributes:
        language: BCP 47.
        subject: One line, plain text.
        summary: Plain text.
        body: Markdown.
    """

    language: str
    subject: str
    summary: str
    body: str


@dataclass
class _Run:
    """One letter being filled in."""

    letter: str
    language: str
    currency: str
    is_markdown: bool
    evaluation: feel.Evaluation = field(default_factory=feel.Evaluation)

    def value(self, expression: feel.Expression, values: Mapping[str, feel.Value]) -> feel.Value:
        """Evaluate; null, unknown and a warning are faults.

        Raises:
            LetterFault: There is no value.
        """
        evaluation = feel.Evaluation(now=self.evaluation.now)
        found = expression.run(expression.scope.frame(values), evaluation)
        if found is None or feel.contains_unknown(found) or evaluation.warnings:
            reason = evaluation.warnings[0].message if evaluation.warnings else "it is not known"
            raise LetterFault(letter=self.letter, expression=expression.text, reason=reason)
        return found

    def block(self, block: Block, values: Mapping[str, feel.Value]) -> str:
        return "".join(self._node(node, values) for node in block)

    def _node(self, node: Node, values: Mapping[str, feel.Value]) -> str:
        if isinstance(node, Text):
            return amounts_apart(node.text, self.language)
        if isinstance(node, Place):
            value = self.value(node.expression, values)
            plain = write(value, node.format, language=self.language, currency=self.currency)
            text = amounts_apart(plain, self.language)
            return isolated(escaped(text) if self.is_markdown else text, self.language)
        if isinstance(node, Choice):
            for condition, block in node.branches:
                if self._holds(condition, values):
                    return self.block(block, values)
            return self.block(node.otherwise, values)
        items = self.value(node.items, values)
        each = items if isinstance(items, list) else [items]
        return "".join(self.block(node.block, {**values, node.name: item}) for item in each)

    def _holds(self, condition: feel.Expression, values: Mapping[str, feel.Value]) -> bool:
        found = self.value(condition, values)
        if not isinstance(found, bool):
            raise LetterFault(
                letter=self.letter, expression=condition.text, reason="it is neither true nor false"
            )
        return found


def fill_in(letter: CompiledLetter, language: str, values: Mapping[str, object], *, currency: str) -> Written:
    """Write a letter.

    Args:
        letter: The template.
        language: The reader's.
        values: What FEEL may name.
        currency: ISO 4217, of amounts that are plain numbers.

    Raises:
        LetterFault: A place or a condition has no value.
    """
    wording = letter.wording(language)
    facts = {
        name: feel.to_value(value)
        for name, value in values.items()
        if feel.normal_name(name) in wording.names
    }
    plain = _Run(letter.key, wording.language, currency, is_markdown=False)
    marked = _Run(letter.key, wording.language, currency, is_markdown=True)
    return Written(
        wording.language,
        " ".join(plain.block(wording.subject, facts).split()),
        " ".join(plain.block(wording.summary, facts).split()),
        marked.block(wording.body, facts),
    )


def isolated(text: str, language: str) -> str:
    """Return a value that keeps its own direction within a text that is written from right to left."""
    return f"{ISOLATE}{text}{END_ISOLATE}" if direction_of(language) == "rtl" else text


_BLANKS = re.compile(r"[^\S\u00a0\u202f]+")
_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"})


def escaped(text: str) -> str:
    """Return a value so that Markdown sees nothing but text in it.

    Source: CommonMark 0.31, section 2.4 (any ASCII punctuation may be escaped).
    """
    return _BLANKS.sub(" ", text).strip().translate(_MARKS)
