"""The gallery in every way that people look at pages: axe finds nothing, nothing is cut off."""

from __future__ import annotations

import pytest

WAYS = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "forced colours": {"forced_colors": "active"},
    "forced colours, dark": {"forced_colors": "active", "color_scheme": "dark"},
    "print": {"media": "print"},
}
FACES = ["/gallery", "/gallery?face=workbench"]


@pytest.mark.parametrize("path", FACES)
@pytest.mark.parametrize("way", list(WAYS))
def test_gallery_is_accessible(open_browser, path, way):
    visitor = open_browser()
    visitor.looks_in(**WAYS[way])
    visitor.visit(path)


def test_gallery_is_accessible_with_and_without_script(visitor):
    visitor.visit("/gallery")


def test_gallery_is_accessible_on_a_phone(caller):
    caller.visit("/gallery")


@pytest.mark.parametrize("path", [*FACES, "/gallery?dir=rtl", "/gallery?text=pseudo", "/nothing-here"])
def test_nothing_is_cut_off_at_400_percent_zoom(open_browser, path):
    visitor = open_browser(width=320)
    visitor.visit(path, status=404 if path == "/nothing-here" else 200)
    visitor.narrows_to(320)


@pytest.mark.parametrize("path", ["/gallery?dir=rtl", "/gallery?dir=rtl&text=pseudo&face=workbench"])
def test_right_to_left_mirrors_the_page(open_browser, path):
    visitor = open_browser()
    visitor.visit(path)
    brand = visitor.page.locator(".cw-brand").bounding_box()
    assert brand["x"] > 640
    visitor.narrows_to(320)


def test_letters_print_without_the_furniture(open_browser):
    visitor = open_browser()
    visitor.visit("/gallery")
    visitor.looks_in(media="print")
    for furniture in (".cw-nav", ".cw-languages", ".cw-skip", ".cw-footer", ".cw-header"):
        assert not visitor.page.locator(furniture).first.is_visible(), furniture
    assert visitor.page.locator(".cw-letter").is_visible()


def test_the_keyboard_reaches_everything_visibly(open_browser):
    visitor = open_browser()
    visitor.visit("/gallery")
    visitor.page.evaluate("document.activeElement.blur()")
    visitor.tab_to("Which papers you can use")
    visitor.tab_to("E-mail address (optional)")
    visitor.tab_to("Add another person")
    visitor.tab_to("Next page")


def test_the_skip_link_leads_to_the_content(visitor):
    visitor.visit("/nothing-here", status=404)
    visitor.page.keyboard.press("Tab")
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_url("**#main")


def test_the_mistakes_have_the_focus(visitor):
    visitor.visit("/gallery")
    assert visitor.page.locator("#error-summary").evaluate("element => element === document.activeElement")


def test_a_mistake_leads_to_its_field(visitor):
    visitor.visit("/gallery")
    visitor.page.get_by_role("link", name="Enter your first name").click()
    if visitor.has_script:
        assert visitor.page.locator("#first-name").evaluate("element => element === document.activeElement")
    visitor.page.wait_for_url("**#first-name")


def test_the_language_changes_and_stays(visitor):
    visitor.visit("/gallery")
    visitor.follow("العربية")
    assert visitor.page.locator("html").get_attribute("dir") == "rtl"
    visitor.visit("/nothing-here", status=404)
    assert visitor.page.locator("html").get_attribute("lang") == "ar"


def test_a_form_is_sent_once(open_browser):
    visitor = open_browser()
    visitor.visit("/gallery")
    sent = []
    visitor.page.on(
        "request", lambda request: sent.append(request.url) if "given-name=" in request.url else None
    )
    visitor.page.evaluate(
        "() => { const form = document.getElementById('gallery-form'); const button = document.querySelector('[form]');"
        " form.requestSubmit(button); form.requestSubmit(button); }"
    )
    visitor.page.wait_for_url("**given-name=**")
    assert len(sent) == 1


def test_pages_are_light(open_browser):
    visitor = open_browser()
    visitor.visit("/nothing-here", status=404)
    [(_, weight)] = visitor.pages
    assert 1_000 < weight < 40_000
