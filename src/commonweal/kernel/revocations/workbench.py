"""What officers see of a revocation, and do."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.utils import translation
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET, require_POST

from commonweal.kernel.base import clock
from commonweal.kernel.base.desks import Desk, form_page, shown_revision
from commonweal.kernel.base.errors import CommonwealError, Conflict, Invalid
from commonweal.kernel.base.routes import ActorRequest, route
from commonweal.kernel.cases import queries as cases
from commonweal.kernel.ledger.actions import record_access
from commonweal.kernel.people.queries import person_card
from commonweal.kernel.revocations import actions, presenting
from commonweal.kernel.revocations.enums import Status
from commonweal.kernel.revocations.errors import RevocationNotFound
from commonweal.kernel.revocations.letters import announcement
from commonweal.kernel.revocations.queries import case_to_revoke, planned, revocable, revocation_of
from commonweal.kernel.revocations.rules import may_revoke

if TYPE_CHECKING:
    from commonweal.kernel.cases.models import Case
    from commonweal.kernel.revocations.letters import Wording
    from commonweal.kernel.revocations.models import Revocation

PURPOSE = "take back what was granted"


def _case(request: ActorRequest, reference: str) -> Case:
    case = cases.case_for(reference, actor=request.actor)
    record_access(request.actor, [case.applicant_id], PURPOSE, at=clock.now())
    return case


@require_GET
@route(allows=may_revoke, discloses=PURPOSE)
def work(request: ActorRequest, reference: str) -> HttpResponse:
    """Show what can be taken back, or how that stands."""
    return _work(request, _case(request, reference))


def _work(
    request: ActorRequest,
    case: Case,
    error: CommonwealError | None = None,
    *,
    plan: Revocation | None = None,
    letter: Wording | None = None,
) -> HttpResponse:
    found, award = revocation_of(case.pk), revocable(case)
    if found is None and award is None:
        raise RevocationNotFound
    language = translation.get_language() or ""
    status = found.status if found else ""
    context = {
        "case": case,
        "holder": person_card(case.applicant_id).name,
        "what": cases.granted_label(case, award, at=clock.now()) if award else "",
        "revocation": found,
        "rows": presenting.rows(case, found, language) if found else [],
        "may_announce": award is not None,
        "grounds": presenting.ground_options(case, language),
        "plan": plan,
        "letter": letter,
        "may_suspend": status in {Status.ANNOUNCED, Status.DONE},
        "may_resume": status == Status.SUSPENDED,
        "may_drop": status in {Status.ANNOUNCED, Status.SUSPENDED},
    }
    return form_page(request, "revocations/work.html", context, error=error)


_DESK = Desk(_case, _work, "revocations:work", handle="reference")


@require_POST
@route(allows=may_revoke, discloses=PURPOSE)
def preview(request: ActorRequest, reference: str) -> HttpResponse:
    """Show the letter as the holder would get it, and from which day it would hold; nothing is sent."""
    case, at = _case(request, reference), clock.now()
    try:
        case_to_revoke(reference, actor=request.actor)
        plan = planned(case, **_said(request), at=at)
    except (Invalid, Conflict) as error:
        return _work(request, case, error)
    return _work(request, case, plan=plan, letter=announcement(case, plan, at=at))


@require_POST
@route(allows=may_revoke, discloses=PURPOSE)
def announce(request: ActorRequest, reference: str) -> HttpResponse:
    """Take back what a case granted, with the letter that was shown."""
    seen_on = _day(request.POST.get("seen_on", "")) or date.min  # who saw no letter sends none
    announce_revocation = partial(actions.announce_revocation, **_said(request), seen_on=seen_on)
    return _DESK.act(request, reference, announce_revocation)


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _said(request: ActorRequest) -> dict[str, Any]:
    return {name: request.POST.get(name, "") for name in ("ground", "reasons")}


@require_POST
@route(allows=may_revoke, discloses=PURPOSE)
def suspend(request: ActorRequest, reference: str) -> HttpResponse:
    """Suspend it, for example because of an appeal."""
    return _DESK.act(request, reference, partial(actions.suspend, **_change(request)))


@require_POST
@route(allows=may_revoke, discloses=PURPOSE)
def resume(request: ActorRequest, reference: str) -> HttpResponse:
    """Go on with it."""
    return _DESK.act(request, reference, partial(actions.resume, **_change(request)))


@require_POST
@route(allows=may_revoke, discloses=PURPOSE)
def drop(request: ActorRequest, reference: str) -> HttpResponse:
    """Give it up."""
    return _DESK.act(request, reference, partial(actions.drop, **_change(request)))


def _change(request: ActorRequest) -> dict[str, Any]:
    return {"remark": request.POST.get("remark", ""), "revision": shown_revision(request)}
