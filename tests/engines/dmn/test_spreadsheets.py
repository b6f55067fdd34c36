from __future__ import annotations

import datetime as dt
import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from openpyxl import Workbook, load_workbook
from tests.engines.dmn.strategies import tables

from commonweal.engines.dmn import model as m
from commonweal.engines.dmn import spreadsheets as sheets
from commonweal.engines.dmn.errors import SheetError

LATE_FEE = """
| P    | input      | output   | note  |
|------|------------|----------|-------|
| name | days late  | fee      | why   |
| type | number     | number   |       |
| values |          | 5, 0     |       |
| default |         | 0        |       |
| 1    | > 14       | 5        | § 4   |
| 2    |            | 0        | § 3   |

Text after the table is not read.
"""


def normal(table: m.DecisionTable) -> m.DecisionTable:
    """What a sheet can hold: cells without blanks around, an empty test written as '-'."""
    return sheets.from_grid(sheets.to_grid(table))


@settings(max_examples=60, deadline=None)
@given(tables())
def test_every_format_gives_the_table_back(table: m.DecisionTable) -> None:
    table = normal(table)

    assert sheets.from_csv(sheets.to_csv(table)) == table
    assert sheets.from_markdown(sheets.to_markdown(table)) == table
    assert sheets.from_xlsx(sheets.to_xlsx(table)) == table


def test_a_sheet_is_read_as_the_convention_says() -> None:
    table = sheets.from_markdown(LATE_FEE)

    assert table == m.DecisionTable(
        hit_policy="PRIORITY",
        inputs=(m.InputClause(expression=m.Literal(text="days late", type_ref="number")),),
        outputs=(
            m.OutputClause(
                name="fee", type_ref="number", values=m.UnaryTests(text="5, 0"), default=m.Literal(text="0")
            ),
        ),
        annotations=("why",),
        rules=(
            m.Rule(tests=(m.UnaryTests(text="> 14"),), outputs=(m.Literal(text="5"),), annotations=("§ 4",)),
            m.Rule(tests=(m.UnaryTests(text="-"),), outputs=(m.Literal(text="0"),), annotations=("§ 3",)),
        ),
    )


def test_rules_may_be_columns() -> None:
    table = sheets.from_csv("U;name;1;2\ninput;age;< 18;>= 18\noutput;fee;0;25\n")

    assert table.orientation == "Rule-as-Column"
    assert [rule.tests[0].text for rule in table.rules] == ["< 18", ">= 18"]


def test_typed_cells_of_a_workbook_become_feel() -> None:
    book = Workbook()
    page = book.worksheets[0]
    page.append(["U", "input", "input", "input", "input", "output"])
    page.append(["name", "a", "b", "c", "d", "e"])
    at_three = dt.datetime(2026, 1, 2, 3)  # noqa: DTZ001 -- a workbook holds naive times
    page.append([1, 18, dt.date(2026, 1, 2), dt.time(8, 30), at_three, 2.50])
    page.append([2, True, None, None, None, "= 3"])
    out = io.BytesIO()
    book.save(out)

    rules = sheets.from_xlsx(out.getvalue()).rules

    assert [t.text for t in rules[0].tests] == [
        "18",
        'date("2026-01-02")',
        'time("08:30:00")',
        'date and time("2026-01-02T03:00:00")',
    ]
    assert [t.text for t in rules[1].tests] == ["true", "-", "-", "-"]
    assert [rule.outputs[0].text for rule in rules] == ["2.5", "= 3"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("X,input,output\nname,a,b", "must be a hit policy"),
        ("U,inptu,output\nname,a,b", "what each column is"),
        ("U,input,output\n1,a,b", "begins with 'name'"),
        ("U,input,output\nname,,b", "column 2 is an input without a name"),
    ],
)
def test_a_wrong_sheet_is_explained(text: str, message: str) -> None:
    with pytest.raises(SheetError, match=message):
        sheets.from_csv(text)


