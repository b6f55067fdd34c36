"""The section `reassessment`, and awards whose case or service is gone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.kernel.reassessments.conftest import NOW

from commonweal.kernel.awards.models import Award
from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.cases.models import Case
from commonweal.kernel.catalogue.compiler.service import compile_service
from commonweal.kernel.reassessments.enums import Kind
from commonweal.kernel.reassessments.working_out import work_out


def problems_of(folder: Path, before: str, after: str) -> list[str]:
    shutil.copytree(root(), folder / "city")
    path = folder / "city/services/food-assistance/service.yaml"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))
    _service, problems = compile_service(folder / "city", "services/food-assistance")
    return [problem.code for problem in problems if problem.code.startswith("reassessment.")]


@pytest.mark.django_db
def test_letters_that_are_not_there_are_refused(tmp_path: Path) -> None:
    found = problems_of(tmp_path, "changed: change, ended: end", "changed: chang, ended: over")
    assert found == ["reassessment.letter", "reassessment.letter"]


@pytest.mark.django_db
def test_a_service_that_grants_nothing_cannot_be_looked_at_again(tmp_path: Path) -> None:
    award = root() / "services/food-assistance/service.yaml"
    written = award.read_text()
    section = written[written.index("\naward:") : written.index("\n# When new figures")]
    assert problems_of(tmp_path, section, "") == ["reassessment.nothing"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda award: setattr(award, "source_stream", "person:x"), "case of this award is gone"),
        (lambda award: setattr(award, "service_key", "no-such"), "not offered any more"),
    ],
)
def test_an_award_without_case_or_service_goes_to_an_officer(
    sent: Callable[..., Case], change: Callable[[Award], None], why: str
) -> None:
    sent()
    award = Award.objects.get()
    change(award)

    found = work_out(award, on=NOW.date(), known_on=NOW.date(), at=NOW)

    assert found.kind is Kind.OFFICER
    assert why in found.reason
