"""Values that rounds take and give."""

from __future__ import annotations

from collections.abc import Iterator
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
    """

    method: str
    rule: str
    legal_basis: str
    pool: str
    entry: Expression | None = field(compare=False)

    def texts(self) -> Iterator[str]:
        """Return every text that a resident may see."""
        yield self.rule
