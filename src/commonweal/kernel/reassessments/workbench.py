"""What officers see of a change of the law: what it brings, for whom, and who approved it."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from commonweal.kernel.base import clock
from commonweal.kernel.base.dates import boxes, needed_day
from commonweal.kernel.base.desks import Desk, form_page, sent_amount
from commonweal.kernel.base.errors import CommonwealError, Conflict, Forbidden, Invalid, Malformed
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route
from commonweal.kernel.base.templates import long_date, money, number
from commonweal.kernel.base.types import Actor, Money
from commonweal.kernel.decisions import queries as decisions
from commonweal.kernel.ledger.actions import record_access
from commonweal.kernel.people import queries as people
from commonweal.kernel.reassessments import actions, queries
from commonweal.kernel.reassessments.enums import Kind, Stage, Status
from commonweal.kernel.reassessments.models import Item, Reassessment
from commonweal.kernel.reassessments.rules import may_approve, may_prepare
from commonweal.kernel.reassessments.types import Total
from commonweal.kernel.reassessments.working_out import offered

PURPOSE = "work out what a change of the law means for people"
_ROWS = 25
_TONES = {
    Kind.SAME: "neutral",
    Kind.CHANGED: "info",
    Kind.ENDED: "danger",
    Kind.OFFICER: "warning",
    Status.DONE: "success",
    Status.CANCELLED: "neutral",
    Status.PROPOSED: "warning",
}


@require_GET
@route(allows=may_prepare, discloses=NOTHING)
def listing(request: ActorRequest) -> HttpResponse:
    """Show the agency's re-assessments, and begin one."""
    return _list_page(request)


def _list_page(request: ActorRequest, *, error: CommonwealError | None = None) -> HttpResponse:
    runs = list(queries.runs_for(request.actor)[: queries.MAX_ROWS])
    names = dict(queries.programmes_of(request.actor.agency or ""))
    rows = [
        {
            "law": {
                "text": names.get(run.programme, run.programme),
                "href": reverse("reassessments:show", kwargs={"run_id": run.pk}),
            },
            "on": long_date(run.reference_on),
            "status": {"text": str(Status(run.status).label), "tone": _TONES.get(Status(run.status), "info")},
            "started": long_date(run.started_at),
        }
        for run in runs
    ]
    context = {
        "rows": rows,
        "laws": [{"value": key, "label": name} for key, name in names.items()],
        "reference_on": boxes(request.POST.dict(), "reference_on"),
    }
    return form_page(request, "reassessments/list.html", context, error=error)


@require_POST
@route(allows=may_prepare, discloses=NOTHING)
def begin(request: ActorRequest) -> HttpResponse:
    """Begin to look at every running award of a law again."""
    try:
        run = actions.start(
            request.POST.get("programme", ""),
            reference_on=needed_day(request.POST.dict(), "reference_on"),
            agency=request.actor.agency or "",
            by=request.actor,
            at=clock.now(),
        )
    except Invalid as error:
        return _list_page(request, error=error)
    return redirect("reassessments:show", run_id=run.pk)


@require_GET
@route(allows=may_prepare, discloses=PURPOSE)
def show(request: ActorRequest, run_id: UUID) -> HttpResponse:
    """Show what a re-assessment brings: counts, sums, and the list of awards."""
    return _run_page(request, _run(request, run_id))


