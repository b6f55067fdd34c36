from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from tests.kernel.jobs.conftest import AT, Clock, Diary

from commonweal.kernel.base.errors import Forbidden, Malformed, SignInNeeded
from commonweal.kernel.base.fields import new_id
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.jobs import workbench
from commonweal.kernel.jobs.actions import enqueue
from commonweal.kernel.jobs.models import Job
from commonweal.kernel.jobs.queries import QueueState, dead_letters, queue_state
from commonweal.kernel.jobs.registry import job

OPERATOR = Actor(ActorKind.OFFICER, "op", agency="parks", capabilities=frozenset({"jobs.operate"}))
EVERYWHERE = Actor(ActorKind.OFFICER, "op", capabilities=frozenset({"jobs.operate"}))
OFFICER = Actor(ActorKind.OFFICER, "off", agency="parks")

pytestmark = pytest.mark.django_db


def ask(view: Any, actor: Actor, *, method: str = "get", query: str = "", **arguments: Any) -> HttpResponse:
    request: HttpRequest = getattr(RequestFactory(), method)(f"/workbench/jobs/{query}")
    request.actor = actor  # type: ignore[attr-defined]  # as the middleware does
    response: HttpResponse = view(request, **arguments)
    return response


@pytest.fixture
def dead(diary: Diary) -> list[UUID]:
    job("test.note")(diary)
    ids = []
    for agency in ("parks", None, "human-services"):
        id_ = enqueue("test.note", {}, at=AT, agency=agency)
        assert id_ is not None
        ids.append(id_)
    Job.objects.update(dead_at=AT, attempts=10, error="<b>boom</b>")
    enqueue("test.note", {}, at=AT + timedelta(minutes=1), agency="parks")
    enqueue("test.note", {}, at=AT, agency="parks")
    return ids


def test_dead_letters_are_those_of_the_operators_agency(dead: list[UUID]) -> None:
    assert [letter.id for letter in dead_letters(OPERATOR)] == dead[:2]
    assert [letter.id for letter in dead_letters(EVERYWHERE)] == dead
    assert [letter.id for letter in dead_letters(EVERYWHERE, after=dead[0], limit=1)] == [dead[1]]
    assert dead_letters(OFFICER) == []


def test_queue_state_counts(dead: list[UUID]) -> None:
    Job.objects.filter(enqueued_at__gt=AT).update(holder=new_id())

    assert queue_state(OPERATOR, at=AT) == QueueState(1, 1, 2, AT, 0)
    assert queue_state(OFFICER, at=AT) == QueueState(0, 0, 0, None, 0)


def test_page_shows_dead_letters_escaped(dead: list[UUID], time: Clock) -> None:
    text = ask(workbench.dead_letter_list, OPERATOR).content.decode()

    assert f"/workbench/jobs/{dead[0]}/replay/" in text
    assert str(dead[2]) not in text
    assert "&lt;b&gt;boom" in text


def test_page_without_dead_letters_says_so(time: Clock) -> None:
    assert "No job has been given up." in ask(workbench.dead_letter_list, OPERATOR).content.decode()


def test_page_leads_to_the_next(dead: list[UUID], time: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbench, "_PAGE", 2)

    assert f"?after={dead[1]}" in ask(workbench.dead_letter_list, EVERYWHERE).content.decode()
    assert (
        "?after"
        not in ask(workbench.dead_letter_list, EVERYWHERE, query=f"?after={dead[1]}").content.decode()
    )


def test_json_says_the_same(dead: list[UUID], time: Clock) -> None:
    import json

    data = json.loads(ask(workbench.dead_letter_json, OPERATOR).content)

    assert [letter["id"] for letter in data["dead_letters"]] == [str(id_) for id_ in dead[:2]]
    assert (data["state"]["dead"], data["next_after"]) == (2, None)


def test_replay_and_discard_come_back_to_the_page(dead: list[UUID], time: Clock) -> None:
    for view, id_ in ((workbench.replay, dead[0]), (workbench.discard, dead[1])):
        response = ask(view, OPERATOR, method="post", job_id=id_)
        assert (response.status_code, response["Location"]) == (302, "/workbench/jobs/")

    assert dead_letters(OPERATOR) == []


def test_others_are_refused_and_nonsense_too(dead: list[UUID], time: Clock) -> None:
    with pytest.raises(Forbidden):
        ask(workbench.dead_letter_list, OFFICER)
    with pytest.raises(SignInNeeded):
        ask(workbench.replay, Actor.guest(), method="post", job_id=dead[0])
    with pytest.raises(Malformed):
        ask(workbench.dead_letter_list, OPERATOR, query="?after=nonsense")


def test_routes_lead_here(client: Client) -> None:
    assert client.get("/workbench/jobs/").status_code in {302, 401, 403}
    assert client.get(f"/workbench/jobs/{new_id()}/replay/").status_code == 405
