"""What people see of themselves: their account, what is known of them, and who looked at it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import Invalid, SignInNeeded
from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route
from commonweal.kernel.base.rules import anyone, is_resident, signed_in
from commonweal.kernel.base.types import ActorKind
from commonweal.kernel.ledger.actions import record_access
from commonweal.kernel.ledger.queries import accesses_to
from commonweal.kernel.people import actions, queries
from commonweal.kernel.people.enums import Face, Scope
from commonweal.kernel.people.middleware import FACE
from commonweal.kernel.people.models import Account
from commonweal.kernel.people.presenting import access_page, fact_groups

OWN_DETAILS = "own details"
OWN_VISITS = 200
OWN_ACCESS = "who looked at my data"
TOKEN_DAYS = ("30", "90", "180", "365")


def _account(request: ActorRequest) -> Account:
    """Return the account that has signed in.

    Raises:
        SignInNeeded: None has.
    """
    if isinstance(request.user, AnonymousUser):
        raise SignInNeeded
    return request.user


@require_GET
@route(allows=anyone, discloses=NOTHING)
def account(request: ActorRequest) -> HttpResponse:
    """Show what can be done with the account; an officer without a second step may come here too."""
    faces = queries.faces_of(_account(request))
    other = [face for face in faces if face.value != request.actor.kind.value] if len(faces) > 1 else []
    return page(request, "people/account.html", {"is_resident": Face.RESIDENT in faces, "other_faces": other})


@require_http_methods(["GET", "POST"])
@route(allows=anyone, discloses=NOTHING)
def session(request: ActorRequest) -> HttpResponse:
    """Say when one is signed out, and let one stay signed in.

    Source: WCAG 2.2, 2.2.1 (timing adjustable).
    """
    _account(request)
    back = request.POST.get("next") or request.GET.get("next") or reverse("people_account")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = reverse("people_account")
    if request.method == "POST":
        request.session.extend()  # type: ignore[attr-defined]  # our own store
        return redirect(back)
    return page(request, "people/session.html", {"next": back})


@require_POST
@route(allows=anyone, discloses=NOTHING)
def choose_face(request: ActorRequest) -> HttpResponse:
    """Switch between the two faces of an account that is both a resident's and an officer's."""
    chosen = request.POST.get("face", "")
    if chosen in queries.faces_of(_account(request)):
        request.session[FACE] = chosen
    return HttpResponseRedirect("/")


@require_GET
@route(allows=is_resident, discloses=OWN_DETAILS)
def details(request: ActorRequest) -> HttpResponse:
    """Show what the government knows of the resident: each fact with source, legal basis and time."""
    person_id = UUID(request.actor.id)
    context = {
        "card": queries.person_card(person_id),
        "facts": list(queries.facts_held(person_id)),
        "fact_groups": fact_groups,
        "identifiers": queries.identifiers_of(person_id),
    }
    record_access(request.actor, queries.record_ids(person_id), OWN_DETAILS, at=clock.now())
    return page(request, "people/details.html", context)


@require_GET
@route(allows=is_resident, discloses=OWN_ACCESS)
def access(request: ActorRequest) -> HttpResponse:
    """Show who looked at the resident's data, when and what for."""
    records = queries.record_ids(UUID(request.actor.id))
    seen = sorted(
        (
            found
            for record in records
            for found in (
                *accesses_to(record, but=records),
                *accesses_to(record, by=records, limit=OWN_VISITS),
            )
        ),
        key=lambda found: found.at,
        reverse=True,
    )
    officers = queries.officer_names(
        UUID(found.actor.id) for found in seen if found.actor.kind is ActorKind.OFFICER
    )
    record_access(request.actor, records, OWN_ACCESS, at=clock.now())
    return page(request, "people/access.html", {"accesses": access_page(seen, records, officers)})


@require_GET
@route(allows=signed_in, discloses=NOTHING)
def tokens(request: ActorRequest) -> HttpResponse:
    """List the tokens of one's own programs."""
    return _tokens(request)


def _tokens(request: ActorRequest, **more: Any) -> HttpResponse:
    context = {
        "tokens": list(queries.tokens(actor=request.actor, at=clock.now())),
        "secret": "",
        "error": None,
    }
    return page(request, "people/tokens.html", context | more)


@require_http_methods(["GET", "POST"])
@route(allows=signed_in, discloses=NOTHING)
@reauthentication_required(app="people")  # type: ignore[untyped-decorator]  # allauth is untyped
def make_token(request: ActorRequest) -> HttpResponse:
    """Make a token and show it, once; asks for the password or passkey first, unless that was done just now."""
    typed = {"name": "", "scope": Scope.READ.value, "days": "90"}
    error: Invalid | None = None
    if request.method == "POST":
        typed = {name: request.POST.get(name, "") for name in typed}
        now = clock.now()
        days = int(typed["days"]) if typed["days"] in TOKEN_DAYS else 0
        try:
            made = actions.make_token(
                _account(request).pk,
                name=typed["name"],
                scope=typed["scope"],
                expires_at=now + timedelta(days=days),
                by=request.actor,
                at=now,
            )
        except Invalid as refused:
            error = refused
        else:
            return _tokens(request, secret=made.secret)
    context = {
        "typed": typed,
        "errors": error.fields if error else {},
        "scopes": [{"value": scope.value, "label": scope.label} for scope in Scope],
        "terms": [
            {"value": days, "label": ngettext("%(days)s day", "%(days)s days", int(days)) % {"days": days}}
            for days in TOKEN_DAYS
        ],
    }
    return page(request, "people/token_new.html", context, status=422 if error else 200)


@require_POST
@route(allows=signed_in, discloses=NOTHING)
def revoke_token(request: ActorRequest, token_id: UUID) -> HttpResponse:
    """Take a token back."""
    actions.revoke_token(token_id, by=request.actor, at=clock.now())
    return redirect("people_tokens")
