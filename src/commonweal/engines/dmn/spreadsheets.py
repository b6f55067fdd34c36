"""Decision tables as CSV, XLSX and Markdown.

One convention serves the three. The top left cell is the hit policy (U, A, P, F, R, O,
C, C+, C<, C>, C#). The rest of that line says what each column is: ``input``, ``output``
or ``note``. Lines that begin with one of these words describe the columns:

========  ==========================================================================
name      the expression an input looks at; the name of an output or of a note
label     a heading for people (optional)
type      the type of an input or output (optional)
values    the values it may have, as tests; for outputs also their order (optional)
default   what an output is when no rule hits (optional)
========  ==========================================================================

Every other line is a rule; its first cell is free (a number, a name). Cells hold FEEL: a
text stands in quotes, ``-`` or nothing means "any". Turned on its side, with ``input`` and
``output`` down the first column, the same sheet is a table with rules as columns.

Reading what was written gives the same table, but for the ids, which sheets do not hold.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from pathlib import Path

from commonweal.engines.dmn import model as m
from commonweal.engines.dmn.errors import SheetError

Grid = list[list[str]]

POLICIES = {
    "U": ("UNIQUE", None),
    "A": ("ANY", None),
    "P": ("PRIORITY", None),
    "F": ("FIRST", None),
    "R": ("RULE ORDER", None),
    "O": ("OUTPUT ORDER", None),
    "C": ("COLLECT", None),
    "C+": ("COLLECT", "SUM"),
    "C<": ("COLLECT", "MIN"),
    "C>": ("COLLECT", "MAX"),
    "C#": ("COLLECT", "COUNT"),
}
_KINDS = ("input", "output", "note")
_LINES = ("name", "label", "type", "values", "default")
MAX_CELLS = 1_000_000
MAX_WORKBOOK_BYTES = 5_000_000
"""Of a workbook as it comes; its list of contents is read whole, so this bounds that too."""
MAX_UNPACKED_BYTES = 50_000_000
MAX_WORKBOOK_FILES = 1_000


def policy_letter(table: m.DecisionTable) -> str:
    """The hit policy in the one or two characters of the standard's notation."""
    pair = (table.hit_policy, table.aggregation if table.hit_policy == "COLLECT" else None)
    return next(letter for letter, meaning in POLICIES.items() if meaning == pair)


# ---- grid and table ----------------------------------------------------------------------


def to_grid(table: m.DecisionTable) -> Grid:
    """A table as lines of cells."""
    head = [
        [policy_letter(table)]
        + ["input"] * len(table.inputs)
        + ["output"] * len(table.outputs)
        + ["note"] * len(table.annotations),
        ["name"]
        + [clause.expression.text or "" for clause in table.inputs]
        + [output.name or "" for output in table.outputs]
        + list(table.annotations),
    ]
    blank = [""] * len(table.annotations)
    label = [c.label or "" for c in table.inputs] + [o.label or "" for o in table.outputs]
    types = [c.expression.type_ref or "" for c in table.inputs] + [o.type_ref or "" for o in table.outputs]
    values = [_values_text(c.values) for c in table.inputs] + [_values_text(o.values) for o in table.outputs]
    defaults = [""] * len(table.inputs) + [(o.default.text or "") if o.default else "" for o in table.outputs]
    for word, cells in (("label", label), ("type", types), ("values", values), ("default", defaults)):
        if any(cells):
            head.append([word, *cells, *blank])
    grid = head + [_rule_line(rule, number, len(blank)) for number, rule in enumerate(table.rules, 1)]
    if table.orientation == "Rule-as-Column":
        return [list(line) for line in zip(*grid, strict=True)]
    return grid


def _values_text(tests: m.UnaryTests | None) -> str:
    return tests.text if tests else ""


def _rule_line(rule: m.Rule, number: int, notes: int) -> list[str]:
    padded = (list(rule.annotations) + [""] * notes)[:notes]
    return [str(number), *(t.text for t in rule.tests), *(o.text or "" for o in rule.outputs), *padded]


