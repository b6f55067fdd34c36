"""Applications on their way: begin one, go on with one, delete one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from commonweal.kernel.awards import queries as award_queries
from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import Conflict
from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route
from commonweal.kernel.base.rules import anyone, is_resident
from commonweal.kernel.base.templates import long_date, moment, money
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.cases import queries
from commonweal.kernel.cases.held import held_before
from commonweal.kernel.cases.presenting import note_helper
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.forms import actions as forms
from commonweal.kernel.forms import queries as sheets
from commonweal.kernel.forms.rules import owners_of
from commonweal.kernel.ledger.actions import record_access

if TYPE_CHECKING:
    from commonweal.kernel.forms.types.views import DraftCard

DRAFTS = "show people their own applications"


@require_POST
@route(allows=anyone, discloses=NOTHING)
def start(request: ActorRequest, key: str) -> HttpResponse:
    """Begin an application; without an account, the browser's session remembers its link.

    Who has been granted it already is told so first; who has begun one is asked whether to go on with that one.
    """
    begin = request.POST.get("begin", "")
    is_anew = begin == "anew"
    if begin not in {"anew", "anyway"} and _holds(request.actor, key):
        return redirect("cases:held", key=key)
    if not is_anew and owners_of(request.actor) and sheets.has_begun(request.actor, key, at=clock.now()):
        return redirect("cases:begun", key=key)
    started = forms.start_sheet(key, by=request.actor, at=clock.now())
    if started.token:
        request.session[f"sheet:{started.sheet_id}"] = started.token
    return redirect("cases:draft", sheet_id=started.sheet_id)


def _holds(actor: Actor, key: str) -> bool:
    if actor.kind is not ActorKind.RESIDENT:
        return False
    return held_before(catalogue.offered_service(key).compiled, actor, at=clock.now()) is not None


@require_GET
@route(allows=is_resident, discloses=DRAFTS)
def held(request: ActorRequest, key: str) -> HttpResponse:
    """Tell who applies for what they have been granted already: from when, until when, and what to do instead."""
    now, language = clock.now(), translation.get_language() or ""
    record_access(request.actor, request.actor.person_ids, DRAFTS, at=now)
    service = catalogue.offered_service(key, language)
    found = held_before(service.compiled, request.actor, at=now)
    if found is None or found.award is None:
        return redirect("catalogue:service", key=key)
    award, section = found.award, service.compiled.sections["held"]
    amount, last = award_queries.amount_on(award, clock.local(now).date()), award.ends_on
    case = queries.case_of_stream(award.source_stream)
    first_renewal = (
        last - timedelta(days=section.spec.renew_days) if last and section.spec.renew_days else None
    )
    rows = [
        {"label": _("From"), "value": long_date(award.starts_on)},
        {"label": _("To"), "value": long_date(last) if last else _("without an end")},
    ]
    if amount is not None and amount.minor:
        rows.append({"label": _("Amount"), "value": f"{money(amount)} {award.get_period_display()}"})
    context = {
        "service_key": key,
        "service": service.name,
        "rows": rows,
        "is_renewal": found.is_renewal,
        "begins_on": found.begins_on,
        "renew_from": None if found.is_renewal else first_renewal,
        "instead": service.compiled.translator(language)(section.spec.instead),
        "law": section.spec.legal_basis,
        "case_href": reverse("cases:case", args=[case.reference]) if case else "",
    }
    return page(request, "cases/held.html", context)


@require_GET
@route(allows=anyone, discloses=DRAFTS)
def begun(request: ActorRequest, key: str) -> HttpResponse:
    """Offer to go on with an application that was begun, or to begin a new one."""
    now, language = clock.now(), translation.get_language() or ""
    found = sheets.begun_of(request.actor, key, language, at=now) if owners_of(request.actor) else []
    note_helper(request)
    record_access(request.actor, owners_of(request.actor) if found else [], DRAFTS, at=now)
    if not found:
        return redirect("catalogue:service", key=key)
    context = {
        "service_key": key,
        "service": service_name(found[0].version_id),
        "drafts": [_offered(each) for each in found],
    }
    return page(request, "cases/begun.html", context)


@require_http_methods(["GET", "POST"])
@route(allows=anyone, discloses=DRAFTS)
def delete(request: ActorRequest, sheet_id: UUID) -> HttpResponse:
    """Delete an application that was not sent, after asking once more."""
    actor, now = request.actor, clock.now()
    token = str(request.session.get(f"sheet:{sheet_id}", ""))
    sheet = sheets.open_sheet(sheet_id, by=actor, at=now, token=token)
    note_helper(request)
    record_access(actor, [sheet.owner_id] if sheet.owner_id else [], DRAFTS, at=now)
    if sheet.submitted_at is not None:
        return redirect("cases:draft", sheet_id=sheet_id)
    error: Conflict | None = None
    if request.method == "POST":
        try:
            forms.delete_draft(sheet_id, by=actor, at=now, token=token)
        except Conflict as refused:
            error = refused
        else:
            request.session.pop(f"sheet:{sheet_id}", None)
            if actor.kind is ActorKind.RESIDENT:
                return redirect("cases:home")
            return redirect("catalogue:service", key=sheet.service_key)
    card = sheets.draft_card(sheet, translation.get_language() or "")
    context = {
        "service": service_name(sheet.version_id),
        "rows": rows_of(card),
        "sheet_id": sheet_id,
        "notice": f"{error} {error.next_step}" if error else "",
    }
    return page(request, "cases/delete_draft.html", context, status=error.status if error else 200)


def service_name(version_id: UUID) -> str:
    """Return what a service is called, in the reader's language."""
    service = catalogue.compiled(version_id)
    return service.translator(translation.get_language() or "")(service.info.name)


