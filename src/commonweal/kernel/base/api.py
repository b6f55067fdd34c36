"""The API's ground: who asks, errors as problem+json, idempotency keys, cursor paging.

Each app brings a router (``api.py``) and registers it in :data:`routers`; ``project`` puts them together.
"""

from __future__ import annotations

import hashlib
import inspect
import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import NinjaAPI, Router, Schema, Status
from ninja.errors import HttpError
from ninja.errors import ValidationError as NinjaInvalid
from ninja.parser import Parser
from ninja.responses import NinjaJSONEncoder
from ninja.utils import check_csrf, contribute_operation_callback
from pydantic import Field

from commonweal.kernel.base import clock, failures
from commonweal.kernel.base.errors import CommonwealError, Conflict, Forbidden, Invalid, Malformed
from commonweal.kernel.base.models import IdempotentAnswer
from commonweal.kernel.base.registry import Registry
from commonweal.kernel.base.routes import (
    ActorRequest,
    RouteRule,
    Shown,
    check,
    disclose_again,
    route,
    shown_so_far,
)
from commonweal.kernel.base.rules import Rule
from commonweal.kernel.base.types import Actor

IDEMPOTENCY_HEADER = "Idempotency-Key"
_PROOF_HEADER = "Draft-Token"
"""What a guest proves itself with: an address may be shared by many, behind a proxy or in a library."""
_PROOF = "draft_token"
"""The argument of an operation that holds the header's token against a draft's; elsewhere anybody may invent one."""
_DEEPEST = 20
"""How deep arrays and objects of a body may lie in each other; what reads them later goes down by recursion."""
_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_PHRASES = {"413": "Content Too Large", "422": "Unprocessable Content"}
"""Names of RFC 9110, section 15.5, that Python spells otherwise before 3.13."""


@dataclass(frozen=True)
class ApiRouter:
    """What an app adds to the API.

    Attributes:
        key: The app's label.
        prefix: Path below ``/api/v1``.
        router: Its operations.
    """

    key: str
    prefix: str
    router: Router


routers: Registry[ApiRouter] = Registry("base.api")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who a token stands for.

    Attributes:
        actor: Who acts.
        may_write: Whether the token is good for more than reading.
    """

    actor: Actor
    may_write: bool


class Bearer(ABC):
    """The contract: an app that hands out tokens says whom one stands for.

    Attributes:
        key: What its tokens begin with, before the first ``_``.
    """

    key: ClassVar[str]

    @abstractmethod
    def signed_in(self, request: HttpRequest, token: str) -> SignedIn | None:
        """Return whom a token stands for, or None for a token that is unknown, expired or revoked.

        Raises:
            TooManyRequests: The same address has sent too many wrong ones.
        """


bearers: Registry[Bearer] = Registry("base.bearer")


class ProblemDetails(Schema):
    """What went wrong (RFC 9457).

    Attributes:
        type: Address of the kind of problem.
        title: What happened.
        status: HTTP status.
        detail: What to do next.
        code: Stable name, see the reference.
        request_id: To quote when asking for help.
        fields: What is wrong, by field, where single fields are to blame.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    fields: dict[str, str] = Field(default_factory=dict)


class IdempotencyKeyReused(Conflict):
    """The same key came with another request."""

    code = "idempotency-key-reused"


class CursorUnknown(Invalid):
    """A list was asked to go on from a cursor that no list gave; its first stretch would look like the next."""

    code = "cursor-unknown"

    def __init__(self) -> None:
        super().__init__({"cursor": str(_("No list gave this cursor. Send next_cursor as you got it."))})


class CsrfTokenMissing(Forbidden):
    """A browser's session was used without its CSRF token."""

    code = "csrf-token-missing"


class TokenRefused(CommonwealError):
    """The token of an ``Authorization`` header is unknown, expired or revoked, or the header cannot be read."""

    code = "token-refused"
    status = 401
    message = _("The token is not right, or no longer valid.")
    next_step = _("Send 'Authorization: Bearer' with a token that you made on your account's page.")
    headers: ClassVar[dict[str, str]] = {"WWW-Authenticate": 'Bearer error="invalid_token"'}


