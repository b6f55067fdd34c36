"""The shape of a decision table: its columns and hit policy, and tables that are not there yet.

As with cells (:mod:`tables`), the text is changed at its places: what stays, stays byte for byte.

Source: OMG DMN 1.5, 8.2 (decision tables), 6.3 (requirements).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import uuid4
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from django.utils.translation import gettext as _

from commonweal.kernel.authoring.errors import PlaceNotFound, TextRefused
from commonweal.kernel.authoring.tables import Column, Table, after_tag, end_of, gap
from commonweal.kernel.base.documents import Problem
from commonweal.kernel.base.errors import Invalid

KINDS = {"input": "inputEntry", "output": "outputEntry", "annotation": "annotationEntry"}
"""Tag of a column, and of its cells."""
POLICIES = ("UNIQUE", "FIRST", "ANY", "PRIORITY", "COLLECT", "RULE ORDER", "OUTPUT ORDER")
AGGREGATIONS = ("", "SUM", "MIN", "MAX", "COUNT")
PLAIN_TYPES = ("string", "number", "boolean", "date")
_EMPTY = {"input": "-", "output": "", "annotation": ""}
_ORDER = tuple(KINDS.values())
_NAME = re.compile(r"[^\W\d][\w ]{0,79}")
_NO_WORD = re.compile(r"\W+", re.ASCII)
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (2.2, Char) does not let stand in a file, not even by its number."""
_MOST_COLUMNS = 40
_LONGEST = 300
_MOST_VALUES = 2_000


@dataclass(frozen=True, slots=True)
class NewColumn:
    """A column to be written.

    Attributes:
        kind: ``input``, ``output`` or ``annotation``.
        label: As people read it.
        expression: Of an input: the FEEL that is looked at; of an output: its name.
        type: Of an input or output; may be empty.
        values: What is allowed in an input or output, in FEEL; empty where anything is.
    """

    kind: str
    label: str
    expression: str = ""
    type: str = ""
    values: str = ""


@dataclass(frozen=True, slots=True)
class Element:
    """An element right below the root of a model: its tag without prefix, id, name, and where it stands, in bytes."""

    tag: str
    id: str
    name: str
    start: int
    end: int


def elements_of(text: str, file: str) -> tuple[str, list[Element]]:
    """Return the prefix of a model's tags, and what stands right below its root.

    Raises:
        TextRefused: The file is no XML.
    """
    raw = text.encode()
    parser = expat.ParserCreate()
    found: list[Element] = []
    open_: list[tuple[str, dict[str, str], int]] = []
    prefix = [""]

    def begin(name: str, attributes: dict[str, str]) -> None:
        if not open_:
            prefix[0] = name.rpartition(":")[0] + ":" if ":" in name else ""
        open_.append((name.rpartition(":")[2], attributes, parser.CurrentByteIndex))

    def end(_name: str) -> None:
        tag, attributes, start = open_.pop()
        if len(open_) == 1:
            place = end_of(raw, start, parser.CurrentByteIndex)
            found.append(Element(tag, attributes.get("id", ""), attributes.get("name", ""), start, place))

    def refuse(*_declared: object) -> None:
        raise TextRefused(Problem(file, 0, 0, "dmn.xml", "A model declares no document type."))

    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as error:
        message = f"This is not XML: {expat.ErrorString(error.code)}."
        raise TextRefused(Problem(file, error.lineno, error.offset + 1, "dmn.xml", message)) from None
    return prefix[0], found


def types_in(text: str, file: str) -> list[str]:
    """Return the names of types that a column may have: the plain ones, then those that the model declares."""
    declared = [one.name for one in elements_of(text, file)[1] if one.tag == "itemDefinition" and one.name]
    return [*PLAIN_TYPES, *declared]


def with_policy(text: str, table: Table, policy: str, aggregation: str) -> str:
    """Return the file with another hit policy of a table.

    Raises:
        Invalid: There is no such policy, or only ``COLLECT`` adds up what it collects.
    """
    if policy not in POLICIES or aggregation not in AGGREGATIONS:
        raise Invalid({"policy": _("Choose how the rules go together.")})
    if aggregation and policy != "COLLECT":
        raise Invalid({"aggregation": _("Only “Collect” adds up, counts or compares what it collects.")})
    raw = text.encode()
    end = after_tag(raw, table.start)
    tag = raw[table.start : end]
    for name, value in (("hitPolicy", policy), ("aggregation", aggregation)):
        tag = _with_attribute(tag, name, value)
    return (raw[: table.start] + tag + raw[end:]).decode()


