"""Entries of a YAML list as blocks of lines, so that adding or changing one leaves every other line as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from textwrap import dedent, indent
from typing import Any

from commonweal.kernel.authoring.editing import edited, offset_in
from commonweal.kernel.authoring.errors import PlaceNotFound
from commonweal.kernel.base.documents import parse_yaml


@dataclass(frozen=True, slots=True)
class Blocks:
    """The entries of a list as lines.

    Attributes:
        lines: Of the whole file.
        count: How many entries.
        spans: First line and the line behind the last, of each entry, without blank lines behind it; None where the
            list is written in brackets.
        margin: Blanks before each hyphen.
    """

    lines: list[str]
    count: int
    spans: list[tuple[int, int]] | None
    margin: str


def blocks_of(text: str, file: str, path: tuple[Any, ...]) -> Blocks:
    """Return the entries of a list of a file as lines.

    Raises:
        PlaceNotFound: There is no such list.
    """
    document = parse_yaml(text.encode(), file)
    try:
        count = len(at_path(document.data, path))
    except (KeyError, IndexError, TypeError):
        raise PlaceNotFound from None
    lines = text.rstrip("\n").split("\n")
    starts = [document.positions[(*path, at)][0] - 1 for at in range(count)]
    if not starts or any(not lines[start].lstrip().startswith("- ") for start in starts):
        return Blocks(lines, count, None, "")
    margin = lines[starts[0]][: len(lines[starts[0]]) - len(lines[starts[0]].lstrip())]
    tops = [_top(lines, start) for start in starts]
    ends = [*tops[1:], _bottom(lines, starts[-1], len(margin))]
    return Blocks(
        lines, count, [(top, _without_gap(lines, end)) for top, end in zip(tops, ends, strict=True)], margin
    )


def _top(lines: list[str], start: int) -> int:
    """Return the first line of the comments right above an entry."""
    while start and lines[start - 1].lstrip().startswith("#") and not lines[start - 1].startswith("#"):
        start -= 1
    return start


def _bottom(lines: list[str], start: int, depth: int) -> int:
    """Return the line behind the last entry of a list."""
    for at in range(start + 1, len(lines)):
        said = lines[at].strip()
        if said and len(lines[at]) - len(lines[at].lstrip()) <= depth:
            return at
    return len(lines)


def _without_gap(lines: list[str], end: int) -> int:
    while not lines[end - 1].strip():
        end -= 1
    return end


def as_list(own: str, whole: str, change: Callable[[Any], None]) -> str:
    """Change entries of a list that stand by themselves, written in the style of the whole file."""
    wrapped = f"list:\n{indent(own, ' ' * offset_in(whole))}"
    new = edited(wrapped, "list", lambda data: change(data["list"]))
    return dedent(new.partition("\n")[2]).rstrip("\n")


def snippet(entry: Any, whole: str, margin: str) -> list[str]:
    """Return a new entry as lines, written in the style of the whole file."""

    def put(entries: Any) -> None:
        entries[0] = entry

    return indent(as_list("- x\n", whole, put), margin).split("\n")


def joined(*parts: Iterable[str]) -> str:
    """Return lines as a file's text."""
    return "\n".join(line for part in parts for line in part) + "\n"


def at_path(data: Any, path: tuple[Any, ...]) -> Any:
    """Return what stands at a path."""
    for part in path:
        data = data[part]
    return data
