"""What officers see: the queue, and a case with everything that is known of it."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from commonweal.kernel.base import clock
from commonweal.kernel.base.dates import boxes, sent_day
from commonweal.kernel.base.desks import Desk, form_page, sent_amount, shown_revision
from commonweal.kernel.base.errors import CommonwealError, Invalid
from commonweal.kernel.base.pages import items, page
from commonweal.kernel.base.references import normalise
from commonweal.kernel.base.routes import ActorRequest, route
from commonweal.kernel.base.rules import is_officer
from commonweal.kernel.base.templates import address, long_date, moment
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases import actions, queries
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.cases.evidence import answer_day
from commonweal.kernel.cases.flow import is_stuck, stage_of, stages_of
from commonweal.kernel.cases.models import Case
from commonweal.kernel.cases.presenting import (
    evaluation_of,
    inquiry_rows,
    letters_of,
    officer_notices_of,
    officer_panels,
    outcome_choices,
    papers_of,
    signature_rows,
    tone_of,
)
from commonweal.kernel.cases.registry import stage_kinds
from commonweal.kernel.cases.rules import may_supervise, may_work
from commonweal.kernel.cases.types import QueueRow
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.catalogue.types import CompiledService
from commonweal.kernel.ledger.actions import record_access
from commonweal.kernel.people import queries as people
from commonweal.kernel.people.types import PersonCard

PURPOSE = "work on applications"
_ROWS = 25


@require_GET
@route(allows=is_officer, discloses=PURPOSE)
def start(request: ActorRequest) -> HttpResponse:
    """Show the queue to those who work on cases; lead other officers to the first place that is theirs."""
    if may_work(request.actor):
        return queue(request)
    places = items("workbench", request.actor)
    return redirect(places[0].url_name if places else "people_account")


@route(allows=may_work, discloses=PURPOSE)
def queue(request: ActorRequest) -> HttpResponse:
    """Show the open cases of the officer's teams, the most urgent first."""
    wanted = request.GET.get("show", "unassigned")
    looked_for = request.GET.get("reference", "").strip()
    if looked_for and normalise(looked_for):
        return _found(request, looked_for)
    cases, next_cursor = queries.open_cases(
        request.actor,
        mine=wanted == "mine",
        unassigned=wanted == "unassigned",
        service_key=request.GET.get("service", ""),
        cursor=request.GET.get("after", ""),
        limit=_ROWS,
    )
    record_access(request.actor, {case.applicant_id for case in cases}, PURPOSE, at=clock.now())
    rows = queries.queue_rows(cases, today=clock.today(), language=translation.get_language() or "")
    query = request.GET.copy()
    query["after"] = next_cursor or ""
    context = {
        "show": wanted,
        "service": request.GET.get("service", ""),
        "service_options": _service_options(),
        "rows": [_queue_cells(row) for row in rows],
        "asks": any(row.ask_by for row in rows),
        "looked_for": looked_for,
        "next": f"?{query.urlencode()}" if next_cursor else "",
        "is_first": not request.GET.get("after"),
    }
    return page(request, "cases/queue.html", context)


def _service_options() -> list[dict[str, str]]:
    services = catalogue.live_services(translation.get_language() or "")
    every = {"value": "", "label": _("All services")}
    return [every, *({"value": service.key, "label": service.name} for service in services)]


def _queue_cells(row: QueueRow) -> dict[str, Any]:
    due: Any = _("no limit") if row.due_on is None else long_date(row.due_on)
    return {
        "reference": {
            "text": row.reference,
            "href": address("cases:work", reference=row.reference),
        },
        "applicant": row.applicant_name,
        "service": row.service_name,
        "status": {"text": str(row.status.label), "tone": tone_of(row.status)},
        "worker": row.worker_name or _("nobody"),
        "due": {"text": _("%(day)s, late") % {"day": due}, "tone": "danger"} if row.is_late else due,
        "ask_by": _ask_by(row),
    }


def _ask_by(row: QueueRow) -> Any:
    if row.ask_by is None:
        return ""
    day = long_date(row.ask_by)
    return {"text": _("%(day)s, late") % {"day": day}, "tone": "danger"} if row.is_asking_late else day


