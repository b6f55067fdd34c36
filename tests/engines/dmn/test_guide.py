"""The guide says what happens: its files are written, its commands are run, its code is executed."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from commonweal.engines.dmn.cli import main

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "dmn.md"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_guide_says_what_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = BLOCK.findall(GUIDE.read_text(encoding="utf-8"))
    assert {kind for kind, _, _ in blocks} == {"file", "console", "python"}
    for kind, name, body in blocks:
        if kind == "file":
            (tmp_path / name).write_text(body, encoding="utf-8")
        elif kind == "python":
            exec(compile(body, str(GUIDE), "exec"), {})
        else:
            assert run(body, capsys) == body


def run(session: str, capsys: pytest.CaptureFixture[str]) -> str:
    shown = ""
    for line in session.splitlines():
        if line.startswith("$ "):
            main(shlex.split(line[2:])[1:])
            shown += f"{line}\n{capsys.readouterr().out}"
    return shown
