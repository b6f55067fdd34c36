from __future__ import annotations

from typing import Any

from django.test import Client
from tests.kernel.authoring.conftest import KEY, Office
from tests.kernel.authoring.test_workbench import client_of

from commonweal.kernel.catalogue import queries as catalogue


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
