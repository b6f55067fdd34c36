"""What those see who were asked to sign an application beside its applicant."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import CommonwealError, Conflict, Invalid
from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route
from commonweal.kernel.base.rules import anyone, is_resident
from commonweal.kernel.base.types import ActorKind
from commonweal.kernel.cases import actions, queries
from commonweal.kernel.cases.enums import SignatureAnswer
from commonweal.kernel.cases.errors import SignatureNotFound
from commonweal.kernel.cases.flow import stages_of
from commonweal.kernel.cases.models import Signature
from commonweal.kernel.cases.portal import OWN, own_case
from commonweal.kernel.cases.presenting import answers_of
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.ledger.actions import record_access
from commonweal.kernel.people import queries as people

TO_SIGN = "show what is to be signed"


@require_http_methods(["GET", "POST"])
@route(allows=anyone, discloses=NOTHING)
def invitation(request: ActorRequest, token: str) -> HttpResponse:
    """Say what an invitation's link is for, nothing of whom or what; take it into the account that has signed in."""
    if not queries.is_invitation(token):
        raise SignatureNotFound
    error: CommonwealError | None = None
    if request.method == "POST":
        try:
            taken = actions.take_invitation(token, by=request.actor, at=clock.now())
            return redirect("cases:signature", signature_id=taken.pk)
        except Conflict as refusal:
            error = refusal
    here = reverse("cases:invitation", kwargs={"token": token})
    context = {
        "is_signed_in": request.actor.kind is ActorKind.RESIDENT,
        "sign_in_url": f"/account/login/?next={here}",
        "sign_up_url": f"/account/signup/?next={here}",
        "error": error,
    }
    return page(request, "cases/invitation.html", context, status=error.status if error else 200)


@require_GET
@route(allows=is_resident, discloses=TO_SIGN)
def signature(request: ActorRequest, signature_id: UUID) -> HttpResponse:
    """Show exactly what was sent to whoever was asked to sign it."""
    return _shown(request, queries.signature_for(signature_id, actor=request.actor))


def _shown(request: ActorRequest, found: Signature, *, error: CommonwealError | None = None) -> HttpResponse:
    record_access(request.actor, [found.case.applicant_id], TO_SIGN, at=clock.now())
    if not queries.may_read(found):
        over = {"signature": found, "case": found.case, "error": error}
        return page(request, "cases/signature_over.html", over, status=error.status if error else 200)
    language = translation.get_language() or ""
    service = catalogue.compiled(found.case.version_id)
    translate = service.translator(language)
    spec = stages_of(service).signing
    context = {
        "signature": found,
        "case": found.case,
        "is_open": not found.answer and found.case.is_open,
        "is_signed": found.answer == SignatureAnswer.SIGNED,
        "service": translate(service.info.name),
        "applicant": people.person_card(found.case.applicant_id).name,
        "declaration": translate(spec.declaration) if spec else "",
        "legal_basis": spec.legal_basis if spec else "",
        "until": found.case.wake_on,
        "answers": answers_of(found.case, language),
        "error": error,
    }
    return page(request, "cases/signature.html", context, status=error.status if error else 200)


@require_POST
@route(allows=is_resident, discloses=OWN)
def again(request: ActorRequest, reference: str, signature_id: UUID) -> HttpResponse:
    """Send an invitation once more, to the same address or to a corrected one."""
    found = queries.signature_asked_in(signature_id, case=queries.case_for(reference, actor=request.actor))
    try:
        actions.invite_again(
            found.pk, email=request.POST.get("email", "")[:320], by=request.actor, at=clock.now()
        )
    except (Invalid, Conflict) as error:
        case = queries.case_for(reference, actor=request.actor)
        return own_case(request, case, error=error, about=found.pk)
    return redirect("cases:case", reference=found.case.reference)


@require_POST
@route(allows=is_resident, discloses=TO_SIGN)
def answer(request: ActorRequest, signature_id: UUID) -> HttpResponse:
    """Sign, or decline to."""
    found = queries.signature_for(signature_id, actor=request.actor)
    act = actions.decline if request.POST.get("answer") == "decline" else actions.sign
    try:
        act(found.pk, by=request.actor, at=clock.now())
    except Conflict as error:
        return _shown(request, queries.signature_for(signature_id, actor=request.actor), error=error)
    return redirect("cases:signature", signature_id=found.pk)
