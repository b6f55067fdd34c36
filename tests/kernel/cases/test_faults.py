"""Faults from outside: a clear answer, no 500, and nothing half-done."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from tests.factories.people import AT
from tests.kernel.cases.conftest import Town, food_answers

from commonweal.kernel.awards.models import Award
from commonweal.kernel.base import clock
from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases.actions import submit
from commonweal.kernel.cases.models import Case
from commonweal.kernel.catalogue.actions import publish_folder, set_status
from commonweal.kernel.catalogue.enums import Status as ServiceStatus
from commonweal.kernel.decisions.models import Decision
from commonweal.kernel.forms.actions import answer_all, start_sheet
from commonweal.kernel.forms.models import Sheet
from commonweal.kernel.jobs.models import Job, OutboxMessage
from commonweal.kernel.ledger.models import Event
from commonweal.kernel.mailbox.models import Message

STRIKE = food_answers(circumstances=["strike"])
DECIDED = (Case, Decision, Award, Message, Event, Job, OutboxMessage)
Fault = Callable[[], Any]


@pytest.fixture(autouse=True)
def _practice_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)


def counts() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in DECIDED}


@contextmanager
def failing(text: str, *, at: str) -> Iterator[None]:
    """Let every statement that holds ``at`` fail as the database does when its disk is full or it is locked."""

    def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if at in sql:
            raise OperationalError(text) from sqlite3.OperationalError(text)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield


@pytest.fixture
def as_resident(town: Town, client: Client) -> Client:
    assert town.person.account is not None
    client.force_login(town.person.account)
    return client


@pytest.fixture
def as_officer(town: Town) -> Client:
    client = Client()
    client.force_login(town.workers["officer"].account)
    return client


@pytest.fixture
def draft(town: Town) -> Sheet:
    started = start_sheet("food-assistance", by=town.resident, at=AT)
    answer_all(started.sheet_id, food_answers(), revision=0, by=town.resident, at=AT)
    return Sheet.objects.get(pk=started.sheet_id)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("postgres" in connection.vendor, reason="SQLite says so by its page count")
def test_a_disk_that_is_really_full_leaves_nothing_half_done(as_resident: Client, draft: Sheet) -> None:
    before = counts()
    path = reverse("cases:review", args=[draft.pk])
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count")
        (limit,) = cursor.fetchone()
        cursor.execute("PRAGMA page_count")
        (pages,) = cursor.fetchone()
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA page_count")
        (pages,) = cursor.fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages}")
    try:
        response = as_resident.post(path, {"revision": draft.revision})
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA max_page_count = {limit}")

    assert (response.status_code, response["Retry-After"]) == (503, "30")
    assert "Try again in a few minutes" in response.content.decode()
    assert counts() == before
    assert as_resident.post(path, {"revision": draft.revision}).status_code == 302
    assert Case.objects.count() == before["Case"] + 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text", ["database or disk is full", "database is locked", 'could not extend file "base/1"']
)
@pytest.mark.parametrize("at", ['INTO "mailbox_message"', "ledger_event", '"jobs_job"', "cases_case"])
def test_a_submit_that_the_database_refuses_leaves_nothing_half_done(
    as_resident: Client, draft: Sheet, text: str, at: str
) -> None:
    before = counts()
    with failing(text, at=at):
        response = as_resident.post(reverse("cases:review", args=[draft.pk]), {"revision": draft.revision})

    assert (response.status_code, response["Retry-After"]) == (503, "30")
    assert counts() == before
    draft.refresh_from_db()
    assert (draft.submitted_at, draft.answers["rent_or_mortgage"]) == (None, "700.00")


@pytest.mark.django_db
def test_a_decision_that_the_database_refuses_leaves_nothing_half_done(
    town: Town, as_officer: Client
) -> None:
    case = town.send(STRIKE)
    before = counts()
    sent = {
        "outcome": "DENIED_NET",
        "reasons": "No.",
        "legal_ground": "7 CFR 273.9",
        "revision": case.revision,
    }
    path = reverse("cases:decide", args=[case.reference])
    with failing("database or disk is full", at="mailbox_message"):
        response = as_officer.post(path, sent)

    assert (response.status_code, response["Retry-After"]) == (503, "30")
    assert counts() == before
    case.refresh_from_db()
    assert case.is_open
    assert as_officer.post(path, sent).status_code == 302


@pytest.mark.django_db
def test_the_api_says_so_too(as_resident: Client, draft: Sheet) -> None:
    with failing("database is locked", at="cases_case"):
        response = as_resident.post(
            f"/api/v1/drafts/{draft.pk}/submit",
            json.dumps({"revision": draft.revision}),
            content_type="application/json",
            headers={"Idempotency-Key": "once"},
        )

    assert (response.status_code, response.json()["code"], response["Retry-After"]) == (
        503,
        "unavailable",
        "30",
    )


@pytest.mark.django_db
def test_a_suspended_service_takes_nothing_and_loses_nothing(
    town: Town, as_resident: Client, draft: Sheet
) -> None:
    system = Actor.system("tests")
    path = reverse("cases:review", args=[draft.pk])
    set_status(draft.version_id, ServiceStatus.SUSPENDED, by=system, at=AT)

    refused = as_resident.post(path, {"revision": draft.revision})

    assert refused.status_code == 410
    assert Case.objects.count() == 0
    set_status(draft.version_id, ServiceStatus.LIVE, by=system, at=AT)
    assert as_resident.post(path, {"revision": draft.revision}).status_code == 302


@pytest.mark.django_db
def test_a_new_version_while_a_draft_is_open_loses_nothing(
    town: Town, as_resident: Client, draft: Sheet, settings: Any, tmp_path: Path
) -> None:
    shutil.copytree(root(), tmp_path / "city")
    letter = tmp_path / "city/services/food-assistance/letters/award.md"
    letter.write_text(letter.read_text() + "\nA new last line.\n")
    settings.COMMONWEAL_JURISDICTION = str(tmp_path / "city")
    newer = publish_folder("food-assistance", by=Actor.system("tests"), at=AT)
    assert newer.pk != draft.version_id

    shown = as_resident.get(reverse("cases:review", args=[draft.pk]))
    sent = as_resident.post(reverse("cases:review", args=[draft.pk]), {"revision": draft.revision})

    assert (shown.status_code, sent.status_code) == (200, 302)
    assert Case.objects.get().version_id == draft.version_id
    assert "A new last line." not in Message.objects.get().body


@pytest.mark.django_db
def test_a_draft_that_has_expired_says_so(as_resident: Client, draft: Sheet) -> None:
    Sheet.objects.update(expires_at=AT - timedelta(seconds=1))

    response = as_resident.post(reverse("cases:review", args=[draft.pk]), {"revision": draft.revision})

    assert response.status_code == 410
    assert Case.objects.count() == 0


@pytest.mark.django_db
def test_an_error_in_the_middle_of_a_submit_leaves_nothing(
    town: Town, draft: Sheet, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = counts()

    class Killed(BaseException):
        """As a signal would."""

    def die(*_: Any, **__: Any) -> None:
        raise Killed

    monkeypatch.setattr("commonweal.kernel.cases.kinds.mailbox.send", die, raising=False)
    monkeypatch.setattr("commonweal.kernel.mailbox.actions.announce", die)
    with pytest.raises(Killed):
        submit(draft.pk, applicant_id=town.person.pk, revision=draft.revision, by=town.resident, at=AT)

    assert counts() == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "content_type", "statuses"),
    [
        (b"a" * 10_000_000, "application/x-www-form-urlencoded", {413}),
        (b"rent_or_mortgage=" + b"9" * 1_900_000, "application/x-www-form-urlencoded", {409, 422}),
        (b"rent_or_mortgage=%00&revision=99", "application/x-www-form-urlencoded", {409, 422, 400}),
        (b"rent_or_mortgage=\xff\xfe&revision=99", "application/x-www-form-urlencoded", {409, 422, 400}),
        (b"x=1&" * 3_000, "application/x-www-form-urlencoded", {400, 413}),
        (b"x", "multipart/form-data", {400}),
        (b"--x\r\nnonsense", "multipart/form-data; boundary=x", {400, 409, 422}),
    ],
    ids=["10 MB", "1.9 MB number", "NUL", "not UTF-8", "3,000 fields", "no boundary", "broken multipart"],
)
def test_hostile_forms_get_a_clear_answer(
    as_resident: Client, draft: Sheet, body: bytes, content_type: str, statuses: set[int]
) -> None:
    path = reverse("cases:page", args=[draft.pk, "rent"])
    pages = [path, reverse("cases:review", args=[draft.pk])]
    for each in pages:
        response = as_resident.generic("POST", each, body, content_type=content_type)
        assert response.status_code in statuses | {404}, each
    draft.refresh_from_db()
    assert draft.answers["rent_or_mortgage"] == "700.00"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body",
    [
        b'{"answers": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"answers": {"rent_or_mortgage": "\\u0000"}}',
        b'{"answers": {"email": "\\ud800"}}',
        b'{"answers": {"rent_or_mortgage": 1e400}}',
        b'{"answers": {"rent_or_mortgage": NaN}}',
        b'{"answers": {"members": [{"age": ' + b"9" * 5_000 + b"}]}}",
        b"\xff\xfe{}",
        b"",
        b"null",
        b'{"answers": {}, "context": {"x": {"y": ["\\u0000"]}}}',
    ],
    ids=["deep", "NUL", "surrogate", "1e400", "NaN", "long number", "not UTF-8", "empty", "null", "context"],
)
def test_hostile_json_gets_a_clear_answer(town: Town, client: Client, draft: Sheet, body: bytes) -> None:
    path = "/api/v1/services/food-assistance/evaluate"
    response = client.generic("POST", path, body, content_type="application/json")
    assert response.status_code < 500, response.content
    assert town.person.account is not None
    client.force_login(town.person.account)
    put = client.generic("PUT", f"/api/v1/drafts/{draft.pk}/answers", body, content_type="application/json")
    assert put.status_code in {400, 409, 413, 422}, put.content


@pytest.mark.django_db
def test_a_body_of_ten_megabytes_is_refused_by_the_api(town: Town, client: Client) -> None:
    body = b'{"answers": {"email": "' + b"a" * 10_000_000 + b'"}}'
    path = "/api/v1/services/food-assistance/evaluate"
    response = client.generic("POST", path, body, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (413, "too-large")
