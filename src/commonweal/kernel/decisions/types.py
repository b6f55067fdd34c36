"""What a service declares about its decision, and what deciding gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Annotated, Any, TypeAlias

from pydantic import Field, model_validator

from commonweal.engines.feel import Expression, Scope, Value
from commonweal.kernel.base.jurisdiction import Declared, Key
from commonweal.kernel.base.types import Json, Money

Feel = Annotated[str, Field(min_length=1, max_length=20_000)]
Line = Annotated[str, Field(min_length=1, max_length=300)]
OutcomeKey = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,59}$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]


Settler: TypeAlias = Callable[
    ["CompiledDecision", Mapping[str, Any], Mapping[str, Value], date], frozenset[str]
]


class Outcome(Declared):
    """One way in which the decision can end.

    Attributes:
        label: In plain words, for the resident.
        explanation: One or two sentences on what it means and what comes next.
        grants: Whether the resident gets what they asked for.
        takes: Whether it changes an award to the resident's burden though nobody asked for that, for example ends it: the
            section ``change`` then counts, and a case that the government opened by itself stays.
        letter: Key of the letter that tells it; none where nothing is sent.
        amount: FEEL over the decision's result: the amount of money that goes with it.
        amounts: Further amounts by name, FEEL likewise.
        labels: Labels of further amounts by name; these stand beside the main one on the page of the case.
        charges: Whether the applicant pays the amount, for example a fee or a tax; else it is what they receive.
        officer: Whether a person has to decide instead.
        appeal_days: Within how many days to object, where it is not the service's usual number.
        lapsed: Whether it comes about by law when the applicant leaves a question unanswered; the model never ends with it.
        silent: Whether it comes about by law when the time for a decision is over; the model never ends with it.
        silent_when: FEEL over the same names as the facts: the silent outcome comes about only where it is true; otherwise
            the case stays with the officers. Goes with ``silent``.
    """

    label: Line
    explanation: Annotated[str, Field(min_length=1, max_length=2_000)]
    grants: bool = False
    takes: bool = False
    letter: Key | None = None
    amount: Feel | None = None
    amounts: dict[Name, Feel] = Field(default_factory=dict)
    labels: dict[Name, Line] = Field(default_factory=dict)
    charges: bool = False
    officer: bool = False
    appeal_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    lapsed: bool = False
    silent: bool = False
    silent_when: Feel | None = None

    @model_validator(mode="after")
    def _condition_of_silence(self) -> Outcome:
        if self.silent_when is not None and not self.silent:
            raise ValueError("'silent_when' goes with 'silent'")
        return self

    @property
    def money(self) -> dict[str, str]:
        """Every amount's expression, by name; the main one is ``amount``."""
        return ({"amount": self.amount} if self.amount else {}) | self.amounts


class OfficerRule(Declared):
    """Facts with which a person has to decide.

    Attributes:
        when: FEEL over the same names as the facts, and the decision's result.
        why: What the officer is told.
    """

    when: Feel
    why: Line


class Appeal(Declared):
    """How to object.

    Attributes:
        days: Within how many days.
        working_days: Within how many working days; one of the two.
        counted_in: Key of one of the jurisdiction's ``other_days``, for example school days; ``working_days`` are then
            days of that kind.
        text: In plain words.
        legal_basis: Where the law says so.
    """

    days: Annotated[int, Field(ge=1, le=3650)] | None = None
    working_days: Annotated[int, Field(ge=1, le=1000)] | None = None
    counted_in: Key | None = None
    text: Annotated[str, Field(min_length=1, max_length=1_000)]
    legal_basis: Line

    @model_validator(mode="after")
    def _one_limit(self) -> Appeal:
        if (self.days is None) == (self.working_days is None):
            raise ValueError("write 'days' or 'working_days'")
        if self.counted_in is not None and self.working_days is None:
            raise ValueError("'counted_in' goes with 'working_days'")
        return self


class FairnessGroup(Declared):
    """A division of people by which outcomes are compared.

    Attributes:
        label: As people read it.
        of: FEEL over the facts that went into the model; gives the key of a group, or null where it cannot be told.
        labels: What the groups are called, by key.
    """

    label: Line
    of: Feel
    labels: dict[Line, Line] = Field(default_factory=dict)


