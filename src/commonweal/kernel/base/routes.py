"""Every route says who may use it and whose data it discloses.

A view without this declaration fails ``tests/architecture``, and is refused at run time too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from commonweal.kernel.base.errors import Forbidden, SignInNeeded
from commonweal.kernel.base.rules import Rule
from commonweal.kernel.base.types import Actor

NOTHING = "nothing"
"""The route discloses no person's data but the actor's own input."""

_disclosed: ContextVar[list[str] | None] = ContextVar("disclosed", default=None)
_shown: ContextVar[list[Shown] | None] = ContextVar("shown", default=None)
_access_logs: list[AccessLog] = []

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands in the access log.

    Attributes:
        purpose: What for.
        subjects: Whose data.
    """

    purpose: str
    subjects: tuple[UUID, ...]


class AccessLog(Protocol):
    """What writes the access log; see ``ledger.actions.record_access``."""

    def __call__(self, by: Actor, subjects: Iterable[UUID], purpose: str, *, at: datetime) -> None:
        """Record that an actor is about to be shown data of these persons."""


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
    _shown.set([])
    return purposes


def note_disclosure(purpose: str, subjects: Iterable[UUID] = ()) -> None:
    """Tell the middleware that the access log now holds this purpose; outside a request nothing happens.

    Called by ``ledger.record_access``, which knows no request.
    """
    purposes = _disclosed.get()
    shown = _shown.get()
    if purposes is not None:
        purposes.append(purpose)
    if shown is not None:
        shown.append(Shown(purpose, tuple(subjects)))


def shown_so_far() -> list[Shown]:
    """Return whose data the request that is being answered has disclosed until now."""
    return list(_shown.get() or [])


def keep_access_log(record: AccessLog) -> None:
    """Name the function that writes the access log (``ledger`` only, which lies above)."""
    _access_logs[:] = [record]


def disclose_again(shown: Iterable[Shown], *, by: Actor, at: datetime) -> None:
    """Write into the access log that an earlier answer is given once more."""
    for each in shown:
        for record in _access_logs:
            record(by, each.subjects, each.purpose, at=at)
