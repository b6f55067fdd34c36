"""What residents see: saying that a record is wrong, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_GET, require_http_methods

from commonweal.kernel.base import clock
from commonweal.kernel.base.desks import shown_revision
from commonweal.kernel.base.errors import CommonwealError, Conflict, Invalid
from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import ActorRequest, route
from commonweal.kernel.base.rules import anyone, is_resident
from commonweal.kernel.disputes import actions, presenting, queries
from commonweal.kernel.disputes.enums import Status
from commonweal.kernel.disputes.errors import NobodyKeepsIt
from commonweal.kernel.forms import queries as sheets
from commonweal.kernel.ledger.actions import record_access

if TYPE_CHECKING:
    from commonweal.kernel.forms.models import Sheet
    from commonweal.kernel.forms.types import KnownAnswer

KNOWN = "fill in what is known"
DETAILS = "own details"
OWN = "show people the mistakes that they reported"


def _language() -> str:
    return translation.get_language() or ""


@require_http_methods(["GET", "POST"])
@route(allows=anyone, discloses=KNOWN)
def wrong(request: ActorRequest, sheet_id: UUID, question: str) -> HttpResponse:
    """Ask what is right and why, and hand it to the team that keeps the record."""
    now = clock.now()
    sheet = sheets.open_sheet(sheet_id, by=request.actor, at=now)
    if request.method == "GET":
        return _ask(request, sheet, question)
    try:
        dispute = actions.raise_dispute(
            sheet_id,
            question,
            request.POST,
            claimed=request.POST.get("claimed", ""),
            reason=request.POST.get("reason", ""),
            proofs=[actions.Proof(sent.name or "", sent) for sent in request.FILES.getlist("proof")],
            revision=shown_revision(request),
            by=request.actor,
            at=now,
        )
    except (Invalid, Conflict) as error:
        again = sheets.open_sheet(sheet_id, by=request.actor, at=now)
        return _ask(request, again, question, error=error)
    if request.actor.on_behalf_of:
        return redirect("cases:draft", sheet_id=sheet_id)
    return redirect("disputes:own", reference=dispute.reference)


@require_http_methods(["GET", "POST"])
@route(allows=is_resident, discloses=DETAILS)
def wrong_fact(request: ActorRequest, key: str) -> HttpResponse:
    """Ask what is right and why of something we hold about the reader, without any application."""
    now, person_id = clock.now(), request.actor.person_ids[0]
    fact = queries.fact_held(person_id, key)
    record_access(request.actor, [person_id], DETAILS, at=now)
    error: CommonwealError | None = None
    if request.method == "POST":
        try:
            dispute = actions.report_fact(
                key,
                claimed=request.POST.get("claimed", ""),
                reason=request.POST.get("reason", ""),
                proofs=[actions.Proof(sent.name or "", sent) for sent in request.FILES.getlist("proof")],
                by=request.actor,
                at=now,
            )
        except (Invalid, Conflict) as refused:
            error = refused
        else:
            return redirect("disputes:own", reference=dispute.reference)
    context = {
        "known": presenting.known_fact(key, fact),
        "typed": request.POST,
        "errors": error.fields if isinstance(error, Invalid) else {},
        "error": error if isinstance(error, Conflict) else None,
        "days": queries.corrections().working_days,
        "back_url": reverse("people_details"),
    }
    return page(request, "disputes/wrong.html", context, status=error.status if error else 200)


def _ask(
    request: ActorRequest, sheet: Sheet, question: str, *, error: CommonwealError | None = None
) -> HttpResponse:
    fields = error.fields if isinstance(error, Invalid) else {}
    known: KnownAnswer = sheets.known_answer(
        sheet,
        question,
        _language(),
        at=clock.now(),
        raw=request.POST if error else None,
        errors=fields,
    )
    if queries.keeper_of(known.provenance.record) is None:
        raise NobodyKeepsIt
    record_access(request.actor, [sheet.owner_id] if sheet.owner_id else [], KNOWN, at=clock.now())
    context = {
        "known": known,
        "revision": sheet.revision,
        "typed": request.POST,
        "errors": fields,
        "error": error if error and not fields else None,
        "days": queries.corrections().working_days,
        "back_url": reverse("cases:page", args=[sheet.pk, known.page_key]),
    }
    return page(request, "disputes/wrong.html", context, status=error.status if error else 200)


@require_GET
@route(allows=is_resident, discloses=OWN)
def own(request: ActorRequest, reference: str) -> HttpResponse:
    """Show whoever reported a mistake what became of it."""
    found = queries.dispute_for(reference, actor=request.actor)
    record_access(request.actor, [found.subject_id], OWN, at=clock.now())
    is_refused = found.status == Status.REFUSED
    context: dict[str, Any] = {
        "dispute": found,
        "rows": presenting.rows(found, _language()),
        "letters": presenting.letters(found),
        "status_label": Status(found.status).label,
        "tone": queries.TONES[Status(found.status)],
        "objection": queries.objection(_language()) if is_refused else None,
        "draft_url": reverse("cases:draft", args=[found.sheet_id])
        if found.sheet_id is not None and sheets.is_open(found.sheet_id, at=clock.now())
        else "",
    }
    return page(request, "disputes/own.html", context)
