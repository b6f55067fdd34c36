"""How a decision explains itself to its applicant: what decided, every step of it, and what they told us."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from tests.factories.people import AT
from tests.kernel.cases.conftest import Town, food_answers

from commonweal.kernel.base import clock
from commonweal.kernel.base.templates import money
from commonweal.kernel.cases import actions
from commonweal.kernel.cases.models import Case
from commonweal.kernel.decisions.models import Decision
from commonweal.kernel.decisions.queries import decision

pytestmark = pytest.mark.django_db
STEPS = "See every step of how we worked it out"


@pytest.fixture(autouse=True)
def _practice_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)


@pytest.fixture
def resident(town: Town, client: Client) -> Client:
    assert town.person.account is not None
    client.force_login(town.person.account)
    return client


def shown(client: Client, case: Case, page: str = "", language: str = "en") -> str:
    answer: Any = client.get(f"/cases/{case.reference}/{page}", headers={"Accept-Language": language})
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_a_grant_says_what_is_granted_and_the_few_steps_that_decided(town: Town, resident: Client) -> None:
    case = town.send(food_answers(members=[{"name": "Me", "age": 35, "earned": 1700}]))

    page = shown(resident, case)

    for part in (
        "What you were granted",
        "Under the 200 % limit, or everybody receives SSI, or TANF is received.",
        "<dt>Gross income</dt><dd>$1,700</dd>",
        "<dt>Expected contribution</dt>",
        "<dt>Standard deduction</dt>",
        "7 CFR 273.10(e)(2)",
        "The last day for it is December 17, 2026.",
        STEPS,
    ):
        assert part in page
    for part in ("Net income test", "Resource test", "What has happened so far", "How much is your rent"):
        assert part not in page


def test_the_first_months_amount_stands_beside_that_of_the_others(town: Town, resident: Client) -> None:
    case = town.send(food_answers(members=[{"name": "Me", "age": 35, "earned": 1700}]))
    assert case.decision_id is not None
    first = money(decision(case.decision_id).amounts["first_month"])

    page, steps = shown(resident, case), shown(resident, case, "decision/")

    assert "In the first month" in page
    assert first in page
    assert "Benefit in the first month" in steps.partition("Also worked out")[0]
    assert "Benefit in the first month" not in steps.partition("Also worked out")[2]


def test_every_step_stands_on_a_page_of_its_own_with_its_law(town: Town, resident: Client) -> None:
    case = town.send(food_answers(members=[{"name": "Me", "age": 35, "earned": 1700}]))

    page = shown(resident, case, "decision/")

    assert page.count('class="cw-step"') > 35
    for heading in ("Eligible without further tests", "Total deductions", "The outcome", "Also worked out"):
        assert f"<h2>{heading}</h2>" in page
    assert "Decided on September 15, 2026, by the law of September 15, 2026." in page
    assert "100 % of the poverty guideline for a household of this size." in page
    assert "7 CFR 273.9(a)(2)" in page
    assert "ELIGIBLE" not in page


def test_a_refusal_says_which_rule_which_figure_and_until_when_to_object(
    town: Town, resident: Client
) -> None:
    case = town.send(food_answers(members=[{"name": "Me", "age": 35, "earned": 4000}]))

    page = shown(resident, case)

    assert case.outcome == "DENIED_GROSS"
    for part in (
        "The gross income is over the limit.",
        "Gross income test",
        "<dt>Gross income</dt><dd>$4,000</dd>",
        "<dt>Gross income limit (130 %)</dt>",
        "7 CFR 273.9(a)(1)",
        "The last day for it is December 17, 2026.",
    ):
        assert part in page
    assert "What you were granted" not in page


@pytest.mark.parametrize(
    ("language", "parts"),
    [
        (
            "es",
            (
                "Ver cada paso de cómo lo calculamos",
                "El último día para hacerlo es el 17 de diciembre de 2026.",
            ),
        ),
        ("ar", ("اطّلع على كل خطوة من خطوات حسابنا", "آخر يوم لذلك هو")),
    ],
)
def test_it_is_told_in_the_readers_language(
    town: Town, resident: Client, language: str, parts: tuple[str, ...]
) -> None:
    case = town.send(food_answers())
    resident.cookies.load({"django_language": language})

    page = shown(resident, case, language=language)

    for part in parts:
        assert part in page
    assert "Gross income" not in page


def test_a_decision_by_hand_shows_the_officers_reasons_and_has_no_steps(town: Town, resident: Client) -> None:
    case = town.send(food_answers(circumstances=["strike"]))
    actions.decide_by_hand(
        case.pk,
        outcome="DENIED_GROSS",
        reasons="The strike began after you asked.",
        legal_ground="7 CFR 273.1(e)",
        revision=case.revision,
        by=town.officer,
        at=AT,
    )

    page, every = shown(resident, case), shown(resident, case, "decision/")

    for text in (page, every):
        assert "The strike began after you asked." in text
        assert "7 CFR 273.1(e)" in text
    assert STEPS not in page
    assert "No computation stands behind this decision." in every


def test_a_case_without_a_decision_shows_how_it_came_along(town: Town, resident: Client) -> None:
    case = town.send(food_answers(circumstances=["strike"]))

    assert "What has happened so far" in shown(resident, case)
    assert "Application received" in shown(resident, case, "record/")
    assert resident.get(f"/cases/{case.reference}/decision/").status_code == 409


def test_a_decision_whose_trace_is_gone_still_says_its_outcome(town: Town, resident: Client) -> None:
    case = town.send(food_answers())
    Decision.objects.update(trace="null", facts="{}")

    page = shown(resident, case)

    assert "You get food assistance" in page
    assert STEPS not in page


def test_the_record_holds_the_answers_and_what_happened(town: Town, resident: Client) -> None:
    case = town.send(food_answers())

    page = shown(resident, case, "record/")

    for part in ("$700.00 a month", "Application received", "Decision made"):
        assert part in page


def test_nobody_else_reads_them(town: Town, client: Client) -> None:
    case = town.send(food_answers())
    account = town.workers["stranger"].account
    assert account is not None
    client.force_login(account)

    for page in ("", "decision/", "record/"):
        assert client.get(f"/cases/{case.reference}/{page}").status_code in {403, 404}