def _run_page(request: ActorRequest, run: Reassessment, error: CommonwealError | None = None) -> HttpResponse:
    kind = request.GET.get("kind", "")
    rows, following = queries.items(run, kind=kind, after=_after(request), limit=_ROWS)
    persons = {item.award.person_id for item in rows}
    record_access(request.actor, persons, PURPOSE, at=clock.now())
    cards = people.cards(persons)
    totals = queries.totals(run)
    names = _officers(run)
    query = request.GET.copy()
    query["after"] = str(following or "")
    actor = request.actor
    context = {
        "run": run,
        "law": _law_name(run),
        "status": str(Status(run.status).label),
        "tone": _TONES.get(Status(run.status), "info"),
        "figures": _figures(run, totals),
        "totals": [_total(total) for total in totals],
        "rows": [_item_cells(item, cards[item.award.person_id].name) for item in rows],
        "kind": kind,
        "kinds": [
            {"value": "", "label": _("All")},
            *({"value": k.value, "label": str(k.label)} for k in Kind),
        ],
        "next": f"?{query.urlencode()}" if following else "",
        "is_first": not request.GET.get("after"),
        "proposed_by": names.get(run.proposed_by, ""),
        "approved_by": names.get(run.approved_by, ""),
        "may_propose": run.status == Status.READY,
        "may_approve": run.status == Status.PROPOSED and may_approve(actor) and actor.id != run.proposed_by,
        "is_own": run.status == Status.PROPOSED and actor.id == run.proposed_by,
        "may_cancel": run.status in {Status.COLLECTING, Status.READY, Status.PROPOSED},
    }
    return form_page(request, "reassessments/show.html", context, error=error)


def _law_name(run: Reassessment) -> str:
    return {law.key: law.name for law in decisions.programmes()}.get(run.programme, run.programme)


def _officers(run: Reassessment) -> dict[str, str]:
    ids = {UUID(text) for text in (run.proposed_by, run.approved_by) if text}
    return {str(key): name for key, name in people.officer_names(ids).items()}


def _figures(run: Reassessment, totals: list[Total]) -> list[dict[str, Any]]:
    known = [total for total in totals if total.kind is not Kind.OFFICER]
    before = Money(sum(total.before.minor for total in known), run.currency)
    after = Money(sum(total.after.minor for total in known), run.currency)
    difference = Money(after.minor - before.minor, run.currency)
    return [
        {"label": _("Awards looked at"), "value": number(sum(total.awards for total in totals))},
        {"label": _("Amounts until now"), "value": money(before)},
        {"label": _("Amounts under the new law"), "value": money(after)},
        {
            "label": _("Difference"),
            "value": money(difference),
            "note": _("without those that an officer has to decide"),
        },
    ]


def _total(total: Total) -> dict[str, Any]:
    is_known = total.kind is not Kind.OFFICER
    return {
        "kind": {"text": str(total.kind.label), "href": f"?kind={total.kind.value}"},
        "awards": number(total.awards),
        "pending": number(total.pending),
        "before": money(total.before),
        "after": money(total.after) if is_known else _("not known"),
    }


def _amount_text(amount: Money | None) -> str:
    return money(amount) if amount is not None else _("none")


def _item_cells(item: Item, name: str) -> dict[str, Any]:
    kind = Kind(item.kind)
    return {
        "case": {
            "text": item.case_reference or _("no case"),
            "href": reverse("reassessments:item", kwargs={"item_id": item.pk}),
        },
        "person": name,
        "before": _amount_text(item.before),
        "after": _amount_text(item.after) if kind is not Kind.OFFICER else _("not known"),
        "kind": {"text": str(kind.label), "tone": _TONES[kind]},
        "stage": str(Stage(item.stage).label) if kind is not Kind.SAME else _("none"),
    }


def _after(request: ActorRequest) -> UUID | None:
    text = request.GET.get("after")
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Malformed from None


def _run(request: ActorRequest, run_id: UUID) -> Reassessment:
    return queries.run_for(run_id, actor=request.actor)


_RUNS = Desk(_run, _run_page, "reassessments:show", key="run_id", shown=(Conflict, Forbidden))


@require_POST
@route(allows=may_prepare, discloses=PURPOSE)
def propose(request: ActorRequest, run_id: UUID) -> HttpResponse:
    """Propose to issue the differences."""
    return _RUNS.act(request, run_id, actions.propose)


@require_POST
@route(allows=may_approve, discloses=PURPOSE)
def approve(request: ActorRequest, run_id: UUID) -> HttpResponse:
    """Approve them, as another officer."""
    return _RUNS.act(request, run_id, actions.approve)


