"""What can I get: one short interview over all services, by the pages."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from tests.factories.people import AT, make_account, make_person

from commonweal.kernel.base import clock
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.actions import publish_folder
from commonweal.kernel.forms.models import Sheet
from commonweal.kernel.ledger.models import Event

pytestmark = pytest.mark.django_db
SERVICES = ("food-assistance", "school-meals", "parking-permit", "file-tax-return")
ALL = "/entitlements/"


@pytest.fixture(autouse=True)
def _city(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)
    for key in SERVICES:
        publish_folder(key, by=Actor.system("tests"), at=AT)


class Interview:
    """Somebody who answers what is asked, and nothing else."""

    def __init__(self, client: Client, address: str = ALL) -> None:
        self.client, self.address, self.asked = client, address, list[str]()
        self.response = client.post(address, {"said": "{}"})

    @property
    def text(self) -> str:
        return " ".join(html.unescape(self.response.content.decode()).split())

    def _field(self, name: str) -> list[str]:
        found = re.findall(f'name="{name}" value="([^"]*)"', self.response.content.decode())
        return [html.unescape(value) for value in found]

    @property
    def said(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._field("said")[0])
        return found

    def answer(self, answers: dict[str, str]) -> Interview:
        while self._field("page"):
            asked = self._field("asked")
            self.asked += asked
            given = {key: answers[key] for key in asked}
            self.send(**given)
            assert self.response.status_code == 200, self.text
        return self

    def send(self, **answers: Any) -> None:
        kept = {"said": self._field("said")[0], "page": self._field("page"), "asked": self._field("asked")}
        self.response = self.client.post(self.address, kept | answers)

    def group(self, key: str) -> str:
        part = self.text.partition(f'aria-labelledby="{key}"')[2]
        return part.partition('<section class="cw-section"')[0]


FAMILY = {
    "household_size": "4",
    "school_children": "2",
    "monthly_income": "2000",
    "gets_food_assistance": "no",
    "older_or_disabled": "no",
    "savings": "100",
    "worked": "no",
    "has_car": "no",
    "district": "harbour",
}


def test_a_family_sees_what_it_is_likely_to_get_and_why(client: Client) -> None:
    found = Interview(client).answer(FAMILY)
    assert found.asked == [
        "household_size",
        "school_children",
        "monthly_income",
        "older_or_disabled",
        "worked",
        "has_car",
    ]
    likely, unlikely = found.group("likely"), found.group("unlikely")
    assert "Food assistance" in likely
    assert "Free or cheaper school meals" in likely
    assert "7 CFR 273.9, 273.10" in likely
    assert "Residential parking permit" in unlikely
    assert "You said that you keep no car, van or motorcycle." in unlikely


def test_a_question_that_can_change_nothing_is_not_asked(client: Client) -> None:
    rich = FAMILY | {"household_size": "1", "monthly_income": "20000", "has_car": "yes"}
    found = Interview(client).answer(rich | {"school_children": "0"})
    assert "savings" not in found.asked
    assert "gets_food_assistance" not in found.asked
    assert "district" in found.asked
    assert "Your income before deductions is over the limit" in found.group("unlikely")
    assert "Residential parking permit" in found.group("likely")


def test_what_is_open_says_what_it_depends_on(client: Client) -> None:
    found = Interview(client).answer(FAMILY | {"worked": "yes"})
    assert "Federal tax return" in found.group("perhaps")
    assert "What was true for you on 31 December of that year?" in found.group("perhaps")


def test_one_service_is_checked_by_itself(client: Client) -> None:
    assert b'href="/entitlements/school-meals/"' in client.get("/services/school-meals/").content
    assert client.get("/entitlements/school-meals/").status_code == 200
    found = Interview(client, "/entitlements/school-meals/").answer(FAMILY)
    assert found.asked == ["school_children", "household_size", "monthly_income"]
    assert "Food assistance" not in found.group("likely")


def test_nothing_is_stored(client: Client) -> None:
    events = Event.objects.count()
    Interview(client).answer(FAMILY)
    assert (Sheet.objects.count(), Session.objects.count(), Event.objects.count()) == (0, 0, events)


def test_a_mistake_is_shown_beside_its_question_and_nothing_is_lost(client: Client) -> None:
    found = Interview(client)
    found.send(household_size="three")
    assert found.response.status_code == 422
    assert "Enter the number of people as a number" in found.text
    found.send(household_size="2")
    found.send(school_children="2")
    assert "There cannot be more children" in found.text
    assert found.said == {"household_size": "2"}


def test_an_answer_can_be_changed(client: Client) -> None:
    found = Interview(client).answer(FAMILY)
    said = found._field("said")[0]
    found.response = client.post(ALL, {"said": said, "change": "income"})
    assert 'value="2000"' in found.text
    found.send(monthly_income="20000")
    found.answer(FAMILY)
    assert "Food assistance" in found.group("unlikely")


def test_what_a_page_brings_back_is_not_trusted(client: Client) -> None:
    for said in ("", "[1]", "{", '{"household_size": {"a": 1}, "nonsense": 3}', "9" * 30_000):
        response = client.post(ALL, {"said": said})
        assert response.status_code == 200
        assert "How many people live with you" in response.content.decode()


def test_a_guest_applies_with_the_answers(client: Client) -> None:
    found = Interview(client).answer(FAMILY | {"gets_food_assistance": "yes"})
    response = client.post("/entitlements/school-meals/apply", {"said": json.dumps(found.said)})
    sheet = Sheet.objects.get()
    assert response["Location"] == f"/drafts/{sheet.pk}/"
    assert sheet.answers == {"household_size": "4"}
    assert sheet.sources["household_size"]["source"] == "check"
    assert sheet.done_pages == []
    page = client.get(f"/drafts/{sheet.pk}/pages/household/")
    assert "what you told us in the check" in page.content.decode()


def test_a_resident_who_signed_in_applies_too(client: Client) -> None:
    account = make_account()
    person = make_person(account=account)
    client.force_login(account)
    said = json.dumps({"household_size": "2", "school_children": "1", "savings": "50.00"})
    client.post("/entitlements/food-assistance/apply", {"said": said})
    sheet = Sheet.objects.get()
    assert (sheet.owner_id, sheet.answers) == (person.pk, {"resources": "50.00"})


def test_the_api_says_the_same_and_what_to_ask_next(client: Client) -> None:
    def ask(**body: Any) -> dict[str, Any]:
        response = client.post("/api/v1/entitlements", body, content_type="application/json")
        assert response.status_code == 200, response.content
        found: dict[str, Any] = response.json()
        return found

    assert ask()["next_questions"][0] == "household_size"
    said = {"household_size": 4, "school_children": 2, "monthly_income": 2000, "older_or_disabled": False}
    said |= {"worked": False, "has_car": False}
    found = ask(answers=said)
    assert found["next_questions"] == []
    verdicts = {card["service"]: (card["verdict"], card["outcome"]) for card in found["prospects"]}
    assert verdicts == {
        "food-assistance": ("likely", "ELIGIBLE"),
        "school-meals": ("likely", "FREE"),
        "file-tax-return": ("unlikely", ""),
        "parking-permit": ("unlikely", ""),
    }
    assert [card["service"] for card in ask(service="school-meals")["prospects"]] == ["school-meals"]


def test_what_cannot_be_checked_is_not_found(client: Client) -> None:
    assert client.get("/entitlements/no-such-service/").status_code == 404
    assert client.post("/entitlements/no-such-service/apply", {"said": "{}"}).status_code == 404
