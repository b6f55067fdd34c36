"""Who may decide."""

from __future__ import annotations

from commonweal.kernel.base.types import Actor, ActorKind

CAPABILITY = "cases.decide"


def may_decide_by_hand(actor: Actor, agency: str) -> bool:
    """Whether an actor may decide in place of the law's model: an officer of the agency who was granted it."""
    return actor.kind is ActorKind.OFFICER and actor.agency == agency and actor.can(CAPABILITY)
