"""How a service declares that it is granted without an application."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from commonweal.engines.feel import Expression
from commonweal.kernel.base.jurisdiction import Declared, Key
from commonweal.kernel.cases.queries import CompiledLookUps, LookUp

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Feel = Annotated[str, Field(min_length=1, max_length=5_000)]


class ProactiveSource(Declared):
    """The section ``proactive``: whom the government need not ask, because it knows all that the law needs.

    Every night the holders of a running award are looked at. Where the facts suffice and the service's own decision
    grants, or takes away what the law takes away by itself (an outcome with ``takes``), a case is opened and goes through its
    stages like any other; where it does neither, nothing is stored. Stages and letters see ``offered``: null where somebody applied.

    Attributes:
        award: Key of the service whose running awards are looked at.
        look_ups: Facts to fetch about the holder first, as in the section of that name.
        when: FEEL over ``applicant`` (facts), ``award`` and what was looked up; only where it is true the holder is a candidate.
            The award is a context: ``outcome``, ``holder``, ``item``, ``starts_on``, ``ends_on``.
        answers: FEEL over the same, for questions of the form.
        once: FEEL likewise; text that names the period, for example a school year: in each there is one offer at most.
        legal_basis: The rule of law that lets it be granted unasked.
        says: What the holder is told beside the decision, in plain words.
    """

    award: Key
    look_ups: dict[Name, LookUp] = Field(default_factory=dict)
    when: Feel
    answers: Annotated[dict[Name, Feel], Field(min_length=1)]
    once: Feel
    legal_basis: Annotated[str, Field(min_length=1, max_length=200)]
    says: Annotated[str, Field(min_length=1, max_length=500)]


@dataclass(frozen=True, slots=True)
class CompiledProactive:
    """The section with its expressions.

    Attributes:
        spec: As declared.
        look_ups: What is fetched first.
        when: Whether a holder is a candidate.
        answers: By question of the form.
        once: Names the period.
    """

    spec: ProactiveSource
    look_ups: CompiledLookUps
    when: Expression
    answers: Mapping[str, Expression]
    once: Expression

    def texts(self) -> Iterator[str]:
        """Return every text that a resident may see."""
        yield self.spec.says
        yield from self.look_ups.texts()
