from __future__ import annotations

import pytest
from django.test import Client
from tests.factories.people import AT

from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.actions import publish_folder

pytestmark = pytest.mark.django_db


def test_list_and_service_say_what_is_offered(client: Client) -> None:
    version = publish_folder("food-assistance", by=Actor.system("tests"), at=AT)

    listed = client.get("/api/v1/services", {"words": "food"}).json()["items"]
    shown = client.get("/api/v1/services/food-assistance").json()

    assert [(item["key"], item["version"], item["number"]) for item in listed] == [
        ("food-assistance", str(version.pk), 1)
    ]
    assert (shown["hash"], shown["info"]["agency"]) == (version.content_hash, "human-services")
    assert client.get("/api/v1/services", {"words": "zebra"}).json() == {"items": []}


def test_unknown_service_is_a_problem(client: Client) -> None:
    response = client.get("/api/v1/services/nothing")

    assert (response.status_code, response.json()["code"]) == (404, "service-not-found")


def test_overlong_words_are_refused_by_name(client: Client) -> None:
    response = client.get("/api/v1/services", {"words": "x" * 201})

    assert (response.status_code, list(response.json()["fields"])) == (422, ["words"])
