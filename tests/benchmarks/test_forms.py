"""The forms of `./cw bench forms` are what the benchmark says they are."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
AT = datetime(2026, 9, 15, 18, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def definition():
    before = sys.path[:]
    sys.path.insert(0, str(ROOT))
    from benchmarks.forms_run import definition

    yield definition
    sys.path[:] = before


def test_every_question_hangs_on_a_condition_and_is_translated(definition, tmp_path):
    from commonweal.kernel.catalogue.compiler.service import compile_service
    from commonweal.kernel.forms.queries import check_answers

    definition.write(tmp_path, "large", pages=10, source=ROOT / "jurisdictions/port-alder")

    service, problems = compile_service(tmp_path, "services/large")

    assert service is not None
    assert [problem.message for problem in problems] == []
    form = service.sections["form"]
    assert [len(page.questions) for page in form.pages] == [10] * 10
    assert all(question.when is not None or question.rules for question in form.questions)
    assert {text for text in form.texts() if text} <= set(service.translations["es"])
    answers = {
        key: answer if not isinstance(answer, dict) else "2020-02-04"
        for page in range(10)
        for key, answer in zip(
            [definition.key_of(page, at) for at in range(10)],
            [definition.ANSWERS[kind] for kind in definition.KINDS],
            strict=True,
        )
    }
    checked = check_answers(form, answers, at=AT)
    assert (checked.problems, checked.faults, len(checked.answers)) == ({}, {}, 100)
