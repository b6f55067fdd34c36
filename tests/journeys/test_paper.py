"""On paper: a form is printed, comes back as a scan, and becomes an application."""

from __future__ import annotations

import pytest
from tests.factories.people import make_officer
from tests.journeys.applying import fill_food_assistance
from tests.journeys.city import City, let_in

BEGIN = "It is signed \N{EN DASH} type it in"


@pytest.mark.parametrize("has_script", [True, False])
def test_a_form_is_printed_scanned_and_typed_in(open_browser, city: City, tmp_path, has_script):
    visitor = open_browser(has_script=has_script)
    visitor.visit("/services/food-assistance/")
    link = visitor.page.get_by_role("link", name="Form to print (PDF), English")
    printed = visitor.page.request.get(visitor.address + link.get_attribute("href"))
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(printed.body())

    clerk = open_browser(has_script=has_script)
    let_in(clerk, make_officer(name="Ana Ruiz", roles=("counter",)).account)
    clerk.visit("/workbench/paper/")
    clerk.narrows_to(320)
    clerk.page.get_by_label("Scan of one form, with all of its pages").set_input_files(scan)
    clerk.press("Take in")
    assert clerk.sees("Food assistance, version 1")
    clerk.fill("Name on the form", "Noor")
    clerk.press("Find")
    clerk.choose("Noor Haddad")
    clerk.press(BEGIN)
    assert clerk.sees("You fill this in for Noor Haddad")
    clerk.page.locator(".cw-beside img").first.scroll_into_view_if_needed()
    if has_script:
        drawn = "async image => { await image.decode(); return image.naturalWidth; }"
        assert clerk.page.locator(".cw-beside img").first.evaluate(drawn) > 1000
    clerk.narrows_to(320)
    clerk.looks_closely = False
    fill_food_assistance(clerk)
    clerk.press("Send")
    assert clerk.sees("The reference is")
