"""The law through the API: on a day, as known on a day."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
LAW = "/api/v1/law/programmes"


def got(client: Client, path: str, status: int = 200, **query: str) -> dict[str, Any]:
    response = client.get(f"{LAW}{path}", query)
    assert response.status_code == status, response.content
    found: dict[str, Any] = response.json()
    return found


def test_programmes_are_listed_with_their_models(client: Client) -> None:
    items = {item["key"]: item for item in got(client, "")["items"]}

    assert {"snap", "ssi", "school-meals", "wic", "parking"} <= set(items)
    assert items["ssi"]["name"] == "Supplemental Security Income (SSI)"
    assert [model["valid_from"] for model in items["snap"]["models"]] == ["2022-10-01"]
    assert len(items["snap"]["parameters_hash"]) == 64


def test_law_of_a_day_as_known_on_another(client: Client) -> None:
    found = got(client, "/snap/parameters", on="2024-03-03", known_on="2024-02-01")

    assert (found["on"], found["known_on"]) == ("2024-03-03", "2024-02-01")
    items = {item["key"]: item for item in found["items"]}
    assert items["shelter_cap"]["current"] == {
        "valid_from": "2023-10-01",
        "valid_until": "2024-09-30",
        "known_from": "2023-08-03",
        "value": 672,
        "unknown": "",
        "reference": {"text": items["shelter_cap"]["current"]["reference"]["text"], "url": ""},
        "corrects": "",
        "note": "",
    }
    assert items["maximum_allotment"]["current"]["value"][:2] == [291, 535]
    assert found["model"]["file"] == "law/snap/2022-10-01.dmn"


def test_figure_that_was_not_known_yet_says_so(client: Client) -> None:
    found = got(client, "/snap/parameters/shelter_cap", on="2024-10-01", known_on="2024-08-01")

    assert found["current"] is None
    assert "October 2024" in found["unknown"]
    assert [value["valid_from"] for value in found["history"]] == ["2022-10-01", "2023-10-01"]


def test_figure_comes_with_history_table_and_gaps(client: Client) -> None:
    table = got(client, "/snap/parameters/maximum_allotment")
    gap = got(client, "/wic/parameters/fruit_and_vegetables")

    assert [key["names"][-1] for key in table["by"]] == ["8"]
    assert len(table["history"]) == 5
    assert [each["since"] for each in gap["gaps"]] == ["2022-07-01"]
    assert gap["history"][0]["value"] is None
    assert gap["history"][0]["unknown"]


@pytest.mark.parametrize("path", ["/nothing/parameters", "/snap/parameters/nothing", "/nothing/parameters/x"])
def test_unknown_law_is_a_problem(client: Client, path: str) -> None:
    assert got(client, path, 404)["code"] == "law-not-found"


@pytest.mark.parametrize("name", ["on", "known_on"])
def test_days_out_of_reach_are_refused_by_name(client: Client, name: str) -> None:
    assert list(got(client, "/snap/parameters", 422, **{name: "1492-10-12"})["fields"]) == [name]
    assert list(got(client, "/snap/parameters", 422, **{name: "soon"})["fields"]) == [name]