def test_formulas_and_other_files_are_refused(tmp_path: Path) -> None:
    book = Workbook()
    book.worksheets[0].append(["U", "input", "output"])
    book.worksheets[0].append(["name", "a", "=SUM(A1:A2)"])
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(SheetError, match="formula"):
        sheets.from_xlsx(out.getvalue())
    with pytest.raises(SheetError, match="no sheet 'x'"):
        sheets.from_xlsx(out.getvalue(), sheet="x")
    with pytest.raises(SheetError, match="not a workbook"):
        sheets.from_xlsx(b"PK")
    with pytest.raises(SheetError, match="is read from"):
        sheets.read_sheet(tmp_path / "a.pdf")
    with pytest.raises(SheetError, match="cannot read"):
        sheets.read_sheet(tmp_path / "a.csv")


def test_model_of_asks_for_a_fact_for_each_plain_name(tmp_path: Path) -> None:
    path = tmp_path / "fee.csv"
    path.write_text(
        "C#,input,input,input,output\nname,age,applicant.income,count(pets),fee\ntype,number,,,\n1,1,2,3,4\n"
    )

    model = sheets.model_of(sheets.read_sheet(path), "fee")

    assert [(fact.name, fact.variable and fact.variable.type_ref) for fact in model.inputs] == [
        ("age", "number"),
        ("applicant", None),
    ]
    assert sheets.policy_letter(model.decisions[0].expression) == "C#"  # type: ignore[arg-type]


FULL = m.DecisionTable(
    hit_policy="COLLECT",
    aggregation="MAX",
    inputs=(
        m.InputClause(
            label="Age",
            expression=m.Literal(text="age", type_ref="number"),
            values=m.UnaryTests(text="[0..120]"),
        ),
        m.InputClause(expression=m.Literal(text="kind")),
    ),
    outputs=(
        m.OutputClause(
            name="fee",
            label="Fee",
            type_ref="number",
            values=m.UnaryTests(text="5, 0"),
            default=m.Literal(text="0"),
        ),
        m.OutputClause(name="word"),
    ),
    annotations=("why", "who"),
    rules=(
        m.Rule(
            tests=(m.UnaryTests(text="< 18"), m.UnaryTests(text="-")),
            outputs=(m.Literal(text="5"), m.Literal(text='"a|b"')),
            annotations=("first", "all"),
        ),
        m.Rule(
            tests=(m.UnaryTests(text="-"), m.UnaryTests(text='"x"')),
            outputs=(m.Literal(text="0"), m.Literal(text="null")),
            annotations=("second",),
        ),
    ),
)
GRID = [
    ["C>", "input", "input", "output", "output", "note", "note"],
    ["name", "age", "kind", "fee", "word", "why", "who"],
    ["label", "Age", "", "Fee", "", "", ""],
    ["type", "number", "", "number", "", "", ""],
    ["values", "[0..120]", "", "5, 0", "", "", ""],
    ["default", "", "", "0", "", "", ""],
    ["1", "< 18", "-", "5", '"a|b"', "first", "all"],
    ["2", "-", '"x"', "0", "null", "second", ""],
]


def test_a_table_fills_the_lines_of_the_convention() -> None:
    assert sheets.to_grid(FULL) == GRID
    assert sheets.to_csv(FULL).split("\r\n")[0] == "C>,input,input,output,output,note,note"
    padded = replace(FULL.rules[1], annotations=("second", ""))
    assert sheets.from_grid(GRID) == replace(FULL, rules=(FULL.rules[0], padded))


def test_lines_that_nothing_fills_are_left_out() -> None:
    bare = m.DecisionTable(
        inputs=(m.InputClause(expression=m.Literal(text="age")),),
        outputs=(m.OutputClause(name="fee"),),
        rules=(m.Rule(tests=(m.UnaryTests(text="1"),), outputs=(m.Literal(),)),),
    )

    assert sheets.to_grid(bare) == [["U", "input", "output"], ["name", "age", "fee"], ["1", "1", ""]]
    aside = replace(bare, orientation="Rule-as-Column")
    assert sheets.to_grid(aside) == [["U", "name", "1"], ["input", "age", "1"], ["output", "fee", ""]]


