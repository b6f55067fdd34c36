"""Values that mass re-assessment takes and gives."""

from __future__ import annotations

from dataclasses import dataclass

from commonweal.kernel.base.types import Money
from commonweal.kernel.reassessments.enums import Kind


@dataclass(frozen=True, slots=True)
class CompiledReassessment:
    """The section `reassessment` of a service.

    Attributes:
        changed: Key of the letter about another amount.
        ended: Key of the letter about an end.
    """

    changed: str
    ended: str


@dataclass(frozen=True, slots=True)
class Total:
    """What a re-assessment comes to, for one kind of change.

    Attributes:
        kind: The kind.
        awards: How many awards.
        pending: Of them, those not issued yet.
        before: Sum of the amounts until now.
        after: Sum of the amounts from the day on; of those that an officer has to decide, nought.
    """

    kind: Kind
    awards: int
    pending: int
    before: Money
    after: Money


@dataclass(frozen=True, slots=True)
class Difference:
    """A step of the working-out that comes to something else under the new law.

    Attributes:
        label: As people read it.
        before: Under the law until now; empty where there was no such step.
        after: Under the new law; empty where there is no such step.
        how: The new computation with its numbers.
        citations: Where the law says so.
    """

    label: str
    before: str
    after: str
    how: str
    citations: tuple[str, ...]
