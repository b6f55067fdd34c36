"""At the counter, and on the phone: an officer fills in for somebody, or together with them."""

from __future__ import annotations

import pytest
from tests.factories.people import make_officer
from tests.journeys.applying import fill_food_assistance
from tests.journeys.city import City, let_in


@pytest.mark.parametrize("has_script", [True, False])
def test_an_officer_fills_in_for_somebody_at_the_counter(open_browser, city: City, has_script):
    clerk = open_browser(has_script=has_script)
    let_in(clerk, make_officer(name="Ana Ruiz", roles=("counter",)).account)
    clerk.visit("/workbench/counter/")
    clerk.narrows_to(320)
    clerk.fill("Name", "Noor")
    clerk.press("Find")
    clerk.follow("Noor Haddad")
    clerk.select("What do they apply for?", "Food assistance")
    clerk.choose("in person, with an identity document")
    clerk.press("They have agreed \N{EN DASH} begin")
    assert clerk.sees("Choose the document that you have seen.")
    clerk.select("Document that you have seen", "Passport")
    clerk.press("They have agreed \N{EN DASH} begin")
    assert clerk.sees("You fill this in for Noor Haddad")
    clerk.narrows_to(320)
    clerk.looks_closely = False
    fill_food_assistance(clerk)
    clerk.looks_closely = True
    clerk.press("Send")
    assert clerk.sees("The reference is")

    resident = open_browser(has_script=has_script)
    let_in(resident, city.resident.account)
    resident.visit("/me/")
    resident.follow("Food assistance")
    resident.follow("See what you told us, and what happened")
    assert resident.sees("an officer, for you")
    resident.visit("/services/food-assistance/statistics/")
    resident.narrows_to(320)


def test_resident_and_officer_fill_in_together(open_browser, city: City):
    resident, clerk = open_browser(has_script=False), open_browser()
    let_in(resident, city.resident.account)
    let_in(clerk, make_officer(name="Ana Ruiz", roles=("counter",)).account)
    resident.visit("/services/food-assistance/")
    resident.press("Start now")
    resident.follow("Fill this in together with an officer, by phone")
    resident.narrows_to(320)
    resident.press("Show me a code")
    code = resident.page.locator("main bdi").inner_text()
    clerk.visit("/workbench/counter/")
    clerk.fill("Code on their screen", code)
    clerk.press("Join")
    assert clerk.sees("You fill this in for Noor Haddad")
    resident.visit(resident.path)
    assert resident.sees("Ana Ruiz helps you")
    resident.press("End this help")
    assert not resident.sees("Ana Ruiz helps you")
