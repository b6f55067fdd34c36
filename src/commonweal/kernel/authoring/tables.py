"""The decision tables of a DMN model, changed cell by cell inside the text of its file.

What is not changed stays byte for byte: ids, drawings, comments, layout. A cell is the text between two tags; a rule is
the lines between its own.

Source: OMG DMN 1.5, 8.2 (decision tables).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any
from uuid import uuid4
from xml.parsers import expat
from xml.sax.saxutils import escape

from commonweal.engines import dmn
from commonweal.engines.dmn.errors import DmnError
from commonweal.kernel.authoring.errors import PlaceNotFound, TextRefused
from commonweal.kernel.base.documents import Problem

_ENTRIES = ("inputEntry", "outputEntry", "annotationEntry")
_ID = re.compile(rb'(\sid=")([^"]*)(")')
_EMPTY = {"inputEntry": "-", "outputEntry": "", "annotationEntry": ""}
_QUIET = frozenset({"unchecked", "not-checked"})
_RULE = re.compile(r"(?:, rule (\d+)|, input ['\"].*|, default|, output values)?", re.DOTALL)
"""Where in a table a finding is, behind its name: in a rule, or in the head of a column."""
_QUOTED = re.compile(r"'(.*?)': (?:line 1, )?", re.DOTALL)
_MOST_RULES = 500


@dataclass(slots=True)
class Cell:
    """One cell of a rule.

    Attributes:
        kind: ``inputEntry``, ``outputEntry`` or ``annotationEntry``.
        text: What stands there.
        start: Where its element begins in the file, in bytes.
        span: Where its text begins and ends; for ``<text/>``, where that tag does.
        is_closed: Whether it is written ``<text/>``.
        tag: Name of the tag of its text, with a prefix where there is one.
        end: Where its element ends.
    """

    kind: str
    start: int
    text: str = ""
    span: tuple[int, int] = (0, 0)
    is_closed: bool = False
    tag: str = "text"
    end: int = 0


@dataclass(slots=True)
class Rule:
    """One rule: its cells, and where it begins and ends in the file, in bytes."""

    start: int
    end: int = 0
    cells: list[Cell] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        kind: Of its cells.
        label: As people read it.
        expression: Of an input: what is looked at; of an output: its name.
        type: As declared; may be empty.
        start: Where its element begins in the file, in bytes.
        end: Where it ends.
        values: What is allowed there, in FEEL; empty where anything is.
    """

    kind: str
    label: str
    expression: str
    type: str
    start: int = 0
    end: int = 0
    values: str = ""


@dataclass(slots=True)
class Table:
    """A decision table.

    Attributes:
        key: Id of its decision.
        name: Of the decision.
        label: As residents read it.
        hit_policy: In the standard's words.
        aggregation: What is done with several hits; may be empty.
        columns: Inputs, then outputs, then notes.
        rules: In order.
        start: Where the start tag of the table stands in the file, in bytes.
        prefix: Of its tags, with a colon; empty where there is none.
    """

    key: str
    name: str
    label: str
    hit_policy: str = "UNIQUE"
    aggregation: str = ""
    columns: list[Column] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    start: int = 0
    prefix: str = ""


