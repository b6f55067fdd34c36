"""The law in public: a figure through time, with its chart and its table, at a desk and on a phone, in each language."""

from __future__ import annotations

import pytest
from tests.journeys.city import City

FIGURES = ["/law/snap/shelter_cap/", "/law/snap/maximum_allotment/", "/law/ssi/in_kind_food_counts/"]


@pytest.mark.parametrize("locale", ["en-US", "es-US", "ar"])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_figure_is_shown_with_chart_and_table(open_browser, city: City, locale: str, width: int):
    reader = open_browser(has_script=width > 400, width=width, height=900, locale=locale)

    for path in ["/law/", "/law/ssi/", *FIGURES]:
        reader.visit(path)
    reader.visit("/law/snap/shelter_cap/?on=2024-03-03&known=2024-02-01")
    assert reader.page.locator("table").count() == 1
    assert reader.page.locator("main svg title").count() == 1
    assert reader.sees("672")
    reader.narrows_to(320)


def test_what_was_not_known_yet_is_said(open_browser, city: City):
    reader = open_browser(has_script=False)
    reader.visit("/law/snap/shelter_cap/?on=2024-10-01&known=2024-08-01")

    assert reader.sees("This figure is not known")
