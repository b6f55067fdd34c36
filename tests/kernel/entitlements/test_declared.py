"""How a service says whom it is for: mistakes are named, and what cannot be checked is said."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml
from django.test import Client
from tests.factories.people import AT

from commonweal.kernel.base.jurisdiction import load, root
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.actions import publish_folder
from commonweal.kernel.catalogue.compiler.folder import read_folder
from commonweal.kernel.catalogue.compiler.service import compile_files, compile_service
from commonweal.kernel.catalogue.queries import offered_service
from commonweal.kernel.entitlements import queries
from commonweal.kernel.entitlements.errors import NoCheck
from commonweal.kernel.entitlements.loading import FILE, SUGGESTIONS, read_suggestions, shared_questions
from commonweal.kernel.entitlements.queries import begin_check, can_be_checked, carried

MEALS = "services/school-meals"
LEFT_OUT = shutil.ignore_patterns("locale", "theme", "entitlements.yaml", "cases.yaml")


def problems_of(old: str, new: str) -> list[tuple[str, str]]:
    """Code and hint of what is said of the eligibility to school meals after a change of the text."""
    files = dict(read_folder(root(), MEALS))
    assert old in files["service.yaml"], "the declaration has changed: mend this test"
    files["service.yaml"] = files["service.yaml"].replace(old, new, 1)
    _, found = compile_files(root(), MEALS, files)
    return [(problem.code, problem.hint) for problem in found if problem.is_error]


def test_a_name_that_the_decision_does_not_know_is_refused_with_the_closest() -> None:
    ((code, hint),) = problems_of("    children: 'for", "    childrn: 'for")
    assert (code, "children" in hint) == ("eligibility.name", True)


def test_whom_it_does_not_concern_is_told_why() -> None:
    line = "  otherwise: You said that no child in your home goes to a school in Port Alder.\n"
    ((code, _),) = problems_of(line, "")
    assert code == "eligibility.otherwise"


def test_an_expression_that_cannot_be_read_is_refused_where_it_stands() -> None:
    ((code, _),) = problems_of("concerns: school_children > 0", "concerns: school_children >")
    assert code.startswith("feel.")
    ((code, _),) = problems_of('["snap"] else null', '["snap"] else')
    assert code.startswith("feel.")


def test_a_service_without_form_and_decision_has_nothing_to_forecast() -> None:
    files = dict(read_folder(root(), MEALS))
    info = yaml.safe_load(files["service.yaml"])
    for section in ("decision", "stages", "award", "evidence", "retention"):
        info.pop(section, None)
    bare = {"service.yaml": yaml.safe_dump(info | {"eligibility": {"otherwise": "It is for others."}})}

    _, found = compile_files(root(), MEALS, bare)

    assert "eligibility.nothing" in {problem.code for problem in found}, [str(one) for one in found]


def test_without_questions_of_the_city_there_is_no_check_but_a_service(tmp_path: Path) -> None:
    home = tmp_path / "city"
    shutil.copytree(root(), home, ignore=LEFT_OUT)
    try:
        service, found = compile_service(home, MEALS)
    finally:
        load.cache_clear()

    told = [problem for problem in found if problem.code == "eligibility.questions"]
    assert [(problem.is_error, problem.hint) for problem in told] == [(False, "Write entitlements.yaml.")]
    assert service is not None
    assert not can_be_checked(service)


@pytest.mark.django_db
def test_a_service_that_cannot_be_forecast_has_no_check(client: Client) -> None:
    publish_folder("housing-repair", by=Actor.system("tests"), at=AT)
    service = offered_service("housing-repair").compiled

    for key in ("", "housing-repair"):
        with pytest.raises(NoCheck):
            begin_check({}, at=AT, language="en", service=key)

    assert not can_be_checked(service)
    assert client.get("/entitlements/housing-repair/").status_code == 404


@pytest.mark.django_db
def test_only_exact_answers_are_taken_along() -> None:
    for key in ("housing-repair", "school-meals"):
        publish_folder(key, by=Actor.system("tests"), at=AT)
    meals, grant = offered_service("school-meals").compiled, offered_service("housing-repair").compiled

    def taken(gets: bool | None) -> object:
        said = {} if gets is None else {"gets_food_assistance": gets}
        return carried(meals, begin_check(said, at=AT, language="en")).get("household_cases")

    assert [taken(gets) for gets in (True, False, None)] == [["snap"], None, None]
    assert carried(grant, begin_check({}, at=AT, language="en")) == {}


@pytest.mark.django_db
def test_what_was_found_is_forgotten_before_it_grows_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    publish_folder("school-meals", by=Actor.system("tests"), at=AT)
    monkeypatch.setattr(queries, "_KEPT", 2)
    monkeypatch.setattr(queries, "_weighed", {})

    def verdicts(children: int) -> list[str]:
        check = begin_check({"school_children": children}, at=AT, language="en")
        return [str(one.verdict) for one in check.prospects()]

    first = [verdicts(children) for children in range(4)]

    assert len(queries._weighed) <= 2
    assert [verdicts(children) for children in range(4)] == first
    assert first[0] == ["unlikely"]


@pytest.mark.parametrize(
    ("text", "code"),
    [("questions: [", "document.yaml"), ("unknown: 1\n", "schema.extra-forbidden")],
    ids=["text", "keys"],
)
def test_files_that_cannot_be_read_are_named_and_bring_nothing(tmp_path: Path, text: str, code: str) -> None:
    (tmp_path / FILE).write_text(text)
    (tmp_path / SUGGESTIONS).write_text(text)
    questions, in_questions = shared_questions(tmp_path)
    suggested, in_suggestions = read_suggestions(tmp_path)
    assert (questions, suggested) == (None, None)
    assert code in {problem.code for problem in in_questions}
    assert code in {problem.code for problem in in_suggestions}


def test_without_the_files_nothing_is_suggested(tmp_path: Path) -> None:
    assert read_suggestions(tmp_path) == (None, [])
