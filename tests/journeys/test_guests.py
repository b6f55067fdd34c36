"""Begun without an account: the link brings everything back, and signing in at the end keeps it."""

from __future__ import annotations

from tests.journeys.applying import fill_food_assistance, start_food_assistance
from tests.journeys.city import City, sign_in


def test_a_guest_comes_back_by_link_signs_in_and_sends(open_browser, city: City):
    first = open_browser(has_script=False, width=390, height=844)
    start_food_assistance(first)
    first.press("Save and come back later")
    link = first.page.locator(".cw-inset a").inner_text()
    assert "/resume/" in link

    second = open_browser()
    second.visit(link.removeprefix(second.address))
    fill_food_assistance(second)
    assert second.sees("Sign in to send this")
    second.page.get_by_role("main").get_by_role("link", name="Sign in").click()
    second.check()
    sign_in(second, "noor@example.org")

    assert second.sees("Check your answers")
    assert second.sees("$1,100.00 a month")
    second.press("Send")
    assert second.sees("You get food assistance")

    first.visit(link.removeprefix(first.address), status=404)
