"""Worked examples of the law, applied for by a resident without JavaScript: the page shows every figure as stated."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

import pytest
import yaml
from tests.journeys.applying import BILLS, DONE, HEATING, RENT, SAVINGS, TELEPHONE
from tests.journeys.city import City, let_in

from commonweal.kernel.base.jurisdiction import root

_MONEY = {
    "earned": "Pay from a job",
    "social_security_retirement": "Social Security retirement or survivor pension",
    "social_security_disability": "Social Security disability payment (SSDI)",
    "medical_expenses": "Medical costs this person pays",
    "unemployment": "Unemployment benefit",
    "other_unearned": "Other income",
}
_STEPS = {
    "gross_income": "Gross income",
    "standard_deduction": "Standard deduction",
    "earned_income_deduction": "Earned income deduction",
    "dependent_care_deduction": "Dependent care deduction",
    "medical_deduction": "Medical deduction",
    "utility_allowance": "Utility allowance",
    "shelter_cost": "Housing costs",
    "shelter_deduction": "Deduction for housing costs",
    "total_deductions": "Total deductions",
    "net_income": "Net income",
    "maximum_allotment": "Maximum benefit",
    "contribution": "Expected contribution",
    "allotment": "Monthly benefit",
}


def _worked_case(key: str) -> dict[str, Any]:
    written = yaml.safe_load((root() / "law/snap/cases.yaml").read_text())
    return next(case for case in written["cases"] if case["id"] == key)


@pytest.mark.parametrize("key", ["W09", "W12", "W14", "W17", "W29", "W42"])
def test_the_page_shows_the_figures_of_the_example(open_browser, city: City, key):
    example = _worked_case(key)
    city.turn_clock(datetime.combine(example["reference_on"], time(18), UTC))
    visitor = open_browser(has_script=False)
    visitor.looks_closely = False
    let_in(visitor, city.resident.account)

    _apply(visitor, example["facts"]["Household"])

    expected = example["expected"]
    is_granted = expected["outcome"] == "ELIGIBLE"
    heading = visitor.page.locator("h1").inner_text()
    assert heading == ("You get food assistance" if is_granted else "You do not get food assistance")
    assert visitor.sees(f"${expected['allotment']}.00 a month") is is_granted
    visitor.follow("See every step of how we worked it out")
    shown = _figures(visitor)
    stated = {label: float(expected[name]) for name, label in _STEPS.items() if name in expected}
    assert {label: shown.get(label) for label in stated} == stated


def _figures(visitor):
    """Return each step's amount by its title."""
    found = {}
    for step in visitor.page.locator(".cw-step").all():
        words = (
            step.locator(".cw-step__title").evaluate("element => element.firstChild.textContent.trim()")
            if visitor.has_script
            else step.locator(".cw-step__title").inner_text().split("\n")[0].strip()
        )
        result = "".join(step.locator(".cw-step__result").all_inner_texts())  # some say it in words alone
        if result.startswith("$"):
            found[words] = float(result.removeprefix("$").replace(",", ""))
    return found


def _apply(visitor, household):
    visitor.visit("/services/food-assistance/")
    visitor.press("Start now")
    for number, member in enumerate(household["members"], start=1):
        visitor.follow("Add the first person" if number == 1 else "Add another person")
        visitor.fill("Name", f"Person {number}")
        visitor.fill("Age in years", str(member["age"]))
        for key, value in member.items():
            if key in _MONEY:
                visitor.fill(f"{_MONEY[key]} (optional)", str(value))
            elif key == "in_school":
                visitor.choose(
                    "Yes" if value else "No", of="Does this person go to primary or secondary school?"
                )
            else:
                assert key == "age", key
        visitor.press("Continue")
    visitor.press(DONE)
    while not visitor.sees("Check your answers"):
        _fill_page(visitor, household)
        visitor.press("Continue")
    while visitor.page.get_by_role("link", name="Answer anyway").count():
        visitor.follow("Answer anyway")
        _fill_page(visitor, household)
        visitor.press("Save and go back to your answers")
    visitor.press("Send")


def _fill_page(visitor, household):
    """Answer what a page asks; some pages come only where they matter."""
    utilities = household["utilities"]
    fields = {
        RENT: str(household["rent_or_mortgage"]),
        BILLS: str(utilities["kinds"]),
        "How much do you pay for this care? (optional)": str(household["dependent_care"]),
        SAVINGS: str(household["resources"]),
        "E-mail address": "noor@example.org",
    }
    for label, value in fields.items():
        if visitor.page.get_by_label(label).count():
            visitor.fill(label, value)
    choices = {
        "Is everybody in your household without a home of their own?": household["all_members_homeless"],
        HEATING: utilities["heating_or_cooling"],
        TELEPHONE: utilities["telephone"],
    }
    for question, answer in choices.items():
        if visitor.page.get_by_role("group", name=question).count():
            visitor.choose("Yes" if answer else "No", of=question)
    if visitor.sees("Which language shall we write in?"):
        visitor.choose("English")
