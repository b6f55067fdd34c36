"""What residents see: starting, filling in and sending an application; their cases."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from commonweal.kernel.awards.queries import award_of_case
from commonweal.kernel.base import clock
from commonweal.kernel.base.desks import shown_revision
from commonweal.kernel.base.errors import CommonwealError, Conflict, Invalid, SignInNeeded
from commonweal.kernel.base.jinja import drawing
from commonweal.kernel.base.pages import page, slots
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route
from commonweal.kernel.base.rules import anyone, is_officer, is_resident
from commonweal.kernel.base.templates import address, long_date
from commonweal.kernel.base.types import ActorKind
from commonweal.kernel.cases import actions, queries, unsent
from commonweal.kernel.cases.drafts import draft_item
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.cases.evidence import consequence
from commonweal.kernel.cases.explaining import statement, step_groups
from commonweal.kernel.cases.flow import stages_of
from commonweal.kernel.cases.handing_in import file_addresses, take_files
from commonweal.kernel.cases.models import Case
from commonweal.kernel.cases.presenting import (
    HELP,
    amount_of,
    answers_of,
    asked_about,
    asked_pieces,
    case_card,
    handed_in,
    happenings_of,
    is_charged,
    letters_of,
    note_helper,
    notices_of,
    outcome_of,
    resident_panels,
    signature_rows,
    told_on,
    tone_of,
)
from commonweal.kernel.cases.rules import SEND_FOR
from commonweal.kernel.cases.vocabulary import vocabulary_of
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.decisions.queries import DecisionCard, appeal_until, decision_of, worked_out
from commonweal.kernel.disputes import queries as disputes
from commonweal.kernel.disputes.queries import dispute_card
from commonweal.kernel.forms import actions as forms
from commonweal.kernel.forms import queries as sheets
from commonweal.kernel.forms.errors import AnswersInvalid, SheetMoved
from commonweal.kernel.forms.queries import NEW_ITEM
from commonweal.kernel.ledger.actions import record_access, recording_access

if TYPE_CHECKING:
    from commonweal.kernel.catalogue.types import CompiledService
    from commonweal.kernel.forms.models import Sheet
    from commonweal.kernel.forms.types import PageView
    from commonweal.kernel.forms.types.views import Difference, Review

OWN = "show people their own applications"
KNOWN = "fill in what is known"


def _language() -> str:
    return translation.get_language() or ""


def _token(request: ActorRequest, sheet_id: UUID) -> str:
    return str(request.session.get(f"sheet:{sheet_id}", ""))


def _sheet(request: ActorRequest, sheet_id: UUID) -> Sheet:
    return sheets.open_sheet(sheet_id, by=request.actor, at=clock.now(), token=_token(request, sheet_id))


@require_GET
@route(allows=anyone, discloses=NOTHING)
def resume(request: ActorRequest, token: str) -> HttpResponse:
    """Come back by the link that was shown when the application was put aside."""
    sheet = sheets.sheet_by_token(token, at=clock.now())
    request.session[f"sheet:{sheet.pk}"] = token
    return redirect("cases:draft", sheet_id=sheet.pk)


@require_GET
@route(allows=anyone, discloses=HELP)
def draft(request: ActorRequest, sheet_id: UUID) -> HttpResponse:
    """Go to the next page that has not been answered, or to the review."""
    sheet = _sheet(request, sheet_id)
    if sheet.submitted_at is not None:
        return _sent(request, sheet)
    return _onward(sheet_id, sheets.next_page(sheet, at=clock.now()))


def _onward(sheet_id: UUID, page_key: str | None) -> HttpResponse:
    if page_key is None:
        return redirect("cases:review", sheet_id=sheet_id)
    return redirect("cases:page", sheet_id=sheet_id, page_key=page_key)


def _sent(request: ActorRequest, sheet: Sheet) -> HttpResponse:
    if is_officer(request.actor) and request.actor.on_behalf_of:
        note_helper(request)
        record_access(request.actor, [], KNOWN, at=clock.now())
        context = {"service": _service_name(sheet), "reference": queries.reference_of_sheet(sheet.pk)}
        return page(request, "cases/sent_for.html", context)
    case = queries.case_of_sheet(sheet.pk, actor=request.actor)
    return redirect("cases:case", reference=case.reference)


@require_GET
@route(allows=anyone, discloses=HELP)
def later(request: ActorRequest, sheet_id: UUID) -> HttpResponse:
    """Say how to come back: by the account, or by a link."""
    sheet = _sheet(request, sheet_id)
    note_helper(request)
    token = _token(request, sheet_id)
    link = request.build_absolute_uri(reverse("cases:resume", kwargs={"token": token})) if token else ""
    context = {
        "service": _service_name(sheet),
        "link": link if sheet.owner_id is None else "",
        "until": sheet.expires_at,
        "back": reverse("cases:draft", kwargs={"sheet_id": sheet_id}),
        "delete_url": reverse("cases:delete-draft", kwargs={"sheet_id": sheet_id}),
    }
    return page(request, "cases/later.html", context)


@require_http_methods(["GET", "POST"])
@route(allows=anyone, discloses=KNOWN)
@unsent.keeps_typed
def form_page(request: ActorRequest, sheet_id: UUID, page_key: str) -> HttpResponse:
    """Ask the questions of one page."""
    sheet = _sheet(request, sheet_id)
    if sheet.submitted_at is not None:
        return _sent(request, sheet)
    if request.method == "GET":
        return _show(request, sheet, page_key, typed=unsent.typed_before(request, sheet))
    came = take_files(request, sheet, page_key, token=_token(request, sheet_id))
    if came.is_all:
        return _show(request, _sheet(request, sheet_id), page_key, error=came.error, typed=request.POST)
    typed = sheets.with_newer(sheet, page_key, request.POST, at=clock.now())
    try:
        saved = forms.answer_page(
            sheet_id,
            page_key,
            typed,
            revision=came.revision,
            by=request.actor,
            at=clock.now(),
            token=_token(request, sheet_id),
            anyway=_is_anyway(request),
        )
    except AnswersInvalid as error:
        error.fields |= came.problems
        here = _sheet(request, sheet_id)
        return _put_aside(request, here, page_key, came.revision) or _show(
            request, here, page_key, error=error, typed=typed
        )
    except SheetMoved as error:
        return _show(request, _sheet(request, sheet_id), page_key, error=error, typed=typed)
    if came.error:
        return _show(request, _sheet(request, sheet_id), page_key, error=came.error)
    if request.GET.get("then") == "later":
        return redirect("cases:later", sheet_id=sheet_id)
    if not saved.is_page_done:
        return redirect(_with_from(request, _page_url(sheet, page_key)))
    if _comes_from_review(request):
        return redirect("cases:review", sheet_id=sheet_id)
    return _onward(sheet_id, saved.next_page)


def _put_aside(request: ActorRequest, sheet: Sheet, page_key: str, revision: int) -> HttpResponse | None:
    """Keep what is right of an unfinished page, where the reader wants to come back later."""
    if request.GET.get("then") != "later":
        return None
    try:
        forms.put_aside(
            sheet.pk,
            page_key,
            request.POST,
            revision=revision,
            by=request.actor,
            at=clock.now(),
            token=_token(request, sheet.pk),
        )
    except SheetMoved as error:
        return _show(request, sheet, page_key, error=error)
    return redirect("cases:later", sheet_id=sheet.pk)


@require_http_methods(["GET", "POST"])
@route(allows=anyone, discloses=KNOWN)
@unsent.keeps_typed
def form_item(request: ActorRequest, sheet_id: UUID, page_key: str, item: int | None = None) -> HttpResponse:
    """Ask the questions about one item of a repeating group."""
    sheet = _sheet(request, sheet_id)
    index = NEW_ITEM if item is None else item
    if request.method == "GET":
        typed = unsent.typed_before(request, sheet)
        return _show(request, sheet, page_key, item=index, typed=typed)
    typed = sheets.with_newer(sheet, page_key, request.POST, at=clock.now(), item=item)
    try:
        saved = forms.answer_item(
            sheet_id,
            page_key,
            item,
            typed,
            revision=shown_revision(request),
            by=request.actor,
            at=clock.now(),
            token=_token(request, sheet_id),
        )
    except (AnswersInvalid, SheetMoved) as error:
        return _show(request, _sheet(request, sheet_id), page_key, item=index, error=error, typed=typed)
    if not saved.is_page_done and saved.item is not None:
        return redirect(_with_from(request, reverse("cases:item", args=[sheet_id, page_key, saved.item])))
    return redirect(_with_from(request, reverse("cases:page", args=[sheet_id, page_key])))


@require_POST
@route(allows=anyone, discloses=NOTHING)
def remove_item(request: ActorRequest, sheet_id: UUID, page_key: str, item: int) -> HttpResponse:
    """Take an item out of a repeating group."""
    try:
        forms.remove_item(
            sheet_id,
            page_key,
            item,
            revision=shown_revision(request),
            by=request.actor,
            at=clock.now(),
            token=_token(request, sheet_id),
        )
    except SheetMoved:
        return redirect(f"{reverse('cases:page', args=[sheet_id, page_key])}?moved=1")
    return redirect(_with_from(request, reverse("cases:page", args=[sheet_id, page_key])))


def _with_from(request: ActorRequest, there: str) -> str:
    return f"{there}?from=check" if _comes_from_review(request) else there


def _show(
    request: ActorRequest,
    sheet: Sheet,
    page_key: str,
    *,
    item: int | None = None,
    error: Invalid | Conflict | None = None,
    typed: QueryDict | None = None,
) -> HttpResponse:
    view = sheets.page_view(
        sheet,
        page_key,
        _language(),
        at=clock.now(),
        raw=request.POST if error and typed is None else typed,
        errors=error.fields if isinstance(error, Invalid) else {},
        item=item,
        anyway=_is_anyway(request),
    )
    note_helper(request)
    record_access(request.actor, _known_of(sheet, view) | view.looked_up, KNOWN, at=clock.now())
    differing: tuple[Difference, ...] = ()
    if isinstance(error, SheetMoved) and typed is not None:
        at = clock.now()
        differing = sheets.differences(sheet, page_key, typed, _language(), at=at, item=item)
    to_review = _comes_from_review(request)
    context = {
        "page": view,
        "errors": dict(view.errors),
        "service_name": _service_name(sheet),
        "notice": _notice(request, error, typed, is_other=bool(differing)),
        "differences": differing,
        "back_url": _page_url(sheet, page_key) if item is not None else _back(sheet, view.previous_key),
        "review_url": address("cases:review", sheet_id=sheet.pk) if to_review else "",
        "save_url": f"{request.path}?then=later" if item is None else "",
        "wrong_urls": _wrong_urls(sheet, _shown_records(view)) if item is None else {},
        **file_addresses(sheet),
    }
    template = "forms/page.html"
    if view.group is not None:
        template = "forms/group.html"
        context |= _item_urls(request, sheet, page_key, len(view.group.items))
    return page(request, template, context, status=error.status if error else 200)


def _shown_records(view: PageView) -> list[tuple[str, str]]:
    """Return which question of a page shows a value of which record."""
    known = [(each.key, each.prefilled.record) for each in view.questions if each.prefilled]
    if view.group is not None:
        known += [(view.group.key, record) for each in view.group.items for record in each.records]
    return known


def _wrong_urls(sheet: Sheet, records: list[tuple[str, str]]) -> dict[str, str]:
    """Return where to say that a known value is wrong, by question; only what somebody puts right."""
    return {
        key: address("disputes:wrong", sheet_id=sheet.pk, question=key)
        for key in disputes.disputable(records)
    }


def _notice(
    request: ActorRequest, error: Invalid | Conflict | None, typed: QueryDict | None, *, is_other: bool
) -> str:
    if isinstance(error, SheetMoved) and not is_other:
        nothing_else = _(
            "Nothing on this page differs from what is saved. Look at it once more, then continue."
        )
        return f"{error} {nothing_else}"
    if isinstance(error, Conflict):
        return f"{error} {error.next_step}"
    if request.GET.get("moved"):
        return _("The list was changed in the meantime, so nothing was removed. Look at it once more.")
    if typed is not None and request.method == "GET":
        return _("Your session had ended. Here is what you had typed; it is not saved until you continue.")
    return ""


def _known_of(sheet: Sheet, view: PageView | Review) -> frozenset[UUID]:
    """Return the owner of a form where a page shows what registers know of them."""
    return frozenset({sheet.owner_id} if view.is_known and sheet.owner_id else ())


def _is_anyway(request: ActorRequest) -> bool:
    """Whether somebody wants to answer questions of the page that can no longer matter."""
    return "anyway" in request.GET


def _comes_from_review(request: ActorRequest) -> bool:
    return request.GET.get("from") == "check" or request.POST.get("return") == "review"


def _page_url(sheet: Sheet, page_key: str) -> str:
    return address("cases:page", sheet_id=sheet.pk, page_key=page_key)


def _back(sheet: Sheet, page_key: str | None) -> str:
    if page_key is None:
        return address("catalogue:service", key=sheet.service_key)
    return _page_url(sheet, page_key)


def _item_urls(request: ActorRequest, sheet: Sheet, page_key: str, count: int) -> dict[str, Any]:
    def place(name: str, *more: int) -> str:
        return _with_from(request, reverse(f"cases:{name}", args=[sheet.pk, page_key, *more]))

    return {
        "add_url": place("new-item"),
        "change_urls": [place("item", at) for at in range(count)],
        "remove_urls": [place("remove-item", at) for at in range(count)],
    }


def _service_name(sheet: Sheet) -> str:
    service = catalogue.compiled(sheet.version_id)
    return service.translator(_language())(service.info.name)


@require_http_methods(["GET", "POST"])
@route(allows=anyone, discloses=KNOWN)
def review(request: ActorRequest, sheet_id: UUID) -> HttpResponse:
    """Show every answer for a last look, and send the application."""
    if request.method == "GET":
        sheet = _sheet(request, sheet_id)
        return _sent(request, sheet) if sheet.submitted_at is not None else _review(request, sheet)
    applicant_id = _applicant(request)
    try:
        case = actions.submit(
            sheet_id,
            applicant_id=applicant_id,
            revision=shown_revision(request),
            token=_token(request, sheet_id),
            by=request.actor,
            at=clock.now(),
        )
    except (Invalid, Conflict) as error:
        return _review(request, _sheet(request, sheet_id), error=error)
    request.session.pop(f"sheet:{sheet_id}", None)
    if request.actor.on_behalf_of and is_officer(request.actor):
        return redirect("cases:draft", sheet_id=sheet_id)
    return HttpResponseRedirect(address("cases:case", reference=case.reference))


def _applicant(request: ActorRequest) -> UUID:
    """Return for whom a form is sent: the resident, or the one for whom an officer fills in.

    Raises:
        SignInNeeded: Nobody has signed in.
        Forbidden: The person sends it, not the officer who helps.
    """
    actor = request.actor
    if is_officer(actor) and actor.on_behalf_of:
        return UUID(actor.on_behalf_of)
    if actor.kind is not ActorKind.RESIDENT:
        raise SignInNeeded
    return actor.person_ids[0]


def _review(request: ActorRequest, sheet: Sheet, *, error: CommonwealError | None = None) -> HttpResponse:
    view = sheets.review(sheet, _language(), at=clock.now())
    note_helper(request)
    asking = [sheets.newer_asked(sheet)]
    with recording_access(request.actor, _known_of(sheet, view), KNOWN, at=clock.now(), asking=asking):
        context = _reviewed(request, sheet, view, error)
    return page(request, "cases/check.html", context, status=error.status if error else 200)


@drawing()
def _reviewed(
    request: ActorRequest, sheet: Sheet, view: Review, error: CommonwealError | None
) -> dict[str, Any]:
    service = catalogue.compiled(sheet.version_id)
    translate = service.translator(_language())
    here = address("cases:review", sheet_id=sheet.pk)
    purpose = translate(service.info.purpose.description)
    return {
        "review": view,
        "errors": dict(view.problems),
        "service_name": translate(service.info.name),
        "back_url": "",
        **file_addresses(sheet),
        "change_urls": {
            group.page_key: f"{_page_url(sheet, group.page_key)}?from=check" for group in view.groups
        },
        "wrong_urls": _wrong_urls(
            sheet,
            [
                (each.key, each.prefilled.record)
                for group in view.groups
                for each in group.answers
                if each.prefilled
            ],
        ),
        "anyway_urls": {
            left.page_key: f"{_page_url(sheet, left.page_key)}?from=check&anyway=1" for left in view.left_out
        },
        "declaration": _("What I have written is true and complete. %(purpose)s") % {"purpose": purpose},
        "notice": f"{error} {error.next_step}" if error and not view.problems else "",
        "newer_url": address("cases:newer", sheet_id=sheet.pk) if sheets.is_behind(sheet) else "",
        "is_signed_in": request.actor.kind is ActorKind.RESIDENT or bool(request.actor.on_behalf_of),
        "is_sent_by_other": is_officer(request.actor) and not request.actor.can(SEND_FOR),
        "sign_in_url": f"/account/login/?next={here}",
        "sign_up_url": f"/account/signup/?next={here}",
    }


@require_GET
@route(allows=is_resident, discloses=OWN)
def home(request: ActorRequest) -> HttpResponse:
    """Show a resident's applications, and those that they have begun."""
    now, records = clock.now(), request.actor.person_ids
    if len(records) > 1:
        record_access(request.actor, records, OWN, at=now)
        return page(request, "cases/home.html", _home(request, now))
    asking = [
        *queries.results_asked(records[0]),
        disputes.latest_asked(records[0]),
        sheets.drafts_asked(records[0], at=now),
        *(slots["suggestions"].asks(request.actor) if "suggestions" in slots else ()),
    ]
    with recording_access(request.actor, records, OWN, at=now, asking=asking):
        return page(request, "cases/home.html", _home(request, now))


