"""What officers see: the reports of mistakes in the records that their teams keep."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from commonweal.kernel.base import clock
from commonweal.kernel.base.dates import boxes
from commonweal.kernel.base.desks import Desk, form_page, shown_revision
from commonweal.kernel.base.errors import CommonwealError
from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import ActorRequest, route
from commonweal.kernel.base.templates import address, long_date, moment
from commonweal.kernel.disputes import actions, presenting, queries
from commonweal.kernel.disputes.enums import Status
from commonweal.kernel.disputes.models import Dispute
from commonweal.kernel.disputes.rules import may_correct
from commonweal.kernel.ledger.actions import record_access
from commonweal.kernel.people import queries as people

PURPOSE = "put right what is held wrongly"
_ROWS = 25


@require_GET
@route(allows=may_correct, discloses=PURPOSE)
def queue(request: ActorRequest) -> HttpResponse:
    """Show the open reports of the officer's teams, the most urgent first."""
    mine = request.GET.get("show", "") == "mine"
    found, is_more = queries.open_disputes(
        request.actor, mine=mine, after=_place(request.GET.get("after", "")), limit=_ROWS
    )
    record_access(request.actor, {each.subject_id for each in found}, PURPOSE, at=clock.now())
    names = people.names({each.subject_id for each in found})
    workers = people.officer_names({each.worker_id for each in found if each.worker_id})
    last = found[-1] if found else None
    mode = "mine" if mine else "all"
    context = {
        "show": mode,
        "rows": [_cells(each, names, workers) for each in found],
        "next": f"?show={mode}&after={last.due_on.isoformat()}_{last.pk}" if last and is_more else "",
        "is_first": not request.GET.get("after"),
    }
    return page(request, "disputes/queue.html", context)


def _place(text: str) -> tuple[date, UUID] | None:
    day, _line, number = text.partition("_")
    try:
        return date.fromisoformat(day), UUID(number)
    except ValueError:
        return None


def _cells(dispute: Dispute, names: dict[UUID, str], workers: dict[UUID, str]) -> dict[str, Any]:
    due: Any = long_date(dispute.due_on)
    if dispute.due_on < clock.today():
        due = {"text": _("%(day)s, late") % {"day": due}, "tone": "danger"}
    return {
        "reference": {
            "text": dispute.reference,
            "href": address("disputes:show", reference=dispute.reference),
        },
        "person": names.get(dispute.subject_id, ""),
        "what": dispute.label,
        "source": dispute.source,
        "worker": workers.get(dispute.worker_id, "") if dispute.worker_id else _("nobody"),
        "due": due,
    }


@require_GET
@route(allows=may_correct, discloses=PURPOSE)
def show(request: ActorRequest, reference: str) -> HttpResponse:
    """Show a report with what the record says now."""
    return _page(request, queries.dispute_for(reference, actor=request.actor))


def _page(request: ActorRequest, dispute: Dispute, error: CommonwealError | None = None) -> HttpResponse:
    record_access(request.actor, [dispute.subject_id], PURPOSE, at=clock.now())
    language = translation.get_language() or ""
    card = people.person_card(dispute.subject_id)
    is_mine = dispute.worker_id is not None and str(dispute.worker_id) == request.actor.id
    form = queries.written_out(dispute) if dispute.is_open else None
    workers = people.officer_names({dispute.worker_id} if dispute.worker_id else set())
    context = {
        "dispute": dispute,
        "person": card,
        "rows": presenting.rows(dispute, language),
        "now": queries.lines_now(dispute),
        "leaves": form.leaves if form else (),
        "days": {
            leaf.name: boxes(request.POST.dict(), leaf.name, leaf.value)
            for leaf in (form.leaves if form else ())
            if leaf.kind == "date"
        },
        "letters": presenting.letters(dispute),
        "status_label": Status(dispute.status).label,
        "tone": queries.TONES[Status(dispute.status)],
        "is_mine": is_mine,
        "may_answer": dispute.is_open and (is_mine or dispute.worker_id is None),
        "facts": [
            {"label": _("Reported"), "value": moment(dispute.raised_at)},
            {"label": _("Answer due"), "value": long_date(dispute.due_on)},
            {"label": _("Officer"), "value": next(iter(workers.values()), _("nobody"))},
        ],
    }
    return form_page(request, "disputes/show.html", context, error=error)


def _dispute(request: ActorRequest, reference: str) -> Dispute:
    return queries.dispute_for(reference, actor=request.actor)


_DESK = Desk(_dispute, _page, "disputes:show")


@require_POST
@route(allows=may_correct, discloses=PURPOSE)
def claim(request: ActorRequest, reference: str) -> HttpResponse:
    """Take a report for oneself."""
    return _DESK.act(request, reference, actions.claim_dispute)


@require_POST
@route(allows=may_correct, discloses=PURPOSE)
def release(request: ActorRequest, reference: str) -> HttpResponse:
    """Put a report back into the queue."""
    return _DESK.act(request, reference, actions.release_dispute)


@require_POST
@route(allows=may_correct, discloses=PURPOSE)
def accept(request: ActorRequest, reference: str) -> HttpResponse:
    """Put the record right."""
    accept_dispute = partial(actions.accept_dispute, typed=request.POST, revision=shown_revision(request))
    return _DESK.act(request, reference, accept_dispute)


@require_POST
@route(allows=may_correct, discloses=PURPOSE)
def refuse(request: ActorRequest, reference: str) -> HttpResponse:
    """Leave the record as it is, with reasons."""
    refuse_dispute = partial(
        actions.refuse_dispute,
        reasons=request.POST.get("reasons", ""),
        legal_ground=request.POST.get("legal_ground", ""),
        revision=shown_revision(request),
    )
    return _DESK.act(request, reference, refuse_dispute)
