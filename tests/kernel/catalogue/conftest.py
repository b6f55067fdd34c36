from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from commonweal.kernel.base.jurisdiction import root

MINIMAL = """\
key: library-card
name: Library card
summary: Borrow books in every branch.
description: A card for the city's libraries.
agency: human-services
audience: Everybody who lives here.
legal_basis: [{citation: PAMC 2.40, title: Libraries}]
channels: [{kind: online}]
cost: [{amount: 0, description: Free.}]
output: [{name: A card}]
processing: {description: At once., working_days: 0}
languages: [en]
purpose: {description: To lend you books., legal_basis: PAMC 2.40, kept_for: A year after the card ends.}
"""

Write = Callable[..., Path]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A jurisdiction with one small service, whose files a test may change."""
    for name in ("jurisdiction.yaml", "life-events.yaml"):
        shutil.copy(root() / name, tmp_path / name)
    shutil.copytree(root() / "registers", tmp_path / "registers")
    folder = tmp_path / "services" / "library-card"
    folder.mkdir(parents=True)
    (folder / "service.yaml").write_text(MINIMAL)
    return tmp_path


@pytest.fixture
def write(home: Path) -> Write:
    """Write a file of the small service; ``old`` and ``new`` change the file instead."""

    def put(name: str, text: str = "", *, old: str = "", new: str = "") -> Path:
        path = home / "services" / "library-card" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if old:
            before = path.read_text()
            assert old in before
            text = before.replace(old, new)
        path.write_text(text)
        return path

    return put