class ProtectedAttribute(Declared):
    """A fact that should not matter but where the law names it.

    Attributes:
        label: As people read it.
        path: Of the fact, from the model's input down: ``Household.members.age``; a list stands for each member.
        values: What it is changed to; may stay out where it is true or false.
    """

    label: Line
    path: Line
    values: tuple[bool | int | str, ...] = ()


class Fairness(Declared):
    """How a service's decisions are held against each other.

    Attributes:
        groups: Divisions by key.
        protected: Attributes by key.
    """

    groups: Annotated[dict[Name, FairnessGroup], Field(min_length=1)]
    protected: dict[Name, ProtectedAttribute] = Field(default_factory=dict)


class StatementLine(Declared):
    """One line of a statement.

    Attributes:
        label: As the resident reads it.
        amount: FEEL over the decision's result; below zero for what is taken off.
        step: Name of the model's decision that gives the amount; its articles of law are shown with the line.
        when: FEEL over the result; the line comes only where it is true.
        total: Whether the line sums up those before it.
    """

    label: Line
    amount: Feel
    step: Line | None = None
    when: Feel | None = None
    total: bool = False


class Statement(Declared):
    """The figures of a decision as a table: a bill, a tax return, a calculation.

    Attributes:
        title: Its heading.
        lines: In order.
    """

    title: Line
    lines: Annotated[tuple[StatementLine, ...], Field(min_length=1, max_length=100)]


class DecisionDeclaration(Declared):
    """The section ``decision`` of a service.

    Attributes:
        programme: Folder of the law, below ``law/``.
        decision: Name of the decision in its models.
        reference_on: FEEL; the day whose law applies.
        given: Facts that the city itself adds (from registers, from running permits), with a line on each.
        facts: FEEL for each input of the model.
        outcome: FEEL over the decision's result; gives a key of ``outcomes``.
        outcomes: Every way in which the decision can end.
        officer_when: On which facts a person has to decide; an officer may confirm what the law says.
        statement: The figures as a table, for residents and officers; nothing is shown if left out.
        appeal: How to object.
        fairness: How decisions are compared between groups, in the register of algorithms.
    """

    programme: Key
    decision: Line
    reference_on: Feel = "case.submitted_on"
    given: dict[Name, Line] = Field(default_factory=dict)
    facts: Annotated[dict[Line, Feel], Field(min_length=1)]
    outcome: Feel
    outcomes: Annotated[dict[OutcomeKey, Outcome], Field(min_length=1)]
    officer_when: tuple[OfficerRule, ...] = ()
    statement: Statement | None = None
    appeal: Appeal
    fairness: Fairness | None = None


@dataclass(frozen=True, slots=True)
class CompiledOutcome:
    """An outcome with its expressions compiled; ``silent_when`` is None where silence depends on nothing."""

    key: str
    spec: Outcome
    amounts: Mapping[str, Expression]
    silent_when: Expression | None = None


@dataclass(frozen=True, slots=True)
class CompiledFairness:
    """The declaration of fairness with its groups compiled.

    Attributes:
        spec: As declared.
        scope: Names of the facts that go into the model.
        groups: Gives the key of a group, by division.
    """

    spec: Fairness
    scope: Scope
    groups: Mapping[str, Expression]


@dataclass(frozen=True, slots=True)
class CompiledLine:
    """A line of a statement with its expressions compiled; ``when`` is None where the line always comes."""

    spec: StatementLine
    amount: Expression
    when: Expression | None


@dataclass(frozen=True, slots=True)
class Figure:
    """A line of a statement, worked out.

    Attributes:
        label: In the main language.
        amount: In the jurisdiction's currency.
        is_total: Whether it sums up those before it.
        citations: Where the law says so.
    """

    label: str
    amount: Money
    is_total: bool
    citations: tuple[LawCitation, ...]