def _home(request: ActorRequest, now: datetime) -> dict[str, Any]:
    language = _language()
    found = queries.latest_results(request.actor)
    cases = [case for case, _result in found]
    drafts = sheets.draft_cards(request.actor, language, at=now)
    names = {version: _name(version, language) for version in {d.version_id for d in drafts}}
    return {
        "cards": [
            case_card(case, result, catalogue.compiled(case.version_id), language) for case, result in found
        ],
        "asked": [_asked(case, language) for case in cases if case.status == Status.ASKED],
        "to_sign": queries.signatures_asked_of(request.actor),
        "corrections": [dispute_card(each, language) for each in disputes.latest_disputes(request.actor)],
        "drafts": [draft_item(begun, names[begun.version_id]) for begun in drafts],
    }


def _asked(case: Case, language: str) -> dict[str, Any]:
    """Return what an officer asked about a case, for the top of the page."""
    inquiry = queries.open_inquiry(case)
    return {
        "reference": case.reference,
        "due_on": inquiry.answer_due_on if inquiry else None,
        "names": [
            piece["label"]
            for piece in (
                asked_pieces(inquiry, catalogue.compiled(case.version_id), language) if inquiry else []
            )
        ],
        "consequence": consequence(catalogue.compiled(case.version_id), language),
    }


