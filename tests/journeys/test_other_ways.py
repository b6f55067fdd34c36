"""The same services by keyboard alone, and from right to left."""

from __future__ import annotations

from tests.journeys.applying import BILLS, DONE, RENT, fill_food_assistance, start_food_assistance
from tests.journeys.city import City, let_in

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
_FIELDS = {
    "spaces": "How many parking spaces does your home have off the street?",
    "plate": "Number plate",
    "letter": "Hand in the letter",
    "owner": "Me or somebody who lives with me",
    "month": "Month",
    "day": "Day",
    "year": "Year",
    "yes": "Yes",
    "badge": "Number of the blue badge",
    "email": "E-mail address",
}


def test_a_permit_by_keyboard_alone(open_browser, city: City, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
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
    visitor.tab_to(_FIELDS["plate"])
    visitor.page.keyboard.type("abc1234")
    visitor.tab_to(_FIELDS["owner"])
    visitor.page.keyboard.press("ArrowUp")
    assert visitor.focused["name"] == "A leasing or rental firm"
    visitor.enter("Continue")
    visitor.tab_to(_FIELDS["yes"])
    visitor.page.keyboard.press("Space")
    visitor.enter("Continue")
    with visitor.page.expect_file_chooser() as chooser:
        visitor.tab_to(
            _FIELDS["letter"]
        )  # within: Chromium takes a key ahead of the wish to be told of the chooser
        visitor.page.keyboard.press("Enter")
    chooser.value.set_files({"name": "letter.pdf", "mimeType": "application/pdf", "buffer": PDF})
    visitor.page.get_by_role("link", name="letter.pdf").wait_for()
    visitor._responses.clear()
    visitor.enter("Continue")
    answer(month="10", day="1", year="2026", yes=" ")
    answer(badge="BB-12345")
    answer(email="noor@example.org")
    visitor.enter("Send")
    assert visitor.sees("We have your application")


def test_food_assistance_by_keyboard_alone(open_browser, city: City):
    visitor = open_browser(has_script=False, width=390, height=844)
    visitor.looks_closely = False
    let_in(visitor, city.resident.account)
    visitor.visit("/services/food-assistance/")
    keys = visitor.page.keyboard

    def answer(*fields):
        for name, typed in fields:
            visitor.tab_to(name)
            keys.type(typed)
        visitor.enter("Continue")

    visitor.tab_to("Skip to the main content")
    keys.press("Enter")
    assert visitor.focused["id"] == "main"
    visitor.enter("Start now")
    heading = visitor.page.locator("h1").bounding_box()
    assert heading["y"] < 240, "the head of the page leaves room on a phone"
    visitor.enter(DONE)
    assert visitor.focused["id"] == "error-summary"
    visitor.tab_to("Add at least one person.")
    keys.press("Enter")
    assert visitor.focused["id"] == "members"
    visitor.enter("Add the first person")
    answer(("Name", "Noor"), ("Age in years", "35"), ("Pay from a job (optional)", "1100"))
    visitor.enter("Add another person")
    answer(("Name", "Sami"), ("Age in years", "6"))
    visitor.enter("Remove Sami")
    assert not visitor.sees("Sami")
    visitor.enter(DONE)

    visitor.tab_to(RENT)
    keys.type("700")
    visitor.tab_to("Yes")
    keys.press("ArrowDown")
    assert visitor.focused["name"] == "No"
    visitor.enter("Continue")
    answer(("Yes", " "), (BILLS, "3"), ("Yes", " "))
    while not visitor.page.get_by_label("E-mail address").count():
        visitor.enter("Continue")
    answer(("E-mail address", "noor@example.org"), ("English", " "))
    while not visitor.sees("Check your answers"):
        visitor.enter("Continue")

    visitor.enter("Change \N{EN DASH} How much is your rent or mortgage?")
    visitor.tab_to(RENT)
    keys.press("Control+A")
    keys.type("650")
    keys.press("Shift+Tab")
    assert visitor.focused["visible"]
    visitor.enter("Save and go back to your answers")
    assert visitor.sees("$650.00 a month")
    visitor.enter("Send")
    assert visitor.sees("You get food assistance")
    visitor.enter("You get food assistance")
    visitor.enter("Open this letter")
    assert visitor.sees("The PDF of this letter is being made.")


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
