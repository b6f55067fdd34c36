"""What officers see: the letters to print and post, and what neighbours say."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import NotFound
from commonweal.kernel.base.jurisdiction import current_in
from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import ActorRequest, route
from commonweal.kernel.cases import queries as cases
from commonweal.kernel.cases.rules import may_work
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.consultations import queries
from commonweal.kernel.consultations.models import Consultation
from commonweal.kernel.ledger.actions import record_access
from commonweal.kernel.mailbox import queries as mailbox

PURPOSE = "ask neighbours about a case and weigh what they say"


@require_GET
@route(allows=may_work, discloses=PURPOSE)
def neighbours(request: ActorRequest, reference: str) -> HttpResponse:
    """Show whom the letters go to, and the comments that came."""
    found = _consultation(request, reference)
    context = {
        "reference": reference,
        "consultation": found,
        "neighbours": list(queries.neighbours_of(found)),
        "languages": current_in().languages,
    }
    return page(request, "consultations/neighbours.html", context)


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
            "until": found.until_on,
            "code": neighbour.code,
            "page": request.build_absolute_uri(reverse("consultations:door")),
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
    case = cases.case_for(reference, actor=request.actor)
    record_access(request.actor, [case.applicant_id], PURPOSE, at=clock.now())
    found = queries.consultation_of(case.pk)
    if found is None:
        raise NotFound
    return found