def draft_item(card: DraftCard, name: str) -> dict[str, Any]:
    """Return a draft for a list of cards; ``name`` is its service's."""
    return {
        "title": name,
        "href": reverse("cases:draft", kwargs={"sheet_id": card.id}),
        "tag": _("not sent yet"),
        "tone": "warning",
        "text": _("About: %(what)s") % {"what": card.about} if card.about else "",
        "lines": [
            progress_of(card),
            _("Begun on %(day)s.") % {"day": long_date(card.created_at)},
            _("Last saved: %(time)s.") % {"time": moment(card.updated_at)},
        ],
        "meta": _("It will be deleted on %(day)s.") % {"day": long_date(card.expires_at)},
        "more": {
            "href": reverse("cases:delete-draft", kwargs={"sheet_id": card.id}),
            "text": _("Delete"),
            "about": f"{name} {card.about}".strip(),
        },
    }


def progress_of(card: DraftCard) -> str:
    """Return how far a draft is, in words."""
    if not card.pages_done:
        return _("No page is complete yet.")
    text = ngettext(
        "%(count)d page is complete: “%(page)s”.",
        "%(count)d pages are complete, the last one: “%(page)s”.",
        card.pages_done,
    )
    return text % {"count": card.pages_done, "page": card.last_page}


def rows_of(card: DraftCard) -> list[dict[str, str]]:
    """Return what tells a draft from others, for the component that draws answers."""
    about = [{"label": _("About"), "value": card.about}] if card.about else []
    return [
        *about,
        {"label": _("Begun on"), "value": long_date(card.created_at)},
        {"label": _("Last saved"), "value": moment(card.updated_at)},
        {"label": _("How far it is"), "value": progress_of(card)},
        {"label": _("Will be deleted on"), "value": long_date(card.expires_at)},
    ]


def _offered(card: DraftCard) -> dict[str, Any]:
    """Return a draft with the words of the link that goes on with it."""
    said = {"day": long_date(card.created_at), "page": card.next_page}
    if card.next_page:
        link = _("Go on with the one you began on %(day)s, at “%(page)s”") % said
    else:
        link = _("Go on with the one you began on %(day)s; only the last look at your answers is left") % said
    return {
        "link": link,
        "href": reverse("cases:draft", kwargs={"sheet_id": card.id}),
        "delete_href": reverse("cases:delete-draft", kwargs={"sheet_id": card.id}),
        "rows": rows_of(card),
    }
