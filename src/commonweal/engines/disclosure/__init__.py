"""Which cells of a published table of counts stay hidden, so that nobody is found in a small group.

>>> hidden([[40, 3, 57], [60, 20, 20]], least=10)
[[True, True, False], [True, True, False]]

Or every count is rounded to a base, up or down by chance, so that nothing need be hidden:

>>> [rounded(count, base=10, draw=4) for count in (0, 3, 5, 10, 14, 15)]
[0, 0, 10, 10, 10, 20]

Source: A. Hundepool and others, Statistical Disclosure Control (2012), section 4.2 (threshold rule), 4.4
(secondary suppression) and 5.4 (rounding).
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["LEAST", "hidden", "rounded"]

LEAST = 10
"""A count below this, and above nought, is not shown."""

Counts = Sequence[Sequence[int]]
Mask = list[list[bool]]


def hidden(
    table: Counts,
    *,
    least: int = LEAST,
    sums_across: bool = True,
    also: Sequence[Sequence[bool]] | None = None,
) -> Mask:
    """Return which cells of a table must not be shown, if the sums of its rows and columns are.

    A cell above nought and below ``least`` is hidden. A hidden cell could be worked out from the sum of its column
    (or row) if it stood alone there, or if what is hidden there sums to less than ``least``: then another
    cell of the line that counts anybody is hidden too, until nothing more follows: one that shares its other line with
    a hidden cell if there is one, and the smallest of those. Where no cell that counts anybody is left,
    an empty one is hidden. Two hidden cells still tell that both are below their sum.

    Args:
        table: Counts; each row has the same length.
        least: The smallest count that is shown.
        sums_across: Whether the cells of a row add up to a sum that is known. If not, each column stands alone.
        also: Cells that have to be hidden for another reason.

    Returns:
        For each cell whether it is hidden.

    Raises:
        ValueError: The rows differ in length, or a count is below nought.
    """
    widths = {len(row) for row in table}
    if len(widths) > 1 or any(count < 0 for row in table for count in row):
        raise ValueError("A table of counts has rows of one length and no count below nought.")
    mask = [[0 < count < least for count in row] for row in table]
    for row, forced in zip(mask, also or (), strict=False):
        row[:] = [is_hidden or is_forced for is_hidden, is_forced in zip(row, forced, strict=True)]
    lines = _columns(table) + (_rows(table) if sums_across else [])
    while any(_protect(line, table, mask, least) for line in lines):
        pass
    return mask


Line = list[tuple[int, int]]


def _columns(table: Counts) -> list[Line]:
    width = len(table[0]) if table else 0
    return [[(row, column) for row in range(len(table))] for column in range(width)]


def _rows(table: Counts) -> list[Line]:
    return [[(row, column) for column in range(len(cells))] for row, cells in enumerate(table)]


def _protect(line: Line, table: Counts, mask: Mask, least: int) -> bool:
    """Hide one more cell of a row or column that needs it; say whether one was hidden."""
    covered = [(row, column) for row, column in line if mask[row][column]]
    shown = [(row, column) for row, column in line if not mask[row][column]]
    if not covered or not shown:
        return False
    if len(covered) > 1 and sum(table[row][column] for row, column in covered) >= least:
        return False
    row, column = min(shown, key=lambda cell: _cost(cell, line, table, mask))
    mask[row][column] = True
    return True


def _cost(cell: tuple[int, int], line: Line, table: Counts, mask: Mask) -> tuple[bool, bool, int]:
    """Order cells to hide: those that count anybody, then those whose crossing line hides something already."""
    row, column = cell
    is_row = line[0][0] == line[-1][0]
    crossing = [cells[column] for cells in mask] if is_row else mask[row]
    return table[row][column] == 0, not any(crossing), table[row][column]


def rounded(count: int, *, base: int, draw: int) -> int:
    """Return a count as a multiple of a base: the next one below or above, whichever a draw says.

    A count that lies a part of the way to the next multiple goes up with just that probability, so that the mean of
    many rounded counts is right. A published count says no more than that the true one is less than a base away. Draw
    once for a count and keep it: of two draws for the same count, the second tells more.

    Args:
        count: Not below nought.
        base: At least 2.
        draw: From 0 to ``base`` - 1, each as likely; nobody may know it.

    Raises:
        ValueError: An argument is out of its bounds.
    """
    if count < 0 or base < 2 or not 0 <= draw < base:
        raise ValueError("A count is not below nought, a base at least 2, and a draw below the base.")
    over = count % base
    return count - over + (base if draw < over else 0)
