"""What happens to every request: an id, an actor, errors as answers, security headers."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

import structlog
from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from commonweal.kernel.base.errors import CommonwealError, MethodNotAllowed
from commonweal.kernel.base.failures import answer, as_ours, describe, frames_of, is_failure
from commonweal.kernel.base.routes import NOTHING, RouteRule, begin_disclosures, shown_so_far
from commonweal.kernel.base.types import Actor

log = structlog.get_logger(__name__)

Handler = Callable[[HttpRequest], HttpResponse]

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; "
    "script-src 'self'; "
    "style-src 'self'; "
    "img-src 'self' data:; "
    "font-src 'self'; "
    "connect-src 'self'; "
    "manifest-src 'self'; "
    "form-action 'self'; "
    "base-uri 'none'; "
    "frame-ancestors 'none'; "
)

SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_STORED_HEADERS = {name.lower(): (name, value) for name, value in SECURITY_HEADERS.items()}
"""As Django's responses keep them: each one set by itself is checked anew for characters that a header may not hold."""


class Disclosed(CommonwealError):
    """A view's declaration and the access log do not agree on what it disclosed; the answer is withheld."""

    code = "access-not-recorded"


def request_context(get_response: Handler) -> Handler:
    """Give each request an id and a guest for an actor, log one line, and set the security headers."""

    def handle(request: HttpRequest) -> HttpResponse:
        request.request_id = secrets.token_hex(8)  # type: ignore[attr-defined]  # the request carries it on
        request.actor = Actor.guest()  # type: ignore[attr-defined]  # `people` puts the real one here
        started = time.perf_counter()
        response = get_response(request)
        response.headers._store = {**_STORED_HEADERS, **response.headers._store}  # noqa: SLF001 - see above
        if "Cache-Control" not in response.headers and not request.path.startswith("/static/"):
            response.headers["Cache-Control"] = "private, no-store"
        response.headers["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]  # set above
        log.info(
            "request",
            method=request.method,
            route=getattr(request.resolver_match, "route", None),
            status=response.status_code,
            ms=round((time.perf_counter() - started) * 1000, 1),
            request_id=request.request_id,  # type: ignore[attr-defined]  # set above
        )
        return response

    return handle


def language(get_response: Handler) -> Handler:
    """Answer in the language that was chosen in this browser, or that it asks for.

    Django's own also looks for a language in the address, where ours never has one.
    """

    def handle(request: HttpRequest) -> HttpResponse:
        translation.activate(translation.get_language_from_request(request))
        request.LANGUAGE_CODE = translation.get_language()
        response = get_response(request)
        patch_vary_headers(response, ("Accept-Language",))
        response.headers.setdefault("Content-Language", translation.get_language())
        return response

    return handle


class Failures:
    """Turns errors into answers, and withholds an answer whose disclosure was not recorded, or not declared."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, unless the disclosure that the route declares was not recorded."""
        purposes = begin_disclosures()
        response = self.get_response(request)
        if response.status_code == MethodNotAllowed.status and not is_failure(response):
            allowed = response.headers.get("Allow", "")  # Django and ninja answer with an empty page
            response = answer(request, MethodNotAllowed())
            response["Allow"] = allowed
        rule: RouteRule | None = getattr(request, "route_rule", None)
        actor: Actor = getattr(request, "actor", Actor.guest())
        wrong = _contradiction(rule, purposes, actor) if rule is not None else ""
        holds_data = not 300 <= response.status_code < 400 and not is_failure(response)
        if holds_data and wrong:
            log.error(wrong, route=getattr(request.resolver_match, "route", None))
            if response.streaming:
                response.close()  # or its file would stay open
            return answer(request, Disclosed())
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer with what went wrong; a defect of the code is logged and told in plain words."""
        ours = as_ours(error)
        if ours is None:
            if settings.COMMONWEAL_RAISE_DEFECTS:
                return None
            log.error(  # without the error's words: a database's hold the row that it refused
                "defect",
                error=describe(error),
                frames=frames_of(error),
                request_id=getattr(request, "request_id", ""),
            )
            ours = CommonwealError()
        return answer(request, ours)


def _contradiction(rule: RouteRule, purposes: list[str], actor: Actor) -> str:
    """Return what a route declares and the access log do not agree on; nothing where they do.

    What a resident sees of the own records needs no declaration.
    """
    if rule.discloses != NOTHING:
        return "" if rule.discloses in purposes else "disclosure without access record"
    subjects = {subject for each in shown_so_far() for subject in each.subjects}
    return "disclosure without declaration" if subjects and subjects - {*actor.person_ids} else ""


class Sessions(SessionMiddleware):
    """Django's, where a database that cannot save a session now is answered as it is in a view.

    The session is saved on the way out, after :class:`Failures`.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Save the session; say that the request may be sent again if that cannot be done now."""
        try:
            return super().process_response(request, response)
        except DatabaseError as error:
            ours = as_ours(error)
            if ours is None:
                raise
            return answer(request, ours)
