from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings
from tests.kernel.catalogue.conftest import MINIMAL, Write
from tests.kernel.catalogue.test_queries import AT, _publish

from commonweal.kernel.base.declarations import sections
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue import queries
from commonweal.kernel.catalogue.actions import publish_folder, set_status
from commonweal.kernel.catalogue.enums import Status

pytestmark = pytest.mark.django_db

SYSTEM = Actor.system("tests")


@pytest.fixture(autouse=True)
def _jurisdiction(home: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.COMMONWEAL_JURISDICTION = str(home)
    monkeypatch.setattr(sections, "_items", {})
    monkeypatch.setattr(queries, "_compiled", {})
    monkeypatch.setattr(queries, "_by_hash", {})


def test_the_start_page_shows_services_and_the_life_events_they_name(client: Client, write: Write) -> None:
    write("service.yaml", MINIMAL + "life_events: [moving-home]\n")
    publish_folder("library-card", by=SYSTEM, at=AT)

    text = client.get("/").content.decode()

    assert "Library card" in text
    assert "/services/?event=moving-home" in text
    assert "event=losing-a-job" not in text


def test_an_empty_city_says_so(client: Client) -> None:
    assert "No service is offered here yet." in client.get("/").content.decode()


def test_services_are_searched(client: Client, home: Path) -> None:
    publish_folder("library-card", by=SYSTEM, at=AT)
    _publish(home, "zoo", name="Animals")

    every = client.get("/services/").content.decode()
    found = client.get("/services/", {"q": "animals"}).content.decode()
    nothing = client.get("/services/", {"q": "<script>\x00"}).content.decode()

    assert ("Library card" in every, "Animals" in every) == (True, True)
    assert ("Library card" in found, "Animals" in found) == (False, True)
    assert "We found no service with these words." in nothing
    assert "<script>" not in nothing.split("<body")[1]


def test_services_of_a_life_event(client: Client, home: Path, write: Write) -> None:
    write("service.yaml", MINIMAL + "life_events: [moving-home]\n")
    publish_folder("library-card", by=SYSTEM, at=AT)
    _publish(home, "zoo", name="Animals")

    text = client.get("/services/", {"event": "moving-home"}).content.decode()

    assert "<h1>Moving home</h1>" in text
    assert "Animals" not in text
    assert client.get("/services/", {"event": "none"}).status_code == 200


def test_a_service_page_says_everything_that_matters(client: Client, home: Path, write: Write) -> None:
    write("service.yaml", old="[{kind: online}]", new="[{kind: online}, {kind: phone, details: Call us.}]")
    publish_folder("library-card", by=SYSTEM, at=AT)

    text = client.get("/services/library-card/").content.decode()

    for part in ("A card for the city", "Everybody who lives here.", "Free.", "At once.", "A card.", "PAMC 2.40",
                 "Call us.", "555-0110", "To lend you books."):  # fmt: skip
        assert part in text, part


def test_a_suspended_service_says_so_and_has_no_start(client: Client) -> None:
    version = publish_folder("library-card", by=SYSTEM, at=AT)
    set_status(version.pk, Status.SUSPENDED, by=SYSTEM, at=AT)

    text = client.get("/services/library-card/").content.decode()

    assert "takes no new applications at the moment" in text
    assert "Start now" not in text


@pytest.mark.parametrize("key", ["none", "'"])
def test_a_service_that_is_not_offered_is_not_found(client: Client, key: str) -> None:
    assert client.get(f"/services/{key}/").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("path", ["/", "/services/", "/services/?q=card"])
def test_the_pages_take_one_query_however_many_services(
    client: Client, home: Path, path: str, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        _publish(home, f"service-{number}")
    client.get(path)

    with django_assert_num_queries(1):
        client.get(path)
