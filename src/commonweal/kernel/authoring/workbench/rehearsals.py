"""Rehearsals: an officer walks through a service as an invented resident, and then as the officer of the case."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from commonweal.kernel.authoring import actions, queries
from commonweal.kernel.authoring.models import Rehearsal
from commonweal.kernel.authoring.playing import Scene, due_next, played
from commonweal.kernel.authoring.residents import RESIDENTS
from commonweal.kernel.authoring.rules import may_rehearse
from commonweal.kernel.awards import queries as awards
from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import CommonwealError, Conflict, Invalid, Malformed
from commonweal.kernel.base.jurisdiction import current_in
from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route
from commonweal.kernel.base.templates import long_date, money
from commonweal.kernel.cases import queries as cases
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.catalogue.errors import BrokenDeclaration
from commonweal.kernel.decisions import queries as decisions
from commonweal.kernel.forms import actions as forms
from commonweal.kernel.forms import queries as sheets
from commonweal.kernel.forms.queries import NEW_ITEM
from commonweal.kernel.jobs.queries import mails_to
from commonweal.kernel.ledger.queries import events_of
from commonweal.kernel.mailbox import queries as mailbox

if TYPE_CHECKING:
    from commonweal.kernel.cases.models import Case
    from commonweal.kernel.catalogue.types import CompiledService
    from commonweal.kernel.forms.actions import Saved

R = TypeVar("R")
_DRAFT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_STILL_OPEN = {Status.UNASSIGNED, Status.ASSIGNED}


@require_GET
@route(allows=may_rehearse, discloses=NOTHING)
def listing(request: ActorRequest) -> HttpResponse:
    """Show the officer's own rehearsals, and begin one of a live service, for practice."""
    return _list_page(request)


def _list_page(request: ActorRequest, *, error: CommonwealError | None = None) -> HttpResponse:
    context = {
        "rows": [_row(one) for one in queries.rehearsals_of(request.actor)],
        "services": [
            {"value": key, "label": name} for key, name in queries.services_to_change(request.actor)
        ],
        "error": error,
        "errors": error.fields if isinstance(error, Invalid) else {},
        **choices(),
    }
    return page(request, "authoring/rehearsals.html", context, status=error.status if error else 200)


def _row(one: Rehearsal) -> dict[str, Any]:
    return {
        "service": {
            "text": one.service_key,
            "href": reverse("authoring:rehearsal", kwargs={"rehearsal_id": one.pk}),
        },
        "text": _("a draft") if one.draft_id or one.law_id else _("the live version"),
        "who": str(RESIDENTS[one.resident].label),
        "began": long_date(one.began_at),
    }


def choices() -> dict[str, Any]:
    """Return who may apply in a rehearsal, and in which languages."""
    return {
        "residents": [{"value": one.key, "label": str(one.label)} for one in RESIDENTS.values()],
        "tongues": [{"value": code, "label": name} for code, name in settings.LANGUAGES],
    }


@require_POST
@route(allows=may_rehearse, discloses=NOTHING)
def begin(request: ActorRequest) -> HttpResponse:
    """Begin a rehearsal."""
    sent, law, service = (request.POST.get(name, "") for name in ("draft", "law", "service"))
    if law and not sent and _DRAFT.fullmatch(service):  # a law is tried with the draft of a service
        sent = service
    draft_id = _uuid(sent) if sent else None
    try:
        found = actions.begin_rehearsal(
            service,
            draft_id=draft_id,
            law_id=_uuid(law) if law else None,
            resident=request.POST.get("resident", ""),
            language=request.POST.get("language", ""),
            by=request.actor,
            at=clock.now(),
        )
    except (Invalid, Conflict) as error:
        return _list_page(request, error=error)
    return redirect("authoring:rehearsal", rehearsal_id=found.pk)


def _url(name: str, one: Rehearsal, **more: Any) -> str:
    return reverse(f"authoring:rehearsal{name}", kwargs={"rehearsal_id": one.pk, **more})


@require_GET
@route(allows=may_rehearse, discloses=NOTHING)
def show(request: ActorRequest, rehearsal_id: UUID) -> HttpResponse:
    """Go on where the rehearsal was left: to the next page, to the last look, or to what became of it."""
    found = queries.rehearsal_of(rehearsal_id, actor=request.actor)
    try:
        if found.is_sent:
            return _case_page(request, found)
        with played(found) as scene:
            following = sheets.next_page(scene.sheet(), at=found.began_at)
    except CommonwealError as error:
        return _stuck(request, found, error)
    if following is None:
        return redirect(_url("-check", found))
    return redirect(_url("-page", found, page_key=following))