class _Reader:
    """Finds tables with the places of their cells; refuses what declares entities, as the engine does."""

    def __init__(self, text: str, file: str) -> None:
        self.raw, self.file = text.encode(), file
        self.found: list[Table] = []
        self.path: list[str] = []
        self.attributes: list[dict[str, str]] = []
        self.starts: list[int] = []
        self.table: Table | None = None
        self.cell: Cell | None = None
        self.said: list[str] = []
        self.parts: dict[str, str] = {}
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self.refuse
        self.parser.StartElementHandler = self.begin
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.said.append

    def read(self) -> list[Table]:
        try:
            self.parser.Parse(self.raw, True)
        except expat.ExpatError as error:
            message = f"This is not XML: {expat.ErrorString(error.code)}."
            raise TextRefused(
                Problem(self.file, error.lineno, error.offset + 1, "dmn.xml", message)
            ) from None
        return self.found

    def refuse(self, *_declared: object) -> None:
        raise TextRefused(Problem(self.file, 0, 0, "dmn.xml", "A model declares no document type."))

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        tag, at = name.rpartition(":")[2], self.parser.CurrentByteIndex
        above = self.path[-1] if self.path else ""
        self.path.append(tag)
        self.attributes.append(attributes)
        self.starts.append(at)
        self.said.clear()
        if tag == "decisionTable" and above == "decision":
            decision = self.attributes[-2]
            self.table = Table(
                decision.get("id", ""),
                decision.get("name", ""),
                decision.get("label") or decision.get("name", ""),
                attributes.get("hitPolicy", "UNIQUE"),
                attributes.get("aggregation", ""),
                start=at,
                prefix=name.removesuffix(tag),
            )
        elif self.table is not None and tag == "rule":
            self.table.rules.append(Rule(at))
        elif self.table is not None and above == "rule" and tag in _ENTRIES:
            self.cell = Cell(tag, at)
            self.table.rules[-1].cells.append(self.cell)
        elif self.cell is not None and tag == "text":
            opened = self._after_tag(at)
            self.cell.tag, self.cell.is_closed = name, self.raw[opened - 2 : opened] == b"/>"
            self.cell.span = (at, opened) if self.cell.is_closed else (opened, opened)

    def _after_tag(self, at: int) -> int:
        return after_tag(self.raw, at)

    def end(self, _name: str) -> None:
        tag, attributes, at = self.path.pop(), self.attributes.pop(), self.parser.CurrentByteIndex
        began = self.starts.pop()
        if self.table is None:
            return
        if tag == "text":
            self._text(at)
        elif tag == "rule":
            self.table.rules[-1].end = self._after_tag(at)
        elif tag in _ENTRIES and self.cell is not None:
            self.cell.end = end_of(self.raw, began, at)
            self.cell = None
        elif tag == "decisionTable":
            self.found.append(self.table)
            self.table = None
        else:
            self._column(tag, attributes, self.table, (began, end_of(self.raw, began, at)))

    def _text(self, at: int) -> None:
        said = "".join(self.said)
        if self.cell is not None:
            self.cell.text = said.strip()
            if not self.cell.is_closed:
                self.cell.span = (self.cell.span[0], at)
        elif self.path and self.path[-1] == "inputExpression":
            self.parts |= {
                "expression": " ".join(said.split()),
                "type": self.attributes[-1].get("typeRef", ""),
            }
        elif self.path and self.path[-1] in {"inputValues", "outputValues"}:
            self.parts["values"] = " ".join(said.split())

    def _column(self, tag: str, attributes: Mapping[str, str], table: Table, span: tuple[int, int]) -> None:
        if self.path[-1:] != ["decisionTable"]:
            return
        parts, self.parts = self.parts, {}
        values = parts.get("values", "")
        if tag == "input":
            expression = parts.get("expression", "")
            label = attributes.get("label") or expression
            table.columns.append(
                Column(_ENTRIES[0], label, expression, parts.get("type", ""), *span, values=values)
            )
        elif tag == "output":
            name = attributes.get("name", "")
            label = attributes.get("label") or name or table.name
            table.columns.append(
                Column(_ENTRIES[1], label, name, attributes.get("typeRef", ""), *span, values=values)
            )
        elif tag == "annotation":
            table.columns.append(Column(_ENTRIES[2], attributes.get("name", ""), "", "", *span))


def after_tag(raw: bytes, at: int) -> int:
    """Return the place behind a tag; a quoted ``>`` does not end it."""
    quote = b""
    while True:
        byte = raw[at : at + 1]
        at += 1
        if quote:
            quote = b"" if byte == quote else quote
        elif byte in {b'"', b"'"}:
            quote = byte
        elif byte == b">":
            return at


def end_of(raw: bytes, start: int, at: int) -> int:
    """Return the place behind an element that begins at ``start``, and whose end the parser reports at ``at``."""
    opened = after_tag(raw, start)
    return opened if raw[opened - 2 : opened] == b"/>" else after_tag(raw, at)


def tables_of(text: str, file: str) -> list[Table]:
    """Return the decision tables of a model, in the order of the file.

    Raises:
        TextRefused: The file is no XML, or declares a document type.
    """
    return _Reader(text, file).read()


def table_of(text: str, file: str, key: str) -> Table:
    """Return the table of one decision.

    Raises:
        PlaceNotFound: There is none, or a rule has other cells than the table has columns.
        TextRefused: See :func:`tables_of`.
    """
    found = next((table for table in tables_of(text, file) if table.key == key), None)
    if found is None or any(not _fits(rule, found) for rule in found.rules):
        raise PlaceNotFound
    return found


def _fits(rule: Rule, table: Table) -> bool:
    wanted = [column.kind for column in table.columns]
    kinds = [cell.kind for cell in rule.cells]
    return kinds == wanted and all(cell.span[1] for cell in rule.cells)


Typed = Mapping[tuple[int, int], str]
"""What stands in a cell, by the place of its rule and column."""


