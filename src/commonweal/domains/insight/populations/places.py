"""Where the made people live: districts and how many people each has."""

from __future__ import annotations

from dataclasses import dataclass

from commonweal.domains.insight.populations.marginals import STATE_DISTRICTS

PLACES = {"port-alder": "Port Alder", "state": "A state of 8 million people"}
"""The populations there are, with what people call them."""

BLOCK = 65_536
"""People in a block at most."""


@dataclass(frozen=True, slots=True)
class District:
    """A part of a place.

    Attributes:
        key: Stored in the column ``district``.
        name: As people read it.
        people: How many live there.
    """

    key: str
    name: str
    people: int


@dataclass(frozen=True, slots=True)
class Block:
    """People that are made in one go; a block can be made anywhere, in any order.

    Attributes:
        place: A key of `PLACES`.
        number: Among the blocks of the place, from 0.
        district: Where they live: the place among ``districts``.
        districts: Keys of all districts.
        people: How many.
        first: How many people there are before this block.
        seed: As given to ``make``.
    """

    place: str
    number: int
    district: int
    districts: tuple[str, ...]
    people: int
    first: int
    seed: int


def districts(place: str, people: int | None = None) -> tuple[District, ...]:
    """Return the districts of a place; with ``people``, as many as asked for, spread alike.

    Raises:
        ValueError: There is no such place, or fewer than one person is asked for.
    """
    if place not in PLACES:
        raise ValueError(f"There is no population {place!r}; there are: {', '.join(PLACES)}.")
    return _spread([District(*parts) for parts in STATE_DISTRICTS] if place == "state" else _city(), people)


def _city() -> list[District]:
    from commonweal.kernel.places.queries import areas  # noqa: PLC0415 - slow import: Django, which a worker lacks

    return [District(area.key, area.name, area.population) for area in areas()]


def _spread(found: list[District], people: int | None) -> tuple[District, ...]:
    if people is None:
        return tuple(found)
    if people < 1:
        raise ValueError("A population has at least one person.")
    total = sum(district.people for district in found)
    edges, so_far = [0], 0
    for district in found:
        so_far += district.people
        edges.append(people * so_far // total)
    return tuple(
        District(district.key, district.name, edges[at + 1] - edges[at]) for at, district in enumerate(found)
    )


def blocks(place: str, *, people: int | None = None, seed: int = 1) -> tuple[Block, ...]:
    """Return the blocks of a population, in the order in which `make` gives them.

    Raises:
        ValueError: See `districts`; or the seed is negative.
    """
    if seed < 0:
        raise ValueError("A seed is a whole number from 0 on.")
    parts = districts(place, people)
    keys = tuple(district.key for district in parts)
    found: list[Block] = []
    first = 0
    for at, district in enumerate(parts):
        left = district.people
        while left:
            some = min(left, BLOCK)
            found.append(Block(place, len(found), at, keys, some, first, seed))
            left, first = left - some, first + some
    return tuple(found)
