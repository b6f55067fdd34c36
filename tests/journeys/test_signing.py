"""A spouse is asked to sign a joint return: reads exactly what was sent on a phone, and signs with an account of their own."""

from __future__ import annotations

import json

from tests.factories.people import make_account, make_person
from tests.journeys.applying import reference_of
from tests.journeys.city import City, let_in
from tests.journeys.test_file_tax_return import finish, open_tax_office, say_income

from commonweal.kernel.jobs.models import OutboxMessage


def test_the_other_signs_with_an_account_of_their_own(visitor, city: City, open_browser):
    open_tax_office(city)
    spouse = make_account(email="sam@example.net", password="a long and quiet evening")
    make_person(name="Sam Haddad", account=spouse)
    let_in(visitor, city.resident.account)
    visitor.looks_closely = False
    visitor.visit("/services/file-tax-return/")
    visitor.press("Start now")
    visitor.choose("2025")
    visitor.press("Continue")
    visitor.choose("Married, one return together")
    visitor.press("Continue")
    visitor.choose("Yes", of="Do you have a social security number that is valid for work?")
    visitor.choose("No", of="Can somebody else claim you as a dependent?")
    visitor.press("Continue")
    visitor.fill_date("When was your spouse born?", year=1990, month=1, day=1)
    visitor.choose("Yes", of="Does your spouse have a social security number that is valid for work?")
    visitor.choose("Online", of="How does your spouse sign the return?")
    visitor.press("Continue")
    visitor.fill("Name of your spouse", "Sam")
    visitor.fill("E-mail address of your spouse", "sam.private@example.net")
    visitor.press("Continue")
    visitor.fill("Wages of your spouse", "20,000")
    say_income(visitor, wages="30,000", withheld="2,000")
    visitor.choose("No")
    visitor.press("Continue")
    finish(visitor)
    visitor.looks_closely = True
    visitor.press("Send")
    assert visitor.sees("waiting for signatures")
    assert visitor.sees("not signed yet")
    reference = reference_of(visitor)

    payload = OutboxMessage.objects.get(idempotency_key__startswith="cases.signature:").payload
    link = json.loads(payload)["text"].split("/sign/")[1].split("/")[0]
    signer = open_browser(has_script=visitor.has_script, width=360, height=800)
    signer.visit(f"/sign/{link}/")
    assert not signer.sees(reference)
    signer.follow("Sign in")
    signer.page.locator("#id_login").fill("sam@example.net")
    signer.page.locator("#id_password").fill("a long and quiet evening")
    signer.press("Sign in")
    signer.press("Read it")
    assert signer.sees("What Noor Haddad has sent")
    assert signer.sees("30,000")
    signer.narrows_to(320)
    signer.page.set_viewport_size({"width": 360, "height": 800})
    signer.press("I sign this")
    assert signer.sees("You have signed")

    visitor.visit(f"/cases/{reference}/")
    assert visitor.sees("signed by Sam Haddad")
    assert visitor.sees("You get")
