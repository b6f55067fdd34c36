"""Jobs and letters that failed, through the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from tests.factories.people import make_officer
from tests.kernel.jobs.conftest import AT, Clock

from commonweal.kernel.base.fields import new_id
from commonweal.kernel.jobs.actions import enqueue
from commonweal.kernel.jobs.models import Job
from commonweal.kernel.ledger.queries import events_of

pytestmark = pytest.mark.django_db
HOME = "/api/v1/workbench/jobs"
LETTER = "mailbox.render_pdf"


@pytest.fixture
def operator() -> Client:
    return signed_in("operator")


@pytest.fixture
def dead(time: Clock) -> list[UUID]:
    """A letter, an e-mail that belongs to no agency, and a letter of another agency."""
    rows = ((LETTER, "human-services"), ("jobs.send_mail", None), (LETTER, "transportation"))
    ids = [
        id_
        for key, agency in rows
        if (id_ := enqueue(key, {"message": str(new_id())}, at=AT, agency=agency)) is not None
    ]
    Job.objects.update(dead_at=AT, attempts=10, error="boom")
    enqueue(LETTER, {"message": str(new_id())}, at=AT, agency="human-services")
    return ids


def signed_in(*roles: str) -> Client:
    client, account = Client(), make_officer(roles=roles).account
    assert account is not None
    client.force_login(account)
    return client


def refusal(response: Any) -> tuple[int, str]:
    assert response["Content-Type"] == "application/problem+json"
    return response.status_code, response.json()["code"]


def test_failed_jobs_of_the_agency_are_listed_in_stretches(operator: Client, dead: list[UUID]) -> None:
    shown = operator.get(HOME).json()

    assert shown["queue"]["dead"] == 2
    assert shown["items"][0] == {
        "id": str(dead[0]),
        "key": LETTER,
        "agency": "human-services",
        "enqueued_at": "2026-09-15T12:00:00Z",
        "dead_at": "2026-09-15T12:00:00Z",
        "attempts": 10,
        "error": "boom",
    }
    assert [each["id"] for each in shown["items"]] == [str(id_) for id_ in dead[:2]]
    first = operator.get(HOME, {"limit": 1}).json()
    second = operator.get(HOME, {"limit": 1, "cursor": first["next_cursor"]}).json()
    assert [each["id"] for each in (*first["items"], *second["items"])] == [str(id_) for id_ in dead[:2]]
    assert second["next_cursor"] is None


def test_letters_that_failed_are_asked_for_by_kind(operator: Client, dead: list[UUID]) -> None:
    assert [each["id"] for each in operator.get(HOME, {"key": LETTER}).json()["items"]] == [str(dead[0])]


def test_a_letter_is_tried_again_once_for_a_key(operator: Client, dead: list[UUID]) -> None:
    path = f"{HOME}/{dead[0]}/replay"

    answers = [operator.post(path, headers={"Idempotency-Key": "one"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [204, 204]
    job = Job.objects.get(pk=dead[0])
    assert (job.dead_at, job.attempts) == (None, 0)
    assert [event.type for event in events_of(f"job:{job.pk}")] == ["jobs.replayed"]
    assert refusal(operator.post(path)) == (409, "job-not-dead")


def test_a_job_is_given_up_for_good(operator: Client, dead: list[UUID]) -> None:
    path = f"{HOME}/{dead[0]}/discard"

    assert operator.post(path).status_code == 204
    assert not Job.objects.filter(pk=dead[0]).exists()
    assert [event.type for event in events_of(f"job:{dead[0]}")] == ["jobs.discarded"]
    assert refusal(operator.post(path)) == (404, "not-found")


@pytest.mark.parametrize("what", ["replay", "discard"])
def test_jobs_of_another_agency_are_not_found(operator: Client, dead: list[UUID], what: str) -> None:
    assert refusal(operator.post(f"{HOME}/{dead[2]}/{what}")) == (404, "not-found")
    assert Job.objects.get(pk=dead[2]).dead_at == AT


def test_only_operators_come_here(dead: list[UUID]) -> None:
    supervisor = signed_in("supervisor")

    assert refusal(Client().get(HOME)) == (401, "sign-in-needed")
    assert refusal(supervisor.get(HOME)) == (403, "forbidden")
    for what in ("replay", "discard"):
        assert refusal(supervisor.post(f"{HOME}/{dead[0]}/{what}")) == (403, "forbidden")
