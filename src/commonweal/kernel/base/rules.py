"""Who may do what: a rule is a plain function of an actor (and, in other apps, of the thing)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from commonweal.kernel.base.types import Actor, ActorKind

Rule: TypeAlias = Callable[[Actor], bool]


def anyone(actor: Actor) -> bool:
    """Whoever asks, signed in or not."""
    return True


def signed_in(actor: Actor) -> bool:
    """Anybody whom we know."""
    return actor.is_signed_in


def is_resident(actor: Actor) -> bool:
    """A resident who has signed in."""
    return actor.kind is ActorKind.RESIDENT


def is_officer(actor: Actor) -> bool:
    """Somebody who works for the government and has signed in as such."""
    return actor.kind is ActorKind.OFFICER


def may(capability: str) -> Rule:
    """Return the rule that an actor was granted this capability."""

    def granted(actor: Actor) -> bool:
        return actor.can(capability)

    granted.__name__ = f"may:{capability}"
    return granted
