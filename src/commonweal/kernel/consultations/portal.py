"""What neighbours see: what is planned, and where to comment. No sign-in is needed, only the code of the letter."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_http_methods

from commonweal.kernel.base import clock
from commonweal.kernel.base.desks import form_page
from commonweal.kernel.base.errors import CommonwealError
from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route
from commonweal.kernel.base.rules import anyone
from commonweal.kernel.consultations import codes
from commonweal.kernel.consultations.errors import CodeUnknown
from commonweal.kernel.consultations.presenting import public_view


@require_http_methods(["GET", "POST"])
@route(allows=anyone, discloses=NOTHING)
def door(request: ActorRequest) -> HttpResponse:
    """Ask for the code of a letter."""
    error, typed = "", request.POST.get("code", "")
    if request.method == "POST":
        try:
            found = codes.known(request, typed)
            return redirect(reverse("consultations:comment", kwargs={"code": found.code}))
        except CodeUnknown as unknown:
            error = str(unknown)
    context = {"error": error, "typed": typed, "errors": {"code": error} if error else {}}
    return page(request, "consultations/door.html", context, status=404 if error else 200)


@require_http_methods(["GET", "POST"])
@route(allows=anyone, discloses=NOTHING)
def comment(request: ActorRequest, code: str) -> HttpResponse:
    """Show what the law makes public of a case, and take a comment in."""
    neighbour, problem = codes.known(request, code), None
    if request.method == "POST":
        try:
            codes.comment(request, code, request.POST.get("comment", ""), at=clock.now())
            return redirect(f"{request.path}?thanks")
        except CommonwealError as error:
            problem = error
    context = {
        "view": public_view(neighbour.consultation, translation.get_language() or "", on=clock.today()),
        "is_thanked": "thanks" in request.GET and neighbour.commented_at is not None,
        "written": request.POST.get("comment", neighbour.comment),
    }
    return form_page(request, "consultations/comment.html", context, error=problem)
