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