def from_grid(grid: Sequence[Sequence[str]]) -> m.DecisionTable:
    """Lines of cells as a table.

    Raises:
        SheetError: The lines do not follow the convention; the message says where.
    """
    lines = [[cell.strip() for cell in line] for line in grid if any(cell.strip() for cell in line)]
    if not lines:
        raise SheetError("the sheet is empty")
    width = max(map(len, lines))
    if width * len(lines) > MAX_CELLS:
        raise SheetError(f"the sheet has more than {MAX_CELLS} cells")
    lines = [line + [""] * (width - len(line)) for line in lines]
    policy = lines[0][0].upper()
    if policy not in POLICIES:
        raise SheetError(
            f"the top left cell is {lines[0][0]!r}; it must be a hit policy: {', '.join(POLICIES)}"
        )
    orientation = "Rule-as-Row"
    if not _are_kinds(lines[0][1:]) and _are_kinds([line[0] for line in lines[1:]]):
        lines = [list(line) for line in zip(*lines, strict=True)]
        orientation = "Rule-as-Column"
    return _table(lines, policy, orientation)


def _are_kinds(cells: Sequence[str]) -> bool:
    words = [cell.lower() for cell in cells if cell]
    return "output" in words and all(word in _KINDS for word in words)


def _table(lines: Grid, policy: str, orientation: str) -> m.DecisionTable:
    if not _are_kinds(lines[0][1:]):
        raise SheetError(
            "the first line, after the hit policy, says what each column is: input, output or note; "
            f"it holds {lines[0][1:]!r}"
        )
    kinds = [cell.lower() for cell in lines[0]]
    head: dict[str, list[str]] = {}
    rules: Grid = []
    for line in lines[1:]:
        word = line[0].lower()
        if word in _LINES and word not in head and not rules:
            head[word] = line
        else:
            rules.append(line)
    if "name" not in head:
        raise SheetError("no line begins with 'name': it names the inputs and outputs")
    columns = {kind: [i for i, cell in enumerate(kinds) if i and cell == kind] for kind in _KINDS}
    hit_policy, aggregation = POLICIES[policy]
    return m.DecisionTable(
        hit_policy=hit_policy,
        aggregation=aggregation,
        orientation=orientation,
        inputs=tuple(_input(head, i) for i in columns["input"]),
        outputs=tuple(_output(head, i) for i in columns["output"]),
        annotations=tuple(head["name"][i] for i in columns["note"]),
        rules=tuple(_rule(line, columns) for line in rules),
    )


def _cell(head: dict[str, list[str]], word: str, column: int) -> str | None:
    return (head[word][column] or None) if word in head else None


def _tests(text: str | None) -> m.UnaryTests | None:
    return None if text is None else m.UnaryTests(text=text)


def _input(head: dict[str, list[str]], column: int) -> m.InputClause:
    text = _cell(head, "name", column)
    if text is None:
        raise SheetError(f"column {column + 1} is an input without a name")
    return m.InputClause(
        label=_cell(head, "label", column),
        expression=m.Literal(text=text, type_ref=_cell(head, "type", column)),
        values=_tests(_cell(head, "values", column)),
    )


def _output(head: dict[str, list[str]], column: int) -> m.OutputClause:
    default = _cell(head, "default", column)
    return m.OutputClause(
        label=_cell(head, "label", column),
        name=_cell(head, "name", column),
        type_ref=_cell(head, "type", column),
        values=_tests(_cell(head, "values", column)),
        default=None if default is None else m.Literal(text=default),
    )


def _rule(line: list[str], columns: dict[str, list[int]]) -> m.Rule:
    return m.Rule(
        tests=tuple(m.UnaryTests(text=line[i] or "-") for i in columns["input"]),
        outputs=tuple(m.Literal(text=line[i] or "null") for i in columns["output"]),
        annotations=tuple(line[i] for i in columns["note"]),
    )


# ---- CSV ---------------------------------------------------------------------------------


