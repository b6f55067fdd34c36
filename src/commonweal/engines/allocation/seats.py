"""Places at schools by deferred acceptance, the children proposing.

A school keeps, of all who ask, the first by its order up to its places. Claims that may exceed them (a looked-after
child) are kept up to a few places more, and with one child of a multiple birth its siblings who ask as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Claim:
    """What a child has at one school.

    Attributes:
        order: Among all who ask there; the smaller one goes first.
        may_exceed: Whether it may be kept above the places.
        is_held: Whether the place is the child's already: it is kept, however many places there are.
    """

    order: tuple[Any, ...]
    may_exceed: bool = False
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class Child:
    """Somebody who asks for a place.

    Attributes:
        key: Unique; breaks the last tie.
        choices: Keys of schools, the best first.
        claims: What it has at each school; at least at each chosen one.
        birth: The same for children of one birth; empty for a single child.
        waiting: The order on the waiting list of a school, where it is not that of the claim.
    """

    key: str
    choices: tuple[str, ...]
    claims: Mapping[str, Claim] = field(default_factory=dict)
    birth: str = ""
    waiting: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class School:
    """Where places are.

    Attributes:
        key: Unique.
        places: How many; not below nought.
        extra: How many more claims that may exceed are kept.
    """

    key: str
    places: int
    extra: int = 0


@dataclass(frozen=True, slots=True)
class Placement:
    """What a round brought.

    Attributes:
        placed: School by child; who is missing has none.
        waiting: By school, those who would rather be there than where they are, the first first.
        last: By school that turned somebody away, the order of the last child it kept.
        rounds: How often everybody without a place asked.
    """

    placed: Mapping[str, str]
    waiting: Mapping[str, tuple[str, ...]]
    last: Mapping[str, tuple[Any, ...]]
    rounds: int


def places(children: Iterable[Child], schools: Iterable[School]) -> Placement:
    """Place children, so that nobody is passed over for somebody behind, and nobody is better off for hiding a choice.

    Args:
        children: In any order.
        schools: Those that may be chosen.

    Returns:
        The placement. It is the best stable one for every child.

    Raises:
        ValueError: A key stands twice, a choice names no school, stands twice or has no claim, or places are below nought.
    """
    known = {school.key: school for school in schools}
    asking = {child.key: child for child in _checked(children, known)}
    turn = dict.fromkeys(asking, 0)
    kept: dict[str, list[Child]] = {key: [] for key in known}
    turned_away: dict[str, list[Child]] = defaultdict(list)
    free, rounds = list(asking.values()), 0
    while free:
        rounds += 1
        asked: dict[str, list[Child]] = defaultdict(list)
        for child in free:
            if turn[child.key] < len(child.choices):
                asked[child.choices[turn[child.key]]].append(child)
        free = []
        for key, new in asked.items():
            kept[key], away = choose(known[key], [*kept[key], *new])
            turned_away[key] += away
            free += away
        for child in free:
            turn[child.key] += 1
    return Placement(
        placed={child.key: key for key in known for child in kept[key]},
        waiting=_waiting(turned_away),
        last={
            key: (*kept[key][-1].claims[key].order, kept[key][-1].key)
            for key in known
            if kept[key] and turned_away[key]
        },
        rounds=rounds,
    )


def choose(school: School, asking: Sequence[Child]) -> tuple[list[Child], list[Child]]:
    """Return whom a school keeps of those who ask, and whom it turns away, each in its order."""
    listed = sorted(asking, key=lambda child: _order(child, school.key))
    kept = [child for at, child in enumerate(listed) if _is_kept(child.claims[school.key], at, school)]
    births = {child.birth for child in kept if child.birth}
    stays = {child.key for child in kept} | {child.key for child in listed if child.birth in births}
    return (
        [child for child in listed if child.key in stays],
        [child for child in listed if child.key not in stays],
    )


def _is_kept(claim: Claim, at: int, school: School) -> bool:
    if claim.is_held or at < school.places:
        return True
    return claim.may_exceed and at < school.places + school.extra


def _order(child: Child, school: str) -> tuple[Any, ...]:
    claim = child.claims[school]
    return (not claim.is_held, *claim.order, child.key)


def _waiting_order(child: Child, school: str) -> tuple[Any, ...]:
    return (*child.waiting.get(school, child.claims[school].order), child.key)


def _waiting(turned_away: Mapping[str, list[Child]]) -> dict[str, tuple[str, ...]]:
    """Whoever a school turned away asked it before the place held now: all of them would rather be there."""
    return {
        key: tuple(child.key for child in sorted(away, key=lambda child: _waiting_order(child, key)))
        for key, away in turned_away.items()
    }


def _checked(children: Iterable[Child], schools: Mapping[str, School]) -> list[Child]:
    listed = sorted(children, key=lambda child: child.key)
    if len({child.key for child in listed}) < len(listed):
        raise ValueError("A child stands twice.")
    if any(min(school.places, school.extra) < 0 for school in schools.values()):
        raise ValueError("Places are not below nought.")
    for child in listed:
        wrong = [key for key in child.choices if key not in schools or key not in child.claims]
        if wrong or len(set(child.choices)) < len(child.choices):
            raise ValueError(f"Choices of {child.key} name no school, one without a claim, or one twice.")
    return listed
