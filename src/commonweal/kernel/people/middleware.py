"""Finds out who acts."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from commonweal.kernel.base.types import Actor
from commonweal.kernel.people.enums import Face
from commonweal.kernel.people.queries import actor_of

FACE = "people.face"
"""The key in the session under which the chosen face lies."""


def actor(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Put the actor of the signed-in account on the request."""

    def handle(request: HttpRequest) -> HttpResponse:
        request.actor = _actor(request)  # type: ignore[attr-defined]  # `base.routes.ActorRequest` declares it
        return get_response(request)

    return handle


def _actor(request: HttpRequest) -> Actor:
    if not request.user.is_authenticated:
        return Actor.guest()
    chosen = request.session.get(FACE)
    face = Face(chosen) if chosen in Face.values else None
    return actor_of(request.user, face=face)
