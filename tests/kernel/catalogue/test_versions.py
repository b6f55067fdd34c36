"""What residents and officers see of a service's versions."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings
from tests.factories.people import AT, make_officer
from tests.kernel.catalogue.conftest import Write

from commonweal.kernel.base.declarations import sections
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.catalogue.actions import publish_folder
from commonweal.kernel.catalogue.enums import Status
from commonweal.kernel.catalogue.models import ServiceVersion
from commonweal.kernel.catalogue.rules import PUBLISH, allows_version, visible_versions
from commonweal.kernel.ledger.queries import events_of

pytestmark = pytest.mark.django_db
KEY = "library-card"
BY = Actor.system("publish")


@pytest.fixture(autouse=True)
def _two_versions(home: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, write: Write) -> None:
    settings.COMMONWEAL_JURISDICTION = str(home)
    monkeypatch.setattr(sections, "_items", {})
    publish_folder(KEY, by=BY, at=AT)
    write("service.yaml", old="working_days: 0", new="working_days: 3")
    publish_folder(KEY, by=BY, at=AT)


def _designer(client: Client, agency: str = "human-services") -> Client:
    officer = make_officer(agency=agency, capabilities=[PUBLISH])
    client.force_login(officer.account)
    return client


def test_residents_see_what_changed(client: Client) -> None:
    newest = client.get(f"/services/{KEY}/history/")
    first = client.get(f"/services/{KEY}/history/?version=1")

    assert "processing \u203a working_days" in newest.content.decode()
    assert "This is the first version." in first.content.decode()
    assert client.get(f"/services/{KEY}/history/?version=9").status_code == 404
    assert client.get("/services/none/history/").status_code == 404


def test_a_draft_is_not_shown_to_residents(client: Client, write: Write) -> None:
    write("service.yaml", old="working_days: 3", new="working_days: 9")
    publish_folder(KEY, by=BY, at=AT, status=Status.DRAFT)

    assert client.get(f"/services/{KEY}/history/?version=3").status_code == 404
    assert client.get(f"/api/v1/services/{KEY}/versions/3").status_code == 404
    assert [item["number"] for item in client.get(f"/api/v1/services/{KEY}/versions").json()["items"]] == [
        2,
        1,
    ]


def test_the_api_tells_what_changed(client: Client) -> None:
    assert client.get(f"/api/v1/services/{KEY}/versions/2").json()["changes"] == [
        {
            "file": "service.yaml",
            "place": ["processing", "working_days"],
            "kind": "changed",
            "before": "0",
            "after": "3",
        }
    ]


def test_the_ledger_keeps_what_changed() -> None:
    (published,) = [event for event in events_of(f"service:{KEY}") if event.payload.get("number") == 2]

    assert published.payload["changes"] == ["service.yaml: processing > working_days changes from '0' to '3'"]


def test_a_designer_suspends_and_offers_again_with_a_reason(client: Client) -> None:
    live = ServiceVersion.objects.get(status=Status.LIVE)
    page = f"/workbench/services/{live.pk}/"

    assert f"{KEY}, 2" in _designer(client).get("/workbench/services/").content.decode()
    assert "Suspend it" in client.get(page).content.decode()
    assert client.post(f"{page}move", {"status": "suspended", "reason": "A flood"}).status_code == 302
    assert ServiceVersion.objects.get(pk=live.pk).status == Status.SUSPENDED
    assert "Offer it" in client.get(page).content.decode()
    assert [event.payload.get("reason") for event in events_of(f"service:{KEY}")][-1] == "A flood"
    assert client.post(f"{page}move", {"status": "draft"}).status_code == 409
    assert client.post(f"{page}move", {"status": "gone"}).status_code == 400


def test_another_agency_neither_sees_nor_changes_them(client: Client) -> None:
    live = ServiceVersion.objects.get(status=Status.LIVE)
    _designer(client, "transportation")

    assert "has published no service yet" in client.get("/workbench/services/").content.decode()
    assert client.get(f"/workbench/services/{live.pk}/").status_code == 404
    assert client.post(f"/workbench/services/{live.pk}/move", {"status": "closed"}).status_code == 404
    assert ServiceVersion.objects.get(pk=live.pk).status == Status.LIVE


def test_who_may_not_publish_is_refused(client: Client) -> None:
    client.force_login(make_officer(agency="human-services").account)

    assert client.get("/workbench/services/").status_code == 403


@pytest.mark.parametrize(
    "actor",
    [
        Actor.system("publish"),
        Actor.guest(),
        Actor(ActorKind.OFFICER, "a", agency="human-services", capabilities=frozenset({PUBLISH})),
        Actor(ActorKind.OFFICER, "a", agency="transportation", capabilities=frozenset({PUBLISH})),
        Actor(ActorKind.OFFICER, "a", agency="", capabilities=frozenset({PUBLISH})),
        Actor(ActorKind.OFFICER, "a", agency="human-services"),
    ],
)
def test_the_rule_and_the_list_agree(actor: Actor) -> None:
    every = list(ServiceVersion.objects.all())

    assert set(visible_versions(ServiceVersion.objects.all(), actor)) == {
        version for version in every if allows_version(actor, version)
    }


def test_the_list_takes_one_query_however_many(
    write: Write, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    from commonweal.kernel.catalogue.queries import versions_for

    for days in range(4, 9):
        write("service.yaml", old=f"working_days: {days - 1}", new=f"working_days: {days}")
        publish_folder(KEY, by=BY, at=AT)
    with django_assert_num_queries(1):
        assert len(versions_for(BY)) == 7