def _name(version_id: UUID, language: str) -> str:
    service = catalogue.compiled(version_id)
    return service.translator(language)(service.info.name)


@require_GET
@route(allows=is_resident, discloses=OWN)
def case(request: ActorRequest, reference: str) -> HttpResponse:
    """Show a case to its applicant: how it stands, what was decided and why, letters, history."""
    return own_case(request, queries.case_for(reference, actor=request.actor))


def own_case(
    request: ActorRequest, found: Case, *, error: CommonwealError | None = None, about: UUID | None = None
) -> HttpResponse:
    """Show a case to its applicant, with what was refused; ``about`` is the invitation that it was about."""
    asking = asked_about(found)
    with recording_access(request.actor, [found.applicant_id], OWN, at=clock.now(), asking=asking):
        context = _own_case(request, found, error, about)
    return page(request, "cases/case.html", context, status=error.status if error else 200)


@drawing()
def _own_case(
    request: ActorRequest, found: Case, error: CommonwealError | None, about: UUID | None
) -> dict[str, Any]:
    service, language = catalogue.compiled(found.version_id), _language()
    signatures = _signatures(found, service)
    inquiry = queries.open_inquiry(found) if found.status == Status.ASKED else None
    letters = letters_of(found)
    context: dict[str, Any] = {
        "case": found,
        "service": service.translator(language)(service.info.name),
        "inquiry": inquiry,
        "pieces": asked_pieces(inquiry, service, language, is_open=True) if inquiry else [],
        "consequence": consequence(service, language) if inquiry else "",
        "notices": notices_of(found, service),
        "letters": letters,
        "tone_of": tone_of,
        **signatures,
        "files": handed_in(found, service, language),
        "typed": request.POST,
        "error": error,
        "errors": {
            f"email-{about}" if about and name == "email" else name: text
            for name, text in (error.fields.items() if isinstance(error, Invalid) else ())
        },
        **resident_panels(found, service, request.actor, language),
    }
    if (decision := context["decision"]) is not None:
        return context | _appeal(service, decision, language, on=told_on(found, decision, letters))
    return context | _standing(found, signatures["sign_until"])


