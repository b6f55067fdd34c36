"""A resident files a tax return with two children, from the start page to the letter."""

from __future__ import annotations

from tests.factories.people import make_fact, make_officer, make_team
from tests.journeys.applying import DONE, reference_of
from tests.journeys.city import SYSTEM, City, let_in, sign_in

from commonweal.kernel.base import clock
from commonweal.kernel.catalogue.actions import publish_folder

MONTHS = "In how many months of the year did this person live with you?"
RETURN = {
    "Wages": "$32,000.00",
    "Taxable interest": "$150.00",
    "Adjusted gross income": "$32,150.00",
    "Standard deduction": "-$23,625.00",
    "Taxable income": "$8,525.00",
    "Tax": "$853.00",
    "Child tax credit": "-$695.00",
    "Credit for other dependents": "-$158.00",
    "Earned income credit": "-$5,293.00",
    "Additional child tax credit (paid out)": "-$1,700.00",
    "Tax after credits": "-$6,993.00",
    "Tax withheld and paid in advance": "-$1,200.00",
    "Your refund": "$8,193.00",
}


def open_tax_office(city: City):
    """Publish the service and put an officer to its desk."""
    publish_folder("file-tax-return", by=SYSTEM, at=clock.now())
    make_fact(city.resident, "birth_date", "1991-04-18", source="Register of residents")
    team = make_team(key="tax-returns", agency="finance")
    return make_officer(name="Ruth Adeyemi", roles=("caseworker",), teams=(team,), agency="finance").account


def begin(visitor, *, year="2025", situation="Head of household"):
    """Answer up to the income."""
    visitor.visit("/services/file-tax-return/")
    visitor.press("Start now")
    visitor.choose(year)
    visitor.press("Continue")
    visitor.choose(situation)
    visitor.press("Continue")
    visitor.choose("Yes", of="Do you have a social security number that is valid for work?")
    visitor.choose("No", of="Can somebody else claim you as a dependent?")
    visitor.press("Continue")


def say_income(visitor, *, wages, withheld, interest=""):
    visitor.fill("Your wages", wages)
    visitor.fill("Federal income tax that was withheld", withheld)
    visitor.fill("Interest from banks (optional)", interest)
    visitor.press("Continue")


def say_child(visitor, name, *, born, months="12"):
    """Add a child; what comes up after the date of birth is answered by the caller."""
    visitor.page.get_by_role("link", name="Add the first person").or_(
        visitor.page.get_by_role("link", name="Add another person")
    ).click()
    visitor.check()
    visitor.fill("Name", name)
    visitor.fill_date("Date of birth", year=born[0], month=born[1], day=born[2])
    visitor.choose("My child")
    visitor.fill(MONTHS, months)
    visitor.choose("A social security number that is valid for work")
    visitor.press("Continue")


def finish(visitor):
    visitor.press("Continue")
    visitor.fill("E-mail address", "noor@example.org")
    visitor.press("Continue")


def lines_of(visitor):
    """The statement on the page: amounts by label."""
    rows = visitor.page.locator(".cw-statement tbody tr").all()
    return {row.locator("th").inner_text().split("\n")[0]: row.locator("td").inner_text() for row in rows}


def test_a_resident_files_a_return_with_two_children(caller, city: City):
    open_tax_office(city)
    caller.visit("/account/login/")
    sign_in(caller, "noor@example.org")
    begin(caller)

    say_income(caller, wages="32,000", withheld="33,000")
    assert caller.sees("More tax than wages cannot have been withheld.")
    say_income(caller, wages="32,000", withheld="1,200", interest="150")
    caller.choose("Yes")
    caller.press("Continue")
    say_child(caller, "Sami", born=(2017, 3, 2))
    caller.press("Continue")  # whether the parents agreed who claims the child
    say_child(caller, "Lina", born=(2006, 9, 30))
    assert caller.sees("Was this person a full-time student in five months of the year or more?")
    caller.choose("Yes", of="Was this person a full-time student in five months of the year or more?")
    for question in (
        "Is this person permanently and totally disabled?",
        "Did this person pay for more than half of what they need to live?",
        "Does this person file a return together with a husband or wife?",
    ):
        caller.choose("No", of=question)
    caller.press("Continue")
    caller.press(DONE)
    finish(caller)
    caller.press("Send")

    assert caller.sees("You get a refund")
    assert caller.sees("$8,193.00")
    assert lines_of(caller) == RETURN
    case = caller.path
    caller.follow("See every step of how we worked it out")
    caller.page.locator("summary", has_text="Children for the child tax credit").click()
    caller.check()
    assert caller.page.get_by_role("link", name="26 USC 24(c)").first.is_visible()
    caller.visit(case)

    caller.follow("Your federal tax return for 2025")
    caller.press("Open this letter")
    city.work_off()
    caller.visit(caller.path)
    assert caller.page.locator("main table tbody tr").count() == len(RETURN)
    with caller.page.expect_download() as download:
        caller.page.get_by_role("link", name="Download the letter (PDF)").click()
    assert download.value.path().read_bytes()[:5] == b"%PDF-"


def test_a_married_couple_of_a_year_without_law_gets_an_officer(visitor, city: City):
    officer = open_tax_office(city)
    let_in(visitor, city.resident.account)
    visitor.visit("/services/file-tax-return/")
    visitor.press("Start now")
    visitor.choose("2022 or earlier")
    visitor.press("Continue")
    visitor.choose("Married, one return together")
    visitor.press("Continue")
    visitor.choose("Yes", of="Do you have a social security number that is valid for work?")
    visitor.choose("No", of="Can somebody else claim you as a dependent?")
    visitor.press("Continue")
    visitor.fill_date("When was your spouse born?", year=1990, month=1, day=1)
    visitor.choose("Yes", of="Does your spouse have a social security number that is valid for work?")
    visitor.choose("On paper or not at all")
    visitor.press("Continue")
    visitor.fill("Wages of your spouse", "20,000")
    say_income(visitor, wages="30,000", withheld="2,000")
    visitor.choose("No")
    visitor.press("Continue")
    finish(visitor)
    visitor.press("Send")
    assert visitor.sees("We have your application")
    reference = reference_of(visitor)

    let_in(visitor, officer)
    visitor.visit(f"/workbench/cases/{reference}/")
    assert visitor.sees("no law is in force on 2022-12-31")
