"""The guide's section on simulating a reform: its commands are run, its code is executed."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

pytest.importorskip("pyarrow", reason="needs the extra bulk")

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
