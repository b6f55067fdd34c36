"""A client that knows nothing of any service runs whole applications over the API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from django.test import Client
from tests.factories.people import AT
from tests.kernel.cases.conftest import Town, town  # noqa: F401 - a fixture

from commonweal.kernel.base import clock
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases.models import Case
from commonweal.kernel.catalogue.actions import publish_folder
from commonweal.kernel.forms.models import Sheet
from commonweal.project.cli import interview
from commonweal.project.cli.interview import Interview, Refused

pytestmark = pytest.mark.django_db
GUESSES: dict[str, list[Any]] = {
    "date": ["1990-01-31", "2026-09-15", "2026-10-01"],
    "email": ["resident@example.org"],
    "text": ["Text", "206 555 0100", "12345", "ABC1234"],
}


class Robot:
    """Answers by the schema alone, and tries another value where one is refused."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.tries = 0

    def __call__(self, schema: Mapping[str, Any], problem: str) -> Any:
        self.asked.append(schema.get("title", ""))
        self.tries = self.tries + 1 if problem else 0
        assert self.tries < 6, (schema, problem)
        if "+1?" in schema.get("title", ""):
            return False
        return self._value(schema)

    def _value(self, schema: Mapping[str, Any]) -> Any:
        if "enum" in schema:
            return schema["enum"][self.tries % len(schema["enum"])]
        if schema["type"] == "boolean":
            return bool(self.tries % 2)
        if schema["type"] == "array":
            return [] if not self.tries else [schema["items"]["enum"][0]]
        if schema["type"] == "object":
            return {"street": "7 River Road", "unit": "", "city": "Port Alder", "postal_code": "98303"}
        if "number" in schema["type"]:
            return [int(schema.get("minimum", 0)), 1, 35, 100, 1000, 10][self.tries]
        kind = schema.get("format", "text")
        return GUESSES[kind][self.tries % len(GUESSES[kind])]


def over(client: Client) -> interview.Call:
    def call(method: str, path: str, body: Any, headers: Mapping[str, str]) -> tuple[int, Any]:
        data = json.dumps(body) if body is not None else ""
        answer = client.generic(
            method, f"/api/v1{path}", data, content_type="application/json", headers=headers
        )
        return answer.status_code, answer.json()

    return call


@pytest.fixture(autouse=True)
def _on_a_day_whose_law_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)


@pytest.mark.parametrize("service", ["food-assistance", "school-meals"])
def test_a_client_that_knows_nothing_runs_a_whole_application(
    town: Town,  # noqa: F811 - the fixture is meant
    client: Client,
    service: str,
) -> None:
    publish_folder(service, by=Actor.system("tests"), at=AT)
    _team_for(service)
    client.force_login(town.person.account)
    robot, told = Robot(), list[str]()
    run = Interview(over(client), robot, told.append)

    reference = run.send(*run.run(service))

    case = Case.objects.get(reference=reference)
    assert (case.service_key, case.applicant_id) == (service, town.person.pk)
    assert len(robot.asked) > 8
    assert told[0].startswith(("Food", "School", "Free"))


def _team_for(service: str) -> None:
    from tests.factories.people import make_team

    from commonweal.kernel.catalogue.queries import offered_service
    from commonweal.kernel.people.models import Team

    found = offered_service(service)
    key = found.compiled.sections["stages"].team
    if not Team.objects.filter(key=key).exists():
        make_team(key=key, agency=found.info.agency)


def test_a_guest_answers_everything_and_has_to_sign_in_to_send(
    town: Town,  # noqa: F811 - the fixture is meant
    client: Client,
) -> None:
    run = Interview(over(client), Robot(), lambda _text: None)
    draft, revision = run.run("food-assistance")

    assert run.headers["Draft-Token"]
    assert Sheet.objects.get(pk=draft).revision == revision
    with pytest.raises(Refused):
        run.send(draft, revision)
    with pytest.raises(Refused):
        run.run("no-such-service")


def test_the_description_says_everything_that_an_assistant_needs(
    town: Town,  # noqa: F811 - the fixture is meant
    client: Client,
) -> None:
    told = client.get("/api/v1/services/food-assistance/form").json()

    pages = {page["key"]: page for page in told["pages"]}
    assert list(pages)[:2] == ["household", "home"]
    assert pages["household"]["questions"][0]["answer_schema"]["type"] == "array"
    publish_folder("school-meals", by=Actor.system("tests"), at=AT)
    assert '"when":' in client.get("/api/v1/services/school-meals/form").content.decode()
    title = pages["household"]["title"]
    assert told["texts"]["es"][title] != title
    assert told["texts"]["ar"][title] != title
    assert "counter" in told["channels"]
    assert set(told["answers_schema"]["properties"]) == {
        question["key"] for page in told["pages"] for question in page["questions"]
    }


def test_one_answer_at_a_time_is_held_to_the_forms_rules(
    town: Town,  # noqa: F811 - the fixture is meant
    client: Client,
) -> None:
    client.force_login(town.person.account)
    draft = client.post("/api/v1/services/food-assistance/drafts", content_type="application/json").json()

    def put(key: str, answer: Any, revision: int = 0) -> Any:
        sent = {"answer": answer, "revision": revision}
        return client.put(
            f"/api/v1/drafts/{draft['id']}/answers/{key}", sent, content_type="application/json"
        )

    assert put("rent_or_mortgage", "much").json()["fields"].keys() == {"rent_or_mortgage"}
    assert put("no_such_question", 1).status_code == 404
    first = put("rent_or_mortgage", 700)
    assert (first.status_code, first.json()["revision"]) == (200, 1)
    assert put("rent_or_mortgage", 800).status_code == 409
    assert Sheet.objects.get().done_pages == []
    assert put("all_members_homeless", False, 1).status_code == 200
    assert Sheet.objects.get().done_pages == ["home"]
    wrong = put("members", [{"name": "Me"}], 2).json()
    assert set(wrong["fields"]) == {"members[1].age"}


def test_the_terminal_asks_and_says_what_was_wrong(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    typed = iter(["2", "7 River Road", "", "Port Alder", "98303"])
    monkeypatch.setattr("builtins.input", lambda _prompt: next(typed))
    choice = {"type": "string", "enum": ["rent", "own"], "title": "Home?", "x-labels": ["I rent", "I own"]}
    place = {
        "type": "object",
        "title": "Where?",
        "properties": dict.fromkeys(("street", "unit", "city", "postal_code")),
    }

    assert interview.typed(choice, "Choose one.") == "own"
    assert interview.typed(place, "") == {
        "street": "7 River Road",
        "unit": "",
        "city": "Port Alder",
        "postal_code": "98303",
    }
    told = capsys.readouterr().out
    assert "! Choose one." in told
    assert "  2 I own" in told


def test_the_word_says_where_nobody_answers(capsys: Any) -> None:
    assert interview.main(["food-assistance", "--at", "http://127.0.0.1:9"]) == 1
    assert "cannot be reached" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        interview.main(["food-assistance", "--at", "file:///etc"])
