from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from commonweal.engines import dmn
from commonweal.engines.dmn.cli import main

EXAMPLE = Path(__file__).parents[3] / "examples" / "dmn" / "library-late-fee" / "model.dmn"
TABLE = "U,input,output\nname,age,fee\ntype,number,number\n1,< 18,0\n2,> 18,25\n"


@pytest.fixture
def facts(tmp_path: Path) -> str:
    path = tmp_path / "facts.json"
    path.write_text('{"days late": 10, "borrower": "adult", "item": "book"}', encoding="utf-8")
    return str(path)


@pytest.fixture
def table(tmp_path: Path) -> str:
    path = tmp_path / "the-fee.csv"
    path.write_text(TABLE, encoding="utf-8")
    return str(path)


def test_eval_prints_the_outcome(facts: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dmn", "eval", str(EXAMPLE), "--decision", "Late fee", "--facts", facts]) == 0
    assert capsys.readouterr().out == "Late fee: 70\n"


def test_eval_explains(facts: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dmn", "eval", str(EXAMPLE), "--decision", "Cap", "--facts", facts, "--trace"]) == 0
    assert capsys.readouterr().out == "Cap: 1000\nCap is 1000 because rule 2, § 4.2 d, Library Code § 4.2.\n"


def test_eval_of_all_as_json(facts: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dmn", "eval", str(EXAMPLE), "--facts", facts, "--json", "--trace"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["decision"], line["value"]) for line in lines] == [
        ("Daily rate", 10),
        ("Cap", 1000),
        ("Late fee", 70),
    ]


def test_eval_with_half_of_the_facts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "half.json"
    path.write_text('{"item": "book", "days late": 9}', encoding="utf-8")
    arguments = ["dmn", "eval", str(EXAMPLE), "--decision", "Late fee", "--facts", str(path), "--unknown"]

    assert main(arguments) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Late fee: unknown",
        "  still matters: borrower (settles it in 100% of the values tried)",
    ]


def test_eval_of_a_table_says_what_went_wrong(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dmn", "eval", table, "--decision", "the fee"]) == 0
    assert main(["dmn", "eval", table, "--decision", "nothing"]) == 1
    assert "there are: the fee" in capsys.readouterr().err
    assert main(["dmn", "eval", table + "x"]) == 1
    assert main(["dmn", "eval", table, "--facts", "/nowhere.json"]) == 2


def test_a_service_can_be_evaluated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "f.json"
    path.write_text('{"things": [], "needs help": true, "collection date": "2026-09-15"}', encoding="utf-8")
    model = EXAMPLE.parents[1] / "bulky-waste-fee" / "model.dmn"

    assert main(["dmn", "eval", str(model), "--decision", "Quote", "--facts", str(path)]) == 0
    assert capsys.readouterr().out == "Quote: 1500\n"


def test_check_prints_counter_examples(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dmn", "check", table]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "error: the fee: no rule hits when age is 18; for example age = 18 [gap]",
        "1 errors, 0 notes",
    ]
    assert main(["dmn", "check", table, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)[0]["example"] == {"age": 18}
    assert main(["dmn", "check", str(EXAMPLE)]) == 0


@pytest.mark.parametrize("suffix", [".md", ".xlsx", ".csv"])
def test_a_table_goes_from_one_format_into_another(table: str, tmp_path: Path, suffix: str) -> None:
    target = tmp_path / f"copy{suffix}"

    assert main(["dmn", "table", table, str(target)]) == 0
    assert dmn.read_sheet(target) == dmn.from_csv(TABLE)


def test_a_table_becomes_a_model_and_comes_out_of_one(table: str, tmp_path: Path) -> None:
    assert main(["dmn", "table", table, str(tmp_path / "m.dmn")]) == 0
    assert main(["dmn", "table", str(tmp_path / "m.dmn"), str(tmp_path / "b.csv")]) == 0
    assert dmn.read_sheet(tmp_path / "b.csv") == dmn.from_csv(TABLE)
    assert main(["dmn", "table", table, str(tmp_path / "b.pdf")]) == 1
    assert main(["dmn", "table", table, str(tmp_path / "b.csv"), "--decision", "x"]) == 1


def test_feel_evaluates(facts: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["feel", "days late * 0.5", "--context", facts]) == 0
    assert capsys.readouterr().out == "5\n"
    assert main(["feel", "today()", "--now", "2026-09-15"]) == 0
    assert capsys.readouterr().out == "2026-09-15\n"
    assert main(["feel", "today()", "--now", "2026-09-15T08:00:00Z"]) == 0
    assert main(["feel", "1 +"]) == 1
    assert main(["feel", '1 + "a"']) == 1
    assert main(["feel", "1", "--now", "soon"]) == 1


def test_facts_must_be_an_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "list.json"
    path.write_text("[1]", encoding="utf-8")

    assert main(["feel", "1", "--context", str(path)]) == 1
    assert "JSON object" in capsys.readouterr().err
    path.write_text("{", encoding="utf-8")
    assert main(["feel", "1", "--context", str(path)]) == 2


def test_the_small_terminal_keeps_values(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("rent = 600 * 2\nrent + 1\nit * 2\n1 +\n\nnever\n"))

    assert main(["feel"]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[1:] == ["1200", "1201", "2402"]
    assert "error: " in err


@pytest.mark.parametrize(
    ("words", "texts"),
    [
        ([], ["usage: commonweal", "dmn decision models", "feel evaluate an expression"]),
        (
            ["dmn"],
            [
                "usage: commonweal dmn",
                "eval make a decision",
                "check find gaps, overlaps and errors",
                "table turn a decision table from one format into another",
            ],
        ),
        (
            ["dmn", "eval"],
            [
                "model a .dmn file, or a table as .csv, .md or .xlsx",
                "--decision DECISION its name; without it all decisions are made",
                "--facts FACTS a JSON file with the facts",
                "--now NOW the date, or date and time, of today() and now()",
                "--trace say why",
                "--unknown facts not given are unknown, not null",
                "--json print JSON",
            ],
        ),
        (
            ["dmn", "check"],
            ["model a .dmn file, or a table as .csv, .md or .xlsx", "--json print the findings as JSON"],
        ),
        (
            ["dmn", "table"],
            [
                "source a table as .csv, .md or .xlsx, or a .dmn file",
                "target the file to write: .csv, .md, .xlsx or .dmn",
                "--decision DECISION which decision of a .dmn file",
            ],
        ),
        (
            ["feel"],
            [
                "[expression]",
                "expression without it, expressions are read line by line",
                "--context CONTEXT a JSON file with the names that the expression may use",
                "--now NOW the date, or date and time, of today() and now()",
            ],
        ),
    ],
)
def test_help_says_what_each_word_takes(
    words: list[str], texts: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    with pytest.raises(SystemExit) as ended:
        main([*words, "--help"])

    shown = " ".join(capsys.readouterr().out.split())
    assert ended.value.code == 0
    for text in texts:
        assert f" {text} " in f" {shown} ", text


@pytest.mark.parametrize("words", [[], ["dmn"], ["dmn", "eval"], ["dmn", "table", "x"], ["sum", "1"]])
def test_a_word_that_lacks_something_is_misused(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)

    assert ended.value.code == 2


def test_eval_as_json_holds_everything(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dmn", "eval", table, "--json", "--unknown"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "decision": "the fee",
        "value": {"@unknown": True},
        "is_known": False,
        "missing": ["age"],
        "warnings": [],
        "trace": None,
    }


def test_eval_reads_facts_from_the_input_and_says_what_went_wrong(
    table: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO('{"age": "old"}'))
    assert main(["dmn", "eval", table, "--json", "--facts", "-", "--trace"]) == 1
    found = json.loads(capsys.readouterr().out)
    message = "age: 'old' is not a number"
    assert (found["value"], found["is_known"]) == (None, True)
    assert found["warnings"][0] == {"code": "fact", "message": message}
    assert found["trace"]["version"] == 1

    monkeypatch.setattr("sys.stdin", io.StringIO('{"age": "old"}'))
    assert main(["dmn", "eval", table, "--facts", "-"]) == 1
    assert capsys.readouterr().out.splitlines()[:2] == ["the fee: null", f"  warning: {message}"]


def test_eval_of_a_wrong_model_ends_badly_although_it_decides(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "m.dmn"
    text = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m" namespace="urn:m">'
        '<decision name="a"><literalExpression><text>{}</text></literalExpression></decision>'
        '<decision name="b"><literalExpression><text>2</text></literalExpression></decision></definitions>'
    )
    path.write_text(text.format("1 +"), encoding="utf-8")
    assert main(["dmn", "eval", str(path), "--decision", "b"]) == 1
    assert capsys.readouterr().out == "b: 2\n"
    path.write_text(text.format("null"), encoding="utf-8")
    assert main(["dmn", "eval", str(path)]) == 0
    assert capsys.readouterr().out == "a: null\nb: 2\n"


def test_eval_takes_the_day_from_the_option(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "day.csv"
    path.write_text(
        "U,input,output\nname,today().month,half\ntype,number,number\n1,<= 6,1\n2,> 6,2\n", encoding="utf-8"
    )

    assert main(["dmn", "eval", str(path), "--now", "2026-09-15"]) == 0
    assert main(["dmn", "eval", str(path), "--now", "2026-05-15T10:00:00Z"]) == 0
    assert capsys.readouterr().out.splitlines() == ["day: 2", "day: 1"]
    assert main(["dmn", "eval", str(path), "--now", "soon"]) == 1
    assert capsys.readouterr().err == "error: --now 'soon' is neither a date nor a date and time\n"


def test_check_as_json_holds_everything(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dmn", "check", table, "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == [
        {
            "kind": "gap",
            "place": "the fee",
            "message": "no rule hits when age is 18; for example age = 18",
            "is_error": True,
            "rules": [],
            "example": {"age": 18},
            "line": None,
        }
    ]


def test_check_of_a_sound_model_counts_its_notes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "t.csv"
    path.write_text("C,input,output\nname,age,fee\ntype,number,number\n1,< 18,0\n", encoding="utf-8")

    assert main(["dmn", "check", str(path)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "0 errors, 1 notes"


def test_a_table_that_cannot_be_written_or_found_says_why(
    table: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dmn", "table", table, str(tmp_path / "b.pdf")]) == 1
    assert capsys.readouterr().err == "error: b.pdf: a table is written as .csv, .md, .xlsx or .dmn\n"
    assert main(["dmn", "table", table, str(tmp_path / "b.csv"), "--decision", "x"]) == 1
    assert capsys.readouterr().err == "error: no decision table 'x'; there are: the fee\n"
    path = tmp_path / "none.dmn"
    path.write_text(
        '<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m" namespace="urn:m">'
        '<decision name="a"/></definitions>',
        encoding="utf-8",
    )
    assert main(["dmn", "table", str(path), str(tmp_path / "b.csv")]) == 1
    assert capsys.readouterr().err == "error: no decision table None; there are: none\n"


def test_a_table_is_written_by_its_suffix_in_any_case(table: str, tmp_path: Path) -> None:
    assert main(["dmn", "table", table, str(tmp_path / "b.MD")]) == 0
    assert main(["dmn", "table", str(tmp_path / "b.MD"), str(tmp_path / "c.CSV"), "--decision", "b"]) == 0
    assert (tmp_path / "c.CSV").read_text(encoding="utf-8").startswith("U,input,output")


def test_feel_says_what_went_wrong_beside_the_value(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["feel", '1 + "a"']) == 1
    out, err = capsys.readouterr()
    assert (out, err) == ("null\n", "  warning: `+` is not defined for number and string\n")
    assert main(["feel", "1 +"]) == 1
    assert capsys.readouterr().err == "error: line 1, column 4: expected an expression but found the end\n"
    assert main(["feel", "null"]) == 0
    assert main(["feel", "[1, 1/0]"]) == 0


def test_the_small_terminal_says_how_it_works_and_what_went_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "c.json"
    path.write_text('{"the  age": 3}', encoding="utf-8")
    lines = [
        "the age",
        "my rent = 5",
        "my_rent + 1 = 6",
        "my  rent * 2",
        "1 + null",
        "it",
        "the age = 3",
        "1 +",
        "2",
    ]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines)))

    assert main(["feel", "--context", str(path)]) == 0

    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "FEEL. An empty line leaves; `name = expression` keeps a value; `it` is the last one.",
        "3",
        "5",
        "false",
        "10",
        "null",
        "10",
        "true",
        "2",
    ]
    assert "  error: line 1, column 4: expected an expression but found the end" in err.splitlines()
