"""A parent applies for school meals: the law asks about income only where it has to."""

from __future__ import annotations

from tests.journeys.applying import DONE, reference_of
from tests.journeys.city import City, let_in


def begin(visitor):
    visitor.visit("/")
    visitor.follow("Free or cheaper school meals")
    visitor.press("Start now")


def add_child(visitor, name, status=None):
    visitor.page.get_by_role("link", name="Add the first child").or_(
        visitor.page.get_by_role("link", name="Add another child")
    ).click()
    visitor.check()
    visitor.fill("Name of the child", name)
    if status:
        visitor.choose(status)
    visitor.press("Continue")


def add_income(visitor, whose, amount, frequency):
    visitor.page.get_by_role("link", name="Add the first income").or_(
        visitor.page.get_by_role("link", name="Add another income")
    ).click()
    visitor.check()
    visitor.fill("Whose income is it?", whose)
    visitor.choose("Pay from a job")
    visitor.fill("How much?", amount)
    visitor.choose(frequency)
    visitor.press("Continue")


def reach(visitor):
    visitor.fill("E-mail address", "noor@example.org")
    visitor.choose("English")
    visitor.press("Continue")


def test_some_children_are_free_and_the_others_have_the_reduced_price(caller, city: City):
    let_in(caller, city.resident.account)
    begin(caller)
    caller.press(DONE)
    assert caller.sees("Add at least one child.")
    add_child(caller, "Sami", "Is in foster care")
    add_child(caller, "Lina")
    caller.press(DONE)
    caller.press("Continue")
    caller.fill("How many people live with you and share income and costs?", "4")
    caller.press("Continue")
    add_income(caller, "Noor", "800", "Every week")
    add_income(caller, "Omar", "1,500", "Every month")
    caller.press(DONE)
    reach(caller)
    assert caller.sees("$800.00")
    caller.press("Send")

    assert caller.sees("Free for some children, the reduced price for the others")
    reference = reference_of(caller)
    caller.follow("See every step of how we worked it out")
    assert caller.sees("800 × 52 + 0 × 26 + 0 × 24 + 1,500 × 12 + 0 = 59,600")  # noqa: RUF001 - the sign that people read
    city.work_off()
    caller.visit("/mailbox/")
    caller.follow("School meals for your children")
    caller.press("Open this letter")
    assert caller.sees("The others have the reduced price.")
    caller.visit(f"/cases/{reference}/")
    assert caller.sees("June 30, 2027")


def test_with_food_assistance_nobody_is_asked_about_income(caller, city: City):
    let_in(caller, city.resident.account)
    begin(caller)
    add_child(caller, "Lina")
    caller.press(DONE)
    caller.choose("Food assistance (SNAP)")
    caller.press("Continue")
    reach(caller)
    assert not caller.sees("How many people live with you")
    caller.press("Send")

    assert caller.sees("School meals are free")


def test_over_the_limit_the_letter_says_what_one_can_do(open_browser, city: City):
    visitor = open_browser(has_script=False)
    let_in(visitor, city.resident.account)
    begin(visitor)
    add_child(visitor, "Lina")
    visitor.press(DONE)
    visitor.press("Continue")
    visitor.fill("How many people live with you and share income and costs?", "2")
    visitor.press("Continue")
    add_income(visitor, "Noor", "90,000", "Once a year")
    visitor.press(DONE)
    reach(visitor)
    visitor.press("Send")

    assert visitor.sees("School meals at the full price")
    visitor.visit("/mailbox/")
    visitor.follow("School meals at the full price")
    visitor.press("Open this letter")
    assert visitor.sees("apply again. You can do so at any time.")
