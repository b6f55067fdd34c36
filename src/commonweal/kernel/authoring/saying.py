"""What a draft changes, in sentences: figures and tables by their names, values with what they were before.

The text of the files is compared as the law's and the catalogue's own readers see it; what cannot be read is said to be
different, and no more. The lines themselves are :func:`lines_of`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal, InvalidOperation
from difflib import SequenceMatcher, unified_diff
from typing import Any

from django.utils.translation import gettext as _

from commonweal.engines import dmn
from commonweal.engines.dmn.errors import DmnError
from commonweal.engines.dmn.model import Decision, DecisionTable, ItemDefinition, Model, Rule
from commonweal.kernel.authoring import figures
from commonweal.kernel.authoring.parts import day_text, in_order, part_name
from commonweal.kernel.base.documents import Unreadable, parse_yaml
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.catalogue.queries import Difference, DifferenceKind
from commonweal.kernel.decisions.queries import unit_text

Files = Mapping[str, str]
_LONGEST = 160
_MOST_LINES = 400
_QUIET = ("", "-")
_Day = tuple[str, str]
"""First day of a value, and the day since when it is known."""


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence, and where it is about several values, one for each of them."""

    text: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What changes of one thing.

    Attributes:
        title: The figure, the table, the file, by the name that people have for it.
        small: Its key or file, for the small print.
        says: What is different.
    """

    title: str
    small: str
    says: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """The text of a file that is different, line by line: each with its sign (``+``, ``-``, blank, ``@``)."""

    file: str
    lines: tuple[str, ...]
    is_cut: bool = False


def told_of_law(before: Files, after: Files) -> list[Told]:
    """Return what changes from one text of a law to another, figures first."""
    found: list[Told] = []
    for file in in_order(sorted({*before, *after})):
        old, new = before.get(file), after.get(file)
        if old == new:
            continue
        if file == figures.FILE:
            found += _figures(old or "", new or "")
        elif file.endswith(".dmn") and new is not None:
            found += _model(file, old if old is not None else _earlier(after, file), new, is_new=old is None)
        else:
            found += _parts(file, old, new)
    return found


def told_of_service(before: Files, after: Files) -> list[Told]:
    """Return what changes from one text of a service to another, file by file."""
    return [
        one
        for file in in_order(sorted({*before, *after}))
        if before.get(file) != after.get(file)
        for one in _parts(file, before.get(file), after.get(file))
    ]


def lines_of(before: Files, after: Files) -> list[Lines]:
    """Return the lines that are different, by file, with two around each."""
    found = []
    for file in in_order(sorted({*before, *after})):
        old, new = (text.get(file, "").splitlines() for text in (before, after))
        lines = list(unified_diff(old, new, n=2, lineterm=""))[2:]
        if lines:
            found.append(Lines(file, tuple(lines[:_MOST_LINES]), len(lines) > _MOST_LINES))
    return found


def becomes(old: Any, new: Any, unit: str = "") -> str:
    """Say how a value changes: numbers rise and fall, everything else becomes something else.

    Example:
        >>> becomes(975, 994), becomes("large", "small")
        ('rises from 975 to 994', 'changes from “large” to “small”')
    """
    numbers = _number(old), _number(new)
    if numbers[0] is not None and numbers[1] is not None and not isinstance(old, bool):
        names = {"old": old, "new": f"{new} {unit}".strip()}
        if numbers[1] > numbers[0]:
            return _("rises from %(old)s to %(new)s") % names
        return _("falls from %(old)s to %(new)s") % names
    return _("changes from “%(old)s” to “%(new)s”") % {"old": _short(old), "new": _short(new)}


def _number(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value).strip())
    except InvalidOperation:
        return None


def _short(value: Any) -> str:
    words = {True: _("yes"), False: _("no"), None: _("nothing")}
    text = str(words[value]) if value is None or isinstance(value, bool) else " ".join(str(value).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


# ---- figures --------------------------------------------------------------------------------


def _figures(before: str, after: str) -> Iterator[Told]:
    old, new = _document(before), _document(after)
    if old is None or new is None:
        yield Told(part_name(figures.FILE), figures.FILE, (Said(_("The text is different.")),))
        return
    head = tuple(
        Said(f"{_word(name)}: {becomes(old.get(name), new.get(name))}.")
        for name in dict.fromkeys([*old, *new])
        if name != "parameters" and old.get(name) != new.get(name)
    )
    was, now = _declared(old), _declared(new)
    for key in dict.fromkeys([*now, *was]):
        says = tuple(_figure(was.get(key), now.get(key)))
        if says:
            yield Told(_label(now.get(key) or was.get(key), key), f"law.{key}", says)
    if head:
        yield Told(_("The law as a whole"), figures.FILE, head)


def _document(text: str) -> dict[str, Any] | None:
    try:
        data = parse_yaml(text.encode(), figures.FILE).data if text.strip() else {}
    except Unreadable:
        return None
    return data if isinstance(data, dict) else None


def _declared(data: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    found = data.get("parameters")
    declared = found if isinstance(found, dict) else {}
    return {str(key): one for key, one in declared.items() if isinstance(one, dict)}


def _label(figure: Mapping[str, Any] | None, key: str) -> str:
    return str((figure or {}).get("label") or key)


def _figure(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Iterator[Said]:
    if new is None:
        yield Said(_("This figure is taken away."))
        return
    if old is None:
        yield Said(_("This figure is new."))
    else:
        yield from _beside(old, new)
    was, now = _entries(old or {}), _entries(new)
    for at, one, other in _paired(was, now):
        yield from _entry(new, at[0], (one, other), _before(now, at))


def _paired(
    was: Mapping[_Day, dict[str, Any]], now: Mapping[_Day, dict[str, Any]]
) -> Iterator[tuple[_Day, dict[str, Any] | None, dict[str, Any] | None]]:
    """Return values with what they were; one that is merely known since another day is the same."""
    gone = {at[0]: at for at in was if at not in now}
    for at in sorted(now):
        before = at if at in was else gone.pop(at[0], at)
        yield at, was.get(before), now[at]
    for at in sorted(gone.values()):
        yield at, was[at], None


def _beside(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Said]:
    for name in _different(old, new, besides={"entries"}):
        yield Said(f"{_word(name)}: {becomes(old.get(name), new.get(name))}.")


def _entries(figure: Mapping[str, Any]) -> dict[_Day, dict[str, Any]]:
    entries = figure.get("entries")
    found = [one for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []
    return {(str(one.get("from", "")), str(one.get("known_from", ""))): one for one in found}


def _before(entries: Mapping[_Day, dict[str, Any]], at: _Day) -> dict[str, Any]:
    """Return the value that one follows, or that it corrects."""
    return entries[max(earlier)] if (earlier := [day for day in entries if day < at]) else {}


def _entry(
    figure: Mapping[str, Any],
    day: str,
    pair: tuple[dict[str, Any] | None, dict[str, Any] | None],
    before: dict[str, Any],
) -> Iterator[Said]:
    old, new = pair
    since = _("From %(day)s") % {"day": day_text(day)}
    if new is None:
        said = [cell.text for cell in figures.cells(figure, (old or {}).get("value")) if cell.text]
        yield Said(
            _("%(since)s: %(value)s is taken away.") % {"since": since, "value": _short(", ".join(said))}
        )
    elif old is None:
        yield _value(figure, since, before.get("value"), new)
        if new.get("corrects"):
            yield Said(_("It corrects another: %(why)s.") % {"why": _short(new["corrects"])})
    else:
        yield from _same_day(figure, since, old, new)


def _same_day(
    figure: Mapping[str, Any], since: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[Said]:
    if (old.get("value"), old.get("unknown")) != (new.get("value"), new.get("unknown")):
        yield _value(figure, since, old.get("value"), new)
    for name in _different(old, new, besides={"value", "unknown"}):
        one, other = (_in_words(name, entry.get(name)) for entry in (old, new))
        yield Said(f"{since}: {_word(name)} {becomes(one, other)}.")


def _different(old: Mapping[str, Any], new: Mapping[str, Any], *, besides: set[str]) -> list[str]:
    names = dict.fromkeys([*old, *new])
    return [name for name in names if name not in besides and old.get(name) != new.get(name)]


def _in_words(name: str, value: Any) -> Any:
    if name in figures.DAYS and value is not None:
        return day_text(value)
    return value.get("text") if isinstance(value, dict) else value


def _value(figure: Mapping[str, Any], since: str, before: Any, new: Mapping[str, Any]) -> Said:
    if new.get("unknown"):
        return Said(_("%(since)s: not known. %(why)s") % {"since": since, "why": _short(new["unknown"])})
    unit = unit_text(str(figure.get("unit", "")))
    cells = [cell for cell in figures.cells(figure, new.get("value"), before) if cell.text or cell.before]
    said = [f"{cell.label.replace(': ', ' ')}: {_cell(cell, unit)}".removeprefix(": ") for cell in cells]
    different = [words for cell, words in zip(cells, said, strict=True) if cell.text != cell.before]
    if len(cells) == 1 and said:
        return Said(f"{since}: {said[0]}.")
    if not different:
        return Said(_("%(since)s: the same values as before.") % {"since": since})
    return Said(f"{since}:", tuple(different))


def _cell(cell: figures.Cell, unit: str) -> str:
    if not cell.before:
        return f"{cell.text} {unit}".strip()
    if not cell.text:
        return _("%(value)s is taken away") % {"value": cell.before}
    return (
        becomes(cell.before, cell.text, unit)
        if cell.text != cell.before
        else _("as before, %(value)s") % {"value": cell.text}
    )


# ---- rules ----------------------------------------------------------------------------------


def _earlier(files: Files, file: str) -> str | None:
    """Return the model from which rules of a later day most likely began: the one before."""
    models = sorted(name for name in files if name.endswith(".dmn") and name < file)
    return files[models[-1]] if models else None


def _model(file: str, before: str | None, after: str, *, is_new: bool) -> Iterator[Told]:
    home = part_name(file)
    try:
        old = dmn.read(before.encode()) if before is not None else Model(name="", namespace="")
        new = dmn.read(after.encode())
    except DmnError:
        yield Told(home, file, (Said(_("The text is different.")),))
        return
    if is_new:
        words = (
            _("These rules are new. Compared with those of before:")
            if before is not None
            else _("These rules are new.")
        )
        yield Told(home, file, (Said(words),))
    told = [*_decisions(old, new, home), *_types(old, new, home)]
    yield from told
    if not told and not is_new:
        yield Told(
            home,
            file,
            (Said(_("Something is different that decides nothing, such as a drawing or a comment.")),),
        )


def _decisions(old: Model, new: Model, home: str) -> Iterator[Told]:
    was, now = _by_id(old), _by_id(new)
    names = {f"#{one.id}": one.name for one in (*old.elements, *new.elements)}
    for key in dict.fromkeys([*now, *was]):
        one, other = was.get(key), now.get(key)
        if one == other:
            continue
        shown = other or one
        assert shown is not None
        says: tuple[Said, ...]
        if other is None:
            says = (Said(_("This decision is taken away.")),)
        elif one is None:
            says = (Said(_("This decision is new.")), *_shape(DecisionTable(), other.expression))
        else:
            says = tuple(_decision(one, other, names)) or (
                Said(_("Something about it is different that decides nothing.")),
            )
        yield Told(str(shown.label or shown.name), f"{shown.name}, {home}" if shown.label else home, says)


def _by_id(model: Model) -> dict[str, Decision]:
    return {str(one.id or one.name): one for one in model.elements if isinstance(one, Decision)}


def _decision(old: Decision, new: Decision, names: Mapping[str, str]) -> Iterator[Said]:
    for name in ("name", "label", "description", "question"):
        one, other = getattr(old, name), getattr(new, name)
        if one != other:
            yield Said(f"{_word(name)}: {becomes(one, other)}.")
    yield from _needs(old, new, names)
    yield from _shape(old.expression, new.expression)


def _needs(old: Decision, new: Decision, names: Mapping[str, str]) -> Iterator[Said]:
    had, has = (
        [one.href for one in (*each.information, *each.knowledge, *each.authority)] for each in (old, new)
    )
    for href in (one for one in has if one not in had):
        yield Said(_("It now rests on “%(name)s”.") % {"name": names.get(href, href)})
    for href in (one for one in had if one not in has):
        yield Said(_("It rests on “%(name)s” no more.") % {"name": names.get(href, href)})


def _shape(old: Any, new: Any) -> Iterator[Said]:
    if isinstance(old, DecisionTable) and isinstance(new, DecisionTable):
        yield from _columns(old, new)
        yield from _rules(old, new)
    elif old != new:
        one, other = _texts(old), _texts(new)
        for tag, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
            if tag != "equal":
                yield Said(_expression(" ".join(one[a:b]), " ".join(other[c:d])))


def _expression(old: str, new: str) -> str:
    if not old:
        return _("It says in addition: %(words)s") % {"words": _short(new)}
    if not new:
        return _("It says no more: %(words)s") % {"words": _short(old)}
    return _("“%(old)s” becomes “%(new)s”.") % {"old": _short(old), "new": _short(new)}


def _texts(value: Any) -> list[str]:
    """Return the FEEL of an expression, however it is boxed."""
    if isinstance(value, (tuple, list)):
        return [words for one in value for words in _texts(one)]
    if not is_dataclass(value) or isinstance(value, type):
        return []
    own = [str(words)] if (words := getattr(value, "text", None)) else []
    return own + [words for one in fields(value) for words in _texts(getattr(value, one.name))]


def _heads(table: DecisionTable) -> list[tuple[str, str, str]]:
    """Return id, heading and content of each column: conditions, outcomes, notes."""
    found = [
        (str(one.id or at), str(one.label or one.expression.text or ""), str(one.expression.text or ""))
        for at, one in enumerate(table.inputs)
    ]
    found += [
        (
            str(one.id or f"then {at}"),
            str(one.label or one.name or table.output_label or _("Outcome")),
            str(one.name or ""),
        )
        for at, one in enumerate(table.outputs)
    ]
    return found + [(f"note {name}", name, "") for name in table.annotations]


def _columns(old: DecisionTable, new: DecisionTable) -> Iterator[Said]:
    was, now = ({key: (label, looks) for key, label, looks in _heads(one)} for one in (old, new))
    for key in dict.fromkeys([*now, *was]) if was else ():
        yield from _column(was.get(key), now.get(key))
    if was and (old.hit_policy, old.aggregation) != (new.hit_policy, new.aggregation):
        one, other = (f"{each.hit_policy} {each.aggregation or ''}".strip() for each in (old, new))
        yield Said(_("How rules go together: %(words)s.") % {"words": becomes(one, other)})


def _column(old: tuple[str, str] | None, new: tuple[str, str] | None) -> Iterator[Said]:
    if old is None or new is None:
        words = (
            _("The column “%(name)s” is new.") if old is None else _("The column “%(name)s” is taken away.")
        )
        yield Said(words % {"name": (new or old or ("", ""))[0]})
        return
    for one, other in zip(old, new, strict=True):
        if one != other:
            names = {"name": new[0], "words": becomes(one, other)}
            yield Said(_("The column “%(name)s”: what it is called or looks at %(words)s.") % names)


_Row = dict[str, str]


def _rows(table: DecisionTable) -> list[_Row]:
    keys = [key for key, _label, _looks in _heads(table)]
    return [dict(zip(keys, _written(rule), strict=False)) for rule in table.rules]


def _written(rule: Rule) -> list[str]:
    said = (
        [test.text for test in rule.tests] + [one.text or "" for one in rule.outputs] + list(rule.annotations)
    )
    return [" ".join(words.split()) for words in said]


@dataclass(frozen=True, slots=True)
class _Both:
    """The rows of a table before and after, in the columns that both have."""

    labels: Mapping[str, str]
    keys: Sequence[str]
    here: Sequence[tuple[str, ...]]
    there: Sequence[tuple[str, ...]]

    def is_moved(self, row: tuple[str, ...]) -> bool:
        return 0 < self.here.count(row) == self.there.count(row)

    def in_words(self, row: Sequence[str]) -> str:
        said = [
            f"{self.labels[key]} {words}"
            for key, words in zip(self.keys, row, strict=True)
            if words not in _QUIET
        ]
        return _short("; ".join(said)) if said else _("still empty")


def _both(old: DecisionTable, new: DecisionTable) -> _Both:
    labels = {key: label for table in (old, new) for key, label, _looks in _heads(table)}
    was, now = _rows(old), _rows(new)
    keys = [key for key in labels if all(key in row for row in (*was, *now))]
    here, there = ([tuple(row[key] for key in keys) for row in rows] for rows in (was, now))
    return _Both(labels, keys, here, there)


def _rules(old: DecisionTable, new: DecisionTable) -> Iterator[Said]:
    both = _both(old, new)
    for tag, a, b, c, d in SequenceMatcher(None, both.here, both.there, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        changed = min(b - a, d - c)
        for step in range(changed):
            yield from _row(both, a + step, c + step)
        yield from _come(both, range(c + changed, d))
        yield from _gone(both, range(a + changed, b))


def _come(both: _Both, places: range) -> Iterator[Said]:
    for at in places:
        row = both.there[at]
        if both.is_moved(row):
            names = {"old": both.here.index(row) + 1, "new": at + 1}
            yield Said(_("Row %(old)s moves to place %(new)s.") % names)
        else:
            yield Said(_("Row %(row)s is new: %(words)s") % {"row": at + 1, "words": both.in_words(row)})


def _gone(both: _Both, places: range) -> Iterator[Said]:
    for at in places:
        row = both.here[at]
        if not both.is_moved(row):
            yield Said(
                _("Row %(row)s is taken away: %(words)s") % {"row": at + 1, "words": both.in_words(row)}
            )


def _row(both: _Both, was_at: int, at: int) -> Iterator[Said]:
    cells = zip(both.keys, both.here[was_at], both.there[at], strict=True)
    parts = [f"{both.labels[key]}: {_said_cell(old, new)}" for key, old, new in cells if old != new]
    if len(parts) == 1:
        yield Said(_("Row %(row)s, %(words)s.") % {"row": at + 1, "words": parts[0]})
    else:
        yield Said(_("Row %(row)s:") % {"row": at + 1}, tuple(parts))


def _said_cell(old: str, new: str) -> str:
    if new in _QUIET:
        return _("“%(old)s” does not matter any more") % {"old": _short(old)}
    if old in _QUIET:
        return _("now “%(new)s”") % {"new": _short(new)}
    return becomes(old, new)


def _types(old: Model, new: Model, home: str) -> Iterator[Told]:
    was, now = ({one.name: one for one in each.item_definitions} for each in (old, new))
    for name in dict.fromkeys([*now, *was]):
        one, other = was.get(name), now.get(name)
        if one == other:
            continue
        if one is None or other is None:
            says = [
                Said(
                    _("This kind of value is new.") if one is None else _("This kind of value is taken away.")
                )
            ]
        else:
            says = list(_type(one, other))
        yield Told(_("Kind of value “%(name)s”") % {"name": name}, home, tuple(says))


def _type(old: ItemDefinition, new: ItemDefinition) -> Iterator[Said]:
    had, has = ({one.name: one for one in each.components} for each in (old, new))
    for name in dict.fromkeys([*has, *had]):
        if name not in had:
            yield Said(_("“%(name)s” is new.") % {"name": name})
        elif name not in has:
            yield Said(_("“%(name)s” is taken away.") % {"name": name})
        elif had[name] != has[name]:
            yield Said(_("“%(name)s” is declared otherwise.") % {"name": name})
    one, other = (each.allowed_values.text if each.allowed_values else None for each in (old, new))
    if one != other:
        yield Said(_("Allowed values: %(words)s.") % {"words": becomes(one, other)})
    if old.type_ref != new.type_ref:
        yield Said(_("Its type %(words)s.") % {"words": becomes(old.type_ref, new.type_ref)})


# ---- everything else ------------------------------------------------------------------------


def _parts(file: str, before: str | None, after: str | None) -> Iterator[Told]:
    title = part_name(file, after if after is not None else before or "")
    if before is None or after is None:
        yield Told(title, file, (Said(_("This is new.") if before is None else _("This is taken away.")),))
        return
    found = catalogue.differences({file: before}, {file: after})
    documents = [_document(text) for text in (after, before)] if file.endswith(".yaml") else []
    says = [Said(_difference(one, [each for each in documents if each])) for one in found]
    if not says:
        says = [Said(_("Something is different that decides nothing, such as a drawing or a comment."))]
    yield Told(title, file, tuple(says))


def _difference(one: Difference, documents: Sequence[dict[str, Any]]) -> str:
    place = _place(one.place, documents)
    if one.kind is DifferenceKind.CHANGED:
        words = becomes(one.before, one.after)
    elif one.kind is DifferenceKind.MOVED:
        words = _("has another order")
    else:
        said = one.after or one.before
        what = _("is new") if one.kind is DifferenceKind.NEW else _("is taken away")
        words = f"{what}: “{_short(said)}”" if said else what
    return f"{place}: {words}." if place else f"{words[:1].upper()}{words[1:]}."


def _place(place: Sequence[str], documents: Sequence[Any]) -> str:
    """Return a place in a file in words: entries by their title, fields by what they are."""
    said: list[str] = []
    here = list(documents)
    is_entry = False
    for at, part in enumerate(place):
        is_entry = any(isinstance(one, list) for one in here)
        here = [inner for one in here if (inner := _inner(one, part)) is not None]
        title = next((name for one in here if (name := _title(one))), "")
        if title:
            said.append(f"“{_short(title)}”")
        elif is_entry or at == len(place) - 1 or not any(isinstance(one, list) for one in here):
            said.append(_word(part))
    return " › ".join(said)  # noqa: RUF001 -- the mark that divides places on pages


def _inner(value: Any, part: str) -> Any:
    if isinstance(value, dict):
        return value.get(part)
    if isinstance(value, list):
        named = (one for one in value if isinstance(one, dict))
        return next(
            (one for one in named if any(str(one.get(key)) == part for key in catalogue.ENTRY_NAMES)), None
        )
    return None


def _title(value: Any) -> str:
    if not isinstance(value, dict):
        return ""
    return str(next((value[name] for name in ("label", "title", "name") if value.get(name)), ""))


def _word(name: str) -> str:
    """Return what a field of a file is called; its key where it has no other name."""
    words = {
        "label": _("the name"),
        "name": _("the name"),
        "title": _("the title"),
        "short": _("the short name"),
        "hint": _("the hint"),
        "summary": _("the summary"),
        "description": _("the description"),
        "question": _("the question"),
        "explanation": _("the explanation"),
        "when": _("the condition"),
        "unit": _("the unit"),
        "minimum": _("the least value"),
        "maximum": _("the greatest value"),
        "until": _("the last day"),
        "known_from": _("the day since when it is known"),
        "reference": _("the law cited"),
        "note": _("the note"),
        "corrects": _("what it corrects"),
        "expected": _("what is expected"),
        "outcome": _("the outcome"),
        "pages": _("the pages"),
        "questions": _("the questions"),
        "steps": _("the steps"),
    }
    return words.get(name, name)
