"""What residents see of applications that they have begun: to go on, to begin a new one, to delete one."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from tests.factories.people import AT, make_account, make_person
from tests.kernel.cases.conftest import Town
from tests.kernel.cases.test_handing_in import VEHICLE, pdf
from tests.kernel.cases.test_parking import parking  # noqa: F401 - the fixture
from tests.kernel.cases.test_portal import Draft, text_of

from commonweal.kernel.base import clock
from commonweal.kernel.consent.models import Hold
from commonweal.kernel.files.models import StoredFile
from commonweal.kernel.forms.models import Sheet
from commonweal.kernel.ledger.queries import accesses_to, events_of

pytestmark = pytest.mark.django_db
START = "/services/parking-permit/start"
BEGUN = "/services/parking-permit/begun/"


@pytest.fixture(autouse=True)
def _practice_day(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)
    settings.MEDIA_ROOT, settings.COMMONWEAL_CLAMD = str(tmp_path), ""


@pytest.fixture
def as_resident(parking: Town, client: Client) -> Client:  # noqa: F811 - the fixture
    assert parking.person.account is not None
    client.force_login(parking.person.account)
    return client


@pytest.fixture
def draft(as_resident: Client) -> Draft:
    """An application that has come as far as the page about the vehicle, with a file."""
    begun = Draft(as_resident, START)
    begun.send("page", "home", dwelling_id="OM-0001", off_street_spaces="0")
    begun.send("page", "vehicle", number_plate="ABC1234", vehicle_registered_to="leasing")
    begun.send("page", "vehicle", **VEHICLE, driver_letter=pdf())
    return begun


def start(client: Client, **sent: str) -> str:
    return str(client.post(START, sent)["Location"])


def test_starting_again_offers_the_one_that_was_begun_with_where_it_stands(
    draft: Draft, as_resident: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT + timedelta(days=2))

    assert start(as_resident) == BEGUN
    shown = text_of(as_resident.get(BEGUN))

    assert (
        f'href="{draft.address}">Go on with the one you began on September 15, 2026, at “Your permit”'
        in shown
    )
    assert "ABC1234" in shown
    assert "2 pages are complete, the last one: “Your vehicle”." in shown
    assert Sheet.objects.count() == 1


def test_a_new_one_begins_beside_the_old_one_when_asked_for(draft: Draft, as_resident: Client) -> None:
    there = start(as_resident, begin="anew")

    assert there != draft.address
    assert there.startswith("/drafts/")
    assert start(as_resident, begin="anew") == there  # nothing was answered in it yet
    assert Sheet.objects.count() == 2


def test_one_without_any_answer_is_gone_on_with_at_once(as_resident: Client) -> None:
    first = start(as_resident)

    assert start(as_resident) == first
    assert as_resident.get(BEGUN)["Location"] == reverse("catalogue:service", args=["parking-permit"])


def test_an_application_ready_to_be_sent_says_that_only_the_last_look_is_left(draft: Draft) -> None:
    day = {"start_date-day": "1", "start_date-month": "10", "start_date-year": "2026"}
    draft.send("page", "permit", **day, blue_badge="no")
    draft.send("page", "income", low_income_reason="none")
    draft.send("page", "contact", email="resident@example.org")

    assert "only the last look at your answers is left" in text_of(draft.client.get(BEGUN))


def test_others_and_guests_are_offered_nothing(draft: Draft) -> None:
    neighbour, account = Client(), make_account()
    make_person(account=account)
    neighbour.force_login(account)

    for other in (neighbour, Client()):
        there = start(other)
        assert there.startswith("/drafts/")
        assert there != draft.address
        assert other.get(BEGUN)["Location"] == reverse("catalogue:service", args=["parking-permit"])
        assert other.get(draft.path("delete-draft")).status_code == 404
        assert other.post(draft.path("delete-draft")).status_code == 404
    assert Sheet.objects.filter(pk=draft.pk).exists()


def test_the_list_tells_drafts_apart(draft: Draft, as_resident: Client) -> None:
    other = Draft(as_resident, "/services/food-assistance/start")
    other.send("new-item", "household", name="Fenella", age="35", earned="1100")

    shown = text_of(as_resident.get("/me/"))

    assert "About: ABC1234" in shown
    assert "About: Fenella" in shown
    assert "2 pages are complete, the last one: “Your vehicle”." in shown
    assert "No page is complete yet." in shown
    assert "Begun on September 15, 2026." in shown
    assert "Last saved: Sep 15, 2026" in shown
    assert "It will be deleted on October 15, 2026." in shown
    assert draft.path("delete-draft") in shown


def test_deleting_asks_once_more_and_takes_answers_and_files(
    parking: Town,  # noqa: F811 - the fixture
    draft: Draft,
    as_resident: Client,
) -> None:
    before = len(accesses_to(parking.person.pk))
    asked = as_resident.get(draft.path("delete-draft"))
    assert (asked.status_code, Sheet.objects.count()) == (200, 1)
    assert "ABC1234" in text_of(asked)
    assert len(accesses_to(parking.person.pk)) == before + 1

    done = as_resident.post(draft.path("delete-draft"))

    assert done["Location"] == "/me/"
    assert not Sheet.objects.exists()
    assert [(file.name, file.deleted_at) for file in StoredFile.objects.all()] == [("", AT)]
    assert events_of(f"sheet:{draft.pk}")[-2].type == "forms.draft_deleted"
    assert as_resident.post(draft.path("delete-draft")).status_code == 404
    assert start(as_resident).startswith("/drafts/")


def test_a_guest_deletes_by_the_link(parking: Town, client: Client) -> None:  # noqa: F811 - the fixture
    begun = Draft(client, START)
    assert begun.path("delete-draft") in text_of(client.get(begun.path("later")))

    done = client.post(begun.path("delete-draft"))

    assert done["Location"] == reverse("catalogue:service", args=["parking-permit"])
    assert not Sheet.objects.exists()


def test_what_is_held_or_sent_is_not_deleted(parking: Town, draft: Draft, as_resident: Client) -> None:  # noqa: F811 - the fixture
    Sheet.objects.update(submitted_at=AT)
    api = f"/api/v1/drafts/{draft.pk}"
    assert as_resident.delete(api).status_code == 409
    Sheet.objects.update(submitted_at=None)
    hold(parking)

    refused = as_resident.post(draft.path("delete-draft"))

    assert refused.status_code == 409
    assert as_resident.delete(api).status_code == 409
    assert Sheet.objects.count() == 1


def hold(town: Town) -> None:
    Hold.objects.create(subject=town.person.pk, reason="a court", placed_by="officer:1", placed_at=AT)


def test_the_api_lists_and_deletes(draft: Draft, as_resident: Client) -> None:
    listed: Any = as_resident.get("/api/v1/drafts").json()
    kept = Sheet.objects.get()

    assert listed == [
        {
            "id": str(draft.pk),
            "service": "parking-permit",
            "about": "ABC1234",
            "begun_at": "2026-09-15T09:00:00Z",
            "saved_at": "2026-09-15T09:00:00Z",
            "pages_done": 2,
            "expires_at": kept.expires_at.isoformat().replace("+00:00", "Z"),
        }
    ]
    assert Client().get("/api/v1/drafts").status_code == 401
    assert as_resident.delete(f"/api/v1/drafts/{draft.pk}").status_code == 204
    assert as_resident.get("/api/v1/drafts").json() == []
