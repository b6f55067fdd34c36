from __future__ import annotations

import sqlite3
from typing import Any

import pytest
import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, IntegrityError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse

from commonweal.kernel.base import views
from commonweal.kernel.base.errors import (
    CommonwealError,
    Forbidden,
    Malformed,
    NotFound,
    TooLarge,
    Unavailable,
)
from commonweal.kernel.base.failures import as_ours
from commonweal.kernel.base.middleware import Failures
from commonweal.kernel.base.routes import RouteRule
from commonweal.kernel.base.rules import anyone


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


def nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse("never seen")


def test_a_defect_is_logged_and_told_in_plain_words(rf: Any, settings: Any) -> None:
    settings.COMMONWEAL_RAISE_DEFECTS = False
    defect = KeyError("secret")
    with structlog.testing.capture_logs() as logged:
        answer = Failures(nothing).process_exception(rf.get("/api/x"), defect)

    assert answer is not None
    assert answer.status_code == 500
    assert b"secret" not in answer.content
    assert [(entry["event"], entry["exc_info"]) for entry in logged] == [("defect", defect)]


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
