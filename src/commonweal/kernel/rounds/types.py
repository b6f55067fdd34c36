"""Values that rounds take and give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from commonweal.engines.feel import Expression


@dataclass(frozen=True, slots=True)
class CompiledRound:
    """The section ``round`` as the running system uses it.

    Attributes:
        method: Key of the method.
        rule: How it is shared out, in plain words.
        legal_basis: The rule of law.
        pool: Prefix of the pool whose use comes off what there is; empty where there is none.
        entry: What a case has to say to the method.
        last_day: The last day of the round that an application belongs to; None where it is the next that is open.
        told_on: Before which day nobody is told what a round brought; None where at once.
        ends_on: Until when late applications are taken and the waiting goes on; None where none is late.
        is_anew: Whether a case is asked anew, when the round is worked out, what it has to say.
        labels: What the keys of the method are called.
    """

    method: str
    rule: str
    legal_basis: str
    pool: str
    entry: Expression | None = field(compare=False)
    last_day: Expression | None = field(default=None, compare=False)
    told_on: Expression | None = field(default=None, compare=False)
    ends_on: Expression | None = field(default=None, compare=False)
    is_anew: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)

    def texts(self) -> Iterator[str]:
        """Return every text that a resident may see."""
        yield self.rule
        yield from self.labels.values()
