"""What changed between two versions of a service, for people: questions, limits, texts, letters, translations.

YAML is compared value by value; entries of a list are known by their ``key`` (or ``id``, ``citation``, ``name``), so
that a question that moves is not one gone and one new. Other text is compared line by line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from enum import StrEnum
from typing import Any

from commonweal.kernel.base.documents import Unreadable, parse_yaml

NAMES = ("key", "id", "citation", "name")
_LONGEST = 200


class Kind(StrEnum):
    """What happened to a place."""

    NEW = "new"
    GONE = "gone"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Difference:
    """One change.

    Attributes:
        file: Where, inside the service's folder.
        place: What, from the outside in: ``pages``, ``home``, ``questions``, ``rent``, ``label``.
        kind: What happened.
        before: As it was, shortened; empty where it is new or moved.
        after: As it is, shortened; empty where it is gone or moved.
    """

    file: str
    place: tuple[str, ...]
    kind: Kind
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        where = ": ".join(part for part in (self.file, " > ".join(self.place)) if part)
        if self.kind is Kind.CHANGED:
            return f"{where} changes from '{self.before}' to '{self.after}'"
        what = {Kind.NEW: "is new", Kind.GONE: "is gone", Kind.MOVED: "moves"}[self.kind]
        text = self.after or self.before
        return f"{where} {what}{f': {text}' if text else ''}"


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[Difference]:
    """Return what changed from one version's files to another's, by file.

    Example:
        >>> old, new = {"service.yaml": "cost: [{key: a, amount: 3}]"}, {"service.yaml": "cost: [{key: a, amount: 4}]"}
        >>> [str(each) for each in differences(old, new)]
        ["service.yaml: cost > a > amount changes from '3' to '4'"]
    """
    found: list[Difference] = []
    for file in sorted({*before, *after}):
        old, new = before.get(file), after.get(file)
        if old == new:
            continue
        if old is None:
            found.append(Difference(file, (), Kind.NEW))
        elif new is None:
            found.append(Difference(file, (), Kind.GONE))
        elif file.endswith(".yaml"):
            found += _in_yaml(file, old, new)
        else:
            found += _in_lines(file, old, new)
    return found


def _in_yaml(file: str, before: str, after: str) -> list[Difference]:
    try:
        old, new = (parse_yaml(text.encode(), file).data for text in (before, after))
    except Unreadable:
        return _in_lines(file, before, after)
    return list(_compare(file, (), old, new))


def _compare(file: str, place: tuple[str, ...], before: Any, after: Any) -> Iterator[Difference]:
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _entries(file, place, before, after)
    elif _is_named(before) and _is_named(after):
        old, new = _by_name(before), _by_name(after)
        yield from _entries(file, place, old, new)
        stayed = [name for name in old if name in new]
        if stayed != [name for name in new if name in old]:
            yield Difference(file, place, Kind.MOVED, after=_text(list(new)))
    elif before != after:
        yield Difference(file, place, Kind.CHANGED, _text(before), _text(after))


def _entries(
    file: str, place: tuple[str, ...], before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Difference]:
    for name in [*before, *(name for name in after if name not in before)]:
        inner = (*place, name)
        if name not in after:
            yield Difference(file, inner, Kind.GONE, before=_title(before[name]))
        elif name not in before:
            yield Difference(file, inner, Kind.NEW, after=_title(after[name]))
        else:
            yield from _compare(file, inner, before[name], after[name])


def _is_named(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(_name(entry) for entry in value)


def _by_name(entries: list[dict[str, Any]]) -> dict[str, Any]:
    return {_name(entry): entry for entry in entries}


def _name(entry: Any) -> str:
    if not isinstance(entry, dict):
        return ""
    return next((str(entry[name]) for name in NAMES if entry.get(name)), "")


def _title(value: Any) -> str:
    """Say what an entry is by its label or title; a plain value is said itself."""
    if isinstance(value, dict):
        return _text(next((value[name] for name in ("label", "title", "name", "text") if name in value), ""))
    return _text(value)


def _text(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _in_lines(file: str, before: str, after: str) -> list[Difference]:
    """Compare text line by line; neighbouring lines that go and come are one change."""
    found: list[Difference] = []
    gone: list[str] = []
    come: list[str] = []

    def close() -> None:
        old, new = _text(" ".join(gone)), _text(" ".join(come))
        if old or new:
            kind = Kind.CHANGED if old and new else Kind.NEW if new else Kind.GONE
            found.append(Difference(file, (), kind, old, new))
        gone.clear()
        come.clear()

    for line in list(unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm=""))[2:]:
        if line.startswith("@@"):
            close()
        else:
            (gone if line[0] == "-" else come).append(line[1:])
    close()
    return found
