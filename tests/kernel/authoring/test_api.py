from __future__ import annotations

from typing import Any

from django.test import Client
from tests.kernel.authoring.conftest import KEY, Office
from tests.kernel.authoring.test_law import law
from tests.kernel.authoring.test_new_law import NEW, with_service
from tests.kernel.authoring.test_tables import FILE
from tests.kernel.authoring.test_workbench import client_of

from commonweal.kernel.authoring.tables import table_of, tables_of
from commonweal.kernel.catalogue import queries as catalogue

__all__ = ["law"]


def sent(client: Client, method: str, path: str, body: Any = None, status: int = 200) -> Any:
    answer = getattr(client, method)(f"/api/v1/workbench/drafts{path}", body, content_type="application/json")
    assert answer.status_code == status, answer.content
    return answer.json()


def test_a_tool_writes_and_another_officer_approves(office: Office) -> None:
    client = client_of(office, "author")
    draft = sent(client, "post", "", {"service": KEY})
    assert (draft["base"], draft["changes"]) == (1, [])
    form = next(file for file in draft["files"] if file["name"] == "form.yaml")
    text = form["text"].replace("E-mail address", "Your e-mail")
    one = f"/{draft['id']}"
    body = {"name": "form.yaml", "text": text, "seen": form["seen"]}
    saved = sent(client, "put", f"{one}/files", body)
    assert [change["after"] for change in saved["changes"]] == ["Your e-mail"]
    assert [(told["title"], len(told["says"])) for told in saved["told"]] == [("Questions", 1)]
    clash = sent(client, "put", f"{one}/files", {**body, "text": "other"}, 409)
    assert clash["code"] == "draft-moved"

    proposal = {"note": "Words.", "revision": saved["revision"]}
    assert sent(client, "post", f"{one}/propose", proposal)["stage"] == "proposed"
    approval = {"revision": saved["revision"]}
    assert sent(client, "post", f"{one}/approve", approval, 403)["code"] == "own-proposal"
    other = client_of(office, "other")
    assert sent(other, "post", f"{one}/send-back", {"note": "No."})["stage"] == "open"
    sent(client, "post", f"{one}/propose", proposal)
    assert sent(other, "post", f"{one}/approve", approval)["stage"] == "published"
    assert catalogue.live_version(KEY).number == 2
    assert [item["stage"] for item in sent(other, "get", "")["items"]] == ["published"]
    assert sent(other, "get", one)["service"] == KEY


def test_a_new_service_begins_by_the_api(office: Office) -> None:
    client = client_of(office, "author")
    made = sent(client, "post", "/new", {"key": "bike", "name": "Bikes", "summary": "A place."})
    assert [file["name"] for file in made["files"]] == ["form.yaml", "letters/answer.md", "service.yaml"]
    assert (
        sent(client, "post", "/new", {"key": "bike", "name": "x", "summary": "x"}, 422)["code"] == "invalid"
    )


def model_of(draft: Any) -> Any:
    return next(file for file in draft["files"] if file["name"] == FILE)


def test_a_tool_changes_a_law(law: Office) -> None:
    client = client_of(law, "author")
    draft = sent(client, "post", "/law", {"law": "dog-licence"})
    assert (draft["kind"], draft["service"], draft["problems"]) == ("law", "dog-licence", [])
    one = f"/{draft['id']}"
    figure = {
        "key": "tag_charge", "label": "Charge for a tag", "unit": "USD", "first_day": "2027-01-01",
        "known_from": "2026-11-01", "value": "12.50", "reference": "PAMC 6.08.050",
    }  # fmt: skip
    added = sent(client, "post", f"{one}/figures", figure)
    assert [told["title"] for told in added["told"]] == ["Charge for a tag", "Kind of value “Law”"]
    wrong = sent(client, "post", f"{one}/figures", {**figure, "key": "tag", "value": "much"}, 422)
    assert list(wrong["fields"]) == ["value"]
    rules = sent(client, "post", f"{one}/rules", {"copied_from": FILE, "first_day": "2028-01-01"})
    assert "2028-01-01.dmn" in [file["name"] for file in rules["files"]]
    assert sent(client, "post", f"{one}/rules", {"copied_from": FILE, "first_day": "2028-01-01"}, 422)

    table = next(found for found in tables_of(model_of(rules)["text"], FILE) if found.label == "Low income")
    place = {"file": FILE, "table": table.key}

    def seen(draft: Any) -> Any:
        return {**place, "seen": model_of(draft)["seen"]}

    new = {"kind": "input", "label": "Two", "expression": "1 + 1", "type": "number"}
    wide = sent(client, "post", f"{one}/columns", {**seen(rules), **new})
    assert labels(wide, table.key)[1] == "Two"
    other = {"at": 1, "label": "Three", "expression": "1 + 2", "type": "number", "values": "3"}
    renamed = sent(client, "put", f"{one}/columns", {**seen(wide), **other})
    assert labels(renamed, table.key)[1] == "Three"
    moved = sent(client, "post", f"{one}/columns/move", {**seen(renamed), "at": 1, "by": -1})
    assert labels(moved, table.key)[0] == "Three"
    gone = sent(client, "post", f"{one}/columns/remove", {**seen(moved), "at": 0})
    assert labels(gone, table.key) == [column.label for column in table.columns]
    assert (
        sent(client, "post", f"{one}/columns/remove", {**seen(moved), "at": 0}, 409)["code"] == "draft-moved"
    )
    lost = {**seen(gone), "file": "cases.yaml", "at": 0}
    assert sent(client, "post", f"{one}/columns/remove", lost, 404)["code"] == "draft-not-found"


def labels(draft: Any, key: str) -> list[str]:
    return [column.label for column in table_of(model_of(draft)["text"], FILE, key).columns]


def test_a_new_law_begins_by_the_api_and_counts_for_a_service(law: Office) -> None:
    client = client_of(law, "author")
    body = {**NEW, "first_day": NEW["from"]}
    made = sent(client, "post", "/new-law", body)
    assert (made["service"], made["problems"]) == ("senior-pass", [])
    assert sent(client, "post", "/new-law", body, 422)["code"] == "invalid"
    service = with_service(law)
    beside = sent(client, "put", f"/{service.pk}/law", {"law": made["id"]})
    assert not any(problem["is_error"] for problem in beside["problems"])
    alone = sent(client, "put", f"/{service.pk}/law", {"law": None})
    assert any(problem["code"] == "decision.programme" for problem in alone["problems"])