def _appeal(service: CompiledService, decision: DecisionCard, language: str, *, on: date) -> dict[str, Any]:
    """Return how to object to a decision, and until when, for somebody who was told of it on a day."""
    return {
        "appeal": service.translator(language)(decision_of(service).spec.appeal.text),
        "appeal_until": appeal_until(service, decision, told_on=on),
    }


@require_GET
@route(allows=is_resident, discloses=OWN)
def decision(request: ActorRequest, reference: str) -> HttpResponse:
    """Show every step by which a case was decided, under headings, each with its law."""
    found = queries.case_for(reference, actor=request.actor)
    record_access(request.actor, [found.applicant_id], OWN, at=clock.now())
    service, language = catalogue.compiled(found.version_id), _language()
    made, grounds, groups = worked_out(
        queries.decision_id_of(found), service, vocabulary_of(service, language)
    )
    steps = tuple(step for group in groups for step in group.steps)
    context = {
        "case": found,
        "service": service.translator(language)(service.info.name),
        "sentences": grounds.sentences,
        "statement": statement(service, made.result, steps, language),
        "groups": step_groups(groups, language),
        **outcome_of(service, made, language),
        "outcome_amount": amount_of(made, award_of_case(found.stream), charges=is_charged(service, made)),
        "decided_on": clock.local(made.made_at).date(),
    }
    return page(request, "cases/decision.html", context)


