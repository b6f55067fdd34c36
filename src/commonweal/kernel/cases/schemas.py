"""How the API writes what the law says."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from ninja import Schema

from commonweal.kernel.base.types import Money
from commonweal.kernel.decisions.types import Evaluated, LawCitation, Step, as_text

LONGEST_TRACE = 200_000
"""Letters and values together: some twenty times that of the largest household."""


def is_within(value: Any, most: int) -> bool:
    """Whether JSON holds at most so many letters and values together; it is looked through no further than that."""
    waiting, size = [value], 0
    while waiting and size <= most:
        part = waiting.pop()
        if isinstance(part, dict):
            waiting.extend((*part, *part.values()))
        elif isinstance(part, (list, tuple)):
            waiting.extend(part)
        size += len(part) if isinstance(part, (str, dict, list, tuple)) else 1
    return size <= most


class Amount(Schema):
    """Money in minor units."""

    minor: int
    currency: str

    @classmethod
    def of(cls, money: Money) -> Amount:
        """Write an amount for the API."""
        return cls(minor=money.minor, currency=money.currency)


class Citation(Schema):
    """A place in the law."""

    text: str
    title: str
    url: str

    @classmethod
    def of(cls, citation: LawCitation) -> Citation:
        """Write a citation for the API."""
        return cls.model_construct(text=citation.text, title=citation.title, url=citation.url)


class ExplainedStep(Schema):
    """One step of an explanation.

    Attributes:
        name: The decision's name in the model.
        label: As people read it.
        value: The result as people read it.
        how: The computation with the actual numbers.
        why: What the law says here.
        citations: Where the law says so.
    """

    name: str
    label: str
    value: str
    how: str
    why: str
    citations: list[Citation]

    @classmethod
    def of(cls, step: Step) -> ExplainedStep:
        """Write a step for the API; it is checked with the answer that it is part of."""
        return cls.model_construct(
            name=step.name,
            label=step.label,
            value=step.value,
            how=step.how,
            why=" ".join(part for part in (step.why, step.rule) if part),
            citations=[Citation.of(citation) for citation in step.citations],
        )


class LawUsed(Schema):
    """Exactly which law was applied, by which engine."""

    programme: str
    model_file: str
    model_hash: str
    parameters_hash: str
    parameters: dict[str, str]
    engine: str
    reference_on: date
    known_on: date | None


class Evaluation(Schema):
    """What the law says of some facts.

    Attributes:
        outcome: Key of the outcome; null where something is missing.
        label: The outcome in plain words.
        is_fault: Whether something is missing or went wrong, so that nothing may be concluded.
        fault_reason: What, in words that name it.
        needs_officer: Whether a person has to decide.
        officer_reason: Why.
        missing: Facts that still matter, those that decide most first.
        amounts: By name.
        result: Every intermediate figure.
        steps: The explanation, in the law's order.
        text: The explanation as plain text.
        citations: The law that was applied.
        law: Which law exactly; null where none is in force.
        trace: The engine's own trace; null where it is too long to send.
    """

    outcome: str | None
    label: str
    is_fault: bool
    fault_reason: str
    needs_officer: bool
    officer_reason: str
    missing: list[str]
    amounts: dict[str, Amount]
    result: Any
    steps: list[ExplainedStep]
    text: str
    citations: list[Citation]
    law: LawUsed | None
    trace: dict[str, Any] | None


def written(found: Evaluated, label: str) -> Evaluation:
    """Write what the law says for the API."""
    versions, steps = found.versions, found.steps
    trace = dict(found.trace) if found.trace is not None and is_within(found.trace, LONGEST_TRACE) else None
    return Evaluation(
        outcome=found.outcome,
        label=label,
        is_fault=found.is_fault,
        fault_reason=found.fault_reason,
        needs_officer=found.needs_officer,
        officer_reason=found.officer_reason,
        missing=list(found.missing),
        amounts={name: Amount.of(money) for name, money in found.amounts.items()},
        result=found.result,
        steps=[ExplainedStep.of(step) for step in steps],
        text=as_text(steps),
        citations=[Citation.of(citation) for citation in found.citations],
        law=LawUsed(**{name: getattr(versions, name) for name in LawUsed.model_fields}) if versions else None,
        trace=trace,
    )


class NewerVersion(Schema):
    """What going on with the newer version of the service means for an application.

    Attributes:
        version: The newer version; null where there is none.
        lost: Answers that would go, by question: the question as it was asked, then the answer.
        new: Questions that were not there before.
        again: Headings of answered pages whose questions have changed.
    """

    version: UUID | None
    lost: dict[str, list[str]]
    new: list[str]
    again: list[str]


class MovedForward(Schema):
    """The version that was shown, and the revision of the application."""

    version: UUID
    revision: int
