"""Somebody who uses no git changes a service: texts, questions, conditions; a colleague approves it."""

from __future__ import annotations

import pytest
from tests.factories.people import PASSWORD, make_account, make_officer
from tests.journeys.city import City, let_in

from commonweal.kernel.cases.models import Case
from commonweal.kernel.catalogue.queries import compiled, live_version


@pytest.mark.parametrize("has_script", [True, False])
def test_a_service_is_changed_and_approved_by_another(open_browser, city: City, has_script: bool):
    accounts = [make_account(password=PASSWORD) for _ in range(2)]
    for account in accounts:
        make_officer(account=account, roles=("service-designer",))

    author = open_browser(has_script=has_script, width=390 if has_script else 1280)
    let_in(author, accounts[0])
    author.visit("/workbench/authoring/")
    author.select("Service", "Free or cheaper school meals")
    author.press("Begin a draft")
    assert author.sees("Nothing is different.")
    draft = author.path

    author.visit(f"{draft}files/form.yaml")
    text = author.page.get_by_label("Text of the file")
    written = text.input_value()
    text.fill(written.replace("type: boolean", "type: bool", 1).replace("type: number", "type: numbr", 1))
    if has_script:  # the compiler speaks while one types
        author.page.get_by_text("numbr").last.wait_for()
    author.press("Save")
    assert author.sees("Saved.")
    assert author.sees("numbr")
    text.fill(written)
    author.press("Save")
    assert author.sees("The compiler finds nothing wrong in this file.")

    author.visit(f"{draft}questions/")
    author.follow("How many people live with you and share income and costs?")
    author.fill("The question, as people read it", "How many people live with you?")
    if has_script:
        author.page.get_by_role("button", name="Write with completion").first.click()
        editor = author.page.get_by_role("textbox", name="It is asked only if")
        author.page.wait_for_timeout(1_000)  # the editor puts the cursor where it belongs when it is ready
        editor.press_sequentially("count(childr", delay=30)
        author.page.locator("li[role=option]").first.wait_for()
        author.page.wait_for_timeout(
            300
        )  # the editor takes no choice made sooner than a person could read it
        editor.press("Enter")
        editor.press_sequentially(") < 50", delay=5)
        assert author.violations() == []
    else:
        author.page.get_by_label("It is asked only if").fill("count(children) < 50")
    author.press("Save")
    assert author.sees("Saved.")
    author.visit(f"{draft}texts/service.yaml")
    author.fill("name", "School meals")
    author.press("Save")
    author.visit(draft)
    assert author.sees("How many people live with you?")
    author.page.get_by_label("What changes, and why").fill("Plainer words.")
    author.press("Propose to publish")
    assert author.sees("Another officer has to approve it.")

    colleague = open_browser(has_script=has_script)
    let_in(colleague, accounts[1])
    colleague.visit(draft)
    colleague.press("Approve and publish")
    assert colleague.sees("See the version that it became")
    live = compiled(live_version("school-meals").pk)
    assert live.info.name == "School meals"
    size = live.sections["form"].page("household").questions[0].spec
    assert (size.label, size.when) == ("How many people live with you?", "count(children) < 50")


@pytest.mark.parametrize("has_script", [True, False])
def test_a_new_service_is_tried_out_before_anybody_meets_it(open_browser, city: City, has_script: bool):
    account = make_account(password=PASSWORD)
    make_officer(account=account, roles=("service-designer",))
    author = open_browser(has_script=has_script, width=1280 if has_script else 390)
    let_in(author, account)
    author.visit("/workbench/authoring/")
    author.fill("Short name", "library-card")
    author.fill("Name", "Library card")
    author.fill("Summary", "Borrow books in every branch.")
    author.press("Begin a new service")
    author.select("Who applies", "A grown-up who lives alone, known to the registers")
    author.press("Begin a rehearsal")
    assert author.sees("This is a rehearsal.")
    author.press("Continue")
    author.press("Send")
    assert author.sees("Dear Rehearsal Adult")
    assert author.sees("What would have left the house")
    author.follow("All rehearsals")
    assert author.sees("library-card")
    assert not Case.objects.exists()
    assert city.work_off() == 0
