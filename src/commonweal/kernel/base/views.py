"""Routes that belong to no app: the health check, and Django's own error handlers."""

from __future__ import annotations

import sys

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET

from commonweal.kernel.base.errors import CommonwealError, Forbidden, FormOutdated, Malformed, NotFound
from commonweal.kernel.base.failures import answer, as_ours
from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route
from commonweal.kernel.base.rules import anyone


@route(allows=anyone, discloses=NOTHING)
def health(request: ActorRequest) -> HttpResponse:
    """Say whether the process and its database answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


@require_GET
@route(allows=anyone, discloses=NOTHING)
def api(request: ActorRequest) -> HttpResponse:
    """Tell people how a program begins with the API."""
    root = settings.COMMONWEAL_URL.rstrip("/")
    return page(request, "base/api.html", {"command": f"curl {root}/api/v1/services"})


@route(allows=anyone, discloses=NOTHING)
def language(request: ActorRequest, code: str) -> HttpResponse:
    """Show the pages in another language from now on, beginning with the one the reader came from.

    A link rather than a form: it changes a preference of the browser's and nothing else.

    Raises:
        NotFound: There are no pages in that language.
    """
    if code not in dict(settings.LANGUAGES):
        raise NotFound
    there = request.GET.get("next", "/")
    if not url_has_allowed_host_and_scheme(there, allowed_hosts=None):
        there = "/"
    response = redirect(there)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=31_536_000,
        samesite="Lax",
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that cannot be read, or is too large to be."""
    return answer(request, as_ours(exception) or Malformed())


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that was sent without its token: an expired session, or another site."""
    return answer(request, FormOutdated())


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer somebody who may not."""
    return answer(request, Forbidden())


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that leads nowhere."""
    return answer(request, NotFound())


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a defect of ours; a database that cannot be used now is none, wherever it was asked."""
    error = sys.exc_info()[1]
    ours = as_ours(error) if isinstance(error, Exception) else None
    if ours is not None:  # the page shall not ask the same database who has signed in
        request.user, request.session = AnonymousUser(), {}  # type: ignore[assignment]  # no session that could be saved
    return answer(request, ours or CommonwealError())
