"""Every route says who may use it and whose data it discloses.

A view without this declaration fails ``tests/architecture``, and is refused at run time too.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from commonweal.kernel.base.errors import Forbidden, SignInNeeded
from commonweal.kernel.base.rules import Rule
from commonweal.kernel.base.types import Actor

NOTHING = "nothing"
"""The route discloses no person's data but the actor's own input."""

_disclosed: ContextVar[list[str] | None] = ContextVar("disclosed", default=None)

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)


class ActorRequest(HttpRequest):
    """A request whose actor the middleware has found out."""

    actor: Actor


@dataclass(frozen=True)
class RouteRule:
    """What a route declares.

    Attributes:
        allows: Who may come here at all; rules about one thing are checked by queries and actions.
        discloses: Purpose under which personal data leave, or :data:`NOTHING`. With a purpose, the view must call
            ``ledger.record_access`` before it answers, or the answer is withheld.
    """

    allows: Rule
    discloses: str


def route(
    *, allows: Rule, discloses: str
) -> Callable[[Callable[Concatenate[ActorRequest, P], R]], Callable[Concatenate[HttpRequest, P], R]]:
    """Declare a view's rule, and hold it.

    Raises:
        SignInNeeded: Nobody has signed in, and the rule refuses a guest.
        Forbidden: The rule refuses the actor.
    """
    rule = RouteRule(allows, discloses)

    def declare(view: Callable[Concatenate[ActorRequest, P], R]) -> Callable[Concatenate[HttpRequest, P], R]:
        @wraps(view)
        def guarded(request: Any, *args: P.args, **kwargs: P.kwargs) -> R:
            check(rule, request.actor)
            request.route_rule = rule
            return view(request, *args, **kwargs)

        guarded.route_rule = rule  # type: ignore[attr-defined]  # read by the middleware's test and the reference
        return cast("Callable[Concatenate[HttpRequest, P], R]", guarded)

    return declare


def check(rule: RouteRule, actor: Actor) -> None:
    """Hold a rule against an actor.

    Raises:
        SignInNeeded: Nobody has signed in, and the rule refuses a guest.
        Forbidden: The rule refuses the actor.
    """
    if rule.allows(actor):
        return
    if not actor.is_signed_in:
        raise SignInNeeded
    raise Forbidden


def begin_disclosures() -> list[str]:
    """Start an empty list of purposes for the request that begins, and return it (middleware only)."""
    purposes: list[str] = []
    _disclosed.set(purposes)
    return purposes


def note_disclosure(purpose: str) -> None:
    """Tell the middleware that the access log now holds this purpose; outside a request nothing happens.

    Called by ``ledger.record_access``, which knows no request.
    """
    purposes = _disclosed.get()
    if purposes is not None:
        purposes.append(purpose)
