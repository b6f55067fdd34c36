"""A parking permit: the resident applies, an officer asks, the resident answers, the officer decides."""

from __future__ import annotations

from tests.journeys.applying import apply_for_permit
from tests.journeys.city import City, let_in


def test_an_officer_asks_and_then_decides(open_browser, city: City):
    resident = open_browser(width=390, height=844)
    let_in(resident, city.resident.account)
    reference = apply_for_permit(resident)
    assert resident.sees("An officer will look at your application.")

    warden = open_browser(has_script=False)
    let_in(warden, city.warden)
    warden.visit("/workbench/")
    warden.follow(reference)
    warden.press("Take this case")
    warden.fill("Add a note", "The plate stands in the register.")
    warden.press("Save the note")
    assert warden.sees("The plate stands in the register.")
    warden.page.locator("summary", has_text="Ask the applicant for more").click()
    warden.fill("Your question", "Does the car have a tow bar?")
    warden.press("Send the question")
    assert warden.sees("waiting for the applicant")

    resident.visit("/me/")
    resident.follow(f"Answer our question about {reference}")
    assert resident.sees("Does the car have a tow bar?")
    assert not resident.sees("The plate stands in the register.")
    resident.press("Send the answer")
    assert resident.sees("Write something here.")
    resident.fill("Your answer", "No.")
    resident.press("Send the answer")

    warden.visit("/workbench/?show=mine")
    warden.follow(reference)
    warden.press("Decide so: You get a parking permit")
    assert warden.sees("$84.00 a year")

    resident.visit("/mailbox/")
    resident.follow("You get a parking permit")
    resident.press("Open this letter")
    assert resident.sees("Dear Noor Haddad")
    resident.visit(f"/cases/{reference}/")
    assert resident.sees("$84.00 a year")
