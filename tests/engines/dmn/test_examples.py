from __future__ import annotations

import json
from pathlib import Path

import pytest

from commonweal.engines import dmn

EXAMPLES = sorted((Path(__file__).parents[3] / "examples" / "dmn").iterdir())
CASES = [
    pytest.param(folder, case, id=f"{folder.name}: {case['name']}")
    for folder in EXAMPLES
    for case in json.loads((folder / "cases.json").read_text(encoding="utf-8"))
]


@pytest.mark.parametrize(("folder", "case"), CASES)
def test_an_example_decides_its_cases(folder: Path, case: dict) -> None:
    compiled = dmn.checked(dmn.compile(dmn.read(folder / "model.dmn")))

    result = compiled.decide(case["decision"], case["facts"])

    assert (dmn.to_json(result.value), result.warnings) == (case["outcome"], ())


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_an_example_has_no_errors_and_survives_writing(folder: Path) -> None:
    model = dmn.read(folder / "model.dmn")

    assert [str(problem) for problem in dmn.check(model) if problem.is_error] == []
    assert dmn.read(dmn.write(model)) == model
