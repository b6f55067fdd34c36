"""What an operator sees of officers: teams and grants, and what each may do by them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import Invalid
from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import ActorRequest, route
from commonweal.kernel.base.templates import long_date
from commonweal.kernel.ledger.actions import record_access
from commonweal.kernel.people import actions, queries
from commonweal.kernel.people.models import Grant, Officer
from commonweal.kernel.people.registry import capabilities, capabilities_of, roles
from commonweal.kernel.people.rules import GRANTING, may_grant, may_grant_to

TERMS = ("", "30", "90", "365")
"""Days for which a grant may be given; the empty one is until it is revoked."""


@require_GET
@route(allows=may_grant, discloses=GRANTING)
def officers(request: ActorRequest) -> HttpResponse:
    """List the officers of the operator's agency."""
    found = list(queries.officers(actor=request.actor))
    record_access(request.actor, [officer.pk for officer in found], GRANTING, at=clock.now())
    return page(request, "people/officers.html", {"officers": found})


@require_GET
@route(allows=may_grant, discloses=GRANTING)
def officer(request: ActorRequest, officer_id: UUID) -> HttpResponse:
    """Show an officer's teams and grants, and what they add up to."""
    return _officer(request, queries.officer(officer_id, actor=request.actor))


def _officer(request: ActorRequest, found: Officer, *, error: Invalid | None = None) -> HttpResponse:
    record_access(request.actor, [found.pk], GRANTING, at=clock.now())
    today = clock.today()
    every = list(queries.grants_of(found.pk, actor=request.actor))
    standing = [grant for grant in every if _counts(grant, today)]
    held = {key for grant in standing for key in capabilities_of(grant.role) | {grant.capability}}
    mine = set(queries.team_keys_of(found.pk))
    context: dict[str, Any] = {
        "officer": found,
        "standing": [_shown(grant) for grant in standing],
        "past": [_shown(grant) for grant in every if grant not in standing],
        "may": [str(each.label) for each in capabilities if each.key in held],
        "teams": list(queries.teams(actor=request.actor)),
        "team_keys": mine,
        "roles": [
            {"value": role.key, "label": role.label, "hint": _what_it_lets(role.key)} for role in roles
        ],
        "terms": [{"value": days, "label": _term(days)} for days in TERMS],
        "may_change": may_grant_to(request.actor, found),
        "typed": request.POST,
        "errors": error.fields if error else {},
    }
    return page(request, "people/officer.html", context, status=error.status if error else 200)


def _counts(grant: Grant, today: Any) -> bool:
    return grant.revoked_at is None and (grant.until_on is None or grant.until_on >= today)


def _what_it_lets(role: str) -> str:
    return "; ".join(str(each.label) for each in capabilities if role in each.roles)


def _term(days: str) -> str:
    return _("for %(days)s days") % {"days": days} if days else _("until it is revoked")


def _shown(grant: Grant) -> dict[str, Any]:
    if grant.role:
        what = str(roles[grant.role].label) if grant.role in roles else grant.role
    else:
        known = grant.capability in capabilities
        what = str(capabilities[grant.capability].label) if known else grant.capability
    until = long_date(grant.until_on) if grant.until_on else _("until it is revoked")
    if grant.revoked_at is not None:
        until = _("revoked on %(day)s") % {"day": long_date(grant.revoked_at)}
    return {"id": grant.pk, "what": what, "from": long_date(grant.from_on), "until": until}


def _acted(request: ActorRequest, officer_id: UUID, act: Callable[[Officer], object]) -> HttpResponse:
    """Do one thing to an officer of the own agency; on a mistake show the page again."""
    found = queries.officer(officer_id, actor=request.actor)
    try:
        act(found)
    except Invalid as error:
        return _officer(request, found, error=error)
    return redirect("people_officer", officer_id=officer_id)


@require_POST
@route(allows=may_grant, discloses=GRANTING)
def grant(request: ActorRequest, officer_id: UUID) -> HttpResponse:
    """Give a role, from today."""

    def act(found: Officer) -> None:
        role, days = request.POST.get("role", ""), request.POST.get("days", "")
        wrong = {}
        if role not in roles:
            wrong["role"] = _("Choose a role.")
        if days not in TERMS:
            wrong["days"] = _("Choose for how long.")
        if wrong:
            raise Invalid(wrong)
        today = clock.today()
        until_on = today + timedelta(days=int(days)) if days else None
        actions.grant_role(found.pk, role, from_on=today, until_on=until_on, by=request.actor, at=clock.now())

    return _acted(request, officer_id, act)


@require_POST
@route(allows=may_grant, discloses=GRANTING)
def revoke(request: ActorRequest, officer_id: UUID) -> HttpResponse:
    """Take a grant back, at once."""

    def act(found: Officer) -> None:
        wanted = request.POST.get("grant", "")
        for each in queries.grants_of(found.pk, actor=request.actor):
            if str(each.pk) == wanted:
                actions.revoke_grant(each.pk, by=request.actor, at=clock.now())
                return
        raise Invalid({"grant": _("This grant is not there any more.")})

    return _acted(request, officer_id, act)


@require_POST
@route(allows=may_grant, discloses=GRANTING)
def teams(request: ActorRequest, officer_id: UUID) -> HttpResponse:
    """Put an officer into the teams ticked, and take them out of the others."""

    def act(found: Officer) -> None:
        actions.set_teams(found.pk, request.POST.getlist("teams"), by=request.actor, at=clock.now())

    return _acted(request, officer_id, act)
