"""What officers see: the letters to print and post, and what neighbours say."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from commonweal.kernel.base import clock
from commonweal.kernel.base.desks import Desk, form_page, shown_revision
from commonweal.kernel.base.errors import CommonwealError, NotFound
from commonweal.kernel.base.jurisdiction import current_in
from commonweal.kernel.base.routes import ActorRequest, route
from commonweal.kernel.cases import queries as cases
from commonweal.kernel.cases.rules import may_work
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.consultations import actions, queries
from commonweal.kernel.consultations.models import Consultation
from commonweal.kernel.ledger.actions import record_access
from commonweal.kernel.mailbox import queries as mailbox

if TYPE_CHECKING:
    from commonweal.kernel.cases.models import Case

PURPOSE = "ask neighbours about a case and weigh what they say"


def _case(request: ActorRequest, reference: str) -> Case:
    case = cases.case_for(reference, actor=request.actor)
    record_access(request.actor, [case.applicant_id], PURPOSE, at=clock.now())
    return case


@require_GET
@route(allows=may_work, discloses=PURPOSE)
def neighbours(request: ActorRequest, reference: str) -> HttpResponse:
    """Show whom the letters go to, and the comments that came."""
    return _page(request, _case(request, reference))


def _page(request: ActorRequest, case: Case, error: CommonwealError | None = None) -> HttpResponse:
    found = queries.consultation_of(case.pk)
    is_open = queries.is_to_be_worked_on(case)
    if found is None and not is_open and error is None:
        raise NotFound
    context = {
        "case": case,
        "consultation": found,
        "until": queries.last_day(found, on=clock.today()) if found else None,
        "neighbours": list(queries.neighbours_of(found)) if found else [],
        "languages": current_in().languages,
        "may_act": is_open and str(case.worker_id or request.actor.id) == request.actor.id,
    }
    return form_page(request, "consultations/neighbours.html", context, error=error)


_DESK = Desk(_case, _page, "cases:work")


@require_POST
@route(allows=may_work, discloses=PURPOSE)
def go_on_without(request: ActorRequest, reference: str) -> HttpResponse:
    """Go on with a case whose neighbours cannot be heard."""
    reasons, revision = request.POST.get("reasons", ""), shown_revision(request)
    return _DESK.act(request, reference, partial(actions.go_on_without, reasons=reasons, revision=revision))


@require_POST
@route(allows=may_work, discloses=PURPOSE)
def posted(request: ActorRequest, reference: str) -> HttpResponse:
    """Note that the letters were posted today."""
    note_posted = partial(actions.note_posted, revision=shown_revision(request))
    return _DESK.act(request, reference, note_posted)


@require_GET
@route(allows=may_work, discloses=PURPOSE)
def letter(request: ActorRequest, reference: str, neighbour_id: UUID, language: str) -> HttpResponse:
    """Give the letter to one household as a PDF."""
    found = _consultation(request, reference)
    neighbour = found.neighbours.filter(pk=neighbour_id).order_by("pk").first()
    if neighbour is None or language not in current_in().languages:
        raise NotFound
    service = catalogue.compiled(found.case.version_id)
    translate = service.translator(language)
    with translation.override(language):
        household = _("To the people who live here")
    values = {
        "consultation": {
            "place": found.place,
            "about": [translate(text) for text in found.about],
            "until": queries.last_day(found, on=clock.today()),
            "code": neighbour.code,
            "page": settings.COMMONWEAL_URL.rstrip("/") + reverse("consultations:door"),
        }
    }
    pdf = mailbox.printed(
        found.letter,
        found.case.version_id,
        values,
        receiver=(household, neighbour.address),
        language=language,
        agency=found.case.agency,
        reference="",
        at=found.opened_at,
    )
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="letter-{language}.pdf"'
    return answer


def _consultation(request: ActorRequest, reference: str) -> Consultation:
    found = queries.consultation_of(_case(request, reference).pk)
    if found is None:
        raise NotFound
    return found