@dataclass(frozen=True, slots=True)
class CompiledDecision:
    """The section ``decision`` as the running system uses it.

    Attributes:
        spec: As declared.
        fact_scope: Names that the facts are made of: answers, ``applicant``, ``case``, given facts.
        facts: Expression for each input of the model.
        reference_on: Gives the reference date.
        result_scope: The same names, and the decision's result under its name.
        outcome: Gives the outcome's key.
        outcomes: By key.
        officer_when: Conditions and what the officer is told.
        fairness: How decisions are compared; None where nothing is declared.
        lines: Of the statement; they see the decision's result alone, under its name.
        settler: Finds what no longer matters; see :meth:`settled`.
    """

    spec: DecisionDeclaration
    fact_scope: Scope
    facts: Mapping[str, Expression]
    reference_on: Expression
    result_scope: Scope
    outcome: Expression
    outcomes: Mapping[str, CompiledOutcome]
    officer_when: tuple[tuple[Expression, str], ...]
    fairness: CompiledFairness | None = None
    lines: tuple[CompiledLine, ...] = ()
    settler: Settler | None = field(default=None, compare=False, repr=False)

    def settled(self, sections: Mapping[str, Any], answers: Mapping[str, Value], on: date) -> frozenset[str]:
        """Return the answers that this decision takes and that can no longer change what comes of it.

        Args:
            sections: All compiled sections of the service.
            answers: FEEL values by question; unknown where nobody has answered.
            on: The day on which the application is sent, if it were sent now.
        """
        return self.settler(self, sections, answers, on) if self.settler else frozenset()

    def texts(self) -> Iterator[str]:
        """Return every text that a resident may see."""
        for outcome in self.spec.outcomes.values():
            yield from (outcome.label, outcome.explanation, *outcome.labels.values())
        yield self.spec.appeal.text
        if self.spec.fairness is not None:
            for group in self.spec.fairness.groups.values():
                yield from (group.label, *group.labels.values())
            yield from (attribute.label for attribute in self.spec.fairness.protected.values())
        if self.spec.statement is not None:
            yield self.spec.statement.title
            yield from (line.label for line in self.spec.statement.lines)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """How a decision would end with half of the facts.

    Attributes:
        outcome: Key of the outcome; None where it is open, or cannot be told.
        waits_for: Names of the service's facts that it still hangs on; empty where it cannot be told.
    """

    outcome: str | None
    waits_for: frozenset[str]


@dataclass(frozen=True, slots=True)
class LawCitation:
    """A place in the law; ``url`` may be empty."""

    text: str
    title: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an explanation.

    Attributes:
        name: The decision's name in the model.
        label: As people read it.
        value: The result as people read it.
        how: The computation with the actual numbers; empty where there is none to show.
        why: What the law says here, in plain words.
        rule: Of a table, the note of the rule that applied.
        citations: Where the law says so.
        tone: ``yes``, ``no`` or ``unknown`` for a truth value, else empty.
        is_code: Whether the result is a key of the law that nobody gave words to; the note of its rule says more.
    """

    name: str
    label: str
    value: str
    how: str = ""
    why: str = ""
    rule: str = ""
    citations: tuple[LawCitation, ...] = ()
    tone: str = ""
    is_code: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """One of the few steps that decided.

    Attributes:
        name: Of the model's decision.
        label: As people read it.
        value: Its result as people read it; empty where the label says it all.
        why: What the law says here; of a condition, not of a figure.
        how: The computation with its numbers, where ``facts`` do not name them.
        facts: What it rested on, as label and value.
        citations: Where the law says so.
        tone: As of :class:`Step`.
    """

    name: str
    label: str
    value: str
    why: str = ""
    how: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    citations: tuple[LawCitation, ...] = ()
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words of a service for what the law names by keys and paths, in one language.

    Attributes:
        called: For keys: of outcomes, of options that the form offers.
        told: For a fact, by its path and value: what the form asked, and the answer; None where it asked for no such thing.
    """

    called: Mapping[str, str] = field(default_factory=dict)
    told: Callable[[str, Value], tuple[str, str] | None] = lambda _path, _value: None