def with_cells(text: str, table: Table, typed: Typed) -> str:
    """Return the file with some cells changed; a cell that says what it said stays as it is written."""
    raw = text.encode()
    changes = [
        (table.rules[rule].cells[column], words.strip())
        for (rule, column), words in typed.items()
        if table.rules[rule].cells[column].text != words.strip()
    ]
    for cell, words in sorted(changes, key=lambda one: one[0].span, reverse=True):
        inner = escape(words)
        new = f"<{cell.tag}>{inner}</{cell.tag}>" if cell.is_closed else inner
        raw = raw[: cell.span[0]] + new.encode() + raw[cell.span[1] :]
    return raw.decode()


def add_rule(text: str, table: Table, after: int) -> str:
    """Return the file with an empty rule behind another, written as that one is; its ids are new.

    Raises:
        PlaceNotFound: There is no such rule, or there are too many.
    """
    rule = _rule(table, after)
    if len(table.rules) >= _MOST_RULES:
        raise PlaceNotFound
    raw = text.encode()
    own = raw[rule.start : rule.end]
    for cell in sorted(rule.cells, key=lambda one: one.span, reverse=True):
        words = escape(_EMPTY[cell.kind])
        new = f"<{cell.tag}>{words}</{cell.tag}>" if cell.is_closed else words
        start, end = (place - rule.start for place in cell.span)
        own = own[:start] + new.encode() + own[end:]
    own = _with_new_ids(own)
    return (raw[: rule.end] + gap(raw, rule.start) + own + raw[rule.end :]).decode()


def remove_rule(text: str, table: Table, at: int) -> str:
    """Return the file without a rule; the last one stays.

    Raises:
        PlaceNotFound: There is no such rule, or it is the only one.
    """
    rule = _rule(table, at)
    if len(table.rules) < 2:
        raise PlaceNotFound
    raw = text.encode()
    return (raw[: rule.start - len(gap(raw, rule.start))] + raw[rule.end :]).decode()


def move_rule(text: str, table: Table, at: int, *, by: int) -> str:
    """Return the file with a rule one place up (-1) or down (1).

    Raises:
        PlaceNotFound: There is none, or nothing to change places with.
    """
    first, second = (_rule(table, place) for place in sorted((at, at + by)))
    raw = text.encode()
    return (
        raw[: first.start]
        + raw[second.start : second.end]
        + raw[first.end : second.start]
        + raw[first.start : first.end]
        + raw[second.end :]
    ).decode()


def with_rows(text: str, table: Table, rows: Sequence[Sequence[str]]) -> str:
    """Return the file with the rules that a table modeller holds; a rule that says what one here says stays as written.

    Args:
        text: Of the file.
        table: As the file has it.
        rows: The cells of each rule: conditions, outcomes and, where the table has notes, the first note.

    Raises:
        PlaceNotFound: A row has another number of cells, or there are none or too many: columns are changed in the file.
    """
    width = shown_columns(table)
    wanted = [tuple(" ".join(words.split()) for words in row) for row in rows]
    if not 0 < len(wanted) <= _MOST_RULES or any(len(row) != width for row in wanted):
        raise PlaceNotFound
    raw = text.encode()
    here = [tuple(" ".join(cell.text.split()) for cell in rule.cells[:width]) for rule in table.rules]
    pieces: list[bytes] = []
    for at, row, is_new in _matched(here, wanted):
        own = _rewritten(raw, table.rules[at], row, is_new=is_new)
        pieces.append(gap(raw, table.rules[at].start) + own if pieces else own)
    return (raw[: table.rules[0].start] + b"".join(pieces) + raw[table.rules[-1].end :]).decode()


_Row = tuple[str, ...]


def _matched(here: Sequence[_Row], wanted: Sequence[_Row]) -> Iterator[tuple[int, _Row, bool]]:
    """Say for each row wanted which rule it is written like, and whether it is a new one; a hyphen is as good as nothing."""
    old, new = ([tuple(words or "-" for words in row) for row in rows] for rows in (here, wanted))
    for _tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        for step, row in enumerate(wanted[c:d]):
            like = min(a + step, b - 1) if b > a else max(a - 1, 0)
            yield like, row, a + step >= b


def shown_columns(table: Table) -> int:
    """Return how many columns a table modeller shows: conditions, outcomes, and one of the notes."""
    kinds = [column.kind for column in table.columns]
    return len(kinds) - max(kinds.count(_ENTRIES[2]) - 1, 0)