def _with_attribute(tag: bytes, name: str, value: str) -> bytes:
    present = re.compile(rb"\s" + name.encode() + rb"""\s*=\s*("[^"]*"|'[^']*')""")
    written = f" {name}={quoteattr(value)}".encode() if value else b""
    if present.search(tag):
        return present.sub(lambda _found: written, tag, count=1)
    at = len(tag) - (2 if tag.endswith(b"/>") else 1)
    is_default = name == "hitPolicy" and value == "UNIQUE"
    return tag if is_default else tag[:at].rstrip() + written + tag[at:]


def add_column(text: str, file: str, table: Table, new: NewColumn) -> str:
    """Return the file with another column, the last of its kind; in each rule it does not matter yet, or is empty.

    Raises:
        Invalid: Something about it is wrong, by field.
        PlaceNotFound: There are too many columns.
    """
    _must_be_right(text, file, table, new)
    if len(table.columns) >= _MOST_COLUMNS or not table.columns:
        raise PlaceNotFound
    rank = _ORDER.index(KINDS[new.kind])
    after = max((at for at, one in enumerate(table.columns) if _ORDER.index(one.kind) <= rank), default=-1)
    raw = text.encode()
    changes = [
        _beside(raw, [(one.start, one.end) for one in table.columns], after, _column(table.prefix, new))
    ]
    for rule in table.rules:
        tag, words = f"{table.prefix}{KINDS[new.kind]}", escape(_EMPTY[new.kind])
        text_tag = f"{table.prefix}text"
        cell = f'<{tag} id="{_id()}"><{text_tag}>{words}</{text_tag}></{tag}>'
        changes.append(_beside(raw, [(one.start, one.end) for one in rule.cells], after, cell))
    return _changed(raw, [(at, at, words) for at, words in changes])


def _must_be_right(text: str, file: str, table: Table, new: NewColumn) -> None:
    wrong = {}
    if new.kind not in KINDS:
        raise Invalid({"kind": _("Choose what the column is.")})
    if not 0 < len(new.label) <= _LONGEST:
        wrong["label"] = _("Say what stands in the column.")
    if new.kind == "input" and not 0 < len(new.expression) <= _LONGEST:
        wrong["expression"] = _("Say what the rules look at, for example Owner.age.")
    if new.kind == "output":
        wrong |= _wrong_outcome(table, new)
    if new.kind != "annotation" and new.type and new.type not in types_in(text, file):
        wrong["type"] = _("Choose one of the kinds of value.")
    wrong |= _unwritable({"label": new.label, "expression": new.expression})
    if wrong:
        raise Invalid(wrong)


def _unwritable(typed: Mapping[str, str]) -> dict[str, str]:
    words = _("Leave out the characters that cannot stand in a model, such as control characters.")
    return {field: words for field, text in typed.items() if _FORBIDDEN.search(text)}


def _wrong_outcome(table: Table, new: NewColumn) -> dict[str, str]:
    outputs = [one for one in table.columns if one.kind == "outputEntry"]
    wrong = {}
    if not _NAME.fullmatch(new.expression) or new.expression in {one.expression for one in outputs}:
        wrong["expression"] = _("Give the outcome a name of its own, in letters and digits.")
    if any(not one.expression for one in outputs):
        wrong["kind"] = _(
            "The outcome there is has no name. In the file, name it first: a table of two names both."
        )
    return wrong


def change_column(text: str, file: str, table: Table, at: int, new: NewColumn) -> str:
    """Return the file with a column changed in its place: its heading, what it looks at or is called, type, allowed values.

    What is not said otherwise stays byte for byte, ids too; the cells of its rules stay as they are.

    Raises:
        Invalid: Something about it is wrong, by field.
        PlaceNotFound: There is no such column.
    """
    if not 0 <= at < len(table.columns):
        raise PlaceNotFound
    own = table.columns[at]
    kind = next(name for name, cell in KINDS.items() if cell == own.kind)
    new = replace(new, kind=kind)
    _must_fit(text, file, table, at, new)
    raw = text.encode()
    written = raw[own.start : own.end]
    if kind == "annotation":
        written = _tagged(written, {"name": new.label} if new.label != own.label else {})
    else:
        written = _reshaped(written, table.prefix, own, new)
    return (raw[: own.start] + written + raw[own.end :]).decode()


