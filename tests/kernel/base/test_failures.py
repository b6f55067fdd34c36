from __future__ import annotations

import itertools
import re
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
import structlog
from django.conf import settings as django_settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, IntegrityError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client

from commonweal.kernel.base import views
from commonweal.kernel.base.errors import (
    CommonwealError,
    Forbidden,
    Malformed,
    NotFound,
    TooLarge,
    Unavailable,
)
from commonweal.kernel.base.failures import as_ours, causes_of, describe, frames_of
from commonweal.kernel.base.middleware import Failures, Sessions, request_context
from commonweal.kernel.base.routes import RouteRule
from commonweal.kernel.base.rules import anyone
from commonweal.kernel.people.sessions import SessionStore


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (Http404(), NotFound),
        (PermissionDenied(), Forbidden),
        (RequestDataTooBig(), TooLarge),
        (SuspiciousOperation(), Malformed),
        (OperationalError("database or disk is full"), Unavailable),
        (DatabaseError("the connection is CLOSED"), Unavailable),
        (sqlite3.OperationalError("database is locked"), Unavailable),
    ],
)
def test_an_error_of_others_becomes_the_one_of_ours_that_says_the_same(
    error: Exception, ours: type[CommonwealError]
) -> None:
    assert type(as_ours(error)) is ours


@pytest.mark.parametrize("error", [KeyError("full"), IntegrityError("UNIQUE constraint failed: a.b")])
def test_a_defect_is_no_error_of_ours(error: Exception) -> None:
    assert as_ours(error) is None


def test_an_error_of_ours_stays_itself() -> None:
    error = NotFound()
    assert as_ours(error) is error


def test_a_message_keeps_the_names_of_facts_it_was_not_given() -> None:
    class Odd(CommonwealError):
        message = "{this} is not {that}"

    assert str(Odd(this="A")) == "A is not {that}"


def raised(make: Callable[[], object]) -> Exception:
    with pytest.raises(Exception) as caught:
        make()
    return caught.value


def refuses() -> None:
    raise IntegrityError("Key (email)=(secret) already exists.")


def means_so() -> None:
    try:
        refuses()
    except IntegrityError as error:
        raise KeyError("secret") from error


def stumbles() -> None:
    try:
        means_so()
    except KeyError:
        raise ValueError("secret")  # noqa: B904 - the case that is tested


def hides() -> None:
    try:
        refuses()
    except IntegrityError:
        raise ValueError("secret") from None


def test_what_led_to_an_error_is_told_by_kind_and_place() -> None:
    error = raised(stumbles)

    told = re.sub(r"\S*/", "", re.sub(r":\d+", "", describe(error)))
    frames = [re.sub(r"^\S+ (?=\w+$)", "", line) for line in frames_of(error)]

    assert told == (
        "ValueError at test_failures.py; while handling KeyError at test_failures.py; "
        "caused by IntegrityError at test_failures.py"
    )
    assert frames == [
        "raised",
        "stumbles",
        "while handling KeyError",
        "stumbles",
        "means_so",
        "caused by IntegrityError",
        "means_so",
        "refuses",
    ]
    assert "secret" not in describe(error) + "".join(frames_of(error))


def test_what_was_hidden_on_purpose_stays_hidden() -> None:
    assert "IntegrityError" not in describe(raised(hides)) + "".join(frames_of(raised(hides)))


def test_a_chain_of_causes_ends() -> None:
    errors = [ValueError() for _ in range(20)]
    for error, cause in itertools.pairwise(errors):
        error.__cause__ = cause
    turns = ValueError()
    turns.__cause__ = other = KeyError()
    other.__cause__ = turns

    assert len(causes_of(errors[0])) == 8
    assert causes_of(turns) == [("caused by", other)]


def nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse("never seen")


def test_a_defect_is_logged_and_told_in_plain_words(rf: Any, settings: Any) -> None:
    settings.COMMONWEAL_RAISE_DEFECTS = False
    with pytest.raises(IntegrityError) as raised:
        raise IntegrityError("Key (email)=(secret) already exists.")
    with structlog.testing.capture_logs() as logged:
        answer = Failures(nothing).process_exception(rf.get("/api/x"), raised.value)

    assert answer is not None
    assert answer.status_code == 500
    assert b"secret" not in answer.content
    (entry,) = logged
    assert entry["event"] == "defect"
    assert entry["error"].startswith("IntegrityError at ")
    assert entry["frames"][-1].endswith(" test_a_defect_is_logged_and_told_in_plain_words")
    assert "secret" not in str(entry)