def _stuck(request: ActorRequest, found: Rehearsal, error: CommonwealError) -> HttpResponse:
    """Say why the text cannot be rehearsed as it stands."""
    problems = error.problems if isinstance(error, BrokenDeclaration) else []
    context = {"rehearsal": found, "error": error, "problems": [str(one) for one in problems]}
    return page(request, "authoring/stuck.html", context, status=error.status)


@require_http_methods(["GET", "POST"])
@route(allows=may_rehearse, discloses=NOTHING)
def form_page(request: ActorRequest, rehearsal_id: UUID, page_key: str) -> HttpResponse:
    """Ask the questions of one page."""
    found = queries.rehearsal_of(rehearsal_id, actor=request.actor)

    def act(scene: Scene) -> Saved | None:
        revision, is_all = _with_files(request, scene, page_key)
        if is_all:
            return None
        return forms.answer_page(
            scene.sheet_id,
            page_key,
            request.POST,
            revision=revision,
            by=scene.resident,
            at=found.began_at,
        )

    def onward(saved: Saved | None) -> str:
        if saved is None or not saved.is_page_done:
            return _url("-page", found, page_key=page_key)
        if request.GET.get("from") == "check" or request.POST.get("return") == "review":
            return _url("-check", found)
        return _url("", found)

    return _answered(request, found, page_key, act, onward)


def _with_files(request: ActorRequest, scene: Scene, page_key: str) -> tuple[int, bool]:
    """Hand in the files that came with a page, or take one back; return the revision then, and whether that was all.

    A file is held to the rules of a real one; its name is kept with the answers, and nothing of what it says.
    """
    form = sheets.form_of(scene.sheet())
    page_ = form.page(page_key)
    here = [one.key for one in page_.questions if one.key in form.file_questions] if page_ else []
    revision = scene.revision
    own: dict[str, Any] = {"by": scene.resident, "at": scene.at}
    for key in here:
        for one in request.FILES.getlist(key):
            revision = forms.attach_file(scene.sheet_id, key, one, name=one.name or "", **own).revision
    key, _colon, number = request.POST.get("remove-file", "").partition(":")
    if key in here:
        revision = forms.remove_file(scene.sheet_id, key, _uuid(number), **own).revision
    return revision, bool(here) and (bool(key) or "hand-in" in request.POST)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Malformed from None


@require_http_methods(["GET", "POST"])
@route(allows=may_rehearse, discloses=NOTHING)
def form_item(
    request: ActorRequest, rehearsal_id: UUID, page_key: str, item: int | None = None
) -> HttpResponse:
    """Ask the questions about one item of a repeating group."""
    found = queries.rehearsal_of(rehearsal_id, actor=request.actor)

    def act(scene: Scene) -> Saved:
        return forms.answer_item(
            scene.sheet_id,
            page_key,
            item,
            request.POST,
            revision=scene.revision,
            by=scene.resident,
            at=found.began_at,
        )

    def onward(saved: Saved) -> str:
        if not saved.is_page_done and saved.item is not None:
            return _url("-item", found, page_key=page_key, item=saved.item)
        return _url("-page", found, page_key=page_key)

    return _answered(request, found, page_key, act, onward, item=NEW_ITEM if item is None else item)


@require_POST
@route(allows=may_rehearse, discloses=NOTHING)
def remove_item(request: ActorRequest, rehearsal_id: UUID, page_key: str, item: int) -> HttpResponse:
    """Take an item out of a repeating group."""
    found = queries.rehearsal_of(rehearsal_id, actor=request.actor)

    def act(scene: Scene) -> Saved:
        return forms.remove_item(
            scene.sheet_id, page_key, item, revision=scene.revision, by=scene.resident, at=found.began_at
        )

    return _answered(request, found, page_key, act, lambda _saved: _url("-page", found, page_key=page_key))


def _answered(
    request: ActorRequest,
    found: Rehearsal,
    page_key: str,
    act: Callable[[Scene], R],
    onward: Callable[[R], str],
    *,
    item: int | None = None,
) -> HttpResponse:
    """Show a page, or save what was answered and go on; with mistakes, show it again."""
    if found.is_sent:
        return redirect(_url("", found))
    error: Invalid | None = None
    try:
        if request.method == "POST":
            with translation.override(found.language):
                saved = actions.answer_in_rehearsal(found.pk, act, by=request.actor, at=clock.now())
            return redirect(onward(saved))
    except Invalid as mistake:
        error = mistake
    except CommonwealError as other:
        return _stuck(request, found, other)
    return _question_page(request, found, page_key, item, error)


