"""Officers: two at one case, decisions by hand, and a figure that nobody knows yet."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.journeys.applying import fill_food_assistance, reference_of, start_food_assistance
from tests.journeys.city import City, let_in

REASONS = "Nobody in your household is on strike any more, so we decide as usual."


def _apply(open_browser, city, *, circumstance=""):
    resident = open_browser()
    resident.looks_closely = False
    let_in(resident, city.resident.account)
    start_food_assistance(resident)
    fill_food_assistance(resident, circumstance=circumstance)
    resident.press("Send")
    return resident, reference_of(resident)


def test_the_second_officer_is_told_and_loses_nothing(open_browser, city: City):
    _, reference = _apply(open_browser, city, circumstance="Is on strike")
    officer, colleague = open_browser(), open_browser(has_script=False)
    let_in(officer, city.officer)
    let_in(colleague, city.colleague)
    for visitor in (officer, colleague):
        visitor.visit(f"/workbench/cases/{reference}/")

    officer.press("Take this case")
    colleague.page.locator("summary", has_text="Decide otherwise").click()
    colleague.choose("You get food assistance")
    colleague.fill("Reasons, as the applicant will read them", REASONS)
    colleague.fill("Legal ground", "7 CFR 273.1(e)")
    colleague.press("Decide with these reasons")

    assert colleague.sees("Ines Okafor")
    assert REASONS in colleague.page.content()
    assert not colleague.sees("Case closed")


def test_a_decision_without_reasons_is_refused_beside_its_fields(open_browser, city: City):
    resident, reference = _apply(open_browser, city, circumstance="Is on strike")
    officer = open_browser(has_script=False)
    let_in(officer, city.officer)
    officer.visit("/workbench/?show=unassigned&reference=" + reference)
    officer.press("Take this case")
    officer.page.locator("summary", has_text="Decide otherwise").click()
    officer.fill("Amount (optional)", "12.345")
    officer.fill("Legal ground", "7 CFR 273.1(e)")
    officer.press("Decide with these reasons")
    assert officer.page.get_by_label("Legal ground").input_value() == "7 CFR 273.1(e)"
    assert officer.page.locator("#error-summary").count() == 1

    officer.fill("Amount (optional)", "546")
    officer.page.get_by_role("group", name="Outcome").get_by_role("radio").first.check(force=True)
    officer.press("Decide with these reasons")
    assert officer.page.locator(".cw-error").count() == 1
    assert officer.page.get_by_label("Amount (optional)").input_value() == "546"

    officer.fill("Reasons, as the applicant will read them", REASONS)
    officer.press("Decide with these reasons")
    assert officer.sees("closed")
    resident.visit(f"/cases/{reference}/")
    assert resident.sees(REASONS)


def test_a_figure_that_is_not_known_yet_goes_to_an_officer_by_name(open_browser, city: City):
    city.turn_clock(datetime(2026, 10, 5, 16, tzinfo=UTC))
    resident, reference = _apply(open_browser, city)
    assert resident.sees("An officer will look at your application.")

    officer = open_browser()
    let_in(officer, city.officer)
    officer.visit(f"/workbench/cases/{reference}/")
    assert officer.sees("tility allowance")
    officer.narrows_to(390)
