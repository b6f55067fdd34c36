"""What goes wrong on the way: impatience, the Back button, old pages, hostile text. Never a 500, nothing lost."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from tests.journeys.applying import DONE, add_person, fill_food_assistance, start_food_assistance
from tests.journeys.city import City, let_in

from commonweal.kernel.cases.models import Case

SCRIPT = "<script>document.title = 'taken'</script>"


def test_an_impatient_resident_sends_once(visitor, city: City):
    visitor.looks_closely = False
    let_in(visitor, city.resident.account)
    start_food_assistance(visitor)
    fill_food_assistance(visitor)

    visitor.page.get_by_role("button", name="Send").dblclick()
    expect(visitor.page).to_have_url(re.compile("/cases/"))  # the second click breaks off the first's answer
    visitor.check()
    assert visitor.sees("You get food assistance")

    visitor.back()
    if visitor.page.get_by_role("button", name="Send").count():
        visitor.press("Send")
    assert visitor.sees("You get food assistance")
    assert Case.objects.count() == 1


def test_a_page_that_was_open_too_long_says_what_to_do(visitor, city: City):
    start_food_assistance(visitor)
    add_person(visitor, "Noor", 35)
    visitor.page.context.clear_cookies()

    visitor.press(DONE)

    assert visitor.sees("This page was open for too long")


@pytest.mark.parametrize(
    "text",
    [SCRIPT, "Robert'); DROP TABLE forms_sheet;--", "Noor\u0000\u0007\u202e", "{{ 7 * 7 }}${7*7}"],
    ids=["script", "sql", "control-characters", "template"],
)
def test_hostile_text_is_only_text(open_browser, city: City, text):
    visitor = open_browser()
    start_food_assistance(visitor)
    visitor.follow("Add the first person")
    visitor.fill("Name", text)
    visitor.fill("Age in years", "35")
    visitor.press("Continue")
    shown = visitor.page.locator("#item-1").or_(visitor.page.locator("#error-summary")).first.inner_text()
    assert visitor.page.title() != "taken"
    assert "49" not in shown
    if text == SCRIPT:
        assert shown == SCRIPT


def test_far_too_much_is_refused_beside_the_field(open_browser, city: City):
    visitor = open_browser(has_script=False)
    start_food_assistance(visitor)
    visitor.follow("Add the first person")
    visitor.fill("Name", "x" * 20_000)
    visitor.fill("Age in years", "9" * 400)
    visitor.press("Continue")
    assert visitor.page.locator("#error-summary").get_by_role("link").count() == 2
    assert visitor.page.get_by_label("Name", exact=True).input_value() == "x" * 20_000
