"""Who may decide."""

from __future__ import annotations

from commonweal.kernel.base.types import Actor, ActorKind

CAPABILITY = "cases.decide"
FAIRNESS = "decisions.read_fairness"


def may_decide_by_hand(actor: Actor, agency: str) -> bool:
    """Whether an actor may decide in place of the law's model: an officer of the agency who was granted it."""
    return actor.kind is ActorKind.OFFICER and actor.agency == agency and actor.can(CAPABILITY)


def may_see_exact_fairness(actor: Actor, agency: str) -> bool:
    """Whether an actor sees small groups of a fairness report too: an officer of the agency who was granted it."""
    return actor.kind is ActorKind.OFFICER and actor.agency == agency and actor.can(FAIRNESS)
