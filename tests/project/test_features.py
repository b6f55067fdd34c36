"""The table of features names tests that exist, for whatever it says is there."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs/reference/features.md").read_text().splitlines()
    if line.startswith("| ") and line.split("|")[1].strip().isdigit()
]


def test_the_rows_are_numbered_from_one_to_twenty_eight() -> None:
    assert [int(row[0]) for row in ROWS] == list(range(1, 29))


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_what_is_there_has_its_test(row: list[str]) -> None:
    _, feature, state, note, test = row

    assert state in {"there", "partly", "not yet"}, feature
    if state == "not yet":
        assert not test
        return
    file, _, name = test.strip("`").partition("::")
    assert f"def {name}(" in (ROOT / file).read_text(), feature
    assert state == "there" or note, "say what is missing"
