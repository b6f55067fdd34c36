"""The pages of the check: one question after the other, then what somebody may be entitled to.

What was said travels in the page itself and comes back with the next answer. Nothing is stored and nothing stands in
an address.
"""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from commonweal.kernel.base import clock
from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route
from commonweal.kernel.base.rules import anyone, is_resident
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.entitlements import actions
from commonweal.kernel.entitlements.queries import (
    SUGGEST,
    Check,
    agreement_of,
    begin_check,
    carried,
    known_of,
)
from commonweal.kernel.entitlements.types import Prospect, Verdict
from commonweal.kernel.forms import actions as forms
from commonweal.kernel.forms import queries as questions
from commonweal.kernel.forms.types import Answers
from commonweal.kernel.ledger.actions import record_access

_LONGEST = 20_000
_TONES = {Verdict.LIKELY: "success", Verdict.PERHAPS: "info", Verdict.UNLIKELY: "neutral"}


@require_http_methods(["GET", "POST"])
@route(allows=anyone, discloses=NOTHING)
def check(request: ActorRequest, key: str = "") -> HttpResponse:
    """Ask the next question that can still change something, or show the results."""
    if request.method == "GET":
        return _intro(request, _check(request, {}, key), key)
    asked = _check(request, _said(request), key)
    wanted = request.POST.get("page", "")
    if "change" in request.POST and asked.form.page(request.POST["change"]):
        page_key = request.POST["change"]
        return _ask(request, asked, key, page_key, wanted=_questions_of(asked, page_key))
    if not wanted or asked.form.page(wanted) is None:
        return _onward(request, asked, key)
    shown = frozenset(request.POST.getlist("asked")) & _questions_of(asked, wanted)
    answers, problems = questions.read_loose(
        asked.form, asked.answers, wanted, request.POST, wanted=shown, at=asked.at, translate=asked.translate
    )
    if problems:
        return _ask(request, asked, key, wanted, wanted=shown, errors=problems)
    return _onward(request, _check(request, {**asked.answers, **answers}, key), key)


@require_POST
@route(allows=is_resident, discloses=SUGGEST)
def check_known(request: ActorRequest) -> HttpResponse:
    """Begin the check with what is known of a resident who wants suggestions; each answer can be changed."""
    known = known_of(request.actor, at=clock.now())
    record_access(request.actor, request.actor.person_ids, SUGGEST, at=clock.now())
    return _onward(request, _check(request, known, ""), "")


def _check(request: ActorRequest, said: Answers, key: str) -> Check:
    return begin_check(said, at=clock.now(), language=translation.get_language() or "", service=key)


def _said(request: ActorRequest) -> Answers:
    """Return what was said before, as the page brought it back; anything else counts as nothing."""
    text = request.POST.get("said", "")
    try:
        found = json.loads(text) if len(text) <= _LONGEST else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _questions_of(asked: Check, page_key: str) -> frozenset[str]:
    found = asked.form.page(page_key)
    return frozenset(question.key for question in found.questions) if found else frozenset()


def _intro(request: ActorRequest, asked: Check, key: str) -> HttpResponse:
    service = asked.services[0] if key else None
    context = {
        "service": service,
        "count": len(asked.services),
        "services": asked.services,
        "wants_suggestions": not key and agreement_of(request.actor) is not None,
        **_back(key),
    }
    return page(request, "entitlements/intro.html", context)


def _onward(request: ActorRequest, asked: Check, key: str) -> HttpResponse:
    prospects = asked.prospects()
    waiting = frozenset().union(*(prospect.waits_for for prospect in prospects))
    coming = questions.asked_pages(asked.form, asked.answers, waiting, at=asked.at)
    if coming:
        return _ask(request, asked, key, coming[0].key, wanted=waiting - set(asked.answers))
    return _results(request, asked, prospects, key)


def _ask(
    request: ActorRequest,
    asked: Check,
    key: str,
    page_key: str,
    *,
    wanted: frozenset[str],
    errors: dict[str, str] | None = None,
) -> HttpResponse:
    view = questions.loose_page(
        asked.form,
        asked.answers,
        page_key,
        wanted=wanted,
        at=asked.at,
        translate=asked.translate,
        raw=request.POST if errors else None,
        errors=errors,
    )
    context = {
        "page": view,
        "errors": errors or {},
        "said": json.dumps(asked.answers),
        "told": _told(asked, but=page_key),
        "action": _address(key),
        **_back(key),
    }
    return page(request, "entitlements/question.html", context, status=422 if errors else 200)


def _results(request: ActorRequest, asked: Check, prospects: list[Prospect], key: str) -> HttpResponse:
    context = {
        "groups": _groups(prospects),
        "told": _told(asked),
        "said": json.dumps(asked.answers),
        "action": _address(key),
        "is_one": bool(key),
        "on": clock.local(asked.at).date(),
        **_back(key),
    }
    return page(request, "entitlements/results.html", context)


def _groups(prospects: list[Prospect]) -> list[dict[str, Any]]:
    titles = {
        Verdict.LIKELY: _("You are likely to get"),
        Verdict.PERHAPS: _("You may get"),
        Verdict.UNLIKELY: _("You are not likely to get"),
    }
    groups = [
        {
            "key": verdict.value,
            "title": titles[verdict],
            "tone": _TONES[verdict],
            "prospects": [prospect for prospect in prospects if prospect.verdict is verdict],
        }
        for verdict in Verdict
    ]
    return [group for group in groups if group["prospects"]]


def _told(asked: Check, *, but: str = "") -> list[dict[str, str]]:
    return [
        {"page": page_key, "label": label, "value": value}
        for page_key, label, value in questions.told(asked.form, asked.answers, translate=asked.translate)
        if page_key != but
    ]


def _address(key: str) -> str:
    return reverse("entitlements:service", kwargs={"key": key}) if key else reverse("entitlements:check")


def _back(key: str) -> dict[str, str]:
    if key:
        return {"back_url": reverse("catalogue:service", kwargs={"key": key})}
    return {"back_url": reverse("catalogue:home")}


@require_POST
@route(allows=anyone, discloses=NOTHING)
def apply(request: ActorRequest, key: str) -> HttpResponse:
    """Begin an application with what was said in the check, as somebody wishes."""
    asked = _check(request, _said(request), key)
    service = catalogue.offered_service(key)
    started = forms.start_sheet(key, by=request.actor, at=asked.at)
    forms.carry_over(
        started.sheet_id,
        carried(service.compiled, asked),
        source="check",
        by=request.actor,
        at=asked.at,
        token=started.token,
    )
    if started.token:
        request.session[f"sheet:{started.sheet_id}"] = started.token
    return redirect("cases:draft", sheet_id=started.sheet_id)


@require_POST
@route(allows=is_resident, discloses=NOTHING)
def agree(request: ActorRequest) -> HttpResponse:
    """Want suggestions."""
    actions.agree(by=request.actor, at=clock.now())
    return redirect(f"{reverse('cases:home')}#suggestions")


@require_POST
@route(allows=is_resident, discloses=NOTHING)
def take_back(request: ActorRequest) -> HttpResponse:
    """Want no more suggestions."""
    actions.take_back(by=request.actor, at=clock.now())
    return redirect(f"{reverse('cases:home')}#suggestions")


@require_POST
@route(allows=is_resident, discloses=NOTHING)
def decline(request: ActorRequest, key: str) -> HttpResponse:
    """Want to hear no more of one service."""
    actions.decline(key, by=request.actor, at=clock.now())
    return redirect(f"{reverse('cases:home')}#suggestions")
