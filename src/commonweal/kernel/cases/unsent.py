"""What somebody had typed into a page when their session ended: kept for an hour, and shown again once they signed in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, cast
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect

from commonweal.kernel.base import clock
from commonweal.kernel.base.routes import ActorRequest
from commonweal.kernel.forms import actions as forms
from commonweal.kernel.forms import queries as sheets
from commonweal.kernel.forms.errors import SheetNotFound

if TYPE_CHECKING:
    from commonweal.kernel.forms.models import Sheet

P = ParamSpec("P")
COOKIE = "unsent"
_NOT_TYPED = frozenset({"csrfmiddlewaretoken", "revision", "return", "remove-file", "hand-in"})


def keeps_typed(
    view: Callable[Concatenate[ActorRequest, P], HttpResponse],
) -> Callable[Concatenate[ActorRequest, P], HttpResponse]:
    """Let a view of a form's page keep what comes when its reader is not signed in any more."""

    @wraps(view)
    def kept(request: ActorRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except SheetNotFound:
            answer = _kept(request, cast("UUID", kwargs["sheet_id"]))
            if answer is None:
                raise
            return answer

    return cast("Callable[Concatenate[ActorRequest, P], HttpResponse]", kept)


def _kept(request: ActorRequest, sheet_id: UUID) -> HttpResponse | None:
    """Keep what a guest sends to a page of somebody's form, and lead them to signing in; None where that does not fit."""
    if request.method != "POST" or request.actor.is_signed_in:
        return None
    typed = {name: texts for name, texts in request.POST.lists() if name not in _NOT_TYPED}
    secret = forms.keep_unsent(sheet_id, place=request.path, typed=typed, by=request.actor, at=clock.now())
    if not secret:
        return None
    response = redirect(f"/account/login/?ended=typed&next={quote(request.get_full_path())}")
    response.set_cookie(
        COOKIE,
        secret,
        max_age=forms.UNSENT_KEPT,
        path="/drafts/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def typed_before(request: ActorRequest, sheet: Sheet) -> QueryDict | None:
    """Return what the owner had typed into this page; None where nothing is kept."""
    secret = request.COOKIES.get(COOKIE, "")
    if not secret:
        return None
    found = sheets.unsent(sheet, place=request.path, secret=secret, by=request.actor, at=clock.now())
    if found is None:
        return None
    typed = QueryDict(mutable=True)
    for name, texts in found.items():
        typed.setlist(name, list(texts))
    return typed
