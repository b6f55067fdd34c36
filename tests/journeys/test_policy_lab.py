"""An analyst changes the law, tries it on the city, and reads what it does; with and without script."""

from __future__ import annotations

from tests.factories.people import make_officer
from tests.journeys.city import City, let_in


def _begin(visitor, *, people="40,000"):
    visitor.visit("/workbench/lab/")
    visitor.follow("Simulate a reform")
    visitor.choose("Food assistance (SNAP, in Washington Basic Food)")
    visitor.choose("Port Alder, synthetic")
    visitor.page.locator("summary", has_text="Another number of people").click()
    visitor.fill("Number of people (optional)", people)
    visitor.press("Continue")


def _wait(visitor, city):
    city.work_off()
    if visitor.has_script:
        visitor.await_heading("What the figures say")
    else:
        visitor.follow("Look again")


def test_an_analyst_simulates_a_reform(visitor, city: City):
    analyst = make_officer(name="Lena Sorensen", roles=("policy-analyst",))
    let_in(visitor, analyst.account)
    _begin(visitor)

    visitor.fill("Find a figure", "housing costs")
    if not visitor.has_script:
        visitor.press("Find")
    assert not visitor.page.get_by_role("group", name="Minimum monthly benefit").is_visible()
    visitor.fill("Largest deduction for housing costs", "much")
    visitor.press("Run the simulation")
    assert visitor.page.locator("#error-summary").count() == 1
    visitor.fill("Largest deduction for housing costs", "900")
    visitor.fill("What shall it be called? (optional)", "Higher cap on housing costs")
    visitor.press("Run the simulation")

    assert visitor.sees("Higher cap on housing costs")
    _wait(visitor, city)
    assert visitor.sees("The reform costs")
    assert visitor.sees("Largest deduction for housing costs")
    for summary in visitor.page.locator("summary").all():
        summary.click()
    visitor.check()
    visitor.narrows_to(390)
    visitor.check()