@dataclass(frozen=True, slots=True)
class Grounds:
    """What decided a case, without every step to it.

    Attributes:
        sentences: Notes of the rules that gave the outcome.
        tests: The conditions that it rested on, in the order in which the law looks at them.
        figures: Where there is an amount: it, and what it came from, the nearest first.
        more: How many further conditions were looked at.
        passed: Names of the decisions that lead from these to the outcome.
        beside: Names of the decisions that gave further amounts which the applicant is shown.
        has_steps: Whether there are steps at all: a person, or time, decides without.
    """

    sentences: tuple[str, ...] = ()
    tests: tuple[Reason, ...] = ()
    figures: tuple[Reason, ...] = ()
    more: int = 0
    passed: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    has_steps: bool = False


class Heading(Enum):
    """What steps under one heading have in common."""

    CONDITIONS = "conditions"
    """Conditions and figures that decided, and that were made of facts alone."""
    STEP = "step"
    """They lead to one step that decided."""
    OUTCOME = "outcome"
    """They lead from the steps that decided to the outcome."""
    BESIDE = "beside"
    """They were worked out too, and did not decide."""
    UNKNOWN = "unknown"
    """Nobody knows them; they did not matter."""


@dataclass(frozen=True, slots=True)
class StepGroup:
    """Steps under one heading.

    Attributes:
        heading: What they have in common.
        title: Label of the step that they lead to, else empty.
        steps: In the law's order.
    """

    heading: Heading
    title: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class LawVersions:
    """Exactly which law was applied, by which engine.

    Attributes:
        programme: Its key.
        model_file: File of the model.
        model_hash: SHA-256 of its text.
        parameters_hash: SHA-256 of the parameters' content.
        parameters: Entry that counted, by parameter (``valid_from@known_from``).
        engine: Version of the engine.
        reference_on: The day whose law applied.
        known_on: The day as of which it was known; None for everything that we hold.
    """

    programme: str
    model_file: str
    model_hash: str
    parameters_hash: str
    parameters: Mapping[str, str]
    engine: str
    reference_on: date
    known_on: date | None


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What the law says of some facts; nothing is stored yet.

    Attributes:
        outcome: Key of the outcome; None where there is a fault.
        is_fault: Whether something is missing or went wrong, so that nothing may be concluded.
        fault_reason: What, in words that name it.
        needs_officer: Whether a person has to decide: a fault, an outcome or facts that are declared so.
        officer_reason: Why.
        result: The decision's value as JSON; numbers as text where a float would not be exact.
        amounts: By name; the main one is ``amount``.
        facts: What went into the model, as JSON.
        trace: Facts, values and rules hit, as JSON; None where none was asked for.
        explain: Makes the steps of the explanation, with words for keys of the law.
        citations: The law that was applied.
        versions: Which law exactly; None where no law is in force.
        missing: Paths of the facts and parameters that are missing.
        is_proposal: Whether there is an outcome that an officer may confirm, even where a person has to look.
    """

    outcome: str | None
    is_fault: bool
    fault_reason: str
    needs_officer: bool
    officer_reason: str
    result: Json
    amounts: Mapping[str, Money]
    facts: Mapping[str, Json]
    trace: Mapping[str, Any] | None
    explain: Callable[[Mapping[str, str]], tuple[Step, ...]] = field(repr=False, compare=False)
    citations: tuple[LawCitation, ...]
    versions: LawVersions | None
    missing: tuple[str, ...] = ()
    is_proposal: bool = False

    @property
    def steps(self) -> tuple[Step, ...]:
        """The explanation, in the model's order; made when asked for."""
        return self.explain({})

    @property
    def text(self) -> str:
        """The explanation as plain text, one step a line."""
        return as_text(self.steps)


def as_text(steps: Sequence[Step]) -> str:
    """Write an explanation as plain text, one step a line."""
    return "\n".join(as_line(at, step) for at, step in enumerate(steps, 1))


def as_line(at: int, step: Step) -> str:
    """Write a step as a line of text."""
    how = f" ({step.how})" if step.how else ""
    why = " ".join(part for part in (step.why, step.rule) if part)
    law = f" [{'; '.join(citation.text for citation in step.citations)}]" if step.citations else ""
    return f"{at}. {step.label}: {step.value}{how}. {why}{law}".rstrip()
