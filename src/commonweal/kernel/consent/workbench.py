"""What officers see of erasures and holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from commonweal.kernel.base import clock
from commonweal.kernel.base.desks import form_page
from commonweal.kernel.base.errors import CommonwealError, Conflict, Invalid
from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import ActorRequest, route
from commonweal.kernel.consent import actions, erasing, queries
from commonweal.kernel.consent.enums import Status
from commonweal.kernel.consent.models import Erasure
from commonweal.kernel.consent.rules import may_erase, may_hold
from commonweal.kernel.ledger.actions import record_access
from commonweal.kernel.people import queries as people

PURPOSE = "erase personal data"
HOLDING = "place holds"
_LONGEST = 120


@require_GET
@route(allows=may_erase, discloses=PURPOSE)
def erasures(request: ActorRequest) -> HttpResponse:
    """Show the requests that are not finished, the oldest first."""
    found = list(queries.open_erasures(actor=request.actor))
    cards = people.cards({each.person_id for each in found})
    record_access(request.actor, list(cards), PURPOSE, at=clock.now())
    return page(request, "consent/erasures.html", {"erasures": found, "cards": cards})


@require_GET
@route(allows=may_erase, discloses=PURPOSE)
def erasure(request: ActorRequest, erasure_id: UUID) -> HttpResponse:
    """Show a request: what goes, what stays and why."""
    return _erasure(request, queries.erasure(erasure_id, actor=request.actor))


def _erasure(request: ActorRequest, found: Erasure, *, error: CommonwealError | None = None) -> HttpResponse:
    return _person(request, found.person_id, found, error)


def _person(
    request: ActorRequest, person_id: UUID, found: Erasure | None, error: CommonwealError | None = None
) -> HttpResponse:
    now = clock.now()
    persons = people.record_ids(person_id)
    record_access(request.actor, persons, PURPOSE, at=now)
    asked_by = found.requested_by.partition(":") if found else ("", "", "")
    officers = {UUID(asked_by[2])} if asked_by[0] == "officer" else set()
    officers |= {each for each in (found.checked_by, found.confirmed_by) if each} if found else set()
    context: dict[str, Any] = {
        "card": people.person_card(person_id),
        "erasure": found,
        "survey": erasing.survey(persons, at=now),
        "officers": people.officer_names(officers),
        "may_check": found is not None and found.status == Status.REQUESTED,
        "may_confirm": found is not None
        and found.status == Status.CHECKED
        and str(found.checked_by) != request.actor.id,
        "may_refuse": found is not None and found.status in {Status.REQUESTED, Status.CHECKED},
    }
    return form_page(request, "consent/erasure.html", context, error=error)


@require_GET
@route(allows=may_erase, discloses=PURPOSE)
def person(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Show what an erasure of a person would do, and take a request for it."""
    standing = people.standing_id(person_id)
    found = queries.erasure_of(standing, actor=request.actor)
    return _person(request, standing, found if found and found.finished_at is None else None)


