"""Turns errors into an answer: a page for people, problem+json for programs.

Source: RFC 9457 (problem details for HTTP APIs).
"""

from __future__ import annotations

import sqlite3
import traceback
from typing import Any
from urllib.parse import quote, urlsplit

import structlog
from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.shortcuts import redirect

from commonweal.kernel.base.errors import (
    CommonwealError,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    SignInNeeded,
    TooLarge,
    Unavailable,
)
from commonweal.kernel.base.pages import page

log = structlog.get_logger(__name__)

_FOREIGN: list[tuple[type[Exception], type[CommonwealError]]] = [
    (Http404, NotFound),
    (PermissionDenied, Forbidden),
    (RequestDataTooBig, TooLarge),
    (UnreadablePostError, Malformed),
    (SuspiciousOperation, Malformed),
    (BadRequest, Malformed),
    (MultiPartParserError, Malformed),
]
_MOST_CAUSES = 8
_PASSING = (
    "full",
    "locked",
    "busy",
    "disk i/o",
    "readonly",
    "no space",
    "could not extend",
    "connection",
    "closed",
)


def as_ours(error: Exception) -> CommonwealError | None:
    """Return the error of ours that says the same, or None if it is a defect of the code."""
    if isinstance(error, CommonwealError):
        return error
    for foreign, ours in _FOREIGN:
        if isinstance(error, foreign):
            return ours()
    if isinstance(error, (OperationalError, DatabaseError, sqlite3.OperationalError)) and _will_pass(error):
        return Unavailable()
    return None


def _will_pass(error: Exception) -> bool:
    text = str(error).lower()
    return any(word in text for word in _PASSING)


def describe(error: BaseException) -> str:
    """Say what went wrong without what might be personal: our own errors in full, others by kind and place.

    What led to an error follows it, always by kind and place; see :func:`causes_of`.
    """
    if isinstance(error, CommonwealError):
        told = f"{error.code}: {error} {error.data}"
    else:
        told = _kind_and_place(error)
    return "; ".join([told, *(f"{how} {_kind_and_place(cause)}" for how, cause in causes_of(error))])


def _kind_and_place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename.rpartition('/commonweal/')[2]}:{frames[-1].lineno}" if frames else "?"
    ours = [frame for frame in frames if "/commonweal/" in frame.filename]
    via = f", called from {ours[-1].filename.rpartition('/commonweal/')[2]}:{ours[-1].lineno}" if ours else ""
    return f"{type(error).__name__} at {place}{via}"


def causes_of(error: BaseException) -> list[tuple[str, BaseException]]:
    """Return what led to an error, the nearest first, each with how: ``caused by`` (meant so) or ``while handling``.

    As a traceback of Python has it: what ``raise … from None`` hides stays hidden. The last of a long chain are left out.
    """
    found: list[tuple[str, BaseException]] = []
    seen = {id(error)}
    while len(found) < _MOST_CAUSES:
        how, cause = "caused by", error.__cause__
        if cause is None and not error.__suppress_context__:
            how, cause = "while handling", error.__context__
        if cause is None or id(cause) in seen:
            break
        found.append((how, cause))
        seen.add(id(cause))
        error = cause
    return found


def frames_of(error: BaseException) -> list[str]:
    """Return the way to where an error was raised, then those of what led to it, without values of variables."""
    lines = _frames(error)
    for how, cause in causes_of(error):
        lines += [f"{how} {type(cause).__name__}", *_frames(cause)]
    return lines


def _frames(error: BaseException) -> list[str]:
    return [
        f"{frame.filename.rpartition('/commonweal/')[2]}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]


def answer(request: HttpRequest, error: CommonwealError) -> HttpResponse:
    """Answer a request with what went wrong."""
    if wants_json(request):
        response: HttpResponse = problem_json(request, error)
    elif _has_ended(request, error):
        return redirect(f"/account/login/?ended=yes&next={quote(_where_from(request))}")
    elif isinstance(error, SignInNeeded):
        return redirect(f"/account/login/?next={quote(_where_from(request))}")
    else:
        response = page(
            request, "base/error.html", {"error": error, "request_id": _id(request)}, status=error.status
        )
    if error.status == 503:
        response["Retry-After"] = "30"
    for name, value in error.headers.items():
        response[name] = value
    response.tells_failure = True  # type: ignore[attr-defined]  # for `is_failure`
    return response


def _has_ended(request: HttpRequest, error: CommonwealError) -> bool:
    """Whether a browser came with a session that is over, and would have been let in with it."""
    if not isinstance(error, (SignInNeeded, NotFound)) or request.resolver_match is None:
        return False
    session = getattr(request, "session", None)
    if session is None or settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return False
    return session.is_empty() and not request.path.startswith("/account/")


def _where_from(request: HttpRequest) -> str:
    """Return where to go on after signing in: this page, or that of the form that was sent."""
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    came_from = urlsplit(request.headers.get("Referer", ""))
    if came_from.netloc != request.get_host():
        return request.get_full_path()
    return came_from.path + (f"?{came_from.query}" if came_from.query else "")


def is_failure(response: HttpResponse) -> bool:
    """Whether an answer says what went wrong and nothing else; a view that shows its page again says more."""
    return getattr(response, "tells_failure", False)


def problem_json(request: HttpRequest, error: CommonwealError) -> JsonResponse:
    """Answer a program with problem details."""
    body: dict[str, Any] = {
        "type": f"/errors/{error.code}",
        "title": str(error),
        "status": error.status,
        "detail": str(error.next_step),
        "code": error.code,
        "request_id": _id(request),
    }
    if isinstance(error, Invalid):
        body["fields"] = error.fields
    return JsonResponse(body, status=error.status, content_type="application/problem+json")


def wants_json(request: HttpRequest) -> bool:
    """Whether a program asks."""
    return request.path.startswith("/api/")


def _id(request: HttpRequest) -> str:
    return getattr(request, "request_id", "")
