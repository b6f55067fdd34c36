"""What officers see of rounds: who takes part, what comes out, and who approved it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from commonweal.kernel.base import clock
from commonweal.kernel.base.dates import boxes, needed_day
from commonweal.kernel.base.desks import Desk, form_page, shown_revision
from commonweal.kernel.base.errors import CommonwealError, Conflict, Forbidden, Invalid
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route
from commonweal.kernel.base.templates import long_date, number
from commonweal.kernel.ledger.actions import record_access
from commonweal.kernel.people import queries as people
from commonweal.kernel.rounds import actions, queries
from commonweal.kernel.rounds.enums import Answer, Status
from commonweal.kernel.rounds.models import Entry, Round
from commonweal.kernel.rounds.registry import methods
from commonweal.kernel.rounds.rules import may_approve, may_prepare

PURPOSE = "share out what is scarce among those who applied"
_ROWS = 25
_TONES = {
    Status.OPEN: "info",
    Status.READY: "warning",
    Status.ISSUING: "info",
    Status.DONE: "success",
    Status.CLOSING: "info",
    Status.CLOSED: "neutral",
}


@require_GET
@route(allows=may_prepare, discloses=NOTHING)
def listing(request: ActorRequest) -> HttpResponse:
    """Show the agency's rounds, and open one."""
    return _list_page(request)


def _list_page(request: ActorRequest, *, error: Invalid | None = None) -> HttpResponse:
    services = dict(queries.services_with_rounds(request.actor.agency or ""))
    rows = [
        {
            "name": {"text": one.name, "href": reverse("rounds:show", kwargs={"round_id": one.pk})},
            "service": services.get(one.service_key, one.service_key),
            "closes": long_date(one.closes_on),
            "status": {"text": _label(one), "tone": _tone(one)},
        }
        for one in queries.rounds_for(request.actor)[: queries.MAX_ROWS]
    ]
    hints = {methods[queries.section_of(key).method].hint() for key in services}
    context = {
        "rows": rows,
        "services": [{"value": key, "label": name} for key, name in services.items()],
        "hint": " ".join(sorted(hints)),
        "closes_on": boxes(request.POST.dict(), "closes_on"),
    }
    return form_page(request, "rounds/list.html", context, error=error)


@require_POST
@route(allows=may_prepare, discloses=NOTHING)
def begin(request: ActorRequest) -> HttpResponse:
    """Open a round."""
    try:
        one = actions.open_round(
            request.POST.get("service_key", ""),
            name=request.POST.get("name", ""),
            closes_on=needed_day(request.POST.dict(), "closes_on"),
            settings=request.POST.get("settings", ""),
            by=request.actor,
            at=clock.now(),
        )
    except Invalid as error:
        return _list_page(request, error=error)
    return redirect("rounds:show", round_id=one.pk)


@require_GET
@route(allows=may_prepare, discloses=PURPOSE)
def show(request: ActorRequest, round_id: UUID) -> HttpResponse:
    """Show who takes part in a round, and what it comes to."""
    return _round_page(request, _round(request, round_id))


def _round_page(request: ActorRequest, one: Round, error: CommonwealError | None = None) -> HttpResponse:
    offset = _offset(request)
    rows, count = queries.list_of(one, offset=offset, limit=_ROWS)
    record_access(request.actor, {row.case.applicant_id for row in rows}, PURPOSE, at=clock.now())
    cards = people.cards({row.case.applicant_id for row in rows})
    actor, status, labels = request.actor, Status(one.status), queries.labels_of(one.service_key)
    is_over = clock.today() > one.closes_on
    checked = queries.still_checked(one) if status == Status.OPEN else 0
    context = {
        "round": one,
        "status": _label(one),
        "tone": _tone(one),
        "service": dict(queries.services_with_rounds(actor.agency or "")).get(one.service_key, ""),
        "figures": [{"label": line.label, "value": line.value} for line in queries.lines(one, labels)],
        "shares": queries.shares(one, labels, is_public=False),
        "count": number(count),
        "rows": [_cells(row, cards[row.case.applicant_id].name, labels) for row in rows],
        "has_places": any(row.place for row in rows),
        "next": f"?from={offset + _ROWS}" if offset + _ROWS < count else "",
        "is_first": offset == 0,
        "is_over": is_over,
        "may_work_out": is_over and status in {Status.OPEN, Status.READY} and not checked,
        "checked": checked,
        "may_share_again": status == Status.DONE and queries.taking_part(one).exists(),
        "may_approve": status == Status.READY and may_approve(actor) and actor.id != one.worked_out_by,
        "is_own": status == Status.READY and actor.id == one.worked_out_by,
        "may_close": status == Status.DONE,
        "names": _officers(one),
    }
    return form_page(request, "rounds/show.html", context, error=error)


def _is_over(one: Round) -> bool:
    return one.status == Status.OPEN and clock.today() > one.closes_on


def _label(one: Round) -> str:
    """Return how a round stands: once its last day has passed it takes no applications, worked out or not."""
    return _("closed for applications, to be worked out") if _is_over(one) else str(Status(one.status).label)


def _tone(one: Round) -> str:
    return "warning" if _is_over(one) else _TONES[Status(one.status)]


def _offset(request: ActorRequest) -> int:
    text = request.GET.get("from", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0


def _officers(one: Round) -> dict[str, str]:
    ids = {UUID(text) for text in (one.worked_out_by, one.approved_by) if text}
    names = {str(key): name for key, name in people.officer_names(ids).items()}
    return {"worked_out": names.get(one.worked_out_by, ""), "approved": names.get(one.approved_by, "")}


def _cells(entry: Entry, name: str, labels: Mapping[str, str]) -> dict[str, Any]:
    standing = queries.standing_of(entry) if entry.result else None
    school = str(standing.detail.get("school") or "") if standing else ""
    return {
        "place": number(entry.place) if entry.place else _("none"),
        "case": {
            "text": entry.case.reference,
            "href": reverse("cases:work", kwargs={"reference": entry.case.reference}),
        },
        "person": name,
        "result": standing.result if standing else _("not worked out yet"),
        "what": labels.get(school, school),
        "answer": str(Answer(entry.answer).label) if entry.answer or entry.answer_due_on else _("none"),
    }


def _round(request: ActorRequest, round_id: UUID) -> Round:
    return queries.round_for(round_id, actor=request.actor)


_DESK = Desk(_round, _round_page, "rounds:show", key="round_id", shown=(Conflict, Forbidden))


@require_POST
@route(allows=may_prepare, discloses=PURPOSE)
def work_out(request: ActorRequest, round_id: UUID) -> HttpResponse:
    """Share out what there is; nothing is told to anybody yet."""
    return _DESK.act(request, round_id, actions.work_out)


@require_POST
@route(allows=may_approve, discloses=PURPOSE)
def approve(request: ActorRequest, round_id: UUID) -> HttpResponse:
    """Approve, as another officer, what was worked out."""
    return _DESK.act(request, round_id, partial(actions.approve, revision=shown_revision(request)))


@require_POST
@route(allows=may_prepare, discloses=PURPOSE)
def close(request: ActorRequest, round_id: UUID) -> HttpResponse:
    """Let those who still wait go on with what was decided."""
    return _DESK.act(request, round_id, actions.close)