def _found(request: ActorRequest, reference: str) -> HttpResponse:
    case = queries.case_for(reference, actor=request.actor)
    record_access(request.actor, {case.applicant_id}, PURPOSE, at=clock.now())
    return redirect("cases:work", reference=case.reference)


@require_GET
@route(allows=may_work, discloses=PURPOSE)
def work(request: ActorRequest, reference: str) -> HttpResponse:
    """Show a case with its answers, the law's own evaluation, letters, notes and history."""
    return _case_page(request, _case(request, reference))


def _case_page(
    request: ActorRequest,
    case: Case,
    error: CommonwealError | None = None,
) -> HttpResponse:
    now = clock.now()
    applicant = people.person_card(case.applicant_id)
    # The card may be that of the record into which the applicant's was merged: then both are shown.
    record_access(request.actor, {case.applicant_id, applicant.id}, PURPOSE, at=now)
    language = translation.get_language() or ""
    service = catalogue.compiled(case.version_id)
    notes = list(queries.notes_on(case)[:50])
    officer_ids = {note.author_id for note in notes} | ({case.worker_id} if case.worker_id else set())
    officers = people.officer_names(officer_ids)
    stage = stage_of(case)
    signed = list(queries.signatures_in(case)) if stages_of(service).signing else []
    record_access(request.actor, {each.person_id for each in signed if each.person_id}, PURPOSE, at=now)
    may_act = case.status in {Status.UNASSIGNED, Status.ASSIGNED} and (
        case.worker_id is None or str(case.worker_id) == request.actor.id
    )
    context: dict[str, Any] = {
        "case": case,
        "service_name": service.translator(language)(service.info.name),
        "applicant": applicant,
        "officers": officers,
        "notes": notes,
        "signatures": signature_rows(signed),
        "inquiries": [inquiry_rows(one, service, language) for one in queries.inquiries_in(case)[:20]],
        **_asking(request, service, language),
        "letters": letters_of(case),
        "papers": papers_of(case),
        "notices": officer_notices_of(case, service, request.actor),
        "colleagues": (
            colleagues := list(people.members_of(case.team_id)) if may_supervise(request.actor) else []
        ),
        "colleague_options": [{"value": str(officer.pk), "label": officer.name} for officer in colleagues],
        "facts": _facts(case, applicant, officers),
        "status_label": Status(case.status).label,
        "is_mine": str(case.worker_id) == request.actor.id,
        "may_decide": may_act and not is_stuck(case),
        "ask_by": (ask_by := queries.ask_day(case)),
        "is_asking_late": ask_by is not None and ask_by < clock.today(),
        "may_retry": may_act and is_stuck(case) and not stage_kinds[stage.kind].has_own_page,
        "is_letter": stage.kind == "letter",
        "stage_label": service.translator(language)(stage.label),
        "outcomes": outcome_choices(service, language),
        "tone_of": tone_of,
        **evaluation_of(case, service, language, at=now),
        **officer_panels(case, service, request.actor, language),
    }
    return form_page(request, "cases/work.html", context, error=error)


def _asking(request: ActorRequest, service: CompiledService, language: str) -> dict[str, Any]:
    """Return what an officer can ask for, and what was typed of it."""
    typed, translate = request.POST, service.translator(language)
    day = answer_day(stages_of(service).asking, None, today=clock.today())
    return {
        "evidence_options": [
            {"value": one.key, "label": translate(one.name)}
            | ({"hint": translate(one.description)} if one.description else {})
            for one in service.info.evidence
        ],
        "evidence_chosen": typed.getlist("evidence"),
        "answer_day": boxes(typed.dict(), "due_on", day),
    }


def _facts(case: Case, applicant: PersonCard, officers: dict[UUID, str]) -> list[dict[str, Any]]:
    worker = officers.get(case.worker_id, "") if case.worker_id else _("nobody")
    due = _("no limit") if case.due_on == date.max else long_date(case.due_on)
    rows: list[dict[str, Any]] = [
        {"label": _("Received"), "value": moment(case.opened_at)},
        {"label": _("Answer due"), "value": due},
        {"label": _("Officer"), "value": worker},
        {"label": _("E-mail"), "value": applicant.email or _("not known")},
    ]
    if applicant.birth_date:
        rows.append({"label": _("Born"), "value": long_date(applicant.birth_date)})
    if applicant.address:
        rows.append({"label": _("Address"), "value": list(applicant.address)})
    return rows


