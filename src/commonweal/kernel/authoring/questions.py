"""The pages and questions of a form, changed one at a time inside the text of ``form.yaml``.

A question is a block of lines: it is moved, taken away or written anew as such, so that a difference shows nothing else.
Comments right above a question go with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import dedent, indent
from typing import Any

from commonweal.kernel.authoring.blocks import as_list, at_path, blocks_of, joined, snippet
from commonweal.kernel.authoring.editing import edited, mapping, scalar, values_of
from commonweal.kernel.authoring.errors import PlaceNotFound

FILE = "form.yaml"
TYPES = (
    "text",
    "long_text",
    "number",
    "money",
    "date",
    "boolean",
    "choice",
    "choices",
    "email",
    "phone",
    "address",
    "group",
)
"""Kinds of questions, as written in the file."""
PLAIN = ("label", "hint", "short", "purpose", "when", "autocomplete", "item")
_DEFAULTS: dict[str, Mapping[str, Any]] = {
    "choice": {"options": [{"key": "one", "label": "First"}, {"key": "two", "label": "Second"}]},
    "choices": {"options": [{"key": "one", "label": "First"}, {"key": "two", "label": "Second"}]},
    "group": {
        "item": "item",
        "questions": [{"key": "name", "type": "text", "label": "Name", "short": "a name"}],
    },
}

Keys = Sequence[str]
"""Where something stands: the key of its page, of a question, and of a question within a group."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A page or question in the list of all.

    Attributes:
        keys: Where it stands.
        label: Title or question.
        type: Of a question; empty for a page.
        when: Its condition; empty where it always comes.
        is_first: Whether nothing stands before it on its level.
        is_last: Whether nothing stands behind it.
        inner: The questions of a page or group.
    """

    keys: tuple[str, ...]
    label: str
    type: str
    when: str
    is_first: bool
    is_last: bool
    inner: tuple[Outline, ...]


def outline(text: str) -> tuple[Outline, ...]:
    """Return the pages of a form with their questions, as far as they can be told.

    Raises:
        TextRefused: The file is no plain YAML.
    """
    data = values_of(text, FILE)
    return _outlines(data.get("pages") if isinstance(data, dict) else None, ())


def _outlines(entries: Any, above: tuple[str, ...]) -> tuple[Outline, ...]:
    found = [
        one
        for one in (entries if isinstance(entries, list) else [])
        if isinstance(one, dict) and one.get("key")
    ]
    return tuple(
        Outline(
            keys=(*above, str(one["key"])),
            label=str(one.get("label") or one.get("title") or one["key"]),
            type=str(one.get("type", "")),
            when=str(one.get("when") or ""),
            is_first=at == 0,
            is_last=at == len(found) - 1,
            inner=_outlines(one.get("questions"), (*above, str(one["key"]))),
        )
        for at, one in enumerate(found)
    )


def found(text: str, keys: Keys) -> dict[str, Any]:
    """Return a page or question as written.

    Raises:
        PlaceNotFound: There is none.
        TextRefused: The file is no plain YAML.
    """
    at = values_of(text, FILE)
    try:
        for part in _path(at, keys):
            at = at[part]
    except (KeyError, IndexError, TypeError):
        raise PlaceNotFound from None
    if not isinstance(at, dict):
        raise PlaceNotFound
    return at


def move(text: str, keys: Keys, *, by: int) -> str:
    """Return the form with a page or question one place up (-1) or down (1).

    Raises:
        PlaceNotFound: There is none, or nothing to change places with.
    """
    path = _path(values_of(text, FILE), keys)
    first = min(path[-1], path[-1] + by)
    blocks = blocks_of(text, FILE, path[:-1])
    if first < 0 or first + 1 >= blocks.count:
        raise PlaceNotFound
    if blocks.spans is None:
        return edited(text, FILE, lambda data: _swap(at_path(data, path[:-1]), first))
    (a, b), (c, d) = blocks.spans[first], blocks.spans[first + 1]
    lines = blocks.lines
    return joined(lines[:a], lines[c:d], lines[b:c], lines[a:b], lines[d:])


def _swap(entries: Any, first: int) -> None:
    entries[first], entries[first + 1] = entries[first + 1], entries[first]


def remove(text: str, keys: Keys) -> str:
    """Return the form without a page or question; the last one on its level stays.

    Raises:
        PlaceNotFound: There is none, or it is the only one.
    """
    path = _path(values_of(text, FILE), keys)
    blocks = blocks_of(text, FILE, path[:-1])
    if blocks.count < 2:
        raise PlaceNotFound
    if blocks.spans is None:
        return edited(text, FILE, lambda data: at_path(data, path[:-1]).pop(path[-1]))
    at, lines = path[-1], blocks.lines
    start, end = blocks.spans[at]
    if at + 1 < blocks.count:
        end = blocks.spans[at + 1][0]
    else:
        start = blocks.spans[at - 1][1]
    return joined(lines[:start], lines[end:])


def add_page(text: str, *, key: str, title: str) -> str:
    """Return the form with another page behind the last, with one question to begin with."""
    question = {
        "key": f"{key.replace('-', '_')}_answer",
        "type": "text",
        "label": "Question",
        "short": "an answer",
    }
    return _added(text, ("pages",), mapping({"key": key, "title": title, "questions": [mapping(question)]}))


def add_question(text: str, above: Keys, *, key: str, kind: str, label: str, short: str) -> str:
    """Return the form with another question at the end of a page or group.

    Raises:
        PlaceNotFound: There is no such page or group.
    """
    path = (*_path(values_of(text, FILE), above), "questions")
    more = {name: _written(value) for name, value in _DEFAULTS.get(kind, {}).items()}
    return _added(text, path, mapping({"key": key, "type": kind, "label": label, "short": short, **more}))


def _written(value: Any) -> Any:
    return [mapping(each) for each in value] if isinstance(value, list) else value


def _added(text: str, path: tuple[Any, ...], entry: Any) -> str:
    blocks = blocks_of(text, FILE, path)
    if blocks.spans is None:
        return edited(text, FILE, lambda data: at_path(data, path).append(entry))
    lines, end = blocks.lines, blocks.spans[-1][1]
    gap = [""] if len(path) == 1 else []
    return joined(lines[:end], gap, snippet(entry, text, blocks.margin), lines[end:])


def change(text: str, keys: Keys, values: Mapping[str, Any]) -> str:
    """Return the form with fields of a page or question changed; a field that becomes empty is taken out.

    Args:
        text: Of the form.
        keys: Of the page or question.
        values: By field; text, True, False, numbers, or a list of mappings. None takes the field out.

    Raises:
        PlaceNotFound: There is none.
    """
    before = found(text, keys)
    different = {name: value for name, value in values.items() if _plain(before.get(name)) != _plain(value)}
    if not different:
        return text
    path = _path(values_of(text, FILE), keys)
    blocks = blocks_of(text, FILE, path[:-1])
    if blocks.spans is None:
        return edited(text, FILE, lambda data: _put(at_path(data, path), different))
    start, end = blocks.spans[path[-1]]
    own = dedent("\n".join(blocks.lines[start:end]))
    new = as_list(f"{own}\n", text, lambda data: _put(data[0], different))
    return joined(blocks.lines[:start], indent(new, blocks.margin).split("\n"), blocks.lines[end:])


def _plain(value: Any) -> Any:
    """Return a value so that it can be compared with another one."""
    if isinstance(value, str):
        return value.strip() or None
    return None if value in ([], ()) else value


def _put(entry: Any, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if _plain(value) is None:
            entry.pop(name, None)
        elif name in entry:
            entry[name] = _fitting(value, entry)
        else:
            entry.insert(
                max(len(entry) - 1, 1) if "questions" in entry else len(entry), name, _fitting(value, entry)
            )


def _fitting(value: Any, entry: Any) -> Any:
    if isinstance(value, str):
        return scalar(value, is_flow=bool(entry.fa.flow_style()))
    if isinstance(value, list):
        return [mapping(each) for each in value]
    return mapping(value) if isinstance(value, dict) else value


def _path(data: Any, keys: Keys) -> tuple[Any, ...]:
    """Return the path of a page or question.

    Raises:
        PlaceNotFound: There is none.
    """
    if not 0 < len(keys) <= 3:
        raise PlaceNotFound
    path: tuple[Any, ...] = ()
    for name, key in zip(("pages", "questions", "questions"), keys, strict=False):
        written = data.get(name) if isinstance(data, dict) else None
        entries = written if isinstance(written, list) else []
        at = next(
            (at for at, one in enumerate(entries) if isinstance(one, dict) and one.get("key") == key), None
        )
        if at is None:
            raise PlaceNotFound
        path, data = (*path, name, at), entries[at]
    return path
