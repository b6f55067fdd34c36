"""A return that an officer looks at and confirms as the law has it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from tests.factories.people import AT, make_account, make_officer, make_person, make_team

from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.cases import actions
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.cases.models import Case
from commonweal.kernel.catalogue.actions import publish_folder
from commonweal.kernel.decisions.queries import latest_decision
from commonweal.kernel.forms.actions import answer_all, start_sheet
from commonweal.kernel.mailbox.models import Message
from commonweal.kernel.people.models import Account, Officer, Person
from commonweal.kernel.people.queries import actor_of

pytestmark = pytest.mark.django_db

ANSWERS: dict[str, Any] = {
    "tax_year": "2025",
    "filing_status": "S",
    "birth_date": "1990-06-15",
    "has_ssn": True,
    "can_be_claimed": False,
    "wages": 50_000,
    "withheld": 5_000,
    "has_dependents": False,
    "email": "filer@example.org",
}


@pytest.fixture
def officer() -> Officer:
    publish_folder("file-tax-return", by=Actor.system("tests"), at=AT)
    team = make_team(key="tax-returns", agency="finance")
    return make_officer(roles=("caseworker",), teams=(team,), agency="finance")


@pytest.fixture
def filer() -> Person:
    account: Account = make_account()
    return make_person(account=account, email="filer@example.org")


def send(filer: Person, **changes: Any) -> Case:
    by = Actor(ActorKind.RESIDENT, str(filer.pk))
    started = start_sheet("file-tax-return", by=by, at=AT)
    saved = answer_all(started.sheet_id, ANSWERS | changes, revision=0, by=by, at=AT)
    return actions.submit(
        started.sheet_id, applicant_id=UUID(str(filer.pk)), revision=saved.revision, by=by, at=AT
    )


def confirm(case: Case, officer: Officer) -> Case:
    by = actor_of(officer.account)
    case = actions.claim_case(case.pk, by=by, at=AT)
    return actions.confirm_proposal(case.pk, revision=case.revision, by=by, at=AT)


def test_a_plain_return_is_decided_at_once_with_every_line_in_the_letter(
    officer: Officer, filer: Person
) -> None:
    case = send(filer)

    assert (case.status, case.outcome) == (Status.CLOSED, "REFUND")
    letter = Message.objects.get()
    assert letter.subject == "Your federal tax return for 2025"
    assert letter.summary == "You get $1,125.00 back."
    rows = [line.replace("\\", "") for line in letter.body.splitlines() if line.startswith("|")]
    assert rows[2:] == [
        "| Wages | $50,000.00 |",
        "| Taxable interest | $0.00 |",
        "| **Adjusted gross income** | **$50,000.00** |",
        "| Standard deduction | -$15,750.00 |",
        "| **Taxable income** | **$34,250.00** |",
        "| Tax | $3,875.00 |",
        "| Earned income credit | $0.00 |",
        "| **Tax after credits** | **$3,875.00** |",
        "| Tax withheld and paid in advance | -$5,000.00 |",
        "| **Your refund** | **$1,125.00** |",
    ]


def test_an_officer_confirms_what_the_law_says_of_a_return_that_has_to_be_looked_at(
    officer: Officer, filer: Person
) -> None:
    case = send(filer, wages=4_000, withheld=2_100)
    assert (case.status, case.decision_id) == (Status.UNASSIGNED, None)
    assert case.status_reason.startswith("More than half of the wages was withheld")

    case = confirm(case, officer)

    decision = latest_decision(case.stream)
    assert (case.status, case.outcome) == (Status.CLOSED, "REFUND")
    assert decision is not None
    assert (decision.needs_officer, decision.is_automatic, decision.reason) == (False, True, "")
    assert decision.result["wages"] == 4_000  # type: ignore[index,call-overload]  # the model's result is a context


def test_a_year_without_law_is_left_to_the_officer(officer: Officer, filer: Person) -> None:
    case = send(filer, tax_year="2022")

    assert "no law is in force on 2022-12-31" in case.status_reason
    with pytest.raises(actions.deciding.NothingToDecide):
        confirm(case, officer)


def test_officer_and_filer_see_the_lines(client: Client, officer: Officer, filer: Person) -> None:
    case = send(filer, wages=4_000, withheld=2_100)
    client.force_login(officer.account)
    page = client.get(f"/workbench/cases/{case.reference}/").content.decode()
    assert "Your return, line by line" in page
    assert "A person has to look at this" in page
    assert "Adjusted gross income" in page

    confirm(case, officer)

    page = client.get(f"/workbench/cases/{case.reference}/").content.decode()
    assert "Your return, line by line" in page
    client.force_login(filer.account)
    page = client.get(f"/cases/{case.reference}/").content.decode()
    assert "Your return, line by line" in page
    assert "26 USC 6402(a)" in page
