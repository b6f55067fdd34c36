"""From answers to an outcome, through the real services of Port Alder."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import yaml

from commonweal.engines.feel import UNKNOWN
from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.base.types import Money
from commonweal.kernel.catalogue.queries import compile_service
from commonweal.kernel.catalogue.types import CompiledService
from commonweal.kernel.decisions.errors import NotDecidable
from commonweal.kernel.decisions.programmes.cases import is_same, with_defaults
from commonweal.kernel.decisions.queries import decision_facts, evaluate, outcomes_of, reference_date

MINUS = "\N{MINUS SIGN}"
SNAP = yaml.safe_load((root() / "law/snap/cases.yaml").read_text())
WORKED = [case for case in SNAP["cases"] if case["id"].startswith("W")]


def service(key: str) -> CompiledService:
    found, problems = compile_service(root(), f"services/{key}")
    assert found is not None, problems
    return found


@pytest.fixture(scope="module")
def food() -> CompiledService:
    return service("food-assistance")


@pytest.fixture(scope="module")
def parking() -> CompiledService:
    return service("parking-permit")


def answers_of(case: dict[str, Any]) -> dict[str, Any]:
    """A worked case as a resident would answer it; numbers as text, as answers are stored."""
    household = with_defaults(SNAP["defaults"]["Household"], case["facts"].get("Household", {}))
    utilities = household.pop("utilities")
    answers = {
        **household,
        **{f"utilities_{key}": value for key, value in utilities.items()},
    }
    return {key: _stored(value) for key, value in answers.items()}


def _stored(value: Any) -> Any:
    if isinstance(value, list):
        return [{key: _stored(item) for key, item in member.items()} for member in value]
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


@pytest.mark.parametrize("case", WORKED, ids=[case["id"] for case in WORKED])
def test_worked_example_comes_out_of_the_answers(food: CompiledService, case: dict[str, Any]) -> None:
    found = evaluate(food, answers_of(case), reference_on=case["reference_on"])

    assert (found.is_fault, found.fault_reason, found.outcome) == (False, "", case["expected"]["outcome"])
    result: Any = found.result
    wrong = {
        name: (result.get(name), expected)
        for name, expected in case["expected"].items()
        if not is_same(result.get(name), expected)
    }
    assert wrong == {}
    assert len(found.steps) > 35
    assert all(step.citations for step in found.steps)


def test_explanation_shows_the_actual_numbers(food: CompiledService) -> None:
    found = evaluate(food, answers_of(WORKED[0]), reference_on=date(2023, 5, 1))

    steps = {step.name: step for step in found.steps}
    assert steps["Gross income"].how == "1,850 + 0 - 0 = 1,850".replace("-", MINUS)
    assert steps["Income before shelter"].how == (
        "the larger of 0 and (1,850 - 258 - 370 - 0 - 0) = 1,222".replace("-", MINUS)
    )
    assert (steps["Net income"].value, steps["Net income limit"].value) == ("$598", "$3,100")
    assert steps["Categorical limit"].value == "$6,713.33"
    assert steps["Gross income test"].how == "Somebody is elderly or disabled (no) or 1,850 ≤ 4,029"
    assert (steps["Gross income test"].value, steps["Gross income test"].tone) == ("yes", "yes")
    assert steps["Utility allowance type"].rule == "Heating or cooling costs are paid."
    assert [citation.text for citation in steps["Contribution"].citations] == [
        "7 USC 2017(a)",
        "7 CFR 273.10(e)(2)",
    ]
    assert "25. Total deductions: $1,252 (258 + 370 + 0 + 0 + 624 = 1,252)." in found.text


def test_amounts_versions_and_citations(food: CompiledService) -> None:
    found = evaluate(food, answers_of(WORKED[0]), reference_on=date(2023, 5, 11), known_on=date(2023, 6, 1))

    assert found.amounts == {
        "amount": Money(115900, "USD"),
        "first_month": Money(77200, "USD"),
        "emergency": Money(0, "USD"),
    }
    assert found.versions is not None
    assert (found.versions.programme, found.versions.model_file) == ("snap", "law/snap/2022-10-01.dmn")
    assert found.versions.parameters["shelter_cap"] == "2022-10-01@2022-10-01"
    assert "7 CFR 273.9(d)(6)" in [citation.text for citation in found.citations]
    assert decision_facts(food, found, told_on=date(2026, 9, 15))["amounts"] == {
        "amount": Decimal("1159.00"),
        "first_month": Decimal("772.00"),
        "emergency": Decimal("0.00"),
    }


def test_missing_parameter_is_a_fault_that_names_it(food: CompiledService) -> None:
    case = next(case for case in SNAP["cases"] if case["id"] == "P08")

    found = evaluate(food, answers_of(case), reference_on=date(2026, 10, 5))

    assert (found.is_fault, found.needs_officer, found.outcome, found.amounts) == (True, True, None, {})
    assert found.fault_reason.startswith("Standard utility allowance is not known for October 2026.")
    steps = {step.name: step for step in found.steps}
    assert (steps["Utility allowance"].value, steps["Utility allowance"].tone) == ("not known", "unknown")
    assert (steps["Shelter cost"].how, steps["Gross income"].value) == ("", "$900")
    assert decision_facts(food, found, told_on=date(2026, 9, 15))["label"] is None


def test_missing_answer_is_a_fault_that_names_it(food: CompiledService) -> None:
    answers = answers_of(WORKED[30])
    del answers["utilities_kinds"]

    found = evaluate(food, answers, reference_on=WORKED[30]["reference_on"])

    assert (found.is_fault, found.outcome) == (True, None)
    assert found.fault_reason == "'Household.utilities.kinds' is not known."


def test_missing_answer_that_changes_nothing_is_no_fault(food: CompiledService) -> None:
    answers = answers_of(WORKED[0])
    del answers["all_members_homeless"]

    found = evaluate(food, answers, reference_on=date(2023, 5, 1))

    assert (found.outcome, found.amounts["amount"]) == ("ELIGIBLE", Money(115900, "USD"))


def test_null_in_a_sum_is_a_fault_and_never_a_no(food: CompiledService) -> None:
    answers = {**answers_of(WORKED[30]), "utilities_kinds": None}

    found = evaluate(food, answers, reference_on=WORKED[30]["reference_on"])

    assert (found.is_fault, found.needs_officer, found.outcome) == (True, True, None)
    assert found.fault_reason


def test_optional_answers_left_out_are_blank(food: CompiledService) -> None:
    answers = {
        "members": [{"name": "Me", "age": "35"}],
        "all_members_homeless": False,
        "utilities_heating_or_cooling": False,
        "utilities_kinds": "0",
        "utilities_telephone": False,
    }

    found = evaluate(food, answers, reference_on=date(2026, 4, 1))

    assert (found.fault_reason, found.outcome, found.amounts["amount"]) == (
        "",
        "ELIGIBLE",
        Money(29800, "USD"),
    )


def test_value_that_cannot_be_read_is_a_fault(food: CompiledService) -> None:
    found = evaluate(food, {**answers_of(WORKED[0]), "resources": "plenty"}, reference_on=date(2023, 5, 1))

    assert found.is_fault
    assert "plenty" in found.fault_reason
    assert (found.steps, found.text, found.versions) == ((), "", None)


def test_before_the_first_model_no_law_is_in_force(food: CompiledService) -> None:
    found = evaluate(food, answers_of(WORKED[0]), reference_on=date(2020, 5, 1))

    assert (found.is_fault, found.versions) == (True, None)
    assert "no law is in force on 2020-05-01" in found.fault_reason


def test_special_circumstances_go_to_an_officer(food: CompiledService) -> None:
    answers = {**answers_of(WORKED[0]), "circumstances": ["student"]}

    found = evaluate(food, answers, reference_on=date(2023, 5, 1), trace=False)

    assert (found.outcome, found.is_fault, found.needs_officer) == ("REVIEW", False, True)
    assert found.officer_reason == outcomes_of(food)["REVIEW"].explanation
    assert (found.trace, found.steps, found.citations) == (None, (), ())


def test_reference_date_of_the_case_is_used_where_none_is_given(food: CompiledService) -> None:
    context = {"case": {"reference": "X", "submitted_on": "2023-05-11"}}

    found = evaluate(food, answers_of(WORKED[0]), context=context)

    assert found.versions is not None
    assert found.versions.reference_on == date(2023, 5, 11)
    assert reference_date(food, {}, context) == date(2023, 5, 11)
    assert reference_date(food, {}, {}) is None
    assert evaluate(food, answers_of(WORKED[0])).fault_reason == (
        "The day whose law applies (case.submitted_on) is not known."
    )


GIVEN: dict[str, Any] = {
    "applicant": {"dwelling_id": "HP-0042"},
    "dwelling": {"key": "HP-0042", "zone": "Z1", "is_car_free": False},
    "vehicle": {
        "fuel": "petrol",
        "co2": 101,
        "first_registered_on": "2020-05-01",
        "gross_weight_kg": 1500,
        "length_m": Decimal("4.2"),
        "dwelling_id": "HP-0042",
    },
    "fines": [],
    "permits_held": 0,
    "permits_in_zone": 12,
    "vehicle_permits": 0,
    "old_permit": None,
    "waiting_ahead": 0,
    "decided_on": None,
}
ANSWERS = {
    "dwelling_id": "HP-0042",
    "number_plate": "ABC1234",
    "vehicle_registered_to": "resident",
    "start_date": "2026-12-20",
    "off_street_spaces": "0",
    "blue_badge": False,
    "low_income_reason": "none",
}


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        ({}, "GRANTED"),
        ({"dwelling": {"zone": None, "is_car_free": False}}, "NO_ZONE"),
        ({"applicant": {"dwelling_id": "HP-0043"}}, "REFUSED_RESIDENCE"),
        ({"vehicle": {**GIVEN["vehicle"], "dwelling_id": None}}, "REFUSED_VEHICLE"),
        ({"vehicle_permits": 1}, "REFUSED_VEHICLE"),
        ({"fines": [{"amount": 100}, {"amount": 50}]}, "REFUSED_FINES"),
        ({"permits_held": 1}, "REFUSED_LIMIT"),
        ({"permits_in_zone": 2400}, "WAITLIST"),
    ],
)
def test_parking_permit_is_decided_on_what_the_registers_say(
    parking: CompiledService, given: dict[str, Any], outcome: str
) -> None:
    found = evaluate(parking, ANSWERS, context={"case": {"submitted_on": "2026-12-01"}, **GIVEN, **given})

    assert (found.fault_reason, found.outcome) == ("", outcome)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("dwelling", "The register of dwellings does not know this number."),
        ("vehicle", "The register of vehicles does not know this plate."),
    ],
)
def test_entry_that_a_register_does_not_have_is_a_fault_told_in_the_services_words(
    parking: CompiledService, name: str, told: str
) -> None:
    found = evaluate(parking, ANSWERS, context={"case": {"submitted_on": "2026-12-01"}, **GIVEN, name: None})

    assert (found.is_fault, found.outcome, found.is_proposal) == (True, None, False)
    assert found.officer_reason.startswith(told)
    assert "cannot be worked out" in found.fault_reason


def test_what_the_law_lacks_is_named_whatever_else_is_missing(parking: CompiledService) -> None:
    context = {"case": {"submitted_on": "2022-12-01"}, **GIVEN, "vehicle": None}

    found = evaluate(parking, {**ANSWERS, "start_date": "2020-12-20"}, context=context)

    assert found.officer_reason == found.fault_reason
    assert found.fault_reason.endswith("no law is in force on 2020-12-20.")


def test_parking_permit_takes_the_price_list_of_the_day_on_which_it_starts(parking: CompiledService) -> None:
    context = {"case": {"submitted_on": "2026-12-01"}, **GIVEN}

    this_year = evaluate(parking, ANSWERS, context=context)
    next_year = evaluate(parking, {**ANSWERS, "start_date": "2027-01-02"}, context=context)

    assert (this_year.outcome, this_year.amounts) == (
        "GRANTED",
        {"amount": Money(15800, "USD"), "refund_of_old": Money(0, "USD")},
    )
    assert (next_year.outcome, next_year.amounts["amount"]) == ("GRANTED", Money(17300, "USD"))


def test_parking_permit_without_the_registers_facts_goes_to_an_officer(parking: CompiledService) -> None:
    found = evaluate(parking, ANSWERS, context={"case": {"submitted_on": "2026-12-01"}})

    assert (found.is_fault, found.outcome) == (True, None)
    assert found.fault_reason


def test_service_without_a_decision_is_refused(food: CompiledService) -> None:
    bare = CompiledService(food.key, "", "", food.info, {})

    with pytest.raises(NotDecidable):
        evaluate(bare, {})


def test_feel_values_are_taken_as_they_are(food: CompiledService) -> None:
    answers = {
        **answers_of(WORKED[0]),
        "rent_or_mortgage": Decimal(400),
        "dependent_care": UNKNOWN,
        "circumstances": None,
    }

    unknown = evaluate(food, answers, reference_on=date(2023, 5, 1))
    known = evaluate(food, {**answers, "dependent_care": Decimal(10)}, reference_on=date(2023, 5, 1))

    assert unknown.fault_reason == "'Household.dependent_care' is not known."
    result: Any = known.result
    assert (result["shelter_cost"], result["dependent_care_deduction"]) == (862, 10)