@require_POST
@route(allows=may_prepare, discloses=PURPOSE)
def cancel(request: ActorRequest, run_id: UUID) -> HttpResponse:
    """Give a re-assessment up."""
    return _RUNS.act(request, run_id, actions.cancel)


@require_GET
@route(allows=may_prepare, discloses=PURPOSE)
def item(request: ActorRequest, item_id: UUID) -> HttpResponse:
    """Show what the new law means for one award, step by step."""
    return _item_page(request, _item(request, item_id))


def _item_page(request: ActorRequest, one: Item, error: CommonwealError | None = None) -> HttpResponse:
    now = clock.now()
    record_access(request.actor, [one.award.person_id], PURPOSE, at=now)
    kind, run = Kind(one.kind), one.run
    labels = _outcome_labels(one.service_key)
    context = {
        "one": one,
        "run": run,
        "law": _law_name(run),
        "person": people.person_card(one.award.person_id).name,
        "kind": {"text": str(kind.label), "tone": _TONES[kind]},
        "facts": [
            {"label": _("From"), "value": long_date(run.reference_on)},
            {"label": _("Amount until now"), "value": _amount_text(one.before)},
            {
                "label": _("Amount under the new law"),
                "value": _("not known") if kind is Kind.OFFICER else _amount_text(one.after),
            },
            {"label": _("Outcome until now"), "value": labels.get(one.outcome_before, one.outcome_before)},
            {
                "label": _("Outcome under the new law"),
                "value": labels.get(one.outcome_after, one.outcome_after) or _("not known"),
            },
            {"label": _("Decision"), "value": str(Stage(one.stage).label)},
        ],
        "differences": [
            {
                "step": each.label,
                "before": labels.get(each.before, each.before) or _("none"),
                "after": labels.get(each.after, each.after) or _("none"),
                "how": each.how or _("the law's own figure or rule"),
                "law": "; ".join(each.citations),
            }
            for each in queries.differences(one, at=now)
        ],
        "may_decide": kind is Kind.OFFICER
        and one.stage == Stage.PENDING
        and run.status in {Status.ISSUING, Status.DONE},
        "waits_for_approval": kind is Kind.OFFICER
        and one.stage == Stage.PENDING
        and run.status not in {Status.ISSUING, Status.DONE},
        "outcomes": [{"value": key, "label": label} for key, label in labels.items()],
    }
    return form_page(request, "reassessments/item.html", context, error=error)


def _outcome_labels(service_key: str) -> dict[str, str]:
    service = offered(service_key)
    if service is None:
        return {}
    translate = service.compiled.translator(translation.get_language() or "")
    outcomes = decisions.outcomes_of(service.compiled)
    return {key: translate(outcome.label) for key, outcome in outcomes.items() if not outcome.officer}


def _item(request: ActorRequest, item_id: UUID) -> Item:
    return queries.item_for(item_id, actor=request.actor)


_ITEMS = Desk(
    _item,
    _item_page,
    "reassessments:item",
    key="item_id",
    shown=(Invalid, Conflict, Forbidden),
)


@require_POST
@route(allows=may_prepare, discloses=PURPOSE)
def decide(request: ActorRequest, item_id: UUID) -> HttpResponse:
    """Decide about one award by hand."""

    def decide_by_hand(one: UUID, *, by: Actor, at: datetime) -> None:
        actions.decide_by_hand(
            one,
            outcome=request.POST.get("outcome", ""),
            reasons=request.POST.get("reasons", ""),
            legal_ground=request.POST.get("legal_ground", ""),
            amount=sent_amount(request, "amount"),
            by=by,
            at=at,
        )

    return _ITEMS.act(request, item_id, decide_by_hand)


@require_POST
@route(allows=may_prepare, discloses=PURPOSE)
def leave(request: ActorRequest, item_id: UUID) -> HttpResponse:
    """Leave one award as it is."""
    reasons = request.POST.get("reasons", "")
    return _ITEMS.act(request, item_id, partial(actions.leave_as_it_is, reasons=reasons))