def _must_fit(text: str, file: str, table: Table, at: int, new: NewColumn) -> None:
    """Refuse what is wrong about a column; the only outcome of a table may go without a name."""
    others = [one for place, one in enumerate(table.columns) if place != at]
    is_alone = new.kind == "output" and all(one.kind != KINDS["output"] for one in others)
    checked = replace(new, kind="annotation") if is_alone and not new.expression else new
    try:
        _must_be_right(text, file, replace(table, columns=others), checked)
    except Invalid as error:
        wrong = dict(error.fields)
    else:
        wrong = {}
    if new.kind != "annotation" and new.type and new.type not in types_in(text, file):
        wrong["type"] = _("Choose one of the kinds of value.")
    if len(new.values) > _MOST_VALUES:
        wrong["values"] = _("Write at most %(most)s characters.") % {"most": _MOST_VALUES}
    wrong |= _unwritable({"values": new.values})
    if wrong:
        raise Invalid(wrong)


def _reshaped(written: bytes, prefix: str, own: Column, new: NewColumn) -> bytes:
    changed = {"label": new.label} if new.label != own.label else {}
    if new.kind == "output":
        changed |= {"name": new.expression} if new.expression != own.expression else {}
        changed |= {"typeRef": new.type} if new.type != own.type else {}
    else:
        written = _looked_at(written, prefix, own, new)
    if new.values != own.values:
        written = _with_values(written, prefix, new)
    return _tagged(written, changed)


def _tagged(written: bytes, changed: Mapping[str, str]) -> bytes:
    end = after_tag(written, 0)
    tag = written[:end]
    for name, value in changed.items():
        tag = _with_attribute(tag, name, value)
    return tag + written[end:]


def _looked_at(written: bytes, prefix: str, own: Column, new: NewColumn) -> bytes:
    """Return an input whose expression or type is another."""
    found = _child(prefix, "inputExpression").search(written)
    if found is None or (new.expression, new.type) == (own.expression, own.type):
        return written
    inner = found[0]
    if new.expression != own.expression:
        inner = _with_text(inner, prefix, new.expression)
    if new.type != own.type:
        inner = _tagged(inner, {"typeRef": new.type})
    return written[: found.start()] + inner + written[found.end() :]


def _with_values(written: bytes, prefix: str, new: NewColumn) -> bytes:
    """Return a column with other allowed values: changed in their place, taken away, or put where the standard has them."""
    name = f"{new.kind}Values"
    found = _child(prefix, name).search(written)
    if found is not None:
        if new.values:
            return (
                written[: found.start()] + _with_text(found[0], prefix, new.values) + written[found.end() :]
            )
        return written[: found.start() - len(gap(written, found.start()))] + written[found.end() :]
    inner = f"<{prefix}text>{escape(new.values)}</{prefix}text>"
    added = f'<{prefix}{name} id="{_id()}">{inner}</{prefix}{name}>'.encode()
    before = _child(prefix, "inputExpression").search(written)
    if before is not None:
        place = before.end()
        return written[:place] + gap(written, before.start()) + added + written[place:]
    place = after_tag(written, 0)
    if written[place - 2 : place] == b"/>":
        return (
            written[: place - 2].rstrip() + b">" + added + f"</{prefix}{new.kind}>".encode() + written[place:]
        )
    return written[:place] + added + written[place:]


def _child(prefix: str, name: str) -> re.Pattern[bytes]:
    tag = re.escape(f"{prefix}{name}")
    return re.compile(rf"<{tag}\b[^>]*?(?:/>|>.*?</{tag}\s*>)".encode(), re.DOTALL)


def _with_text(element: bytes, prefix: str, words: str) -> bytes:
    tag = f"{prefix}text"
    new = f"<{tag}>{escape(words)}</{tag}>".encode()
    return _child(prefix, "text").sub(lambda _found: new, element, count=1)


