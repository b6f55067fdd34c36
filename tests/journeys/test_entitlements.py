"""Somebody who does not sign in finds out what they may get, and goes on to apply with the answers."""

from __future__ import annotations

from tests.journeys.city import City


def test_a_guest_finds_out_what_they_may_get_and_applies(caller, city: City):
    caller.visit("/")
    caller.follow("Check what you can get")
    assert caller.sees("We store nothing of what you say.")
    caller.press("Start the check")

    caller.press("Continue")
    assert (
        caller.page.locator("#error-summary").get_by_role("link", name="Enter the number of people.").count()
    )
    caller.fill("How many people live with you and share meals and costs?", "3")
    caller.press("Continue")
    caller.fill("How many of them are children who go to a school in Port Alder?", "1")
    caller.press("Continue")
    caller.fill("How much comes in each month, from all of you together?", "1,800")
    caller.press("Continue")
    caller.choose("No", of="Is one of you 60 or older, or does one of you get a payment for a disability?")
    caller.press("Continue")
    caller.choose("Yes", of="Do you keep a car, a van or a motorcycle at home?")
    caller.press("Continue")
    caller.choose("Northgate")
    caller.press("Continue")

    assert caller.page.get_by_role("heading", name="You are likely to get").is_visible()
    assert caller.sees("There is no parking zone at your address.")
    likely = caller.page.locator("section", has=caller.page.locator("#likely"))
    likely.locator("article", has=caller.page.locator("#school-meals")).get_by_role(
        "button", name="Apply with these answers"
    ).click()
    caller.check()
    assert caller.sees("The children")
