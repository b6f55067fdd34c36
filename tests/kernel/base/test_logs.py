"""What others log is one of our lines, and holds no address, nothing typed and no words of a database."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from django.core.exceptions import SuspiciousOperation
from django.db import IntegrityError, OperationalError
from django.test import Client
from django.urls import reverse

from commonweal.kernel.people.sessions import SessionStore

SECRET = "only-for-one-person"


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    with structlog.testing.capture_logs() as logged:
        yield logged


def test_nobody_but_our_handler_writes_what_is_logged() -> None:
    ours = [
        type(each).__name__ for each in logging.getLogger().handlers if "pytest" not in type(each).__module__
    ]
    assert ours == ["Structured"]
    others = [name for name in logging.root.manager.loggerDict if name.startswith(("django", "allauth"))]
    assert "django.request" in others
    assert [name for name in others if logging.getLogger(name).handlers] == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["cases:resume", "cases:invitation", "consultations:comment"])
def test_a_secret_link_never_stands_in_the_log(name: str, lines: list[Any], capfd: Any) -> None:
    path = reverse(name, args=[SECRET])
    client = Client(enforce_csrf_checks=True)

    answers = [client.get(path), client.post(path), client.get(f"{path}{SECRET}@example.org")]

    assert [each.status_code for each in answers] == [404, 403, 404]
    refused = [line for line in lines if line["event"] == "logged"]
    assert [line["logger"] for line in refused] == ["django.security.csrf"]
    assert "<str:" in refused[0]["route"]
    assert SECRET not in str(lines) + "".join(capfd.readouterr())


@pytest.mark.parametrize(
    ("logger", "error", "message"),
    [
        (
            "django.request",
            IntegrityError(f"Key (email)=({SECRET}) already exists."),
            "Internal Server Error: %s",
        ),
        ("django.security.SuspiciousOperation", SuspiciousOperation(SECRET), None),
    ],
)
def test_an_error_is_told_by_kind_and_place(
    logger: str, error: Exception, message: str | None, lines: list[Any]
) -> None:
    try:
        raise error
    except type(error):
        logging.getLogger(logger).exception(message or str(error), *([f"/{SECRET}"] if message else []))

    (line,) = lines
    assert line.get("message") == message
    assert line["error"].startswith(f"{type(error).__name__} at ")
    assert line["frames"][-1].endswith(" test_an_error_is_told_by_kind_and_place")
    assert SECRET not in str(line)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "kind"), [("/services/", "text/html"), ("/api/v1/cases", "application/problem")]
)
def test_a_database_that_cannot_be_used_before_the_page_is_told_so(
    path: str, kind: str, lines: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise OperationalError(f"database is locked: {SECRET}")

    monkeypatch.setattr(SessionStore, "_get_session_from_db", refuse)
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = "x" * 32

    answer = client.get(path)

    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert answer["Content-Type"].startswith(kind)
    assert SECRET not in str(lines)


@pytest.mark.django_db
def test_what_is_too_large_is_said_to_be_so_before_its_token_is_read() -> None:
    client = Client(enforce_csrf_checks=True)
    client.get("/account/login/")

    answer = client.post("/account/login/", {"login": "x" * 3_000_000})
    form = client.generic("POST", "/account/login/", b"a" * 3_000_000, "application/x-www-form-urlencoded")

    assert {answer.status_code, form.status_code} == {413}
    assert "too large" in form.content.decode()
