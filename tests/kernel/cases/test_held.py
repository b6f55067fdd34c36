"""Nobody is granted the same twice for one time; near its end it can be had anew."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.factories.people import AT, make_fact, make_person, resident
from tests.kernel.cases.conftest import Town, food_answers

from commonweal.kernel.awards.actions import revoke
from commonweal.kernel.awards.models import Award
from commonweal.kernel.base import clock
from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.cases.actions import confirm_proposal
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.cases.queries import decision_context
from commonweal.kernel.catalogue.compiler.service import compile_service
from commonweal.kernel.decisions.queries import decision

pytestmark = pytest.mark.django_db
START = "/services/food-assistance/start"
HELD = "/services/food-assistance/held/"
BEGUN = datetime(2025, 9, 15, 19, tzinfo=UTC)
NEAR = datetime(2026, 7, 20, 19, tzinfo=UTC)
LAST = date(2027, 8, 31)


def days() -> list[tuple[date, date | None]]:
    return list(Award.objects.order_by("starts_on").values_list("starts_on", "ends_on"))


@pytest.fixture
def as_resident(town: Town, client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(clock, "now", lambda: AT)
    client.force_login(town.person.account)
    return client


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_a_second_application_goes_to_an_officer_and_is_told_apart(town: Town) -> None:
    town.send(food_answers())
    again = town.send(food_answers())

    assert (again.status, again.decision_id, again.outcome) == (Status.UNASSIGNED, None, "")
    assert again.status_reason == (
        "The applicant holds this already. It was granted from September 15, 2026; "
        "what is granted now begins on September 1, 2027."
    )
    assert days() == [(date(2026, 9, 15), LAST)]


def test_what_an_officer_confirms_all_the_same_is_no_second_time(town: Town) -> None:
    town.send(food_answers())
    again = town.send(food_answers())
    confirm_proposal(again.pk, revision=again.revision, by=town.officer, at=AT)

    assert days() == [(date(2026, 9, 15), LAST), (date(2027, 9, 1), date(2028, 8, 31))]


def test_near_its_end_it_is_renewed_at_once_without_a_gap_and_not_twice(town: Town) -> None:
    first = town.send(food_answers(), at=BEGUN)
    renewed = town.send(food_answers(), at=NEAR)
    third = town.send(food_answers(), at=NEAR)

    assert days() == [(date(2025, 9, 15), date(2026, 8, 31)), (date(2026, 9, 1), LAST)]
    assert (renewed.outcome, third.status) == ("ELIGIBLE", Status.UNASSIGNED)
    assert decision_context(first, at=NEAR)["case"]["begins_on"] == date(2025, 9, 15)
    assert decision_context(renewed, at=NEAR)["case"]["begins_on"] == date(2026, 9, 1)
    amounts = decision(renewed.decision_id).amounts
    assert amounts["first_month"] == amounts["amount"], "a renewal has no broken month"


def test_what_was_taken_back_hinders_nobody(town: Town) -> None:
    town.send(food_answers())
    revoke(Award.objects.get().pk, reason="Moved away.", by=town.supervisor, at=AT)

    assert town.send(food_answers()).outcome == "ELIGIBLE"


def test_of_two_at_one_address_the_second_goes_to_an_officer_who_may_grant_it(town: Town) -> None:
    make_fact(town.person, "dwelling_id", "OM-0001")
    other = resident(make_person(email="other@example.org", dwelling_id="OM-0001"))
    town.send(food_answers())
    case = town.send(food_answers(), by=other)

    assert (
        case.status_reason == "Somebody else holds this already at the same address. Are they one household?"
    )
    confirm_proposal(case.pk, revision=case.revision, by=town.officer, at=AT)
    assert days() == [(date(2026, 9, 15), LAST)] * 2


def test_who_holds_it_reads_so_before_filling_in(town: Town, as_resident: Client) -> None:
    case = town.send(food_answers())
    started = as_resident.post(START)
    shown = text_of(as_resident.get(HELD))

    assert started["Location"] == HELD
    for said in (
        "You have been granted this already",
        "September 15, 2026",
        "August 31, 2027",
        "a month",
        "Has something changed: your income",
        "You can renew it from July 17, 2027 on.",
        "an officer looks at your application",
        "7 CFR 273.3(a)",
        f"/cases/{case.reference}/",
    ):
        assert said in shown
    assert as_resident.post(START, {"begin": "anyway"})["Location"].startswith("/drafts/")


def test_near_the_end_the_page_offers_to_renew(
    town: Town, as_resident: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.send(food_answers(), at=BEGUN)
    monkeypatch.setattr(clock, "now", lambda: NEAR)
    shown = text_of(as_resident.get(HELD))

    assert "You can renew it now" in shown
    assert "the new time begins on September 1, 2026." in shown
    assert "officer" not in shown.partition("<main")[2].partition("</main")[0]


def test_who_holds_nothing_begins_at_once(town: Town, as_resident: Client, client: Client) -> None:
    assert as_resident.post(START)["Location"].startswith("/drafts/")
    assert as_resident.get(HELD)["Location"] == "/services/food-assistance/"


def test_a_service_whose_awards_have_no_end_cannot_say_so(tmp_path: Path) -> None:
    home = tmp_path / "city"
    shutil.copytree(root(), home)
    path = home / "services/food-assistance/service.yaml"
    text = path.read_text()
    line = next(line for line in text.splitlines(keepends=True) if line.startswith("  ends_on: "))
    path.write_text(text.replace(line, ""))

    problems = compile_service(home, "services/food-assistance")[1]

    assert [str(each.code) for each in problems if each.is_error] == ["held.award"]
