"""How a service says whom it is for, and what the check finds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from commonweal.engines.feel import Expression
from commonweal.kernel.base.jurisdiction import Declared, Key
from commonweal.kernel.catalogue.types import LegalReference
from commonweal.kernel.forms.types import CompiledForm

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Feel = Annotated[str, Field(min_length=1, max_length=5_000)]


class EligibilitySource(Declared):
    """The section ``eligibility``: how the answers of the common check stand for what the decision asks.

    The questions of the check are in ``entitlements.yaml`` of the jurisdiction. A question of the form with the same
    key and type as one of them need not be named here.

    Attributes:
        concerns: FEEL over the answers of the check; where it is false, the service is for somebody else.
        otherwise: What to say then.
        assume: FEEL over the answers of the check, for the names that the decision's facts are made of: questions of the
            form, given facts, ``applicant``. They serve the forecast only.
        at_worst: Likewise for what the check does not ask: values that are least favourable. Where the decision grants
            even with them, it is likely; where it does not, it stays open.
        carry: FEEL over the answers of the check, for questions of the form: the exact answers, which somebody may take
            along into an application.
        assuming: What the forecast takes for granted, in plain words.
    """

    concerns: Feel | None = None
    otherwise: Annotated[str, Field(max_length=300)] = ""
    assume: dict[Name, Feel] = Field(default_factory=dict)
    at_worst: dict[Name, Feel] = Field(default_factory=dict)
    carry: dict[Name, Feel] = Field(default_factory=dict)
    assuming: Annotated[str, Field(max_length=500)] = ""


@dataclass(frozen=True, slots=True)
class CompiledEligibility:
    """The section with its expressions over the answers of the check.

    Attributes:
        spec: As declared.
        shared: The questions of the check.
        concerns: Whether the service is for somebody at all; None means it may be.
        assume: Values by the names of the decision.
        at_worst: Least favourable values by the names of the decision.
        carry: Exact answers by question of the form.
    """

    spec: EligibilitySource
    shared: CompiledForm
    concerns: Expression | None
    assume: Mapping[str, Expression]
    at_worst: Mapping[str, Expression]
    carry: Mapping[str, Expression]

    @property
    def names(self) -> frozenset[str]:
        """Questions of the check on which the forecast can hang."""
        all_ = [
            *self.assume.values(),
            *self.at_worst.values(),
            *([self.concerns] if self.concerns is not None else []),
        ]
        return frozenset(name for expression in all_ for name in expression.names)

    def texts(self) -> Iterator[str]:
        """Return every text that a resident may see."""
        yield from (self.spec.otherwise, self.spec.assuming)


class Entry(Declared):
    """An entry of a register that a fact about the person names, for example their dwelling.

    Attributes:
        register_key: Key of the register (written ``register``). Fields that tell of a person count only where the entry is
            about this one.
        key: FEEL over ``applicant`` that makes the entry's key.
    """

    register_key: Key = Field(alias="register")
    key: Feel


class SuggestionsSource(Declared):
    """``suggestions.yaml``: for what purpose, and from what, services are suggested to residents who want it.

    Attributes:
        purpose: As the resident reads it before agreeing.
        legal_basis: Why it may be done.
        known: FEEL for questions of the check, over ``applicant`` (facts), ``awards`` (keys of services with a running
            award), ``entries`` (what registers hold about the person, by register with ``_`` for ``-``) and what is looked up.
        looked_up: Entries of registers, by the name under which FEEL sees each as a context; null where there is none.
    """

    purpose: Annotated[str, Field(min_length=1, max_length=500)]
    legal_basis: Annotated[str, Field(min_length=1, max_length=300)]
    known: Annotated[dict[Name, Feel], Field(min_length=1)]
    looked_up: dict[Name, Entry] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CompiledSuggestions:
    """The file with its expressions.

    Attributes:
        spec: As declared.
        known: By question of the check.
        looked_up: What makes the key of each entry.
    """

    spec: SuggestionsSource
    known: Mapping[str, Expression]
    looked_up: Mapping[str, Expression] = field(default_factory=dict)


class Verdict(StrEnum):
    """What the check finds of a service, in the order in which they are shown."""

    LIKELY = "likely"
    PERHAPS = "perhaps"
    UNLIKELY = "unlikely"


@dataclass(frozen=True, slots=True)
class Prospect:
    """What the check finds of one service, in one language.

    Attributes:
        key: The service.
        name: As residents know it.
        verdict: Likely, perhaps or unlikely.
        outcome: Key of the outcome; empty where it is open.
        reason: Why, in plain words.
        assuming: What was taken for granted.
        depends_on: What it still hangs on and the check does not ask, in plain words.
        law: The rules behind it.
        waits_for: Questions of the check that it still hangs on.
    """

    key: str
    name: str
    verdict: Verdict
    outcome: str
    reason: str
    assuming: str
    depends_on: tuple[str, ...]
    law: tuple[LegalReference, ...]
    waits_for: frozenset[str]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A service that somebody may get, from what is known of them.

    Attributes:
        prospect: What the law says of it so far.
        used: What was known and used, each as question and answer in words.
        unknown: What is still unknown, in words; empty where the law needs no more.
    """

    prospect: Prospect
    used: tuple[tuple[str, str], ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What is suggested to somebody.

    Attributes:
        purpose: What their data are used for.
        legal_basis: Why that may be.
        is_agreed: Whether they want suggestions; else nothing was worked out.
        each: The likely ones first.
        answers: What is known, as answers of the check, to be taken along into an application.
    """

    purpose: str
    legal_basis: str
    is_agreed: bool
    each: tuple[Suggestion, ...] = ()
    answers: Mapping[str, object] = field(default_factory=dict)
