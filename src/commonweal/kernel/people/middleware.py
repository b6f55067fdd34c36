"""Finds out who acts."""

from __future__ import annotations

from collections.abc import Callable

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation

from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.people.enums import Face
from commonweal.kernel.people.queries import actor_of
from commonweal.kernel.people.registry import stand_ins

FACE = "people.face"
"""The key in the session under which the chosen face lies."""

_FACES = {face.value: face for face in Face}

OPEN_TO_ALL = ("/account/", "/static/", "/language/", "/healthz")
"""Where an officer may go without a second step: to add one, above all."""


def actor(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Put the signed-in account on the request, and its actor.

    An officer who signed in without a second step or a passkey is a guest until there is one, where
    ``COMMONWEAL_OFFICER_MFA`` says so; the resident of the same account may go on.
    """

    def handle(request: HttpRequest) -> HttpResponse:
        request.user = get_user(
            request
        )  # at once, for each request asks: Django's own middleware puts it off
        found = _actor(request)
        if found.kind is ActorKind.OFFICER and settings.COMMONWEAL_OFFICER_MFA and not _is_strong(request):
            found = Actor.guest()
            if not request.path.startswith(OPEN_TO_ALL):
                return HttpResponseRedirect(reverse("people_account"))
        for each in stand_ins:
            found = each.act(request.path, found)
        _speak_language(request)
        request.actor = found  # type: ignore[attr-defined]  # `base.routes.ActorRequest` declares it
        return get_response(request)

    return handle


def _actor(request: HttpRequest) -> Actor:
    if not request.user.is_authenticated:
        return Actor.guest()
    return actor_of(request.user, face=_FACES.get(request.session.get(FACE, "")))


def _speak_language(request: HttpRequest) -> None:
    """Answer in the language in which the person wants to be written to, unless another was chosen in this browser."""
    if settings.LANGUAGE_COOKIE_NAME in request.COOKIES or not request.user.is_authenticated:
        return
    person = getattr(request.user, "person", None)
    if person is None or person.language == request.LANGUAGE_CODE:
        return
    if person.language in dict(settings.LANGUAGES):
        translation.activate(person.language)
        request.LANGUAGE_CODE = translation.get_language()


def _is_strong(request: HttpRequest) -> bool:
    """Whether a second step or a passkey was part of signing in."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))
