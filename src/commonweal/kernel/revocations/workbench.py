"""What officers see of a revocation, and do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.views.decorators.http import require_GET, require_POST

from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import CommonwealError, Conflict, Invalid
from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import ActorRequest, route
from commonweal.kernel.cases import queries as cases
from commonweal.kernel.ledger.actions import record_access
from commonweal.kernel.people.queries import person_card
from commonweal.kernel.revocations import actions, presenting
from commonweal.kernel.revocations.enums import Status
from commonweal.kernel.revocations.errors import RevocationNotFound
from commonweal.kernel.revocations.queries import revocable, revocation_of
from commonweal.kernel.revocations.rules import may_revoke

PURPOSE = "take back what was granted"


@require_GET
@route(allows=may_revoke, discloses=PURPOSE)
def work(request: ActorRequest, reference: str) -> HttpResponse:
    """Show what can be taken back, or how that stands."""
    return _work(request, reference)


def _work(request: ActorRequest, reference: str, *, error: CommonwealError | None = None) -> HttpResponse:
    case = cases.case_for(reference, actor=request.actor)
    record_access(request.actor, [case.applicant_id], PURPOSE, at=clock.now())
    found, award = revocation_of(case.pk), revocable(case)
    if found is None and award is None:
        raise RevocationNotFound
    language = translation.get_language() or ""
    status = found.status if found else ""
    context = {
        "case": case,
        "holder": person_card(case.applicant_id).name,
        "revocation": found,
        "rows": presenting.rows(case, found, language) if found else [],
        "may_announce": award is not None,
        "grounds": presenting.ground_options(case, language),
        "may_suspend": status in {Status.ANNOUNCED, Status.DONE},
        "may_resume": status == Status.SUSPENDED,
        "may_drop": status in {Status.ANNOUNCED, Status.SUSPENDED},
        "typed": request.POST,
        "errors": error.fields if isinstance(error, Invalid) else {},
        "error": error,
    }
    return page(request, "revocations/work.html", context, status=error.status if error else 200)


@require_POST
@route(allows=may_revoke, discloses=PURPOSE)
def announce(request: ActorRequest, reference: str) -> HttpResponse:
    """Take back what a case granted, as the service declares."""

    def act(at: datetime) -> None:
        said = {name: request.POST.get(name, "") for name in ("ground", "reasons")}
        actions.announce_revocation(reference, **said, by=request.actor, at=at)

    return _acted(request, reference, act)


@require_POST
@route(allows=may_revoke, discloses=PURPOSE)
def suspend(request: ActorRequest, reference: str) -> HttpResponse:
    """Suspend it, for example because of an appeal."""
    return _changed(request, reference, actions.suspend)


@require_POST
@route(allows=may_revoke, discloses=PURPOSE)
def resume(request: ActorRequest, reference: str) -> HttpResponse:
    """Go on with it."""
    return _changed(request, reference, actions.resume)


@require_POST
@route(allows=may_revoke, discloses=PURPOSE)
def drop(request: ActorRequest, reference: str) -> HttpResponse:
    """Give it up."""
    return _changed(request, reference, actions.drop)


def _changed(request: ActorRequest, reference: str, change: Callable[..., object]) -> HttpResponse:
    text = request.POST.get("revision", "")
    revision = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
    remark = request.POST.get("remark", "")
    return _acted(
        request,
        reference,
        lambda at: change(reference, remark=remark, revision=revision, by=request.actor, at=at),
    )


def _acted(request: ActorRequest, reference: str, act: Callable[[datetime], object]) -> HttpResponse:
    try:
        act(clock.now())
    except (Invalid, Conflict) as error:
        return _work(request, reference, error=error)
    case = cases.case_for(reference, actor=request.actor)
    record_access(request.actor, [case.applicant_id], PURPOSE, at=clock.now())
    return redirect("revocations:work", reference=reference)