def _column(prefix: str, new: NewColumn) -> str:
    label, type_ = f" label={quoteattr(new.label)}", f" typeRef={quoteattr(new.type)}" if new.type else ""
    if new.kind == "annotation":
        return f"<{prefix}annotation name={quoteattr(new.label)}/>"
    if new.kind == "output":
        return f'<{prefix}output id="{_id()}"{label} name={quoteattr(new.expression)}{type_}/>'
    inner = f"<{prefix}text>{escape(new.expression)}</{prefix}text>"
    looked_at = f'<{prefix}inputExpression id="{_id()}"{type_}>{inner}</{prefix}inputExpression>'
    return f'<{prefix}input id="{_id()}"{label}>{looked_at}</{prefix}input>'


def _id() -> str:
    return f"id_{uuid4().hex[:12]}"


def _beside(raw: bytes, spans: Sequence[tuple[int, int]], after: int, words: str) -> tuple[int, bytes]:
    """Return where something new goes behind one of its kind, or before the first, and its bytes, laid out like those."""
    if after >= 0:
        return spans[after][1], gap(raw, spans[after][0]) + words.encode()
    return spans[0][0], words.encode() + gap(raw, spans[0][0])


def losing(table: Table, at: int) -> int:
    """Return how many rules say something in a column.

    Raises:
        PlaceNotFound: There is no such column.
    """
    if not 0 <= at < len(table.columns):
        raise PlaceNotFound
    return sum(rule.cells[at].text.strip() not in {"", "-"} for rule in table.rules)


def remove_column(text: str, table: Table, at: int) -> str:
    """Return the file without a column, and without its cell in each rule; the last outcome and condition stay.

    Raises:
        PlaceNotFound: There is no such column, or it is the last that a table needs.
    """
    kinds = [column.kind for column in table.columns]
    if not 0 <= at < len(kinds) or (kinds[at] != "annotationEntry" and kinds.count(kinds[at]) < 2):
        raise PlaceNotFound
    raw = text.encode()
    spans = [(table.columns[at].start, table.columns[at].end)]
    spans += [(rule.cells[at].start, rule.cells[at].end) for rule in table.rules]
    return _changed(raw, [(start - len(gap(raw, start)), end, b"") for start, end in spans])


def move_column(text: str, table: Table, at: int, *, by: int) -> str:
    """Return the file with a column one place earlier (-1) or later (1) among those of its kind, in each rule too.

    Raises:
        PlaceNotFound: There is none, or nothing of its kind to change places with.
    """
    other = at + by
    if not (0 <= at < len(table.columns) and 0 <= other < len(table.columns)):
        raise PlaceNotFound
    if table.columns[at].kind != table.columns[other].kind:
        raise PlaceNotFound
    raw = text.encode()
    spans = [[(one.start, one.end) for one in table.columns]]
    spans += [[(one.start, one.end) for one in rule.cells] for rule in table.rules]
    changes = []
    for row in spans:
        one, two = row[at], row[other]
        changes += [(*one, raw[two[0] : two[1]]), (*two, raw[one[0] : one[1]])]
    return _changed(raw, changes)


def _changed(raw: bytes, changes: Sequence[tuple[int, int, bytes]]) -> str:
    for start, end, words in sorted(changes, key=lambda one: one[0], reverse=True):
        raw = raw[:start] + words + raw[end:]
    return raw.decode()


@dataclass(frozen=True, slots=True)
class NewTable:
    """A decision table to be written.

    Attributes:
        name: Of the decision, in FEEL.
        label: As people read it.
        type: Of the outcome; may be empty.
        looks_at: FEEL of its first condition.
        needs: Ids of the facts and decisions that it rests on.
    """

    name: str
    label: str
    type: str
    looks_at: str
    needs: tuple[str, ...] = ()


_FEEL_TYPES = {"text": "string", "boolean": "boolean"}


def with_law_member(text: str, file: str, key: str, kind: str) -> str:
    """Return a model whose input ``law`` has another figure; as it is where its type is not declared in the file.

    Args:
        text: Of the model.
        file: Its name.
        key: Of the figure.
        kind: Of its value: number, text or boolean.

    Raises:
        TextRefused: The file is no XML.
    """
    prefix, elements = elements_of(text, file)
    raw = text.encode()
    law = next((one for one in elements if one.tag == "inputData" and one.name == "law"), None)
    named = re.search(rb'typeRef="([^"]+)"', raw[law.start : law.end]) if law else None
    wanted = named[1].decode() if named else ""
    type_ = next((one for one in elements if one.tag == "itemDefinition" and one.name == wanted), None)
    last = raw.rfind(f"<{prefix}itemComponent".encode(), type_.start, type_.end) if type_ else -1
    if type_ is None or last < 0 or f'name="{key}"'.encode() in raw[type_.start : type_.end]:
        return text
    end = raw.rfind(b"</", type_.start, type_.end)
    place = end - len(gap(raw, end))
    reference = f"<{prefix}typeRef>{_FEEL_TYPES.get(kind, 'number')}</{prefix}typeRef>"
    new = f'<{prefix}itemComponent name="{key}">{reference}</{prefix}itemComponent>'
    return _changed(raw, [(place, place, gap(raw, last) + new.encode())])


