"""Sets of table inputs as boxes: for each column a set of segments, as the bits of a number.

A rule is a box. What no rule covers, and where two rules meet, is found by cutting column
after column; columns on which the remaining rules agree are not cut at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

Box = tuple[int, ...]


class TooManyBoxesError(Exception):
    """The budget of steps is used up."""


class Budget:
    """Steps that a search may take."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    def spend(self) -> None:
        """Take one.

        Raises:
            TooManyBoxesError: There is none left.
        """
        self._left -= 1
        if self._left < 0:
            raise TooManyBoxesError


def meet(left: Box, right: Box) -> Box | None:
    """What two boxes share, or nothing."""
    shared = tuple(a & b for a, b in zip(left, right, strict=True))
    return shared if all(shared) else None


def uncovered(space: Box, boxes: Sequence[Box], budget: Budget, column: int = 0) -> Iterator[Box]:
    """The parts of a space that no box covers, as disjoint boxes."""
    budget.spend()
    if not all(space):
        return
    if not boxes:
        yield space
        return
    if column == len(space):
        return
    for part, inside in _cuts(space[column], boxes, column):
        narrowed = (*space[:column], part, *space[column + 1 :])
        yield from uncovered(narrowed, inside, budget, column + 1)


def _cuts(segments: int, boxes: Sequence[Box], column: int) -> list[tuple[int, list[Box]]]:
    """Groups of segments that lie in the same boxes."""
    groups: dict[tuple[int, ...], int] = {}
    rest = segments
    while rest:
        bit = rest & -rest
        rest ^= bit
        signature = tuple(i for i, box in enumerate(boxes) if box[column] & bit)
        groups[signature] = groups.get(signature, 0) | bit
    return [(part, [boxes[i] for i in signature]) for signature, part in groups.items()]


def first_of(bits: int) -> int:
    """The number of the lowest bit."""
    return (bits & -bits).bit_length() - 1


def members(bits: int) -> Iterator[int]:
    """The numbers of the bits."""
    while bits:
        bit = bits & -bits
        yield bit.bit_length() - 1
        bits ^= bit