def test_markdown_is_written_in_even_columns() -> None:
    table = sheets.from_csv('U,input,output\nname,age,fee\n1,< 18,"""a|b\nc"""\n')

    assert sheets.to_markdown(table) == (
        "| U    | input | output      |\n"
        "|------|-------|-------------|\n"
        "| name | age   | fee         |\n"
        '| 1    | < 18  | "a\\|b<br>c" |\n'
    )


def test_a_workbook_holds_text_under_frozen_heads() -> None:
    page = load_workbook(io.BytesIO(sheets.to_xlsx(FULL))).worksheets[0]

    assert page.title == "Decision table"
    assert page.freeze_panes == "B3"
    assert [[cell.value or "" for cell in line] for line in page.iter_rows()] == GRID
    assert {cell.number_format for line in page.iter_rows() for cell in line} == {"@"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the sheet is empty"),
        (" ,\n,", "the sheet is empty"),
        (
            "X,input,output\nname,a,b",
            "the top left cell is 'X'; it must be a hit policy: U, A, P, F, R, O, C, C+, C<, C>, C#",
        ),
        (
            "U,inptu,output\nname,a,b",
            (
                "the first line, after the hit policy, says what each column is: input, output or note; "
                "it holds ['inptu', 'output']"
            ),
        ),
        ("U,input,output\n1,a,b", "no line begins with 'name': it names the inputs and outputs"),
        ("U,input,output\nname,,b", "column 2 is an input without a name"),
        ("U,note,input,output\nname,x,,b", "column 3 is an input without a name"),
    ],
)
def test_a_wrong_sheet_is_explained_word_for_word(text: str, message: str) -> None:
    with pytest.raises(SheetError) as caught:
        sheets.from_csv(text)

    assert str(caught.value) == message


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_the_first_line_tells_the_separator(mark: str) -> None:
    cell = ("," if mark != "," else ";").join("123456")
    text = mark.join(["\ufeffu", "INPUT", "Output\nName", "age", "fee\n\nfirst", cell, "0\n"])

    table = sheets.from_csv(text)

    assert (table.hit_policy, table.inputs[0].expression.text) == ("UNIQUE", "age")
    assert table.rules[0].tests[0].text == cell


def test_a_line_of_the_head_after_the_first_rule_or_twice_is_a_rule() -> None:
    table = sheets.from_csv("U,input,output\nname,age,fee\nname,1,2\ntype,3,4\n")

    assert [rule.tests[0].text for rule in table.rules] == ["1", "3"]


def test_a_sheet_may_hold_so_many_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MAX_CELLS", 9)
    text = "U,input,output\nname,age,fee\n1,1,1\n"
    assert len(sheets.from_csv(text).rules) == 1

    with pytest.raises(SheetError, match=r"^the sheet has more than 9 cells$"):
        sheets.from_csv(text + "2,2,2\n")


def test_short_lines_are_filled_up() -> None:
    table = sheets.from_grid([["U", "input", "output"], ["name", "age", "fee"], ["1"]])

    assert table.rules == (m.Rule(tests=(m.UnaryTests(text="-"),), outputs=(m.Literal(text="null"),)),)


def test_a_second_sheet_is_read_by_its_name() -> None:
    book = Workbook()
    book.worksheets[0].title = "Notes"
    page = book.create_sheet("Fees")
    for line in (["U", "input", "output"], ["name", "age", "fee"], [1, dt.datetime(2026, 9, 15), 1e-7]):  # noqa: DTZ001 -- a workbook holds naive times
        page.append(line)
    out = io.BytesIO()
    book.save(out)

    (rule,) = sheets.from_xlsx(out.getvalue(), sheet="Fees").rules
    assert (rule.tests[0].text, rule.outputs[0].text) == ('date("2026-09-15")', "0.0000001")
    with pytest.raises(SheetError, match=r"^no sheet 'fees'; there are Notes, Fees$"):
        sheets.from_xlsx(out.getvalue(), sheet="fees")
    with pytest.raises(SheetError, match=r"^the sheet is empty$"):
        sheets.from_xlsx(out.getvalue())