def test_describe_says_where_and_not_what() -> None:
    with pytest.raises(IntegrityError) as raised:
        raise IntegrityError("Key (email)=(ada@example.org) already exists.")

    assert describe(raised.value).startswith("IntegrityError at ")
    assert "ada" not in describe(raised.value)
    assert describe(ValueError("x")) == "ValueError at ?"


def test_a_defect_is_raised_where_developers_look(rf: Any, settings: Any) -> None:
    settings.COMMONWEAL_RAISE_DEFECTS = True
    assert Failures(nothing).process_exception(rf.get("/api/x"), KeyError()) is None


def test_an_error_of_ours_is_answered_without_a_log_entry(rf: Any) -> None:
    with structlog.testing.capture_logs() as logged:
        answer = Failures(nothing).process_exception(rf.get("/api/x"), NotFound())
    assert answer is not None
    assert (answer.status_code, logged) == (404, [])


@pytest.mark.django_db
def test_a_file_that_may_not_leave_is_closed(rf: Any) -> None:
    closed = []

    class File:
        def __iter__(self) -> Any:
            return iter([b"data"])

        def close(self) -> None:
            closed.append(True)

    def download(request: HttpRequest) -> StreamingHttpResponse:
        request.route_rule = RouteRule(anyone, "case")  # type: ignore[attr-defined]  # as `route` does
        return StreamingHttpResponse(File())

    assert Failures(download)(rf.get("/api/x")).status_code == 500
    assert closed == [True]


def test_each_of_djangos_own_failures_is_answered_in_our_words(rf: Any) -> None:
    request = rf.get("/api/x")
    answers = [
        views.bad_request(request, SuspiciousOperation()),
        views.csrf_failure(request),
        views.permission_denied(request, PermissionDenied()),
        views.page_not_found(request, Http404()),
        views.server_error(request),
    ]
    assert [answer.status_code for answer in answers] == [Malformed.status, 403, 403, 404, 500]
    assert {answer["Content-Type"] for answer in answers} == {"application/problem+json"}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/language/", "/api/v1/x"])
def test_a_disk_that_is_full_when_the_session_is_saved_is_told(
    rf: Any, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    def save(self: SessionStore, must_create: bool = False) -> None:
        raise OperationalError("database or disk is full")

    def view(request: HttpRequest) -> HttpResponse:
        request.session["face"] = "resident"
        return HttpResponse("never seen")

    monkeypatch.setattr(SessionStore, "save", save)
    response = request_context(Sessions(view))(rf.get(path))

    assert (response.status_code, response["Retry-After"]) == (503, "30")
    assert b"never seen" not in response.content
    assert "commonweal.kernel.base.middleware.Sessions" in django_settings.MIDDLEWARE


@pytest.mark.django_db
def test_a_defect_in_saving_a_session_stays_one(rf: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def save(self: SessionStore, must_create: bool = False) -> None:
        raise IntegrityError("UNIQUE constraint failed: a.b")

    def view(request: HttpRequest) -> HttpResponse:
        request.session["face"] = "resident"
        return HttpResponse("never seen")

    monkeypatch.setattr(SessionStore, "save", save)
    with pytest.raises(IntegrityError):
        Sessions(view)(rf.get("/api/v1/x"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "path", "kind", "allowed"),
    [
        ("get", "/account/face/", "text/html; charset=utf-8", "POST"),
        ("patch", "/api/v1/services", "application/problem+json", "GET"),
    ],
)
def test_a_method_that_an_address_does_not_take_is_told(
    method: str, path: str, kind: str, allowed: str
) -> None:
    answer = getattr(Client(), method)(path)

    assert (answer.status_code, answer["Content-Type"], answer["Allow"]) == (405, kind, allowed)
    assert "This address cannot be used in this way." in answer.content.decode()