@require_GET
@route(allows=is_resident, discloses=OWN)
def record(request: ActorRequest, reference: str) -> HttpResponse:
    """Show what the applicant told us, as it was sent, and what happened since."""
    found = queries.case_for(reference, actor=request.actor)
    record_access(request.actor, [found.applicant_id], OWN, at=clock.now())
    service, language = catalogue.compiled(found.version_id), _language()
    context = {
        "case": found,
        "service": service.translator(language)(service.info.name),
        "answers": answers_of(found, language),
        "happenings": happenings_of(found, request.actor),
    }
    return page(request, "cases/record.html", context)


def _signatures(found: Case, service: CompiledService) -> dict[str, Any]:
    """Return who has to sign, where anybody has to, and until when."""
    if stages_of(service).signing is None:
        return {"signatures": [], "sign_until": None, "invited": []}
    rows = list(queries.signatures_in(found))
    waits = found.status == Status.WAITING and any(not each.answer for each in rows)
    return {
        "signatures": signature_rows(rows),
        "sign_until": found.wake_on if waits else None,
        "invited": [each for each in rows if waits and not each.answer],
    }


def _standing(found: Case, sign_until: date | None) -> dict[str, str]:
    """Return how a case stands that is not decided, and what happens now."""
    return {
        "status_label": _status_label(found, sign_until),
        "what_now": _what_now(found, sign_until),
    }


