"""Changes single values of a YAML file, and leaves everything else as it was written: comments, order, quotes.

The round trip is that of ruamel.yaml. What a page changes is named by its path, as in :mod:`base.documents`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import LiteralScalarString

from commonweal.kernel.authoring.errors import PlaceNotFound, TextRefused
from commonweal.kernel.authoring.types import Place
from commonweal.kernel.base.documents import Unreadable, parse_yaml

TEXTS = frozenset(
    [
        "audience",
        "citation",
        "description",
        "details",
        "explanation",
        "guidance",
        "hint",
        "hours",
        "item",
        "kept_for",
        "label",
        "legal_basis",
        "message",
        "name",
        "pattern_message",
        "per",
        "purpose",
        "short",
        "summary",
        "text",
        "title",
        "why",
    ]
)
"""Keys whose value people read."""
_LISTS = frozenset({"keywords"})
_LONG = frozenset({"audience", "description", "guidance", "explanation", "text"})
_ITEM = re.compile(r"^( *)(?:- +)?[^\s#][^#]*:\s*(?:#.*)?\n(?:\s*(?:#.*)?\n)*( *)- ", re.MULTILINE)

Path = tuple[str | int, ...]


def values_of(text: str, file: str) -> Any:
    """Return the values of a file, as plain dicts and lists.

    Raises:
        TextRefused: The file is no plain YAML.
    """
    try:
        return parse_yaml(text.encode(), file).data
    except Unreadable as error:
        raise TextRefused(error.problem) from None


def places(text: str, file: str) -> list[Place]:
    """Return the texts of a file that people read, in its order.

    Raises:
        TextRefused: The file is no plain YAML.
    """
    return list(_places(values_of(text, file), ()))


def _places(value: Any, path: Path) -> Iterator[Place]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in TEXTS and isinstance(inner, str):
                yield _place((*path, key), inner)
            elif key in _LISTS and isinstance(inner, list):
                yield from (
                    _place((*path, key, at), one) for at, one in enumerate(inner) if isinstance(one, str)
                )
            else:
                yield from _places(inner, (*path, key))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _places(inner, (*path, at))


def _place(path: Path, text: str) -> Place:
    words = [str(part + 1) if isinstance(part, int) else part for part in path]
    return Place(path, " > ".join(words), text, path[-1] in _LONG or "\n" in text.strip())


def with_texts(text: str, file: str, changed: Mapping[Path, str]) -> str:
    """Return a file with some of its texts changed.

    Raises:
        PlaceNotFound: One of them is not there any more.
        TextRefused: The file is no plain YAML.
    """
    before = {place.path: place.text for place in places(text, file)}
    wanted = {path: _clean(said) for path, said in changed.items()}
    if not wanted.keys() <= before.keys():
        raise PlaceNotFound
    different = {path: said for path, said in wanted.items() if said != before[path].strip()}
    if not different:
        return text

    def change(data: Any) -> None:
        for path, said in different.items():
            parent = _at(data, path[:-1])
            parent[path[-1]] = scalar(said, is_flow=_is_flow(parent))

    return edited(text, file, change)


def edited(text: str, file: str, change: Callable[[Any], None]) -> str:
    """Return a file after a function has changed its values in place.

    Raises:
        PlaceNotFound: The function did not find what it was to change.
        TextRefused: The file is no plain YAML.
    """
    values_of(text, file)  # refuses anchors before they are followed
    yaml = _yaml(text)
    data = yaml.load(text)
    try:
        change(data)
    except (KeyError, IndexError, TypeError):
        raise PlaceNotFound from None
    out = StringIO()
    yaml.dump(data, out)
    return out.getvalue()


def scalar(text: str, *, is_flow: bool = False) -> str:
    """Return a text as it is to be written: over several lines where it has several."""
    return LiteralScalarString(f"{text}\n") if "\n" in text and not is_flow else text


def mapping(values: Mapping[str, Any]) -> CommentedMap:
    """Return new values, in order, those that are empty left out."""
    written = CommentedMap()
    for key, value in values.items():
        if value not in (None, "", [], ()):
            written[key] = value
    return written


def offset_in(text: str) -> int:
    """Return how many blanks stand before the hyphens of a list, counted from its key: 2, or 0 where the file does so."""
    found = _ITEM.search(text)
    return 0 if found and len(found[2]) == len(found[1]) else 2


def _at(data: Any, path: Sequence[str | int]) -> Any:
    for part in path:
        data = data[part]
    return data


def _is_flow(node: Any) -> bool:
    return bool(isinstance(node, (CommentedMap, CommentedSeq)) and node.fa.flow_style())


def _clean(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n"))


def _yaml(text: str) -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 10_000
    yaml.allow_unicode = True
    offset = offset_in(text)
    yaml.indent(mapping=2, sequence=2 + offset, offset=offset)
    return yaml
