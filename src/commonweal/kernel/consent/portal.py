"""What a resident sees before asking that the own data be erased, and how the request stands."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import NotFound
from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route
from commonweal.kernel.base.rules import is_resident
from commonweal.kernel.consent import actions, erasing, queries
from commonweal.kernel.ledger.actions import record_access
from commonweal.kernel.people import queries as people

OWN_ERASURE = "erase own data"


@require_GET
@route(allows=is_resident, discloses=OWN_ERASURE)
def erasure(request: ActorRequest) -> HttpResponse:
    """Show what would be erased, what the law keeps and why, and how a request stands."""
    person_id, now = UUID(request.actor.id), clock.now()
    persons = people.record_ids(person_id)
    record_access(request.actor, persons, OWN_ERASURE, at=now)
    context = {
        "survey": erasing.survey(persons, at=now),
        "erasure": queries.erasure_of(person_id, actor=request.actor),
    }
    return page(request, "consent/own_erasure.html", context)


@require_POST
@route(allows=is_resident, discloses=NOTHING)
def ask(request: ActorRequest) -> HttpResponse:
    """Ask that the own data be erased."""
    actions.request_erasure(UUID(request.actor.id), by=request.actor, at=clock.now())
    return redirect("consent:own-erasure")


@require_POST
@route(allows=is_resident, discloses=NOTHING)
def withdraw(request: ActorRequest) -> HttpResponse:
    """Take the request back."""
    found = queries.erasure_of(UUID(request.actor.id), actor=request.actor)
    if found is None:
        raise NotFound
    actions.withdraw_erasure(found.pk, by=request.actor, at=clock.now())
    return redirect("consent:own-erasure")