@require_POST
@route(allows=may_erase, discloses=PURPOSE)
def request_erasure(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Ask for an erasure as an officer; that officer has checked it."""
    reason = request.POST.get("reason", "")
    try:
        made = actions.request_erasure(person_id, reason=reason, by=request.actor, at=clock.now())
    except Invalid as error:
        return _person(request, people.standing_id(person_id), None, error)
    return redirect("consent:erasure", erasure_id=made.pk)


def _acted(request: ActorRequest, erasure_id: UUID, act: Callable[[], object]) -> HttpResponse:
    """Do one thing to a request; on a mistake show it again with what was typed."""
    try:
        act()
    except (Invalid, Conflict) as error:
        return _erasure(request, queries.erasure(erasure_id, actor=request.actor), error=error)
    return redirect("consent:erasure", erasure_id=erasure_id)


@require_POST
@route(allows=may_erase, discloses=PURPOSE)
def check(request: ActorRequest, erasure_id: UUID) -> HttpResponse:
    """Note that one has looked at it."""
    return _acted(
        request, erasure_id, lambda: actions.check_erasure(erasure_id, by=request.actor, at=clock.now())
    )


@require_POST
@route(allows=may_erase, discloses=PURPOSE)
def confirm(request: ActorRequest, erasure_id: UUID) -> HttpResponse:
    """Let it be carried out, as the second officer."""
    return _acted(
        request, erasure_id, lambda: actions.confirm_erasure(erasure_id, by=request.actor, at=clock.now())
    )


@require_POST
@route(allows=may_erase, discloses=PURPOSE)
def refuse(request: ActorRequest, erasure_id: UUID) -> HttpResponse:
    """Refuse it, with an answer that the person reads."""
    answer = request.POST.get("answer", "")
    return _acted(
        request,
        erasure_id,
        lambda: actions.refuse_erasure(erasure_id, answer=answer, by=request.actor, at=clock.now()),
    )


@require_GET
@route(allows=may_hold, discloses=HOLDING)
def holds(request: ActorRequest) -> HttpResponse:
    """Show the holds that stand, and take a new one."""
    return _holds(request)


def _holds(request: ActorRequest, *, error: CommonwealError | None = None) -> HttpResponse:
    found = list(queries.standing_holds(actor=request.actor))
    cards = people.cards({each.subject for each in found if each.subject})
    record_access(request.actor, list(cards), HOLDING, at=clock.now())
    named = {each.release_asked_by.partition(":")[2] for each in found if each.release_asked_by}
    context = {
        "holds": found,
        "cards": cards,
        "officers": {str(key): name for key, name in people.officer_names(map(UUID, named)).items()},
        "me": f"{request.actor.kind}:{request.actor.id}",
    }
    return form_page(request, "consent/holds.html", context, error=error)


@require_POST
@route(allows=may_hold, discloses=HOLDING)
def place(request: ActorRequest) -> HttpResponse:
    """Place a hold on a person, by number, or on a matter, by its stream."""
    try:
        _place(request, request.POST.get("target", "").strip())
    except Invalid as error:
        return _holds(request, error=error)
    return redirect("consent:holds")


def _place(request: ActorRequest, target: str) -> None:
    person_id = _uuid(target)
    actions.place_hold(
        reason=request.POST.get("reason", ""),
        person_id=person_id,
        stream="" if person_id else target[:_LONGEST],
        by=request.actor,
        at=clock.now(),
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@require_POST
@route(allows=may_hold, discloses=HOLDING)
def ask_release(request: ActorRequest, hold_id: UUID) -> HttpResponse:
    """Say that a hold may end."""
    reason = request.POST.get("release_reason", "")
    return _held(
        request,
        hold_id,
        lambda: actions.ask_release(hold_id, reason=reason, by=request.actor, at=clock.now()),
    )


@require_POST
@route(allows=may_hold, discloses=HOLDING)
def release(request: ActorRequest, hold_id: UUID) -> HttpResponse:
    """End a hold, as the second officer."""
    return _held(request, hold_id, lambda: actions.release_hold(hold_id, by=request.actor, at=clock.now()))


@require_POST
@route(allows=may_hold, discloses=HOLDING)
def keep(request: ActorRequest, hold_id: UUID) -> HttpResponse:
    """Let a hold stand after all."""
    return _held(request, hold_id, lambda: actions.keep_hold(hold_id, by=request.actor, at=clock.now()))


def _held(request: ActorRequest, hold_id: UUID, act: Callable[[], object]) -> HttpResponse:
    """Do one thing to a hold; on a mistake show the holds again."""
    try:
        act()
    except Invalid as error:
        return _holds(request, error=Invalid({f"release-{hold_id}": error.fields["reason"]}))
    except Conflict as error:
        return _holds(request, error=error)
    return redirect("consent:holds")