def _question_page(
    request: ActorRequest, found: Rehearsal, page_key: str, item: int | None, error: Invalid | None
) -> HttpResponse:
    try:
        with played(found) as scene, translation.override(found.language):
            view = sheets.page_view(
                scene.sheet(),
                page_key,
                found.language,
                at=found.began_at,
                raw=request.POST if error else None,
                errors=error.fields if error else {},
                item=item,
            )
            service = _service_name(scene, found)
    except CommonwealError as other:
        return _stuck(request, found, other)
    to_review = request.GET.get("from") == "check" or request.POST.get("return") == "review"
    before = page_key if item is not None else view.previous_key
    context = {
        "rehearsal": found,
        "page": view,
        "errors": dict(view.errors),
        "service_name": service,
        "notice": _("Of a file that you hand in here only its name is kept, nothing of what it says.")
        if view.takes_files
        else "",
        "back_url": _url("-page", found, page_key=before) if before else "",
        "review_url": _url("-check", found) if to_review else "",
        "save_url": "",
    }
    if view.group is not None:
        at = range(len(view.group.items))
        context |= {
            "add_url": _url("-new-item", found, page_key=page_key),
            "change_urls": [_url("-item", found, page_key=page_key, item=one) for one in at],
            "remove_urls": [_url("-remove-item", found, page_key=page_key, item=one) for one in at],
        }
    template = "authoring/rehearsed_group.html" if view.group is not None else "authoring/rehearsed_page.html"
    with translation.override(found.language):
        return page(request, template, context, status=error.status if error else 200)


def _service_name(scene: Scene, found: Rehearsal) -> str:
    service = catalogue.compiled(scene.sheet().version_id)
    return service.translator(found.language)(service.info.name)


@require_http_methods(["GET", "POST"])
@route(allows=may_rehearse, discloses=NOTHING)
def check(request: ActorRequest, rehearsal_id: UUID) -> HttpResponse:
    """Show every answer for a last look, and send the application."""
    found = queries.rehearsal_of(rehearsal_id, actor=request.actor)
    error: CommonwealError | None = None
    try:
        if request.method == "POST":
            with translation.override(found.language):
                actions.send_in_rehearsal(found.pk, by=request.actor, at=clock.now())
            return redirect(_url("", found))
    except Invalid as mistake:
        error = mistake
    except CommonwealError as other:
        return _stuck(request, found, other)
    if found.is_sent:
        return redirect(_url("", found))
    try:
        with played(found) as scene, translation.override(found.language):
            view = sheets.review(scene.sheet(), found.language, at=found.began_at)
            service = catalogue.compiled(scene.sheet().version_id)
    except CommonwealError as other:
        return _stuck(request, found, other)
    translate = service.translator(found.language)
    context = {
        "rehearsal": found,
        "review": view,
        "errors": dict(view.problems),
        "service_name": translate(service.info.name),
        "back_url": "",
        "change_urls": {
            group.page_key: f"{_url('-page', found, page_key=group.page_key)}?from=check"
            for group in view.groups
        },
        "declaration": "",
        "notice": str(error) if error and not view.problems else "",
    }
    with translation.override(found.language):
        return page(request, "authoring/rehearsed_check.html", context, status=error.status if error else 200)


@require_POST
@route(allows=may_rehearse, discloses=NOTHING)
def decide(request: ActorRequest, rehearsal_id: UUID) -> HttpResponse:
    """Do what the officer of the case would do: confirm the law's outcome, or decide by hand."""
    found = queries.rehearsal_of(rehearsal_id, actor=request.actor)
    act = request.POST.get("act", "")
    fields = {"confirm": (), "decide": ("outcome", "reasons", "legal_ground"), "ask": ("question",)}
    if act not in fields:
        raise Malformed
    step = {"act": act} | {name: request.POST.get(name, "") for name in fields[act]}
    try:
        actions.rehearse_step(found.pk, step, by=request.actor, at=clock.now())
    except (Invalid, Conflict) as error:
        return _case_page(request, found, error=error)
    return redirect(_url("", found))


@require_POST
@route(allows=may_rehearse, discloses=NOTHING)
def pass_time(request: ActorRequest, rehearsal_id: UUID) -> HttpResponse:
    """Let days pass, or go on to the day on which something happens next."""
    found = queries.rehearsal_of(rehearsal_id, actor=request.actor)
    typed = request.POST.get("days", "").strip()
    is_next = request.POST.get("act") == "next"
    days = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 6 else 0
    try:
        actions.let_time_pass(found.pk, days=None if is_next else days, by=request.actor, at=clock.now())
    except (Invalid, Conflict) as error:
        return _case_page(request, found, error=error)
    except CommonwealError as error:
        return _stuck(request, found, error)
    return redirect(f"{_url('', found)}#time")