def test_a_model_of_a_table_requires_each_fact_once() -> None:
    table = sheets.from_csv(
        "U,input,input,input,input,output\nname,a.b.c,a,größe x,1 + a,o\ntype,number,string,number,,\n1,1,1,1,1,1\n"
    )

    model = sheets.model_of(table, "fee")

    variables = [("a", None), ("größe x", "number")]
    assert model == m.Model(
        name="fee",
        namespace="urn:commonweal:table:fee",
        elements=(
            *(
                m.InputData(id=f"fact_{i}", name=name, variable=m.Variable(name=name, type_ref=kind))
                for i, (name, kind) in enumerate(variables)
            ),
            m.Decision(
                id="decision",
                name="fee",
                variable=m.Variable(name="fee"),
                information=tuple(m.Requirement(kind="requiredInput", href=f"#fact_{i}") for i in range(2)),
                expression=table,
            ),
        ),
    )


def test_files_are_told_by_their_suffix(tmp_path: Path) -> None:
    for name, text in (("a.CSV", sheets.to_csv(FULL)), ("a.Md", sheets.to_markdown(FULL))):
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert sheets.read_sheet(str(tmp_path / name)) == sheets.from_grid(GRID)
    with pytest.raises(SheetError, match=r"^a\.pdf: a table is read from \.csv, \.md, \.xlsx$"):
        sheets.read_sheet(tmp_path / "a.pdf")
    (tmp_path / "b.csv").write_bytes(b"\xff")
    with pytest.raises(SheetError, match=r"^cannot read b\.csv: "):
        sheets.read_sheet(tmp_path / "b.csv")


def _workbook(*, compression: int = zipfile.ZIP_DEFLATED, **more: bytes) -> bytes:
    """A workbook as it is written, packed anew with other files beside it."""
    plain = sheets.to_xlsx(sheets.from_csv("U,input,output\nname,age,fee\n1,< 18,0\n"))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plain)) as old, zipfile.ZipFile(out, "w", compression) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, old.read(entry))
        for name, content in more.items():
            new.writestr(name, content)
    return out.getvalue()


def test_a_workbook_is_bounded_however_it_is_packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(sheets.from_xlsx(_workbook()).rules) == 1
    place = tmp_path / "fees.xlsx"
    place.write_bytes(_workbook())
    assert len(sheets.from_xlsx(place).rules) == 1

    monkeypatch.setattr(sheets, "MAX_UNPACKED_BYTES", 200_000)
    with pytest.raises(SheetError, match="unpacks to more than 200,000 bytes"):
        sheets.from_xlsx(_workbook(bomb=bytes(400_000)))
    with pytest.raises(SheetError, match="packed in an unusual way"):
        sheets.from_xlsx(_workbook(compression=zipfile.ZIP_LZMA))
    monkeypatch.setattr(sheets, "MAX_WORKBOOK_FILES", 3)
    with pytest.raises(SheetError, match="more than 3 files"):
        sheets.from_xlsx(_workbook())
    monkeypatch.setattr(sheets, "MAX_WORKBOOK_BYTES", 1_000)
    with pytest.raises(SheetError, match="larger than 1,000 bytes"):
        sheets.from_xlsx(place)


def test_cells_are_counted_as_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MAX_CELLS", 5)
    with pytest.raises(SheetError, match="more than 5 cells"):
        sheets.from_xlsx(_workbook())


@pytest.mark.parametrize("content", [b"", b"PK", b"nothing of the kind", _workbook()[:-30]])
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(SheetError, match="not a workbook"):
        sheets.from_xlsx(content)
