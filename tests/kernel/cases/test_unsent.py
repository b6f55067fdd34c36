"""What was typed when a session ended is there again after signing in, for the same person in the same browser alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from tests.factories.people import AT, make_account, make_person
from tests.kernel.cases.conftest import Town

from commonweal.kernel.base import clock
from commonweal.kernel.cases.unsent import COOKIE
from commonweal.kernel.consent.models import Hold
from commonweal.kernel.counter.actions import begin_in_person
from commonweal.kernel.forms.models import Sheet, Unsent
from commonweal.kernel.forms.tasks import delete_unsent_texts
from commonweal.kernel.ledger.queries import events_of
from commonweal.kernel.people.models import Person

pytestmark = pytest.mark.django_db
TEXT = "987.65"
AGAIN = "Here is what you had typed"


@pytest.fixture(autouse=True)
def _practice_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)


def signed_in(person: Person, client: Client | None = None) -> Client:
    client = client or Client()
    assert person.account is not None
    client.force_login(person.account)
    return client


@pytest.fixture
def page(town: Town) -> str:
    """A page of a form that the resident has begun."""
    started = signed_in(town.person).post("/services/food-assistance/start")
    return f"{started['Location']}pages/savings/"


def ended(town: Town, page: str) -> tuple[Client, Any]:
    """Send a page from a browser whose session is over."""
    client = signed_in(town.person)
    assert client.get(page).status_code == 200
    client.session.flush()
    return client, client.post(page, {"resources": TEXT, "revision": "0"})


def text(client: Client, page: str) -> str:
    answer = client.get(page)
    return str(answer.content.decode()) if answer.status_code == 200 else str(answer.status_code)


def test_what_was_typed_is_there_again_after_signing_in(town: Town, page: str) -> None:
    client, sent = ended(town, page)
    assert (sent.status_code, sent["Location"]) == (302, f"/account/login/?ended=typed&next={quote(page)}")
    assert "kept for an hour" in text(client, sent["Location"])
    cookie = client.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/drafts/")
    assert int(cookie["max-age"]) == 3600
    signed_in(town.person, client)

    shown = text(client, page)

    assert f'value="{TEXT}"' in shown
    assert AGAIN in shown
    assert Sheet.objects.get().answers == {}
    saved = client.post(page, {"resources": TEXT, "revision": "0"})
    assert (saved.status_code, Sheet.objects.get().answers["resources"]) == (302, TEXT)
    assert AGAIN not in text(client, page)  # it has been saved since
    assert "forms.unsent_kept" in [event.type for event in events_of(Sheet.objects.get().stream)]


def test_a_browser_that_dropped_its_session_is_led_to_signing_in_too(town: Town, page: str) -> None:
    client = Client()

    sent = client.post(page, {"resources": TEXT, "revision": "0"})

    assert sent["Location"].startswith("/account/login/?ended=typed")
    assert f'value="{TEXT}"' in text(signed_in(town.person, client), page)


def test_nobody_else_sees_it(town: Town, page: str) -> None:
    client, _sent = ended(town, page)
    other = make_person(account=make_account())

    assert text(signed_in(other, client), page) == "404"
    assert TEXT not in text(signed_in(town.person), page)  # another browser
    client.cookies[COOKIE] = "guessed"
    assert TEXT not in text(signed_in(town.person, client), page)


def test_an_officer_who_helps_in_the_same_browser_does_not_see_it(town: Town, page: str) -> None:
    client, _sent = ended(town, page)
    given = begin_in_person(town.person.pk, "food-assistance", document="passport", by=town.supervisor, at=AT)
    sheet = Unsent.objects.get().sheet
    type(given).objects.filter(pk=given.pk).update(sheet_id=sheet.pk)
    client.force_login(town.workers["supervisor"].account)

    shown = text(client, page)

    assert "You fill this in for" in shown
    assert TEXT not in shown


def test_it_is_gone_after_an_hour_and_lies_encrypted_until_then(
    town: Town, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, _sent = ended(town, page)
    signed_in(town.person, client)
    with connection.cursor() as cursor:
        cursor.execute("SELECT typed FROM forms_unsent")
        assert TEXT.encode() not in bytes(str(cursor.fetchone()[0]), "utf-8")
    monkeypatch.setattr(clock, "now", lambda: AT + timedelta(minutes=59))
    assert TEXT in text(client, page)
    delete_unsent_texts({})
    assert Unsent.objects.count() == 1

    monkeypatch.setattr(clock, "now", lambda: AT + timedelta(minutes=60))

    assert TEXT not in text(client, page)
    hold = Hold.objects.create(subject=town.person.pk, reason="court", placed_by="tests", placed_at=AT)
    delete_unsent_texts({})
    assert Unsent.objects.count() == 1
    hold.delete()
    delete_unsent_texts({})
    assert not Unsent.objects.exists()


def test_only_a_form_of_an_account_keeps_anything_and_not_without_bound(town: Town, page: str) -> None:
    guest = Client()
    begun = guest.post("/services/food-assistance/start")["Location"]
    stranger = Client()
    assert stranger.post(f"{begun}pages/savings/", {"resources": TEXT}).status_code == 404
    assert stranger.post(page, {"resources": "x" * 100_001}).status_code == 404
    assert stranger.post(page.replace("savings", "x" * 300), {"resources": TEXT}).status_code == 404
    assert stranger.get(page).status_code == 404
    for _ in range(7):
        assert stranger.post(page, {"resources": TEXT}).status_code == 302

    assert Unsent.objects.count() == 5
