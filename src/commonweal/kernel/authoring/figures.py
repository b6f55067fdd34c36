"""The dated figures of a law, changed one value at a time inside the text of ``parameters.yaml``.

A value for a period is a block of lines: it is added, changed or taken away as such, in the style of those beside it.
What is typed is held against the law's own loader; its words stand beside the field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO
from textwrap import dedent, indent
from typing import Any

from django.utils.translation import gettext as _
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from commonweal.engines import parameters
from commonweal.kernel.authoring.blocks import Blocks, as_list, at_path, blocks_of, joined
from commonweal.kernel.authoring.editing import edited, scalar, values_of
from commonweal.kernel.authoring.errors import PlaceNotFound
from commonweal.kernel.authoring.plausible import Unusual, unusual
from commonweal.kernel.base.dates import sent_day
from commonweal.kernel.base.documents import Document, Problem, parse_yaml
from commonweal.kernel.base.errors import Invalid

FILE = "parameters.yaml"
FIELDS = ("from", "until", "known_from", "reference", "url", "unknown", "corrects", "note")
"""Names of the fields of a value, beside those of the value itself."""
_ORDER = ("from", "until", "known_from", "reference", "value", "unknown", "corrects", "note")
DAYS = ("from", "until", "known_from")
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?")
_SPARE_BANDS = 3
_MOST_DIGITS = 15

Sent = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Cell:
    """One place of a value.

    Attributes:
        field: Name of its field in a form.
        label: What it stands for; empty where a figure has one value.
        text: What stands there.
        before: What stands in the value that this one follows.
    """

    field: str
    label: str
    text: str
    before: str = ""


def declared(text: str, key: str) -> dict[str, Any]:
    """Return a figure as written.

    Raises:
        PlaceNotFound: There is none.
        TextRefused: The file is no plain YAML.
    """
    try:
        found = values_of(text, FILE)["parameters"][key]
        entries = found["entries"]
    except (KeyError, TypeError):
        raise PlaceNotFound from None
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise PlaceNotFound
    return dict(found)


def entry_at(figure: Mapping[str, Any], at: int | None) -> dict[str, Any]:
    """Return one value with its dates; without a place, the latest.

    Raises:
        PlaceNotFound: There is none at this place.
    """
    entries: list[dict[str, Any]] = figure["entries"]
    if at is None:
        return max(entries, key=lambda one: str(one.get("from", "")), default={})
    if not 0 <= at < len(entries):
        raise PlaceNotFound
    return entries[at]


def fields_of(entry: Mapping[str, Any]) -> dict[str, str]:
    """Return what stands in each field beside the value itself."""
    reference = entry.get("reference")
    text, url = (
        (reference.get("text"), reference.get("url")) if isinstance(reference, dict) else (reference, "")
    )
    plain = {name: entry.get(name) for name in FIELDS} | {"reference": text, "url": url}
    return {name: " ".join(str(value).split()) if value is not None else "" for name, value in plain.items()}


def cells(figure: Mapping[str, Any], value: Any, before: Any = None) -> list[Cell]:
    """Return the places of a value: one, one for each key of a table, or the bands of a scale."""
    return list(_cells(figure, _dimensions(figure), (value, before), ("v", "")))


_Pair = tuple[Any, Any]
"""What stands in a value, and in the one before it."""


def _cells(
    figure: Mapping[str, Any], by: Sequence[Mapping[str, Any]], pair: _Pair, place: tuple[str, str]
) -> Iterator[Cell]:
    field, label = place
    if by:
        for at, name in enumerate(_names(by[0])):
            inner = (_part(pair[0], at, name), _part(pair[1], at, name))
            words = f"{by[0].get('label') or by[0].get('key')}: {_word(by[0], name)}"
            within = (f"{field}/{name}", f"{label}, {words}" if label else words)
            yield from _cells(figure, by[1:], inner, within)
    elif figure.get("kind") == "scale":
        yield from _bands(pair, place)
    else:
        yield Cell(field, label, _typed(pair[0]), _typed(pair[1]))


def _bands(pair: _Pair, place: tuple[str, str]) -> Iterator[Cell]:
    now, old = (one if isinstance(one, list) else [] for one in pair)
    field, label = place
    for at in range(max(len(now), len(old)) + _SPARE_BANDS):
        for part, words in (("above", _("band %(number)s, above")), ("value", _("band %(number)s, value"))):
            name = f"{label}, {words}".removeprefix(", ") % {"number": at + 1}
            inner = (_part(_part(now, at, ""), 0, part), _part(_part(old, at, ""), 0, part))
            yield Cell(f"{field}/{at}/{part}", name, _typed(inner[0]), _typed(inner[1]))


def _dimensions(figure: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    by = figure.get("by") or []
    return [one for one in by if isinstance(one, dict)] if isinstance(by, list) else []


def _names(dimension: Mapping[str, Any]) -> list[str]:
    up_to, values = dimension.get("up_to"), dimension.get("values")
    if isinstance(up_to, int):
        return [str(at + 1) for at in range(up_to)]
    return [str(one) for one in values] if isinstance(values, list) else []


def _word(dimension: Mapping[str, Any], name: str) -> str:
    """Return what a key stands for, with the key that the source names; the key alone where nothing is said of it."""
    labels = dimension.get("labels")
    word = (
        next((word for key, word in labels.items() if str(key) == name), "")
        if isinstance(labels, dict)
        else ""
    )
    return f"{word} ({name})" if word else name


def _part(value: Any, at: int, name: str) -> Any:
    if isinstance(value, dict):
        return next((inner for key, inner in value.items() if str(key) == name), None)
    return value[at] if isinstance(value, list) and at < len(value) else None


def _typed(value: Any) -> str:
    if value is None:
        return ""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def entry_from(figure: Mapping[str, Any], sent: Sent) -> dict[str, Any]:
    """Return a value with its dates as somebody has typed it; what cannot be read stays as typed, for the loader to say so."""
    typed: dict[str, Any] = {name: " ".join(sent.get(name, "").split()) for name in FIELDS}
    typed |= {name: _day(sent, name) for name in DAYS}
    reference: Any = typed["reference"]
    if typed["url"]:
        reference = {"text": typed["reference"], "url": typed["url"]}
    entry: dict[str, Any] = {name: typed[name] for name in _ORDER if name in typed}
    entry["reference"] = reference
    if not typed["unknown"]:
        entry["value"] = _value(figure, _dimensions(figure), sent, "v")
    return {name: entry[name] for name in _ORDER if entry.get(name) not in (None, "")}


def _value(figure: Mapping[str, Any], by: Sequence[Mapping[str, Any]], sent: Sent, field: str) -> Any:
    if by:
        inner = {name: _value(figure, by[1:], sent, f"{field}/{name}") for name in _names(by[0])}
        return list(inner.values()) if isinstance(by[0].get("up_to"), int) else inner
    if figure.get("kind") != "scale":
        return _leaf(figure, sent.get(field, "").strip())
    bands = [
        {part: _leaf(figure, sent.get(f"{field}/{at}/{part}", "").strip()) for part in ("above", "value")}
        for at in range(len([name for name in sent if name.startswith(f"{field}/")]) // 2)
    ]
    return [band for band in bands if any(part != "" for part in band.values())]


def _leaf(figure: Mapping[str, Any], typed: str) -> Any:
    kind = figure.get("kind", "number")
    if kind == "boolean":
        return {"yes": True, "no": False}.get(typed.lower(), typed)
    if (
        kind == "text"
        or not _NUMBER.fullmatch(typed)
        or len(typed.strip("-0.").replace(".", "")) > _MOST_DIGITS
    ):
        return typed
    return float(typed) if "." in typed and float(typed) % 1 else int(float(typed))


def _day(sent: Sent, name: str) -> date | str:
    try:
        return sent_day(sent, name) or ""
    except Invalid:
        return " ".join(sent.get(name, "").split()) or "?"


def wrong_days(sent: Sent) -> dict[str, str]:
    """Return what is wrong with the days of a value that somebody typed, by field, in the words of the form."""
    missing = {
        "from": _("Enter the first day on which the value counts."),
        "known_from": _("Enter the day on which the value became public."),
    }
    said = {}
    for name in DAYS:
        try:
            if sent_day(sent, name) is None and name in missing:
                said[name] = missing[name]
        except Invalid as error:
            said[name] = str(error.fields[name])
    return said


def new_figure(sent: Sent) -> dict[str, Any]:
    """Return a figure with its first value as somebody has typed it; what cannot be read stays as typed."""
    typed = {name: " ".join(sent.get(name, "").split()) for name in ("label", "description", "unit", "kind")}
    kind = typed["kind"] if typed["kind"] in {"text", "boolean"} else ""
    figure: dict[str, Any] = {
        "label": typed["label"],
        "description": typed["description"],
        "unit": {"text": "text", "boolean": "yes-no"}.get(kind, typed["unit"]),
        "kind": kind,
        **{name: _leaf({}, sent.get(name, "").strip()) for name in ("minimum", "maximum")},
    }
    figure = {name: value for name, value in figure.items() if value != ""}
    return {**figure, "entries": [entry_from(figure, sent)]}


def with_figure(text: str, key: str, figure: Mapping[str, Any]) -> str:
    """Return the file with another figure behind the last.

    Raises:
        PlaceNotFound: The file has no figures, or one of this name.
        TextRefused: The file is no plain YAML.
    """
    values = values_of(text, FILE)
    present = values.get("parameters") if isinstance(values, dict) else None
    if not isinstance(present, dict) or not present or key in present:
        raise PlaceNotFound
    first = re.search(
        rf"^parameters:.*?^( +){re.escape(str(next(iter(present))))}:", text, re.DOTALL | re.MULTILINE
    )
    if list(values)[-1] != "parameters" or first is None:
        return edited(text, FILE, lambda data: data["parameters"].__setitem__(key, _written(figure)))
    out = StringIO()
    writer = YAML()
    writer.width = 10_000
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.dump(CommentedMap({key: _written(figure)}), out)
    return f"{text.rstrip()}\n\n{indent(out.getvalue().rstrip(), first[1])}\n"


def _written(figure: Mapping[str, Any]) -> CommentedMap:
    """Return a figure to be written: each of its values on a line, in brackets."""
    written = CommentedMap()
    for name, value in figure.items():
        if name == "entries":
            written[name] = CommentedSeq([_mirrored(entry, None) for entry in value])
        else:
            written[name] = scalar(value) if isinstance(value, str) else value
    return written


def said_of_figure(text: str, key: str, figure: Mapping[str, Any]) -> dict[str, str]:
    """Return what the loader says of a figure, by the field of the form in which it is begun.

    Raises:
        TextRefused: The file is no plain YAML.
    """
    said: dict[str, str] = {}
    for fault in read(text)[1]:
        if not fault.is_error or fault.path[:2] != ("parameters", key):
            continue
        rest = fault.path[2:]
        name = str(rest[0]) if rest else "key"
        field = _field(rest[2:], fault.code, figure) if name == "entries" else name
        said.setdefault(field, _words(fault, figure))
    return said


def with_entry(text: str, key: str, at: int | None, entry: Mapping[str, Any]) -> str:
    """Return the file with one value changed, or with another one in the order of days.

    Raises:
        PlaceNotFound: There is no such figure or value.
        TextRefused: The file is no plain YAML.
    """
    path = ("parameters", key, "entries")
    entries = declared(text, key)["entries"]
    if at is not None:
        if entry_at({"entries": entries}, at) == dict(entry):
            return text
        return _changed(text, path, at, entry)
    begins = str(entry.get("from", ""))
    after = max((n for n, one in enumerate(entries) if str(one.get("from", "")) <= begins), default=-1)
    return _added(text, path, after, entry)


def without_entry(text: str, key: str, at: int) -> str:
    """Return the file without one value; the last one of a figure stays.

    Raises:
        PlaceNotFound: There is no such value, or it is the only one.
        TextRefused: The file is no plain YAML.
    """
    entries = declared(text, key)["entries"]
    if len(entries) < 2 or not 0 <= at < len(entries):
        raise PlaceNotFound
    path = ("parameters", key, "entries")
    blocks = blocks_of(text, FILE, path)
    if blocks.spans is None:
        return edited(text, FILE, lambda data: at_path(data, path).pop(at))
    start, end = blocks.spans[at]
    if at + 1 < blocks.count:
        end = blocks.spans[at + 1][0]
    else:
        start = blocks.spans[at - 1][1]
    return joined(blocks.lines[:start], blocks.lines[end:])


def _changed(text: str, path: tuple[Any, ...], at: int, entry: Mapping[str, Any]) -> str:
    blocks = blocks_of(text, FILE, path)
    if blocks.spans is None:
        return edited(text, FILE, lambda data: _put(at_path(data, path)[at], entry))
    start, end = blocks.spans[at]
    own = dedent("\n".join(blocks.lines[start:end]))
    new = as_list(f"{own}\n", text, lambda entries: _put(entries[0], entry))
    return joined(blocks.lines[:start], indent(new, blocks.margin).split("\n"), blocks.lines[end:])


def _added(text: str, path: tuple[Any, ...], after: int, entry: Mapping[str, Any]) -> str:
    blocks = blocks_of(text, FILE, path)
    if blocks.spans is None:
        return edited(text, FILE, lambda data: _insert(at_path(data, path), after, entry))
    place = blocks.spans[after][1] if after >= 0 else blocks.spans[0][0]
    new = as_list(_plain(blocks, max(after, 0)), text, lambda entries: _replace(entries, entry))
    return joined(blocks.lines[:place], indent(new, blocks.margin).split("\n"), blocks.lines[place:])


def _plain(blocks: Blocks, at: int) -> str:
    """Return the lines of an entry without the comments above it."""
    assert blocks.spans is not None
    start, end = blocks.spans[at]
    lines = blocks.lines[start:end]
    while lines and lines[0].lstrip().startswith("#"):
        lines.pop(0)
    return dedent("\n".join(lines)) + "\n"


def _insert(entries: Any, after: int, entry: Mapping[str, Any]) -> None:
    beside = entries[max(after, 0)] if entries else None
    entries.insert(after + 1, _mirrored(entry, beside))


def _replace(entries: Any, entry: Mapping[str, Any]) -> None:
    entries[0] = _mirrored(entry, entries[0])


def _put(present: Any, entry: Mapping[str, Any]) -> None:
    """Change what is different in an entry, and nothing else."""
    for name in [name for name in present if name not in entry]:
        del present[name]
    for name, value in entry.items():
        if name not in present:
            later = [other for other in _ORDER[_ORDER.index(name) :] if other in present]
            at = list(present).index(later[0]) if later else len(present)
            present.insert(at, name, _mirrored(value, None))
        elif present[name] != value:
            present[name] = _filled(present[name], value)


def _filled(present: Any, value: Any) -> Any:
    """Return a value in the place of another, leaf by leaf where both have the same shape."""
    if isinstance(present, CommentedSeq) and isinstance(value, list) and len(present) == len(value):
        for at, inner in enumerate(value):
            if present[at] != inner:
                present[at] = _filled(present[at], inner)
        return present
    if isinstance(present, CommentedMap) and isinstance(value, dict) and [*map(str, present)] == [*value]:
        for name in list(present):
            if present[name] != value[str(name)]:
                present[name] = _filled(present[name], value[str(name)])
        return present
    return _mirrored(value, present)


def _mirrored(value: Any, beside: Any) -> Any:
    """Return a value to be written in lines or in brackets, as the one beside it is."""
    if isinstance(value, dict):
        table = _like(CommentedMap(), beside)
        for name, inner in value.items():
            table[name] = _mirrored(inner, _part(beside, 0, name))
        return table
    if isinstance(value, list):
        row = _like(CommentedSeq(), beside)
        for at, inner in enumerate(value):
            row.append(_mirrored(inner, _part(beside, at, "")))
        return row
    return scalar(value) if isinstance(value, str) else value


def _like(written: Any, beside: Any) -> Any:
    if not isinstance(beside, CommentedMap | CommentedSeq) or beside.fa.flow_style():
        written.fa.set_flow_style()
    return written


def read(text: str) -> tuple[parameters.ParameterSet | None, list[parameters.Fault]]:
    """Return the figures of a file, or none where it has mistakes; and what the law's loader says.

    Raises:
        TextRefused: The file is no plain YAML.
    """
    return parameters.read(values_of(text, FILE))


def slips(before: str, after: str, key: str) -> list[str]:
    """Return what of a figure looks like a slip in one text beside another; nothing where either cannot be read.

    Raises:
        TextRefused: A file is no plain YAML.
    """
    old, new = read(before)[0], read(after)[0]
    if old is None or new is None:
        return []
    return [one.words for one in unusual(old, new) if one.key == key]


def unusual_in(before: str, after: str) -> list[Problem]:
    """Return what looks like a slip in one text of the figures beside another, with its place.

    Raises:
        TextRefused: A file is no plain YAML.
    """
    old, new = read(before)[0], read(after)[0]
    found = unusual(old, new) if old is not None and new is not None else []
    if not found:
        return []
    document = parse_yaml(after.encode(), FILE)
    return [_placed(document, one) for one in found]


def _placed(document: Document, one: Unusual) -> Problem:
    declared: Any = document.data
    figure = declared["parameters"][one.key]
    at = next(
        n for n, each in enumerate(figure["entries"]) if f"{each['from']}@{each['known_from']}" == one.version
    )
    words = f"{figure.get('label') or one.key}: {one.words}"
    hint = _("Look at it again: is it a slip?")
    return document.problem(
        ("parameters", one.key, "entries", at), "law.unusual", words, hint, is_error=False
    )


def said_beside(text: str, key: str, at: int, figure: Mapping[str, Any]) -> dict[str, str]:
    """Return what the loader says of one value of a file, by the field that it belongs to.

    Args:
        text: Of the file.
        key: Of the figure.
        at: Which of its values.
        figure: As written.

    Raises:
        TextRefused: The file is no plain YAML.
    """
    said: dict[str, list[str]] = {}
    entries: Any = declared(text, key)["entries"]
    begins = entries[at].get("from")
    for fault in read(text)[1]:
        if not fault.is_error or fault.path[:3] != ("parameters", key, "entries"):
            continue
        other, rest = fault.path[3], fault.path[4:]
        is_about = other == at or (
            fault.code == "parameters.overlap"
            and isinstance(other, int)
            and _touches(entries, at, other, begins)
        )
        if is_about:
            said.setdefault(_field(rest, fault.code, figure), []).append(_words(fault, figure))
    return {field: " ".join(dict.fromkeys(words)) for field, words in said.items()}


def _words(fault: parameters.Fault, figure: Mapping[str, Any]) -> str:
    """Return what the loader says, in the words of the form where its own name keys of the file."""
    least = figure.get("minimum", 0)
    if fault.code == "parameters.low":
        return _("A value of this figure is at least %(least)s.") % {"least": least}
    if fault.code == "parameters.overlap" and "corrects" in fault.hint:
        return _("%(what)s If this one replaces it, say why below “What it corrects, and why”.") % {
            "what": fault.message
        }
    if fault.code == "parameters.value" and len(fault.path) == len(("parameters", "key", "entries", 0)):
        return _("Enter a value, or say below “Why it is not known yet” that there is none. Not both.")
    if fault.code == "parameters.value" and fault.message.startswith("'' "):
        return _("Enter a value.")
    return " ".join(part for part in (fault.message, fault.hint) if part)


def _touches(entries: Sequence[Mapping[str, Any]], at: int, other: int, begins: Any) -> bool:
    """Whether another value, at which an overlap was found, is the one that follows this one."""
    later = sorted(
        (str(one.get("from", "")), n)
        for n, one in enumerate(entries)
        if n != at and str(one.get("from", "")) >= str(begins)
    )
    return bool(later) and later[0][1] == other


def _field(rest: tuple[str | int, ...], code: str, figure: Mapping[str, Any]) -> str:
    if code == "parameters.overlap":
        return "from"
    if rest[:1] != ("value",):
        first = str(rest[0]) if rest else code.rpartition(".")[2]
        return "url" if rest[1:] == ("url",) else first if first in FIELDS else "v"
    names, by = [], _dimensions(figure)
    for depth, part in enumerate(rest[1:]):
        is_numbered = depth < len(by) and isinstance(part, int)
        names.append(str(part + 1) if is_numbered and isinstance(part, int) else str(part))
    return "/".join(["v", *names])
