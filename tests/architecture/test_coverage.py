"""What coverage leaves out carries its reason."""

from __future__ import annotations

import re
import tomllib

import pytest
from tests.architecture.tree import ROOT, texts

PRAGMA = re.compile(r"#\s*pragma:\s*no (?:cover|branch|mutate)(?P<rest>.*)")
REASON = re.compile(r" - \w.{9,}")


def without_reason(line):
    """Whether a line is left out of coverage or mutation without saying why."""
    found = PRAGMA.search(line)
    return found is not None and not REASON.match(found["rest"])


@pytest.mark.parametrize(
    ("line", "refused"),
    [
        ("if x:  # pragma: no " + "cover", True),
        ("if x:  # pragma: no " + "branch - why", True),
        ("if x:  # pragma: no " + "cover - only Windows comes here", False),
        ("if x:  # covered", False),
    ],
)
def test_a_reason_is_told_from_none(line, refused):
    assert without_reason(line) is refused


def test_every_line_left_out_says_why():
    bare = [
        f"{path.relative_to(ROOT)}:{number}"
        for path, text in texts()
        if path.suffix == ".py"
        for number, line in enumerate(text.splitlines(), 1)
        if without_reason(line)
    ]
    assert bare == []


def test_patterns_left_out_are_those_the_docs_name():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["coverage"]
    assert settings["run"]["omit"] == [
        "*/migrations/*",
        "*/kernel/base/postgresql/*",
        "*/kernel/base/cursors.py",
    ]
    assert settings["report"]["exclude_also"] == [
        "if TYPE_CHECKING:",
        "@overload",
        "raise NotImplementedError",
        r"\.\.\.$",
    ]
