"""A resident applies for food assistance, from the start page to the letter."""

from __future__ import annotations

from tests.journeys.applying import (
    BILLS,
    DONE,
    HEATING,
    RENT,
    TELEPHONE,
    add_person,
    fill_the_rest,
    start_food_assistance,
)
from tests.journeys.city import City, sign_in


def test_a_resident_applies_makes_mistakes_and_has_the_letter(caller, city: City):
    caller.visit("/account/login/")
    sign_in(caller, "noor@example.org")
    start_food_assistance(caller)

    caller.press(DONE)
    assert caller.sees("Add at least one person.")
    add_person(caller, "Noor", 35, {"Pay from a job": "1,100"})
    add_person(caller, "Sami", 6)
    caller.press(DONE)

    caller.fill(RENT, "700")
    caller.press("Continue")
    _has_mistake(caller, "Say whether you have a home.")
    assert caller.page.get_by_label(RENT).input_value() == "700"
    caller.choose("No")
    caller.press("Continue")
    caller.choose("Yes", of=HEATING)
    caller.fill(BILLS, "three")
    caller.choose("Yes", of=TELEPHONE)
    caller.press("Continue")
    _has_mistake(caller, "Enter the number of bills as a number, such as 4.")
    assert caller.page.get_by_label(BILLS).input_value() == "three"

    caller.press("Save and come back later")
    assert caller.sees("Your answers are saved")
    caller.visit("/me/")
    caller.follow("Food assistance")
    assert caller.page.get_by_role("group", name=HEATING).get_by_label("Yes").is_checked()
    assert caller.page.get_by_label(BILLS).count() == 0  # who pays for heating has the flat rate for it all
    caller.press("Continue")
    fill_the_rest(caller)

    assert caller.sees("What we did not ask")
    assert caller.sees("Your bills: How many other kinds of bills do you pay?")
    assert caller.sees("$1,100.00 a month")
    caller.follow("Change \N{EN DASH} How much is your rent")
    caller.fill(RENT, "650")
    caller.press("Save and go back to your answers")
    assert caller.sees("$650.00 a month")
    caller.press("Send")

    assert caller.sees("You get food assistance")
    assert caller.sees("$546.00 a month")
    assert caller.sees("Expected contribution")
    assert caller.page.locator("#why ~ .cw-reasons").count() == 2
    case = caller.path
    caller.follow("See every step of how we worked it out")
    assert caller.sees("the larger of 0 and (1,100")
    caller.page.locator("summary", has_text="Net income limit").click()
    caller.check()
    assert caller.sees("100 % of the poverty guideline for a household of this size.")
    assert caller.page.get_by_role("link", name="7 CFR 273.9(a)(2)").first.is_visible()
    caller.visit(case)
    caller.follow("See what you told us, and what happened")
    assert caller.sees("$650.00 a month")
    assert caller.sees("Application received")
    caller.visit(case)

    caller.follow("You get food assistance")
    caller.press("Open this letter")
    assert caller.sees("The PDF of this letter is being made.")
    city.work_off()
    caller.visit(caller.path)
    with caller.page.expect_download() as download:
        caller.page.get_by_role("link", name="Download the letter (PDF)").click()
    assert download.value.path().read_bytes()[:5] == b"%PDF-"


def _has_mistake(visitor, text):
    """The mistake stands beside its field and in the summary, which has the focus."""
    assert visitor.page.locator(".cw-field .cw-error", has_text=text).count() == 1
    assert visitor.page.locator("#error-summary").get_by_role("link", name=text).count() == 1
    assert visitor.page.locator("#error-summary").evaluate("element => element === document.activeElement")