def sources_in(text: str, file: str) -> list[Element]:
    """Return the facts and decisions of a model on which another decision can rest."""
    return [
        one
        for one in elements_of(text, file)[1]
        if one.tag in {"inputData", "decision"} and one.id and one.name
    ]


def add_table(text: str, file: str, new: NewTable) -> tuple[str, str]:
    """Return the file with another decision table behind the last decision, and the id of its decision.

    It has one condition, one outcome, a note and one rule, all for its author to change.

    Raises:
        Invalid: Something about it is wrong, by field; a model without facts has nothing that a decision could rest on.
    """
    prefix, elements = elements_of(text, file)
    sources = {one.id: one for one in sources_in(text, file)}
    _must_be_new(new, sources, types_in(text, file))
    last = [one for one in elements if one.tag in {"decision", "inputData"}][-1]
    raw = text.encode()
    margin = gap(raw, last.start).decode() or "\n"
    words = _NO_WORD.sub("_", new.name.lower()).strip("_")
    key = f"decision_{words}_{uuid4().hex[:6]}"
    written = margin + _decision(prefix, key, new, sources, margin)
    return _changed(raw, [(last.end, last.end, written.encode())]), key


def _must_be_new(new: NewTable, sources: dict[str, Element], types: Sequence[str]) -> None:
    wrong = {}
    if not _NAME.fullmatch(new.name) or new.name in {one.name for one in sources.values()}:
        wrong["name"] = _("Give the decision a name of its own, in letters, digits and blanks.")
    if not 0 < len(new.label) <= _LONGEST:
        wrong["label"] = _("Say what is decided, as people read it.")
    if not 0 < len(new.looks_at) <= _LONGEST:
        wrong["looks_at"] = _("Say what the rules look at, for example Owner.age.")
    if new.type and new.type not in types:
        wrong["type"] = _("Choose one of the kinds of value.")
    if not new.needs or not set(new.needs) <= sources.keys():
        wrong["needs"] = _("Choose what the decision rests on.")
    wrong |= _unwritable({"label": new.label, "looks_at": new.looks_at})
    if wrong:
        raise Invalid(wrong)


def _decision(prefix: str, key: str, new: NewTable, sources: dict[str, Element], margin: str) -> str:
    type_ = f" typeRef={quoteattr(new.type)}" if new.type else ""
    inner, deep = f"{margin}  ", f"{margin}    "
    needs = [
        f'<{prefix}informationRequirement id="{_id()}">'
        f'<{prefix}required{"Input" if sources[one].tag == "inputData" else "Decision"} href="#{one}"/>'
        f"</{prefix}informationRequirement>"
        for one in new.needs
    ]
    cells = "".join(
        f'<{prefix}{tag} id="{_id()}"><{prefix}text>{words}</{prefix}text></{prefix}{tag}>'
        for tag, words in (("inputEntry", "-"), ("outputEntry", ""), ("annotationEntry", ""))
    )
    table = [
        _column(prefix, NewColumn("input", new.looks_at, new.looks_at)),
        f'<{prefix}output id="{_id()}"{type_}/>',
        f"<{prefix}annotation name={quoteattr(_('Why'))}/>",
        f'<{prefix}rule id="{_id()}">{cells}</{prefix}rule>',
    ]
    return (
        f"<{prefix}decision id={quoteattr(key)} name={quoteattr(new.name)} label={quoteattr(new.label)}>"
        f'{inner}<{prefix}variable id="{_id()}" name={quoteattr(new.name)}{type_}/>'
        + "".join(f"{inner}{one}" for one in needs)
        + f'{inner}<{prefix}decisionTable id="{_id()}" hitPolicy="UNIQUE">'
        + "".join(f"{deep}{one}" for one in table)
        + f"{inner}</{prefix}decisionTable>{margin}</{prefix}decision>"
    )