def from_csv(text: str) -> m.DecisionTable:
    r"""Read a table from CSV; commas, semicolons and tabs are recognised.

    Example:
        >>> table = from_csv('U,input,output\nname,age,fee\n1,< 18,0\n2,>= 18,25\n')
        >>> [rule.tests[0].text for rule in table.rules]
        ['< 18', '>= 18']
    """
    first = text.lstrip("\ufeff").partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        return from_grid(
            list(csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=delimiter))
        )
    except csv.Error as error:
        raise SheetError(f"not CSV: {error}") from error


def to_csv(table: m.DecisionTable) -> str:
    """Write a table as CSV (RFC 4180, with commas)."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(to_grid(table))
    return out.getvalue()


# ---- Markdown ----------------------------------------------------------------------------

_DASHES = re.compile(r"\s*:?-+:?\s*")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


def from_markdown(text: str) -> m.DecisionTable:
    """Read the first table of a Markdown text."""
    grid: Grid = []
    for line in text.splitlines():
        bare = line.strip()
        if not bare.startswith("|"):
            if grid:
                break
            continue
        cells = _markdown_cells(bare)
        if len(grid) == 1 and all(_DASHES.fullmatch(cell) for cell in cells):
            continue
        grid.append(cells)
    return from_grid(grid)


def _markdown_cells(line: str) -> list[str]:
    inner = line.removeprefix("|")
    inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
    return [_BREAK.sub("\n", cell.replace("\\|", "|")).strip() for cell in re.split(r"(?<!\\)\|", inner)]


def to_markdown(table: m.DecisionTable) -> str:
    """Write a table as a Markdown table with even columns."""
    grid = [[cell.replace("|", "\\|").replace("\n", "<br>") for cell in line] for line in to_grid(table)]
    widths = [max(3, *(len(cell) for cell in column)) for column in zip(*grid, strict=True)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in grid
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines) + "\n"


# ---- XLSX --------------------------------------------------------------------------------


def from_xlsx(source: bytes | Path, *, sheet: str | None = None) -> m.DecisionTable:
    """Read a table from a workbook: the sheet of that name, or the first.

    Numbers, dates and truth values typed into cells become FEEL; formulas are refused.

    Raises:
        SheetError: It is no workbook, is larger than a decision table can be, or does not follow the convention.
    """
    from openpyxl import load_workbook  # noqa: PLC0415 - slow import, a quarter of this engine's
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415 - likewise

    try:
        book = load_workbook(_bounded(source), read_only=True)
        names = book.sheetnames
        if sheet is not None and sheet not in names:
            raise SheetError(f"no sheet {sheet!r}; there are {', '.join(names)}")
        page = book[sheet if sheet is not None else names[0]]
        grid = _lines_of(page.iter_rows(values_only=True))
    except _NO_WORKBOOK as error:
        raise SheetError(f"not a workbook: {error}") from error
    except InvalidFileException as error:
        raise SheetError(f"not a workbook: {error}") from error
    return from_grid(grid)


_NO_WORKBOOK = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    KeyError,
    NotImplementedError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    struct.error,
)


def _bounded(source: bytes | Path) -> io.BytesIO:
    """Return a workbook that unpacks to no more than a table takes, whatever it says of its own sizes.

    Raises:
        SheetError: It is larger.
        zipfile.BadZipFile: It is no archive, or packed in a way that no program for sheets uses.
    """
    if isinstance(source, Path):
        with source.open("rb") as file:
            source = file.read(MAX_WORKBOOK_BYTES + 1)
    if len(source) > MAX_WORKBOOK_BYTES:
        raise SheetError(f"the workbook is larger than {MAX_WORKBOOK_BYTES:,} bytes")
    left = MAX_UNPACKED_BYTES
    with zipfile.ZipFile(io.BytesIO(source)) as archive:
        entries = archive.infolist()
        if len(entries) > MAX_WORKBOOK_FILES:
            raise SheetError(f"the workbook holds more than {MAX_WORKBOOK_FILES:,} files")
        for entry in entries:
            if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
                raise zipfile.BadZipFile("it is packed in an unusual way")
            with archive.open(entry) as stream:
                while chunk := stream.read(min(_CHUNK, left + 1)):
                    left -= len(chunk)
                    if left < 0:
                        raise SheetError(f"the workbook unpacks to more than {MAX_UNPACKED_BYTES:,} bytes")
    return io.BytesIO(source)


_CHUNK = 1 << 16


def _lines_of(rows: Iterable[Sequence[object]]) -> Grid:
    """Return the cells of a sheet as FEEL; a cell far out makes wide or many rows, which are counted as they come."""
    grid: Grid = []
    cells = 0
    for row in rows:
        cells += max(len(row), 1)
        if cells > MAX_CELLS:
            raise SheetError(f"the sheet has more than {MAX_CELLS} cells")
        grid.append([_feel_text(cell) for cell in row])
    return grid


def _feel_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return format(Decimal(repr(value)).normalize(), "f")
    if isinstance(value, dt.datetime):
        at_midnight = value.time() == dt.time()
        return f'date("{value.date()}")' if at_midnight else f'date and time("{value.isoformat()}")'
    if isinstance(value, dt.date):
        return f'date("{value}")'
    if isinstance(value, dt.time):
        return f'time("{value.isoformat()}")'
    text = str(value)
    if text.startswith("=") and not re.match(r"=\s", text):
        raise SheetError(f"the formula {text!r} cannot be a cell of a decision table: write FEEL")
    return text


def to_xlsx(table: m.DecisionTable) -> bytes:
    """Write a table as a workbook of one sheet; every cell is text."""
    from openpyxl import Workbook  # noqa: PLC0415 - slow import, a quarter of this engine's

    book = Workbook()
    page = book.worksheets[0]
    page.title = "Decision table"
    for row, line in enumerate(to_grid(table), 1):
        for column, text in enumerate(line, 1):
            cell = page.cell(row, column)
            cell.value = text
            cell.data_type = "s"
            cell.number_format = "@"
    page.freeze_panes = "B3"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


# ---- whole models ------------------------------------------------------------------------

_NAME = re.compile(r"[^\W\d][\w ]*(\.[^\W\d][\w ]*)*")


def model_of(table: m.DecisionTable, name: str) -> m.Model:
    """A model of one decision: the table, with a fact for each input that is a plain name."""
    facts: dict[str, str | None] = {}
    for clause in table.inputs:
        text = (clause.expression.text or "").strip()
        if _NAME.fullmatch(text):
            whole = "." not in text
            facts.setdefault(text.split(".")[0].strip(), clause.expression.type_ref if whole else None)
    inputs = tuple(
        m.InputData(id=f"fact_{i}", name=fact, variable=m.Variable(name=fact, type_ref=kind))
        for i, (fact, kind) in enumerate(facts.items())
    )
    decision = m.Decision(
        id="decision",
        name=name,
        variable=m.Variable(name=name),
        information=tuple(m.Requirement(kind="requiredInput", href=f"#fact_{i}") for i in range(len(inputs))),
        expression=table,
    )
    return m.Model(name=name, namespace=f"urn:commonweal:table:{name}", elements=(*inputs, decision))


READERS: dict[str, Callable[[Path], m.DecisionTable]] = {
    ".csv": lambda path: from_csv(path.read_text(encoding="utf-8")),
    ".md": lambda path: from_markdown(path.read_text(encoding="utf-8")),
    ".xlsx": from_xlsx,
}


def read_sheet(path: Path | str) -> m.DecisionTable:
    """Read a table from a ``.csv``, ``.md`` or ``.xlsx`` file."""
    path = Path(path)
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise SheetError(f"{path.name}: a table is read from {', '.join(READERS)}")
    try:
        return reader(path)
    except (OSError, UnicodeDecodeError) as error:
        raise SheetError(f"cannot read {path.name}: {error}") from error
