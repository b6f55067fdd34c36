"""What residents see of rounds: how it is shared out, what it came to, one's own place, and an offer to answer."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import CommonwealError
from commonweal.kernel.base.jurisdiction import current
from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route
from commonweal.kernel.base.rules import anyone, is_resident
from commonweal.kernel.base.templates import long_date, money, number
from commonweal.kernel.base.types import Money
from commonweal.kernel.cases import queries as cases
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.ledger.actions import record_access
from commonweal.kernel.rounds import actions, queries
from commonweal.kernel.rounds.enums import Answer, Status
from commonweal.kernel.rounds.errors import NoOffer, NoWaiting, RoundNotFound, WrongStep
from commonweal.kernel.rounds.models import Entry, Round
from commonweal.kernel.rounds.registry import Standing

OWN = "show people how their own application stands"
_TOLD = {Status.DONE, Status.CLOSING, Status.CLOSED}
_SHOWN = 20
NO_LABELS: Mapping[str, str] = MappingProxyType({})


@require_GET
@route(allows=anyone, discloses=NOTHING)
def listing(request: ActorRequest, key: str) -> HttpResponse:
    """Show a service's rounds to everybody: the rule, the last days, and what each came to."""
    section = queries.section_of(key)
    translate, name = _names(key)
    context = {
        "service_key": key,
        "service": name,
        "rule": translate(section.rule).split("\n\n"),
        "legal_basis": section.legal_basis,
        "rounds": [_told(one) for one in queries.rounds_of(key)[:_SHOWN]],
    }
    return page(request, "rounds/of_service.html", context)


def _names(key: str) -> tuple[Any, str]:
    service = catalogue.offered_service(key).compiled
    translate = service.translator(translation.get_language() or "")
    return translate, translate(service.info.name)


def _told(one: Round) -> dict[str, Any]:
    is_told = one.status in _TOLD
    rows = [{"label": _("Last day for applications"), "value": long_date(one.closes_on)}]
    if is_told:
        rows += [{"label": line.label, "value": line.value} for line in queries.public_lines(one)]
        rows.append({"label": _("Seed of the lottery"), "value": one.seed})
    shares = queries.shares(one, queries.labels_of(one.service_key), is_public=True) if is_told else []
    return {"shares": shares, "name": one.name, "status": str(Status(one.status).label), "rows": rows}


@require_GET
@route(allows=is_resident, discloses=OWN)
def own(request: ActorRequest, reference: str) -> HttpResponse:
    """Show somebody how their own application stands in its round, and let them answer an offer."""
    return _own(request, reference)


def _own(request: ActorRequest, reference: str, *, error: CommonwealError | None = None) -> HttpResponse:
    case = cases.case_for(reference, actor=request.actor)
    entry = queries.entry_of(case.pk)
    if entry is None:
        raise RoundNotFound
    record_access(request.actor, [case.applicant_id], OWN, at=clock.now())
    _translate, service = _names(case.service_key)
    is_open = entry.answer_due_on is not None and not entry.answer
    may_leave = entry.is_waiting and entry.answer == Answer.ACCEPTED and entry.round.status == Status.DONE
    context = {
        "case": case,
        "service": service,
        "service_key": case.service_key,
        "round": entry.round,
        "rows": _rows(entry),
        "is_told": queries.told(entry) is not None,
        "answer_due_on": entry.answer_due_on if is_open else None,
        "may_leave": may_leave,
        "answer": str(Answer(entry.answer).label) if entry.answer else "",
        "error": error,
    }
    return page(request, "rounds/own.html", context, status=error.status if error else 200)


def _rows(entry: Entry) -> list[dict[str, str]]:
    rows = [{"label": _("Last day for applications"), "value": long_date(entry.round.closes_on)}]
    standing = queries.told(entry)
    if standing is None:
        return [*rows, {"label": _("Result"), "value": _("not decided yet")}]
    if standing.place is not None:
        text = _("%(place)s of %(count)s") % {
            "place": number(standing.place),
            "count": number(standing.detail.get("of", standing.place)),
        }
        rows.append({"label": _("Your place on the list"), "value": text})
    return rows + _details(standing, queries.labels_of(entry.round.service_key))


def _details(standing: Standing, labels: Mapping[str, str] = NO_LABELS) -> list[dict[str, str]]:
    """Return what both methods tell the person concerned."""
    rows, detail, currency = [], standing.detail, current().currency
    if "left_before_minor" in detail:
        left = money(Money(detail["left_before_minor"], currency))
        rows.append({"label": _("Money left when it was your turn"), "value": left})
    if detail.get("amount_minor"):
        rows.append(
            {"label": _("Granted or offered"), "value": money(Money(detail["amount_minor"], currency))}
        )
    if detail.get("school"):
        rows.append({"label": _("Where"), "value": labels.get(detail["school"], detail["school"])})
    if "lottery" in detail:
        rows.append({"label": _("Lottery number"), "value": number(detail["lottery"])})
    for one in detail.get("waiting", []):
        school = labels.get(one["school"], one["school"])
        rows.append(
            {"label": _("Waiting list of %(school)s") % {"school": school}, "value": number(one["place"])}
        )
    return rows


@require_POST
@route(allows=is_resident, discloses=OWN)
def answer(request: ActorRequest, reference: str) -> HttpResponse:
    """Accept or decline an offer, or keep what was accepted and leave the waiting lists."""
    cases.case_for(reference, actor=request.actor)
    said = request.POST.get("answer", "")
    if said not in {"accept", "decline", "stay"}:
        return _own(request, reference)
    try:
        entry = _answered(request, reference, said)
    except (NoOffer, NoWaiting, WrongStep) as error:
        return _own(request, reference, error=error)
    record_access(request.actor, [entry.case.applicant_id], OWN, at=clock.now())
    return redirect("cases:case", reference=reference)


def _answered(request: ActorRequest, reference: str, said: str) -> Entry:
    if said == "stay":
        return actions.leave_waiting(reference, by=request.actor, at=clock.now())
    return actions.answer_offer(reference, accepts=said == "accept", by=request.actor, at=clock.now())
