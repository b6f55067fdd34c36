"""The same services by keyboard alone, and from right to left."""

from __future__ import annotations

from tests.journeys.applying import fill_food_assistance, start_food_assistance
from tests.journeys.city import City, let_in

_FIELDS = {
    "spaces": "How many parking spaces does your home have off the street?",
    "plate": "Number plate",
    "owner": "Me or somebody who lives with me",
    "month": "Month",
    "day": "Day",
    "year": "Year",
    "yes": "Yes",
    "badge": "Number of the blue badge",
    "email": "E-mail address",
}


def test_a_permit_by_keyboard_alone(open_browser, city: City):
    visitor = open_browser()
    let_in(visitor, city.resident.account)
    visitor.visit("/services/parking-permit/")

    def answer(**typed):
        for name, keys in typed.items():
            visitor.tab_to(_FIELDS[name])
            visitor.page.keyboard.type(keys)
        visitor.enter("Continue")

    visitor.enter("Start now")
    answer(spaces="0")
    answer(plate="abc1234", owner=" ")
    answer(month="10", day="1", year="2026", yes=" ")
    answer(badge="BB-12345")
    answer(email="noor@example.org")
    visitor.enter("Send")
    assert visitor.sees("We have your application")


def test_from_right_to_left_nothing_is_cut_off(open_browser, city: City):
    visitor = open_browser(width=390, height=844)
    visitor.looks_closely = False
    let_in(visitor, city.resident.account)
    start_food_assistance(visitor)
    fill_food_assistance(visitor)
    visitor.looks_closely = True
    visitor.follow("العربية")
    assert visitor.page.locator("html").get_attribute("dir") == "rtl"
    visitor.narrows_to(320)
    visitor.page.locator("main form button[type=submit]").last.click()
    visitor.page.wait_for_url("**/cases/**")
    visitor.check()
    visitor.narrows_to(320)
    for path in ("/", "/me/", "/mailbox/", "/services/food-assistance/", "/about/privacy/", "/law/snap/"):
        visitor.visit(path)
        visitor.narrows_to(320)
