"""What templates show: plain values, in the reader's language, without a query left to make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

_OF_THE_SERVICE = frozenset({"boolean", "choice", "choices"})
"""Types of question whose choices the service declares, the same for everybody."""


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """One of several possible answers."""

    key: str
    label: str
    hint: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a value comes from that the resident did not type.

    Attributes:
        source: Who said so.
        observed_at: When it was so.
        legal_basis: The ground on which it is held; may be empty.
        says: What it says, in words, where the resident has answered something else; empty where they agree.
        record: What exactly it comes from: ``fact:<key>``, or ``entry:<register>:<field>:<key>``; empty where there is
            no record that could be put right.
        why: What a register was asked for; empty for what is known of the person without asking.
    """

    source: str
    observed_at: datetime
    legal_basis: str = ""
    says: tuple[str, ...] = ()
    record: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class KnownAnswer:
    """What a record says where a question asks, beside what the resident says.

    Attributes:
        key: Of the question.
        label: The question.
        page_key: Of its page.
        answer: What the record says, as an answer is stored.
        lines: The same in words.
        provenance: Where it comes from.
        question: The field for another answer; None for a repeating group.
        own_lines: What the resident has answered instead, in words; empty where they have not.
    """

    key: str
    label: str
    page_key: str
    answer: Any
    lines: tuple[str, ...]
    provenance: Provenance
    question: QuestionView | None
    own_lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileView:
    """A file that was handed in.

    Attributes:
        id: Its id.
        name: As its sender called it.
        size: Its length as people write it.
        notice: What there is to say of it: that it is being checked, or dangerous; mostly empty.
        can_open: Whether it may be opened now.
    """

    id: UUID
    name: str
    size: str
    notice: str = ""
    can_open: bool = True


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One question on a page.

    Attributes:
        key: Name of the answer.
        name: Name of the field in the HTML form, and the id of its first input.
        type: As declared, for example ``money``.
        label: The question.
        hint: Help; may be empty.
        purpose: Why it is asked; may be empty.
        is_required: Whether it has to be answered.
        value: What the field shows: text; a dict of texts for dates and addresses.
        choices: Of a choice or a yes-no question, what can be chosen.
        error: What is wrong with the answer; empty where nothing is.
        prefilled: Where the value comes from, if not from the resident.
        autocomplete: What browsers may fill in.
        max_length: Longest text allowed, or None.
        prefix: Shown before the field, for example ``$``.
        suffix: Shown behind it, for example ``a month``.
        input_mode: Keyboard that phones show.
        is_upper: Whether capitals are kept.
        is_drop_down: Of a choice, whether it opens as a list.
        files: Of a question for files, those that were handed in.
        accept: Of a question for files, what the browser offers: endings of names.
        max_bytes: Of a question for files, the largest one.
        max_size: The same as people write it.
        max_files: Likewise, most of them.
    """

    key: str
    name: str
    type: str
    label: str
    hint: str = ""
    purpose: str = ""
    is_required: bool = True
    value: Any = field(default="", hash=False)
    choices: tuple[ChoiceView, ...] = ()
    error: str = ""
    prefilled: Provenance | None = None
    autocomplete: str = ""
    max_length: int | None = None
    prefix: str = ""
    suffix: str = ""
    input_mode: str = "text"
    is_upper: bool = False
    is_drop_down: bool = False
    files: tuple[FileView, ...] = ()
    accept: str = ""
    max_bytes: int = 0
    max_size: str = ""
    max_files: int = 0

    @property
    def is_alike_for_all(self) -> bool:
        """Whether nobody has said or known anything here but what can be chosen, so that the field is drawn once for all."""
        if self.error or self.prefilled is not None or self.type == "file":
            return False
        value = self.value
        if (
            self.choices
        ):  # what is offered to a question of text is the reader's own: their permits, their plates
            return self.type in _OF_THE_SERVICE and self._is_one_of_the_choices()
        return not (any(value.values()) if type(value) is dict else value)

    def _is_one_of_the_choices(self) -> bool:
        """Whether the value is blank or can be chosen; what was sent to us can be any text."""
        if self.value is None or type(self.value) is bool:
            return True
        keys = {choice.key for choice in self.choices}
        given = self.value if isinstance(self.value, list | tuple) else [self.value]
        return all(isinstance(one, str) and (not one or one in keys) for one in given)

    @property
    def options(self) -> list[dict[str, str]]:
        """What can be chosen, as the component macros take it."""
        return [{"value": choice.key, "label": choice.label, "hint": choice.hint} for choice in self.choices]

    def stored(self, files_url: str) -> list[dict[str, str]]:
        """The files that were handed in, as the component macros take them; ``files_url`` is where they are opened."""
        return [
            {
                "name": file.name,
                "size": file.size,
                "note": file.notice,
                "href": f"{files_url}{file.id}/" if file.can_open and files_url else "",
                "remove_name": "remove-file",
                "remove_value": f"{self.name}:{file.id}",
            }
            for file in self.files
        ]

    @property
    def chosen_keys(self) -> list[str]:
        """What is chosen."""
        return [choice.key for choice in self.choices if choice.is_chosen]

    @property
    def chosen(self) -> str:
        """The one that is chosen, or an empty text."""
        return next(iter(self.chosen_keys), "")


@dataclass(frozen=True, slots=True)
class Difference:
    """A question whose saved answer is another than the one just typed, because somebody saved in the meantime.

    Attributes:
        key: Of the question.
        label: The question.
        mine: What was typed, in words; empty where it was left blank.
        newer: What is saved, likewise.
    """

    key: str
    label: str
    mine: tuple[str, ...]
    newer: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupItemView:
    """One item of a repeating group, as the list page shows it.

    Attributes:
        index: From 0.
        title: What to call it.
        facts: Its answers as (label, value) pairs.
        error: What is wrong with it; empty where nothing is.
        prefilled: Where it comes from as a whole, if not from the resident.
        parts: Where each of its answers comes from, where the resident changed only some of them.
    """

    index: int
    title: str
    facts: tuple[tuple[str, str], ...]
    error: str = ""
    prefilled: Provenance | None = None
    parts: tuple[Provenance | None, ...] = ()

    @property
    def is_known_in_part(self) -> bool:
        """Whether some of its answers, and not all of it, come from a record."""
        return self.prefilled is None and any(part is not None and part.record for part in self.parts)

    @property
    def records(self) -> tuple[str, ...]:
        """The records that something of it comes from."""
        found = (self.prefilled, *self.parts)
        return tuple(dict.fromkeys(each.record for each in found if each is not None and each.record))


@dataclass(frozen=True, slots=True)
class GroupView:
    """A repeating group on its list page.

    Attributes:
        key: Name of the answer.
        label: The question.
        hint: Help; may be empty.
        item: One of them as a noun.
        items: What there is so far.
        may_add: Whether one more is allowed.
        maximum: Most items allowed.
        error: What is wrong with the list as a whole.
    """

    key: str
    label: str
    hint: str
    item: str
    items: tuple[GroupItemView, ...]
    may_add: bool
    maximum: int
    error: str = ""


@dataclass(frozen=True, slots=True)
class PageView:
    """A page of a form, in one language.

    Attributes:
        key: The page's key.
        title: Its heading.
        guidance: Help, as paragraphs.
        questions: What is asked on it; empty on the list page of a group.
        group: The repeating group that has the page to itself, or None.
        item_index: On the page of one item of a group, its index; None elsewhere and for a new item.
        is_item: Whether this is the page of one item of a group.
        revision: Goes back with the answers, so that two tabs cannot overwrite each other.
        errors: What is wrong, as (id of the field, message) pairs, for the summary.
        number: Which page it is, from 1, of those that come.
        total: How many pages come, as far as is known.
        most: How many pages may come: those too of which it is not known yet, or that may be left out.
        most_may_change: Whether some of these may yet fall away.
        previous_key: The page before, or None.
        is_known: Whether it shows what a register says of the owner or of those around them.
        looked_up: Persons besides the owner whose entries of a register it shows something of.
    """

    key: str
    title: str
    guidance: tuple[str, ...]
    questions: tuple[QuestionView, ...]
    group: GroupView | None
    item_index: int | None
    is_item: bool
    revision: int
    errors: tuple[tuple[str, str], ...] = ()
    number: int = 1
    total: int = 1
    most: int = 1
    most_may_change: bool = False
    previous_key: str | None = None
    is_known: bool = False
    looked_up: frozenset[UUID] = frozenset()

    @property
    def takes_files(self) -> bool:
        """Whether files can be handed in on it."""
        return any(question.type == "file" for question in self.questions)


@dataclass(frozen=True, slots=True)
class ProgressStep:
    """A page as the list of all steps shows it.

    Attributes:
        key: The page's key.
        title: Its heading.
        is_done: Whether it has been answered.
    """

    key: str
    title: str
    is_done: bool


class ReviewAnswer(NamedTuple):
    """One answer on the page that shows them all; a tuple is made in half the time, and each page makes dozens.

    Attributes:
        key: Name of the answer.
        label: The question.
        lines: The answer as the resident reads it; empty where it was left blank.
        prefilled: Where it comes from, if not from the resident.
        error: What is wrong with it.
        files: Of a question for files, those that were handed in.
    """

    key: str
    label: str
    lines: tuple[str, ...]
    prefilled: Provenance | None = None
    error: str = ""
    files: tuple[FileView, ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewGroup:
    """The answers of one page.

    Attributes:
        page_key: For the link that changes them.
        title: The page's heading.
        answers: Of an ordinary page.
        items: Of a repeating group, one list of answers an item, with its title.
        is_done: Whether the page has been answered.
        error: What is wrong with a group as a whole.
    """

    page_key: str
    title: str
    answers: tuple[ReviewAnswer, ...]
    items: tuple[tuple[str, tuple[ReviewAnswer, ...]], ...] = ()
    is_done: bool = True
    error: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A page with questions that were not asked, because the answers could no longer matter.

    Attributes:
        page_key: For the link that asks them anyway.
        title: The page's heading.
        labels: The questions; empty where the whole page was left out.
    """

    page_key: str
    title: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """Every answer, before it is sent.

    Attributes:
        groups: One a page that comes, in order.
        is_complete: Whether it can be sent.
        revision: Goes back with the order to send.
        problems: What is still wrong or missing, by the key of the page.
        is_known: Whether it shows what a register says of the owner or of those around them.
        left_out: What was not asked, page by page.
    """

    groups: tuple[ReviewGroup, ...]
    is_complete: bool
    revision: int
    problems: Mapping[str, str] = field(default_factory=dict)
    is_known: bool = False
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetCard:
    """A sheet in the list "my drafts".

    Attributes:
        id: The sheet.
        service_key: Its service.
        version_id: The version it is pinned to.
        updated_at: When it was last answered.
        expires_at: When it will be deleted.
    """

    id: UUID
    service_key: str
    version_id: UUID
    updated_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class DraftCard(SheetCard):
    """A sheet in the list "my drafts", in the reader's language.

    Attributes:
        created_at: When it was begun.
        about: What it is about, as far as the answers say so and the form declares it: a child's name, a number plate.
        pages_done: How many pages have been answered.
        last_page: Heading of the page that was answered last; empty where none was.
        next_page: Heading of the page where it goes on; empty where only the last look is left, and in long lists.
    """

    created_at: datetime
    about: str
    pages_done: int
    last_page: str
    next_page: str = ""
