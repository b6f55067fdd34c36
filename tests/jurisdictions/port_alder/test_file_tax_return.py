"""The worked returns, filed as a resident answers the form, and what an officer has to look at."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import yaml
from django.test import Client
from tests.factories.people import AT

from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.actions import publish_folder
from commonweal.kernel.decisions.programmes.cases import is_same, with_defaults

PATH = "/api/v1/services/file-tax-return/evaluate"
LAW = yaml.safe_load((root() / "law/income-tax/cases.yaml").read_text())
FILED = [case for case in LAW["cases"] if case.get("expected") and "known_on" not in case]
ASKED_OF_ALL = ("wages", "interest", "withheld", "estimated_payments", "blind", "has_ssn", "filing_status")


def answers_of(case: dict[str, Any]) -> dict[str, Any]:
    """A worked case of the law as a resident would answer the form's questions."""
    facts = with_defaults(LAW["defaults"], case["facts"])
    said, year = facts["Return"], case["reference_on"].year
    answers = {key: said[key] for key in ASKED_OF_ALL}
    answers |= {
        "tax_year": str(year),
        "birth_date": _born(year, said["age"], new_year=said["new_year_birthday"]),
        "can_be_claimed": said["can_be_claimed_as_dependent"],
        "has_dependents": bool(facts["Dependents"]),
        "rounding": "tables" if facts["Options"]["tables"] and facts["Options"]["whole_dollars"] else "exact",
        "email": "filer@example.org",
    }
    if said["filing_status"] == "J":
        answers |= {
            "spouse_birth_date": _born(year, said["spouse_age"], new_year=said["spouse_new_year_birthday"]),
            "spouse_has_ssn": said["spouse_has_ssn"],
            "spouse_blind": said["spouse_blind"],
            "spouse_wages": said["spouse_wages"],
        }
    if said["filing_status"] == "M":
        answers |= {"spouse_itemises": said["spouse_itemises"], "lives_apart": said["lives_apart"]}
    if facts["Dependents"]:
        filer = date.fromisoformat(answers["birth_date"])
        people = enumerate(facts["Dependents"], 1)
        answers["dependents"] = [_person(number, one, year, filer) for number, one in people]
    return answers


def _born(year: int, age: int, *, new_year: bool = False) -> str:
    # Who has a birthday on 1 January is a year older on the day after 31 December.
    return f"{year - age}-01-01" if new_year else f"{year - age}-06-15"


def _person(number: int, one: dict[str, Any], year: int, filer: date) -> dict[str, Any]:
    born = f"{year - one['age']}-{'08' if one['is_younger'] else '02'}-01"
    assert (born > filer.isoformat()) == one["is_younger"], one
    kin, age = one["relation"] in ("CHILD", "SIBLING"), one["age"]
    asked = {
        "is_us_person": one["number"] == "OTHER",
        "is_student": kin and 19 <= age <= 23,
        "is_disabled": kin and (age >= 19 or not one["is_younger"]),
        "pays_own_support": kin and age >= 14,
        "files_jointly": age >= 16,
        "is_supported": not kin or one["months"] <= 6 or age >= 19,
    }
    found = {
        "person_name": f"Person {number}",
        "person_birth_date": born,
        "relation": one["relation"].lower(),
        "months": one["months"],
        "person_number": one["number"].lower(),
        "agreement": one["agreement"].lower(),
        **{key: one[key] for key, is_asked in asked.items() if is_asked},
    }
    if asked["is_supported"] and one["is_supported"]:
        found["person_income"] = one["income"]
    return found


# What a case turns on that the form does not ask of everybody, or not in that way.
NOT_ASKED = {
    "X1": "tables without whole dollars",
    "X3": "tables without whole dollars",
    "X4": "whole dollars without tables",
    "X5": "tables without whole dollars",
    "X6": "tables without whole dollars",
    "X7": "tables without whole dollars",
    "X8": "tables without whole dollars",
    "D4": "a spouse is not asked about on a single return",
    "W9": "citizenship is asked only of people without a social security number",
}


@pytest.fixture
def service(db: None) -> None:
    publish_folder("file-tax-return", by=Actor.system("tests"), at=AT)


def evaluated(client: Client, answers: dict[str, Any]) -> dict[str, Any]:
    response = client.post(PATH, {"answers": answers}, content_type="application/json")
    assert response.status_code == 200, response.content
    found: dict[str, Any] = response.json()
    return found


@pytest.mark.parametrize(
    "case", [case for case in FILED if case["id"] not in NOT_ASKED], ids=lambda case: case["id"]
)
def test_a_worked_return_is_filed(service: None, client: Client, case: dict[str, Any]) -> None:
    found = evaluated(client, answers_of(case))

    assert (found["is_fault"], found["fault_reason"]) == (False, "")
    assert found["law"]["reference_on"] == case["reference_on"].isoformat()
    expected = case["expected"]
    assert {
        name: found["result"][name] for name in expected if not is_same(found["result"][name], expected[name])
    } == {}


def test_the_default_is_whole_dollars_and_the_tables(service: None, client: Client) -> None:
    answers = answers_of(next(case for case in FILED if case["id"] == "T2"))
    del answers["rounding"]

    found = evaluated(client, answers)

    assert (found["outcome"], found["amounts"]["amount"]) == ("REFUND", {"minor": 987_900, "currency": "USD"})
    assert [found["result"][line] for line in ("tax", "earned_income_credit")] == [226, 6654]


@pytest.mark.parametrize(
    ("year", "why"),
    [("2022", "no law is in force on 2022-12-31"), ("2026", "The tax year is not over yet.")],
)
def test_a_year_that_cannot_be_decided_goes_to_an_officer(
    service: None, client: Client, year: str, why: str
) -> None:
    answers = {**answers_of(FILED[0]), "tax_year": year}

    found = evaluated(client, answers)

    assert found["needs_officer"]
    assert why in found["officer_reason"]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"filing_status": "H"}, "The filing status needs a child"),
        ({"withheld": 7000}, "More than half of the wages"),
        ({"wages": 90_000, "withheld": 44_000}, "The refund is over 15,000 dollars."),
    ],
)
def test_what_looks_wrong_goes_to_an_officer(
    service: None, client: Client, changed: dict[str, Any], why: str
) -> None:
    found = evaluated(client, {**answers_of(FILED[0]), **changed})

    assert (found["is_fault"], found["needs_officer"]) == (False, True)
    assert why in found["officer_reason"]