def _rewritten(raw: bytes, rule: Rule, row: Sequence[str], *, is_new: bool) -> bytes:
    """Return a rule with other words in its cells; a new one with ids of its own, and empty where nothing is said."""
    own = raw[rule.start : rule.end]
    for column, cell in sorted(enumerate(rule.cells), key=lambda one: one[1].span, reverse=True):
        if column < len(row):
            words = row[column] or _EMPTY[cell.kind]
        elif is_new:
            words = ""
        else:
            continue
        if " ".join(cell.text.split()) == words or (
            not is_new and not row[column] and cell.text in {"", "-"}
        ):
            continue
        inner = escape(words)
        new = f"<{cell.tag}>{inner}</{cell.tag}>" if cell.is_closed else inner
        start, end = (place - rule.start for place in cell.span)
        own = own[:start] + new.encode() + own[end:]
    return _with_new_ids(own) if is_new else own


def _with_new_ids(own: bytes) -> bytes:
    return _ID.sub(lambda found: found[1] + f"id_{uuid4().hex[:12]}".encode() + found[3], own)


def _rule(table: Table, at: int) -> Rule:
    if not 0 <= at < len(table.rules):
        raise PlaceNotFound
    return table.rules[at]


def gap(raw: bytes, start: int) -> bytes:
    """Return the blanks before a rule, its line's end among them."""
    begin = start
    while begin and raw[begin - 1 : begin].isspace():
        begin -= 1
    return raw[begin:start]


@dataclass(frozen=True, slots=True)
class Said:
    """What the engine says of a table.

    Attributes:
        cells: By rule and column.
        whole: Of the table as a whole: what its columns look at, rules that overlap, cases that no rule meets; whether
            each is a mistake.
    """

    cells: Mapping[tuple[int, int], str]
    whole: Sequence[tuple[str, bool]]


def said_of(text: str, file: str, key: str) -> Said:
    """Return what the engine says of one table of a model: each cell's FEEL, cases without a rule, rules that overlap.

    Raises:
        PlaceNotFound: There is no such table.
        TextRefused: The file is no XML.
    """
    table = table_of(text, file, key)
    probe, lines = _apart(text, table)
    try:
        problems = dmn.check(dmn.read(probe.encode()))
    except DmnError as error:
        return Said({}, [(_sentence(str(error)), True)])
    cells: dict[tuple[int, int], list[str]] = {}
    whole = []
    for problem in problems:
        if problem.kind in _QUIET or not problem.place.startswith(table.name):
            continue
        rest = _RULE.fullmatch(problem.place.removeprefix(table.name))
        if rest is None:
            continue
        place = _cell(table, problem, lines, int(rest[1]) - 1) if rest[1] else None
        if place is None:
            whole.append((_sentence(problem.message), problem.is_error))
        else:
            words = _QUOTED.sub("", problem.message, count=1)
            cells.setdefault(place, []).append(_sentence(words))
    return Said({place: " ".join(dict.fromkeys(words)) for place, words in cells.items()}, whole)


def _cell(
    table: Table, problem: Any, lines: Mapping[int, tuple[int, int]], rule: int
) -> tuple[int, int] | None:
    """Return the cell that a finding is about: an output by its line, an input by the words that are quoted."""
    if problem.line in lines:
        return lines[problem.line]
    quoted = _QUOTED.match(problem.message)
    if quoted is None or not 0 <= rule < len(table.rules):
        return None
    said = " ".join(quoted[1].split())
    for column, cell in enumerate(table.rules[rule].cells):
        if cell.kind == _ENTRIES[0] and " ".join(cell.text.split()).startswith(said):
            return rule, column
    return None


def _sentence(message: str) -> str:
    return f"{message[:1].upper()}{message[1:]}".rstrip(".") + "."


def _apart(text: str, table: Table) -> tuple[str, dict[int, tuple[int, int]]]:
    """Return the file with each cell of a table on lines of its own, and which cell each of these lines belongs to."""
    raw = text.encode()
    starts = [
        (cell.start, cell.span[1], (at, column))
        for at, rule in enumerate(table.rules)
        for column, cell in enumerate(rule.cells)
    ]
    pieces: list[bytes] = []
    lines: dict[int, tuple[int, int]] = {}
    last, line = 0, 1
    for start, end, place in sorted(starts):
        before, own = raw[last:start] + b"\n", raw[start:end]
        line += before.count(b"\n")
        for more in range(own.count(b"\n") + 1):
            lines[line + more] = place
        line += own.count(b"\n")
        pieces += [before, own]
        last = end
    return b"".join([*pieces, raw[last:]]).decode(), lines
