from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from openpyxl import Workbook
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
