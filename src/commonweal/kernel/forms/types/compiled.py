"""A form as the running system uses it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from commonweal.engines.feel import Expression, Scope, Value
from commonweal.kernel.forms.types.schema import FileQuestion, Form, GroupQuestion, Page, Simple


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A validation: the expression that has to be true, and the message where it is not."""

    that: Expression
    message: str


@dataclass(frozen=True, slots=True)
class CompiledQuestion:
    """A question with its expressions.

    Each page of a form asks a question for its name some dozens of times, so it lies ready.

    Attributes:
        spec: As declared.
        when: Whether it is asked; None means always.
        required: Whether it has to be answered: a fixed answer, or an expression.
        rules: What the answer has to satisfy.
        prefill: Makes the answer of a fact about the applicant, or of a register's field.
        prefill_key: Names the register's entry; None where the answer comes from no register.
        items: Of a group, the questions for each item.
        title: Of a group, makes the title of an item.
        key: The name of the answer.
        is_group: Whether it is answered once for each of several things.
    """

    spec: Simple | GroupQuestion
    when: Expression | None = None
    required: bool | Expression = True
    rules: tuple[CompiledRule, ...] = ()
    prefill: Expression | None = None
    prefill_key: Expression | None = None
    items: tuple[CompiledQuestion, ...] = ()
    title: Expression | None = None
    key: str = field(init=False)
    is_group: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", self.spec.key)
        object.__setattr__(self, "is_group", self.spec.type == "group")


@dataclass(frozen=True, slots=True)
class CompiledPage:
    """A page with its expressions."""

    spec: Page
    when: Expression | None
    questions: tuple[CompiledQuestion, ...]

    @property
    def key(self) -> str:
        """The page's key."""
        return self.spec.key

    @property
    def group(self) -> CompiledQuestion | None:
        """The group that has this page to itself, or None."""
        return self.questions[0] if self.questions[0].is_group else None


@dataclass(frozen=True, slots=True)
class CompiledForm:
    """A form: its pages, and the FEEL scope of its answers.

    Attributes:
        spec: As declared.
        pages: In order.
        scope: Every question key as a variable with its type.
        item_scopes: For each group, the scope of its items' questions.
        fact_scope: The scope of expressions that prefill: the answers, and ``fact``.
        reader: Turns answers into FEEL; see :meth:`facts`.
        may_skip: Questions that are asked only while the decision may hang on them.
    """

    spec: Form
    pages: tuple[CompiledPage, ...]
    scope: Scope = field(compare=False)
    item_scopes: Mapping[str, Scope] = field(compare=False)
    fact_scope: Scope = field(compare=False)
    reader: Callable[[CompiledForm, Mapping[str, Any]], dict[str, Value]] | None = field(
        default=None, compare=False, repr=False
    )
    may_skip: frozenset[str] = frozenset()

    def facts(self, answers: Mapping[str, Any]) -> dict[str, Value]:
        """Return the answers as FEEL sees them, for sections below which forms cannot be imported."""
        return self.reader(self, answers) if self.reader else {}

    @property
    def questions(self) -> Iterator[CompiledQuestion]:
        """Every question, in order, groups as one."""
        for page in self.pages:
            yield from page.questions

    @property
    def file_questions(self) -> dict[str, FileQuestion]:
        """The questions for files, by key."""
        return {each.key: each.spec for each in self.questions if isinstance(each.spec, FileQuestion)}

    def page(self, key: str) -> CompiledPage | None:
        """Return the page with this key, or None."""
        return next((page for page in self.pages if page.key == key), None)

    def texts(self) -> Iterator[str]:
        """Return every text that a resident may see."""
        for page in self.spec.pages:
            yield from (page.title, page.guidance)
            for question in page.questions:
                yield from question.texts()