@require_POST
@route(allows=may_rehearse, discloses=NOTHING)
def end(request: ActorRequest, rehearsal_id: UUID) -> HttpResponse:
    """Throw a rehearsal away."""
    found = queries.rehearsal_of(rehearsal_id, actor=request.actor)
    draft_id = found.draft_id or found.law_id
    actions.end_rehearsal(found.pk, by=request.actor, at=clock.now())
    if draft_id:
        return redirect("authoring:draft", draft_id=draft_id)
    return redirect("authoring:rehearsals")


def _case_page(
    request: ActorRequest, found: Rehearsal, *, error: CommonwealError | None = None
) -> HttpResponse:
    with played(found) as scene:
        context = _case_context(scene)
    context |= {
        "rehearsal": found,
        "typed": request.POST,
        "error": error,
        "errors": error.fields if isinstance(error, Invalid) else {},
    }
    return page(request, "authoring/rehearsed_case.html", context, status=error.status if error else 200)


def _case_context(scene: Scene) -> dict[str, Any]:
    """Return what became of the application; every reference is that of the first time it was sent."""
    case = scene.case
    assert case is not None
    service = catalogue.compiled(case.version_id)
    following = due_next(scene)
    shown = {
        "name": service.info.name,
        "reference": case.reference,
        "status": str(Status(case.status).label),
        "reason": case.status_reason,
        "due": long_date(case.due_on) if case.due_on.year < 9999 else _("no limit"),
        "is_waiting": case.status in _STILL_OPEN,
        "letters": _letters(scene, case),
        "mails": mails_to(case.applicant_id),
        "award": _award(case),
        "today": long_date(scene.today),
        "next": long_date(following) if following else "",
        "happened": [event.type for event in events_of(case.stream)],
        **_decision(case, service),
        **_proposal(scene, case, service),
    }
    return {key: _steady(value, case.reference, scene.rehearsal.reference) for key, value in shown.items()}


def _steady(value: Any, new: str, first: str) -> Any:
    if isinstance(value, list):
        return [_steady(each, new, first) for each in value]
    if isinstance(value, dict):
        return {key: _steady(each, new, first) for key, each in value.items()}
    return value.replace(new, first) if isinstance(value, str) else value


def _letters(scene: Scene, case: Case) -> list[dict[str, Any]]:
    found = []
    for line in mailbox.messages_about(case.stream):
        letter = mailbox.message_for(scene.resident, line.id)
        here = current_in(letter.language)
        found.append(
            {
                "subject": letter.subject,
                "sender": [here.name, mailbox.agency_name(letter.agency, letter.language), here.address],
                "receiver": letter.address.split("\n"),
                "date": long_date(letter.sent_at),
                "reference": letter.reference,
                "language": letter.language,
                "direction": mailbox.letter_direction(letter),
                "body": mailbox.letter_html(letter),
            }
        )
    return found


def _award(case: Case) -> str:
    award = awards.award_of_case(case.stream)
    if award is None:
        return ""
    what = money(award.money) if award.money is not None else _("yes, without an amount")
    if not award.is_running:
        return _("%(what)s; it has ended") % {"what": what}
    return (
        _("%(what)s; until %(day)s") % {"what": what, "day": long_date(award.ends_on)}
        if award.ends_on
        else what
    )


def _decision(case: Case, service: CompiledService) -> dict[str, Any]:
    if case.decision_id is None:
        return {"outcome": "", "steps": []}
    card, steps = decisions.explained(case.decision_id)
    outcome = decisions.outcomes_of(service).get(card.outcome)
    return {
        "outcome": outcome.label if outcome else card.outcome,
        "steps": [
            {
                "title": one.label,
                "result": one.value,
                "how": one.how or one.rule,
                "text": [one.why] if one.why else [],
            }
            for one in steps
        ],
    }


def _proposal(scene: Scene, case: Case, service: CompiledService) -> dict[str, Any]:
    """Return what the law says of a case that waits for an officer, and how it may be decided."""
    if case.status not in _STILL_OPEN or service.sections.get("decision") is None:
        return {"proposal": "", "outcomes": []}
    known = cases.knowledge_of(case, at=scene.at)
    law = decisions.evaluate(
        service,
        known.answers,
        known_on=scene.today,
        context=known.context(),
    )
    outcomes = {key: one for key, one in decisions.outcomes_of(service).items() if not one.officer}
    return {
        "proposal": outcomes[law.outcome].label if law.outcome in outcomes else "",
        "outcomes": [{"value": key, "label": one.label} for key, one in outcomes.items()],
    }
