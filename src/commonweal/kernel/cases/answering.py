"""Where applicants answer an officer: files for each piece of evidence, and words."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import Conflict, Invalid, Malformed
from commonweal.kernel.base.routes import ActorRequest, route
from commonweal.kernel.base.rules import is_resident
from commonweal.kernel.cases import actions, queries
from commonweal.kernel.cases.models import Case
from commonweal.kernel.cases.portal import OWN, own_case


@require_POST
@route(allows=is_resident, discloses=OWN)
def answer(request: ActorRequest, reference: str) -> HttpResponse:
    """Keep the files that came, take one back, or send the answer; each file is kept or refused on its own."""
    found = queries.case_for(reference, actor=request.actor)
    removed = request.POST.get("remove-file", "")
    try:
        _take_files(request, found)
        if removed:
            number, file_id = _named(removed)
            actions.take_back_evidence(found.pk, number, file_id, by=request.actor, at=clock.now())
        elif "hand-in" not in request.POST:
            actions.answer_inquiry(
                found.pk,
                request.POST.get("answer", ""),
                lacks="lacks" in request.POST,
                by=request.actor,
                at=clock.now(),
            )
            return redirect("cases:case", reference=found.reference)
    except (Invalid, Conflict) as error:
        return own_case(request, queries.case_for(reference, actor=request.actor), error=error)
    if request.POST.get("answer", "").strip() or "lacks" in request.POST:
        return own_case(request, found)  # what was typed is not lost
    return redirect(reverse("cases:case", kwargs={"reference": found.reference}) + "#question")


def _take_files(request: ActorRequest, found: Case) -> None:
    inquiry = queries.open_inquiry(found)
    problems: dict[str, str] = {}
    for number in range(len(inquiry.pieces) if inquiry else 0):
        field = f"piece-{number}"
        for sent in request.FILES.getlist(field):
            try:
                actions.hand_in_evidence(
                    found.pk, number, sent, name=sent.name or "", by=request.actor, at=clock.now()
                )
            except Invalid as refusal:
                problems[field] = " ".join([problems.get(field, ""), *refusal.fields.values()]).strip()
    if problems:
        raise Invalid(problems)


def _named(text: str) -> tuple[int, UUID]:
    number, _colon, file_id = text.partition(":")
    try:
        return int(number), UUID(file_id)
    except ValueError:
        raise Malformed from None
