"""How residents fill in the two services, page by page."""

from __future__ import annotations

DONE = "That is all \N{EN DASH} continue"
RENT = "How much is your rent or mortgage? (optional)"
HEATING = "Do you pay for heating or cooling?"
SAVINGS = "How much money does your household have? (optional)"
BILLS = "How many other kinds of bills do you pay?"
TELEPHONE = "Do you pay for a telephone?"


def start_food_assistance(visitor):
    visitor.visit("/")
    visitor.follow("Food assistance")
    visitor.press("Start now")


def add_person(visitor, name, age, amounts=None):
    """Add somebody to the household; amounts by the question's label, without "(optional)"."""
    visitor.page.get_by_role("link", name="Add the first person").or_(
        visitor.page.get_by_role("link", name="Add another person")
    ).click()
    visitor.check()
    visitor.fill("Name", name)
    visitor.fill("Age in years", str(age))
    for label, amount in (amounts or {}).items():
        visitor.fill(f"{label} (optional)", str(amount))
    visitor.press("Continue")


def fill_home_and_bills(visitor, *, rent="700", heating="Yes", bills="3", telephone="Yes"):
    visitor.fill(RENT, rent)
    visitor.choose("No")
    visitor.press("Continue")
    visitor.choose(heating, of=HEATING)
    visitor.fill(BILLS, bills)
    visitor.choose(telephone, of=TELEPHONE)
    visitor.press("Continue")


def pass_savings(visitor):
    """Go past the question of savings, which comes only where it matters."""
    if visitor.page.get_by_label(SAVINGS).count():
        visitor.press("Continue")


def fill_the_rest(visitor, *, circumstance=""):
    visitor.press("Continue")
    pass_savings(visitor)
    if circumstance:
        visitor.choose(circumstance)
    visitor.press("Continue")
    visitor.fill("E-mail address", "noor@example.org")
    visitor.choose("English")
    visitor.press("Continue")
    pass_savings(visitor)


def fill_food_assistance(visitor, *, circumstance=""):
    """Fill in the whole form for one person with wages and rent, up to the review."""
    add_person(visitor, "Noor", 35, {"Pay from a job": 1100})
    visitor.press(DONE)
    fill_home_and_bills(visitor)
    fill_the_rest(visitor, circumstance=circumstance)


def reference_of(visitor):
    return visitor.page.locator(".cw-confirmation .cw-reference").inner_text()


def apply_for_permit(visitor):
    """Apply for a parking permit, and return the reference."""
    visitor.visit("/services/parking-permit/")
    visitor.press("Start now")
    visitor.fill("How many parking spaces does your home have off the street?", "0")
    visitor.press("Continue")
    visitor.fill("Number plate", "abc1234")
    visitor.choose("Me or somebody who lives with me")
    visitor.press("Continue")
    visitor.fill_date("When shall the permit start?", year=2026, month=10, day=1)
    visitor.choose("No")
    visitor.press("Continue")
    visitor.choose("None of these")
    visitor.press("Continue")
    visitor.fill("E-mail address", "noor@example.org")
    visitor.press("Continue")
    visitor.press("Send")
    return reference_of(visitor)