def _status_label(found: Case, sign_until: date | None) -> str:
    if sign_until is not None:
        return _("waiting for signatures")
    return _("waiting for you") if found.status == Status.ASKED else str(Status(found.status).label)


def _what_now(found: Case, sign_until: date | None) -> str:
    if sign_until is not None:
        text = _(
            "We have asked those below to sign. When all have signed, we go on. They have time until %(day)s."
        )
        return text % {"day": long_date(sign_until)}
    if found.status == Status.ASKED:
        return _("We have a question for you. Answer it below, so that we can go on.")
    if found.status == Status.WAITING:
        return _("Your application waits. When it goes on, you will get a letter in your mailbox.")
    if found.due_on == date.max:
        return _("An officer will look at your application. You will get a letter in your mailbox.")
    text = _("An officer will look at your application. You will get a letter in your mailbox by %(day)s.")
    return text % {"day": long_date(found.due_on)}


@require_http_methods(["GET", "POST"])
@route(allows=is_resident, discloses=OWN)
def withdraw(request: ActorRequest, reference: str) -> HttpResponse:
    """Take an application back, after asking once more."""
    found = queries.case_for(reference, actor=request.actor)
    if request.method == "GET":
        record_access(request.actor, [found.applicant_id], OWN, at=clock.now())
        return page(request, "cases/withdraw.html", {"case": found})
    try:
        actions.withdraw(found.pk, by=request.actor, at=clock.now())
    except Conflict as error:
        return own_case(request, queries.case_for(reference, actor=request.actor), error=error)
    return redirect("cases:case", reference=found.reference)
