"""The worked households, decided by the API of the running site: every figure to the cent, every step explained."""

from __future__ import annotations

import os
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client
from tests.factories.people import AT

from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.actions import publish_folder

PATH = "/api/v1/services/food-assistance/evaluate"
WORKED = [
    case
    for case in yaml.safe_load((root() / "law/snap/cases.yaml").read_text())["cases"]
    if case["id"].startswith("W")
]
# The issue's own sheet of worked examples, where a builder has it: COMMONWEAL_SUITES points at the folder beside it.
SHEET = Path(os.environ.get("COMMONWEAL_SUITES", "missing")).parent / "law/worked-examples.yaml"
MEMBER = [
    "in_school",
    "receives_disability_benefit",
    "earned",
    "self_employment_receipts",
    "self_employment_costs",
    "social_security_retirement",
    "social_security_disability",
    "ssi",
    "tanf",
    "unemployment",
    "other_unearned",
    "medical_expenses",
    "child_support_paid",
]


def answers_of(household: dict[str, Any]) -> dict[str, Any]:
    """A household of the worked cases as a resident would answer the form's questions."""
    utilities = household["utilities"]
    return {
        "members": [
            {"name": f"Member {number}", "age": member["age"]}
            | {key: member[key] for key in MEMBER if key in member}
            for number, member in enumerate(household["members"], 1)
        ],
        "rent_or_mortgage": household["rent_or_mortgage"],
        "dependent_care": household.get("dependent_care", 0),
        "utilities_heating_or_cooling": utilities["heating_or_cooling"],
        "utilities_kinds": utilities["kinds"],
        "utilities_telephone": utilities["telephone"],
        "all_members_homeless": household.get("all_members_homeless", False),
        "resources": household.get("resources", 0),
        "circumstances": [],
    }


def exact(value: Any) -> Any:
    """Figures as numbers, however they are written."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return Decimal(str(value)).quantize(Decimal("0.01"))
    try:
        return Decimal(value).quantize(Decimal("0.01"))
    except ArithmeticError:
        return value


@pytest.fixture
def service(db: None) -> None:
    publish_folder("food-assistance", by=Actor.system("tests"), at=AT)


def evaluated(client: Client, household: dict[str, Any], on: date) -> dict[str, Any]:
    body = {"answers": answers_of(household), "reference_on": on.isoformat()}
    response = client.post(PATH, body, content_type="application/json")
    assert response.status_code == 200, response.content
    found: dict[str, Any] = response.json()
    return found


def test_there_are_forty_five_of_them() -> None:
    assert len(WORKED) == 45


@pytest.mark.parametrize("case", WORKED, ids=lambda case: case["id"])
def test_every_figure_is_as_worked_out_and_every_step_is_explained(
    service: None, client: Client, case: dict[str, Any]
) -> None:
    found = evaluated(client, case["facts"]["Household"], case["reference_on"])

    expected = case["expected"]
    assert (found["is_fault"], found["outcome"]) == (False, expected["outcome"])
    assert {name: exact(found["result"][name]) for name in expected} == {
        name: exact(value) for name, value in expected.items()
    }
    assert found["law"]["reference_on"] == case["reference_on"].isoformat()
    assert found["citations"]
    cited = [step for step in found["steps"] if step["citations"]]
    assert len(cited) >= len(found["steps"]) - 1  # but the last, which only gathers the others
    assert all(step["label"] and step["value"] and (step["how"] or step["why"]) for step in cited)
    assert all(step["label"] in found["text"] for step in cited)


def test_nothing_is_stored_and_nobody_signs_in(service: None, client: Client) -> None:
    from commonweal.kernel.cases.models import Case
    from commonweal.kernel.decisions.models import Decision
    from commonweal.kernel.forms.models import Sheet

    evaluated(client, WORKED[0]["facts"]["Household"], WORKED[0]["reference_on"])

    assert (Case.objects.count(), Decision.objects.count(), Sheet.objects.count()) == (0, 0, 0)


@pytest.mark.suite
def test_the_sheet_of_the_issue_says_the_same() -> None:
    if not SHEET.exists():
        pytest.skip(f"no {SHEET.name} beside COMMONWEAL_SUITES")
    given = {case["id"]: case["expected"] for case in yaml.safe_load(SHEET.read_text())["cases"]}
    ours = {case["id"]: case["expected"] for case in WORKED}
    assert set(given) == set(ours)
    for key, expected in given.items():
        assert {name: exact(value) for name, value in expected.items()} == {
            name: exact(ours[key][name]) for name in expected
        }, key