def _case(request: ActorRequest, reference: str) -> Case:
    return queries.case_for(reference, actor=request.actor)


_DESK = Desk(_case, _case_page, "cases:work")


@require_POST
@route(allows=may_work, discloses=PURPOSE)
def claim(request: ActorRequest, reference: str) -> HttpResponse:
    """Take a case for oneself."""
    return _DESK.act(request, reference, actions.claim_case)


@require_POST
@route(allows=may_work, discloses=PURPOSE)
def release(request: ActorRequest, reference: str) -> HttpResponse:
    """Put a case back into the queue."""
    return _DESK.act(request, reference, actions.release_case)


@require_POST
@route(allows=may_supervise, discloses=PURPOSE)
def assign(request: ActorRequest, reference: str) -> HttpResponse:
    """Give a case to a colleague."""

    def assign_case(case_id: UUID, *, by: Actor, at: datetime) -> None:
        try:
            worker_id = UUID(request.POST.get("worker", ""))
        except ValueError:
            raise Invalid({"worker": _("Choose a colleague.")}) from None
        actions.assign_case(case_id, worker_id=worker_id, by=by, at=at)

    return _DESK.act(request, reference, assign_case)


@require_POST
@route(allows=may_work, discloses=PURPOSE)
def note(request: ActorRequest, reference: str) -> HttpResponse:
    """Write down something for colleagues."""
    text = request.POST.get("note", "")
    return _DESK.act(request, reference, partial(actions.add_note, text=text))


@require_POST
@route(allows=may_work, discloses=PURPOSE)
def ask(request: ActorRequest, reference: str) -> HttpResponse:
    """Ask the applicant for more: with a question, with pieces of evidence to hand in, or both."""

    def ask_applicant(case_id: UUID, *, by: Actor, at: datetime) -> None:
        actions.ask_applicant(
            case_id,
            request.POST.get("question", ""),
            evidence=request.POST.getlist("evidence"),
            others=request.POST.get("others", "").splitlines(),
            due_on=sent_day(request.POST.dict(), "due_on"),
            by=by,
            at=at,
            revision=shown_revision(request),
        )

    return _DESK.act(request, reference, ask_applicant)


@require_POST
@route(allows=may_work, discloses=PURPOSE)
def complete(request: ActorRequest, reference: str) -> HttpResponse:
    """Note that nothing is missing."""
    revision = shown_revision(request)
    return _DESK.act(request, reference, partial(actions.find_complete, revision=revision))


@require_POST
@route(allows=may_work, discloses=PURPOSE)
def confirm(request: ActorRequest, reference: str) -> HttpResponse:
    """Decide as the law's own evaluation proposes."""
    revision = shown_revision(request)
    return _DESK.act(request, reference, partial(actions.confirm_proposal, revision=revision))


@require_POST
@route(allows=may_work, discloses=PURPOSE)
def decide(request: ActorRequest, reference: str) -> HttpResponse:
    """Decide with reasons of one's own."""

    def decide_by_hand(case_id: UUID, *, by: Actor, at: datetime) -> None:
        actions.decide_by_hand(
            case_id,
            outcome=request.POST.get("outcome", ""),
            reasons=request.POST.get("reasons", ""),
            legal_ground=request.POST.get("legal_ground", ""),
            amount=sent_amount(request, "amount"),
            revision=shown_revision(request),
            by=by,
            at=at,
        )

    return _DESK.act(request, reference, decide_by_hand)


@require_POST
@route(allows=may_work, discloses=PURPOSE)
def retry(request: ActorRequest, reference: str) -> HttpResponse:
    """Go through a stage once more that could not be gone through."""
    revision = shown_revision(request)
    return _DESK.act(request, reference, partial(actions.retry_stage, revision=revision))


@require_POST
@route(allows=may_work, discloses=PURPOSE)
def letter(request: ActorRequest, reference: str) -> HttpResponse:
    """Send a letter in one's own words in place of one that cannot be written."""
    send = partial(
        actions.send_letter_by_hand,
        title=request.POST.get("title", ""),
        text=request.POST.get("letter", ""),
        revision=shown_revision(request),
    )
    return _DESK.act(request, reference, send)