class TokenMayOnlyRead(Forbidden):
    """A token that may only read was used to write."""

    code = "token-may-only-read"
    message = _("This token may only read.")
    next_step = _("Make a token that may also change things, and use that one.")
    headers: ClassVar[dict[str, str]] = {
        "WWW-Authenticate": 'Bearer error="insufficient_scope", scope="read write"'
    }


PROBLEMS = dict.fromkeys((400, 401, 403, 404, 409, 410, 413, 422, 429, 503), ProblemDetails)
"""Answers that every operation may give, for its OpenAPI description."""


def operation(*, allows: Rule, discloses: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare an operation's rule as :func:`~commonweal.kernel.base.routes.route` does, and hold it.

    Whoever sends ``Authorization: Bearer`` (RFC 6750) is whom the token stands for, whatever cookies say; everybody
    else is known by the browser's session, with its CSRF token. Writing operations that carry an ``Idempotency-Key``
    are done once: a repetition gets the first answer again. A guest's key counts only where the operation takes a
    ``draft_token``, which it checks: nothing else tells one guest from another, and a token that nobody checks may be
    anybody's invention.
    """

    def declare(view: Callable[..., Any]) -> Callable[..., Any]:
        guarded = route(allows=allows, discloses=discloses)(view)
        rule = RouteRule(allows, discloses)
        checks_proof = _PROOF in inspect.signature(view).parameters

        @wraps(guarded)
        def answered(request: ActorRequest, *args: Any, **kwargs: Any) -> Any:
            if "Authorization" in request.headers:
                _sign_in(request)
            else:
                _hold_csrf(request)
            if (
                request.method in _UNSAFE
                and request.headers.get(IDEMPOTENCY_HEADER)
                and (request.actor.id or (checks_proof and request.headers.get(_PROOF_HEADER)))
            ):
                check(rule, request.actor)  # before an earlier answer is given again
                return _once(request, rule, lambda: guarded(request, *args, **kwargs))
            return guarded(request, *args, **kwargs)

        answered.__signature__ = inspect.signature(view, eval_str=True)  # type: ignore[attr-defined]  # for ninja
        security: list[dict[str, list[str]]] = [{"token": []}, {"session": []}]
        described = [{}, *security] if allows(Actor.guest()) else security
        contribute_operation_callback(
            answered, lambda each: setattr(each, "openapi_extra", {"security": described})
        )
        return answered

    return declare


def _sign_in(request: ActorRequest) -> None:
    """Put the actor on the request for whom its token stands.

    Raises:
        TokenRefused: The header cannot be read, or the token is not valid.
        TokenMayOnlyRead: The request writes, and the token is for reading.
    """
    scheme, _blank, token = request.headers["Authorization"].strip().partition(" ")
    issuer = token.strip().partition("_")[0]
    if scheme.lower() != "bearer" or issuer not in bearers:
        raise TokenRefused
    found = bearers[issuer].signed_in(request, token.strip())
    if found is None:
        raise TokenRefused
    request.actor = found.actor
    if request.method in _UNSAFE and not found.may_write:
        raise TokenMayOnlyRead


def _hold_csrf(request: HttpRequest) -> None:
    """Refuse a writing request that rests on a browser's cookie and does not show that our own page sent it."""
    if request.method not in _UNSAFE or settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return
    if check_csrf(request):
        raise CsrfTokenMissing


def _once(request: ActorRequest, rule: RouteRule, act: Callable[[], Any]) -> Any:
    key = request.headers[IDEMPOTENCY_HEADER]
    if len(key) > 200:
        raise Malformed
    secret = hashlib.sha256(request.headers.get(_PROOF_HEADER, "").encode()).hexdigest()
    actor = f"{request.actor.kind}:{request.actor.id or secret}"
    asked = hashlib.sha256(
        f"{request.method} {request.get_full_path()}\n{secret}\n".encode() + _sent(request)
    ).hexdigest()
    try:
        with transaction.atomic():
            row = IdempotentAnswer.objects.create(
                actor=actor, key=key, request_hash=asked, created_at=clock.now()
            )
            result = act()
            status, body = (result.status_code, result.value) if isinstance(result, Status) else (200, result)
            row.status, row.body = status, _written(body)
            row.disclosed = [
                {"purpose": each.purpose, "subjects": [str(subject) for subject in each.subjects]}
                for each in shown_so_far()
            ]
            row.save(update_fields=["status", "body", "disclosed"])
            return result
    except IntegrityError:
        first = IdempotentAnswer.objects.filter(actor=actor, key=key).order_by("id").first()
        if first is None:
            raise
    if first.request_hash != asked:
        raise IdempotencyKeyReused
    request.route_rule = rule  # type: ignore[attr-defined]  # the middleware holds the repetition to it, too
    again = [Shown(each["purpose"], tuple(map(UUID, each["subjects"]))) for each in first.disclosed]
    disclose_again(again, by=request.actor, at=clock.now())
    return HttpResponse(first.body, status=first.status, content_type="application/json")


def _sent(request: HttpRequest) -> bytes:
    """Return what tells one body from another; a form's has been read already, and its boundary is another each time."""
    if request.content_type != "multipart/form-data":
        return request.body
    digest = hashlib.sha256(json.dumps(sorted(request.POST.lists())).encode())
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            digest.update(json.dumps([name, file.name, file.size]).encode())
            for chunk in file.chunks():
                digest.update(chunk)
            file.seek(0)
    return digest.digest()


def _written(body: Any) -> str:
    """Write an answer as ninja does, so that a repetition is the same to the letter."""
    return json.dumps(body.model_dump(), cls=NinjaJSONEncoder) if isinstance(body, Schema) else ""


def forget_idempotent_answers() -> int:
    """Delete the answers that are older than a day; return how many."""
    return IdempotentAnswer.objects.filter(created_at__lt=clock.now() - timedelta(days=1)).delete()[0]


class BoundedParser(Parser):
    """Reads bodies whose arrays and objects do not lie too deep in each other."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return what the body says.

        Raises:
            ValueError: It is not JSON, or too deep; ninja answers with 400.
        """
        body = super().parse_body(request)
        level: list[Any] = [body]
        for _depth in range(_DEEPEST):
            level = [
                part
                for each in level
                if isinstance(each, (dict, list))
                for part in (each.values() if isinstance(each, dict) else each)
                if isinstance(part, (dict, list))
            ]
        if level:
            raise ValueError(f"the body is more than {_DEEPEST} deep")
        return body


class DescribedApi(NinjaAPI):
    """The API, whose description says that problems are problem details."""

    def get_openapi_schema(self, **options: Any) -> Any:
        """Return the description; ninja itself would say ``application/json`` of every answer."""
        schema = super().get_openapi_schema(**options)
        schema["components"]["securitySchemes"] = {
            "token": {
                "type": "http",
                "scheme": "bearer",
                "description": "A personal access token, made under /me/tokens/. One for reading is refused when it writes.",
            },
            "session": {
                "type": "apiKey",
                "in": "cookie",
                "name": settings.SESSION_COOKIE_NAME,
                "description": "The browser's session. Whatever writes sends the CSRF token as X-CSRFToken too.",
            },
        }
        for path in schema["paths"].values():
            for described in path.values():
                for status, response in described["responses"].items():
                    response["description"] = _PHRASES.get(str(status), response["description"])
                    if int(status) >= 400 and "content" in response:
                        (content,) = response["content"].values()
                        response["content"] = {"application/problem+json": content}
        return schema


def create_api() -> NinjaAPI:
    """Return the API with every router that an app has registered."""
    api = DescribedApi(
        title="Commonweal",
        version="1",
        description="The same actions as the portal and the workbench. Errors are problem details (RFC 9457).",
        docs_url=None,
        urls_namespace="api",
        parser=BoundedParser(),
    )
    api.add_exception_handler(CommonwealError, _ours)
    api.add_exception_handler(NinjaInvalid, _not_as_described)
    api.add_exception_handler(HttpError, _unreadable)
    for router in routers:
        api.add_router(router.prefix, router.router, tags=[router.key])
    return api


def _ours(request: HttpRequest, error: Any) -> HttpResponse:
    return failures.answer(request, error)


def _unreadable(request: HttpRequest, error: Any) -> HttpResponse:
    return failures.answer(request, Malformed())


def _not_as_described(request: HttpRequest, error: Any) -> HttpResponse:
    fields = {
        ".".join(str(part) for part in detail["loc"][1:]): str(detail["msg"]) for detail in error.errors
    }
    return failures.answer(request, Invalid(fields))
