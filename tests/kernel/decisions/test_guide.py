"""The guide: the programme that it writes is read and tested, its commands are run, its code is executed."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

pytest.importorskip("pyarrow", reason="needs the extra bulk")

from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.decisions.programmes.cases import check_cases
from commonweal.kernel.decisions.programmes.reading import read_programme
from commonweal.project.cli import run
from commonweal.project.cli.words import find

GUIDE = Path(__file__).resolve().parents[3] / "docs/guides/law.md"
BLOCK = re.compile(r"^```(console|python|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPENT = re.compile(r"[\d.]+ s: [\d.]+ CPU-seconds, [\d,]+ rows per CPU-second")


def test_the_guide_says_what_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    section = GUIDE.read_text().partition("## 6. Simulate a reform over a population")[2]
    blocks = BLOCK.findall(section.partition("\n## ")[0])
    assert [kind for kind, _ in blocks] == ["console", "console", "console", "python", "text", "console"]
    said = ""
    for kind, body in blocks:
        if kind == "python":
            exec(compile(body, str(GUIDE), "exec"), {})
            said = capsys.readouterr().out
        elif kind == "text":
            assert said == body
        else:
            command, _, shown = body.partition("\n")
            told = answer(command, capsys)
            assert told == shown or (not shown and "\nNet income: $" in told)


def answer(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What a command prints; what depends on the machine is left out."""
    _, _, name, *arguments = shlex.split(command)
    word = find(name)
    assert word is not None
    assert run(word, arguments) == 0
    return SPENT.sub("…", capsys.readouterr().out)


@pytest.fixture
def dogs(tmp_path: Path) -> Path:
    """A jurisdiction with the programme that the guide writes down."""
    text = GUIDE.read_text()
    figures, cases = re.findall(
        r"^```yaml\n((?:programme: dogs|decision: Determination\ndefaults).*?)^```$",
        text,
        re.MULTILINE | re.DOTALL,
    )
    (model,) = re.findall(r"^```xml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    home = tmp_path / "law" / "dogs"
    home.mkdir(parents=True)
    (home / "parameters.yaml").write_text(figures)
    (home / "cases.yaml").write_text(cases)
    (home / "2026-01-01.dmn").write_text(model)
    return tmp_path


def test_the_programme_of_the_guide_can_be_read_and_its_cases_hold(dogs: Path) -> None:
    programme, problems = read_programme(dogs, "dogs")

    assert programme is not None
    assert [str(problem) for problem in problems] == []
    assert [str(problem) for problem in check_cases(dogs, programme)] == []


def test_a_wrong_case_of_the_guides_programme_is_noticed(dogs: Path) -> None:
    cases = dogs / "law/dogs/cases.yaml"
    cases.write_text(cases.read_text().replace("fee: 42", "fee: 41"))
    programme, _ = read_programme(dogs, "dogs")

    assert programme is not None
    (problem,) = check_cases(dogs, programme)
    assert "Case D02: fee is 42, 41 is expected." in problem.message


def test_the_simulation_that_the_guide_shows_is_the_one_that_is_run() -> None:
    shown = re.findall(r"^```yaml\n(# How SSI.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)

    assert shown == [(root() / "law/ssi/simulation.yaml").read_text()]
