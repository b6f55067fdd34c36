"""Drafts: their list, each with its files, what the compiler says, and what can be done with it now."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from commonweal.kernel.authoring import actions, queries
from commonweal.kernel.authoring.archives import MAX_ARCHIVE_BYTES
from commonweal.kernel.authoring.editing import places, with_texts
from commonweal.kernel.authoring.enums import UNFINISHED, Stage
from commonweal.kernel.authoring.errors import ArchiveRefused, DraftMoved, DraftNotFound, TextRefused
from commonweal.kernel.authoring.models import Draft
from commonweal.kernel.authoring.parts import in_order, part_name
from commonweal.kernel.authoring.rules import may_edit, may_see
from commonweal.kernel.authoring.types import Checked, WorkedCase
from commonweal.kernel.authoring.workbench.rehearsals import choices
from commonweal.kernel.authoring.workbench.showing import MODEL, file_url, part_url, told
from commonweal.kernel.base import clock
from commonweal.kernel.base.dates import boxes, needed_day, sent_day
from commonweal.kernel.base.errors import CommonwealError, Conflict, Invalid, Malformed
from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route
from commonweal.kernel.base.templates import long_date
from commonweal.kernel.catalogue.errors import BrokenDeclaration
from commonweal.kernel.catalogue.rules import may_publish
from commonweal.kernel.decisions.errors import LawRefused
from commonweal.kernel.decisions.queries import may_publish_law
from commonweal.kernel.people import queries as people

_TONES = {
    Stage.OPEN: "info",
    Stage.PROPOSED: "warning",
    Stage.PUBLISHED: "success",
    Stage.DISCARDED: "neutral",
}
_MOST_TOLD = 5
_MOST_IN_ALL = 60
"""Mistakes that the page of a draft names at once, and folded away."""
_MOST_CHANGES = 6
_MOST_SAID = 4
"""Things that the page of a draft names as changed, and sentences about each; a page of its own says all."""
_WITH_TEXTS = (".yaml",)
_IN_OTHER_TONGUES = re.compile(r"^locale/|\.[a-z]{2}\.md$")
"""Files that say in another language what the others say."""


@require_GET
@route(allows=may_see, discloses=NOTHING)
def listing(request: ActorRequest) -> HttpResponse:
    """Show the agency's drafts, and the three ways to begin one."""
    return _list_page(request)


def _list_page(request: ActorRequest, *, error: CommonwealError | None = None) -> HttpResponse:
    context = {
        "rows": [_row(draft) for draft in queries.drafts_for(request.actor)],
        "services": [
            {"value": key, "label": name} for key, name in queries.services_to_change(request.actor)
        ],
        "may_begin_law": may_publish_law(),
        "laws": [{"value": key, "label": name} for key, name in queries.laws_to_change(request.actor)],
        "may_edit": may_edit(request.actor),
        "typed": request.POST,
        "errors": error.fields if isinstance(error, Invalid) else {},
    }
    return page(request, "authoring/list.html", context, status=error.status if error else 200)


def _row(draft: Draft) -> dict[str, Any]:
    stage = Stage(draft.stage)
    return {
        "service": {
            "text": _("Law: %(name)s") % {"name": draft.service_key} if draft.is_law else draft.service_key,
            "href": reverse("authoring:draft", kwargs={"draft_id": draft.pk}),
        },
        "stage": {"text": str(stage.label), "tone": _TONES[stage]},
        "changed": long_date(draft.changed_at),
    }


@require_POST
@route(allows=may_edit, discloses=NOTHING)
def begin(request: ActorRequest) -> HttpResponse:
    """Begin to change a service that residents meet."""
    draft = actions.begin_draft(request.POST.get("service", ""), by=request.actor, at=clock.now())
    return _to(draft)


@require_POST
@route(allows=may_edit, discloses=NOTHING)
def begin_law(request: ActorRequest) -> HttpResponse:
    """Begin to change a law."""
    return _to(actions.begin_law(request.POST.get("law", ""), by=request.actor, at=clock.now()))


@require_POST
@route(allows=may_edit, discloses=NOTHING)
def new(request: ActorRequest) -> HttpResponse:
    """Begin a service that is not there yet."""
    typed = {field: request.POST.get(field, "").strip() for field in ("key", "name", "summary")}
    try:
        draft = actions.begin_new(
            typed["key"], name=typed["name"], summary=typed["summary"], by=request.actor, at=clock.now()
        )
    except Invalid as error:
        return _list_page(request, error=error)
    return _to(draft)


@require_http_methods(["GET", "POST"])
@route(allows=may_edit, discloses=NOTHING)
def new_law(request: ActorRequest) -> HttpResponse:
    """Begin a law that is not there yet, from a small one that works."""
    if request.method == "GET":
        return _new_law_page(request)
    key = request.POST.get("key", "").strip()
    try:
        draft = actions.begin_new_law(key, request.POST.dict(), by=request.actor, at=clock.now())
    except Invalid as error:
        return _new_law_page(request, error=error)
    return _to(draft)


def _new_law_page(request: ActorRequest, *, error: Invalid | None = None) -> HttpResponse:
    context = {
        "typed": request.POST,
        "day": boxes(request.POST.dict(), "from"),
        "comparisons": [
            {"value": "at_least", "label": _("at least as much as the figure")},
            {"value": "at_most", "label": _("at most as much as the figure")},
        ],
        "errors": error.fields if error else {},
    }
    return page(request, "authoring/new_law.html", context, status=error.status if error else 200)


@require_POST
@route(allows=may_edit, discloses=NOTHING)
def lay_beside(request: ActorRequest, draft_id: UUID) -> HttpResponse:
    """Check and rehearse a service with a law that is being written, or with the law in force again."""
    sent = request.POST.get("law", "")
    try:
        law_id = UUID(sent) if sent else None
    except ValueError:
        raise Malformed from None
    return _done(
        request, draft_id, lambda: actions.lay_beside(draft_id, law_id, by=request.actor, at=clock.now())
    )


@require_POST
@route(allows=may_edit, discloses=NOTHING)
def take_in(request: ActorRequest) -> HttpResponse:
    """Take in a service's folder as a zip archive."""
    try:
        draft = actions.take_in(_sent(request), by=request.actor, at=clock.now())
    except Invalid as error:
        return _list_page(request, error=error)
    return _to(draft)


def _sent(request: ActorRequest) -> bytes:
    sent = request.FILES.get("archive")
    if sent is None:
        raise Invalid({"archive": _("Choose a file first.")})
    if (sent.size or 0) > MAX_ARCHIVE_BYTES:
        raise ArchiveRefused(_("It is larger than %(bytes)s bytes.") % {"bytes": f"{MAX_ARCHIVE_BYTES:,}"})
    return bytes(sent.read())


def _to(draft: Draft) -> HttpResponse:
    return redirect("authoring:draft", draft_id=draft.pk)


@require_GET
@route(allows=may_see, discloses=NOTHING)
def show(request: ActorRequest, draft_id: UUID) -> HttpResponse:
    """Show a draft: its files, what the compiler says, what changes, and what can be done now."""
    return _draft_page(request, queries.draft_for(draft_id, actor=request.actor))


def _draft_page(request: ActorRequest, draft: Draft, *, error: CommonwealError | None = None) -> HttpResponse:
    checked = queries.check_draft(draft)
    cases = queries.worked_cases(draft.files, checked)
    changes = queries.told_changes(draft)
    context = {
        "draft": draft,
        "stage": str(Stage(draft.stage).label),
        "tone": _TONES[Stage(draft.stage)],
        "name": checked.name or draft.service_key,
        **_parts(draft, checked),
        **_said(draft, checked, cases),
        "changes": changes[:_MOST_CHANGES],
        "more_changes": max(len(changes) - _MOST_CHANGES, 0),
        "most_said": _MOST_SAID,
        "is_new": not draft.base if draft.is_law else draft.based_on is None,
        **_together(request, draft),
        "is_outdated": draft.stage in UNFINISHED and queries.is_outdated(draft),
        "typed": request.POST,
        "models": [
            {"value": name, "label": part_name(name)}
            for name in sorted(draft.files, reverse=True)
            if draft.is_law and name.endswith(MODEL)
        ],
        "first_day": boxes(request.POST.dict(), "first_day"),
        "known_on": boxes(request.POST.dict(), "known_on"),
        "error": error,
        "errors": error.fields if isinstance(error, Invalid) else {},
        **choices(),
        **_people(draft),
        **_steps(request, draft, has_errors=bool(checked.errors)),
    }
    return page(request, "authoring/draft.html", context, status=error.status if error else 200)


def _parts(draft: Draft, checked: Checked) -> dict[str, Any]:
    """Return what a draft consists of; what says the same in another language stands apart."""
    tasks = _tasks(draft, checked)
    return {
        "tasks": [task for task in tasks if not _IN_OTHER_TONGUES.search(task["hint"])],
        "translations": [task for task in tasks if _IN_OTHER_TONGUES.search(task["hint"])],
    }


def _said(draft: Draft, checked: Checked, cases: list[WorkedCase]) -> dict[str, Any]:
    """Return what the compiler says: some mistakes at once, more folded away; worked cases have a page of their own."""
    mistakes = [one for one in checked.errors if not (cases and one.file == queries.CASES)]
    return {
        "problems": [told(draft, problem) for problem in mistakes[:_MOST_TOLD]],
        "more_problems": [told(draft, problem) for problem in mistakes[_MOST_TOLD:_MOST_IN_ALL]],
        "unsaid_problems": max(len(mistakes) - _MOST_IN_ALL, 0),
        "advice": [told(draft, problem) for problem in checked.warnings[:_MOST_IN_ALL]],
        "errors_count": len(checked.errors),
        "warnings_count": len(checked.warnings),
        "cases_count": len(cases),
        "cases_wrong": sum(bool(case.problem) for case in cases),
    }


def _together(request: ActorRequest, draft: Draft) -> dict[str, Any]:
    """Return with what a draft can be rehearsed: a law with services, a service with laws that are being written."""
    if draft.is_law:
        tried = queries.services_to_try(draft, request.actor)
        services = [{"value": key, "label": name} for key, name in tried]
        return {"services": services, "laws": [], "law_beside": None}
    law = draft.law_beside
    found = [
        {"value": str(one.pk), "label": _("the draft of %(law)s") % {"law": one.service_key}}
        for one in queries.laws_under_way(request.actor)
    ]
    return {
        "services": [],
        "laws": [{"value": "", "label": _("the law in force")}, *found] if found else [],
        "law_beside": law,
    }


def _people(draft: Draft) -> dict[str, Any]:
    """Return who wrote, proposed and approved a draft, by name."""
    ids = [one for one in (*draft.editors, draft.proposed_by, draft.approved_by) if one]
    names = {str(key): name for key, name in people.officer_names(map(UUID, ids)).items()}
    return {
        "writers": ", ".join(names[one] for one in draft.editors if one in names),
        "proposed_by": names.get(draft.proposed_by, ""),
        "approved_by": names.get(draft.approved_by, ""),
    }


def _steps(request: ActorRequest, draft: Draft, *, has_errors: bool) -> dict[str, bool]:
    """Return what the officer can do with a draft now."""
    actor = request.actor
    is_open, waits = draft.stage == Stage.OPEN, draft.stage == Stage.PROPOSED
    is_own = actor.id in {draft.proposed_by, *draft.editors}
    return {
        "may_change": is_open and may_edit(actor),
        "may_propose": is_open and may_edit(actor) and not has_errors,
        "may_take_back": waits and may_edit(actor),
        "may_approve": waits and may_publish(actor) and not is_own,
        "is_own": waits and is_own,
    }


def _tasks(draft: Draft, checked: Checked) -> list[dict[str, Any]]:
    """Return the parts of a draft, each with the page on which it is changed, and what the compiler says of it."""
    return [_task(draft, name, checked) for name in in_order([*draft.files])]


def _task(draft: Draft, name: str, checked: Checked) -> dict[str, Any]:
    found = checked.of(name)
    errors = sum(problem.is_error for problem in found)
    state, tone = _("no problem"), "success"
    if errors:
        state, tone = _("Mistakes: %(count)s") % {"count": errors}, "danger"
    elif found:
        state, tone = _("Advice: %(count)s") % {"count": len(found)}, "warning"
    title = part_name(name, draft.files[name])
    href = part_url(draft, name)
    if name == queries.CASES:
        href = reverse("authoring:cases", kwargs={"draft_id": draft.pk})
    return {
        "title": title,
        "href": href,
        "hint": name if title != name else "",
        "status": state,
        "tone": tone,
    }


@require_http_methods(["GET", "POST"])
@route(allows=may_see, discloses=NOTHING)
def edit_file(request: ActorRequest, draft_id: UUID, file: str) -> HttpResponse:
    """Show a file as text, and save it."""
    draft = queries.draft_for(draft_id, actor=request.actor)
    if request.method == "GET":
        if file not in draft.files:
            raise DraftNotFound
        return _file_page(request, draft, file, draft.files[file])
    text = request.POST.get("text", "")
    try:
        saved = actions.save_file(
            draft_id, file, text, seen=request.POST.get("seen", ""), by=request.actor, at=clock.now()
        )
    except (DraftMoved, TextRefused) as error:
        fresh = queries.draft_for(draft_id, actor=request.actor)
        return _file_page(request, fresh, file, text, error=error)
    return _file_page(request, saved, file, saved.files[file], is_saved=True)


def _file_page(
    request: ActorRequest,
    draft: Draft,
    name: str,
    text: str,
    *,
    error: CommonwealError | None = None,
    is_saved: bool = False,
) -> HttpResponse:
    shown = {**draft.files, name: text}
    checked = (
        queries.check_draft(draft, shown, with_services=False) if not isinstance(error, TextRefused) else None
    )
    context = {
        "draft": draft,
        "name": name,
        "title": part_name(name, text),
        "text": text,
        "rows": min(max(text.count("\n") + 3, 8), 40),
        "seen": queries.fingerprint(draft.files.get(name)),
        "problems": [told(draft, one) for one in checked.of(name)] if checked else [],
        "others": sum(one.is_error for one in checked.problems if one.file != name) if checked else 0,
        "may_change": draft.is_open and may_edit(request.actor),
        "may_remove": name in draft.files and name != draft.main,
        "has_texts": name.endswith(_WITH_TEXTS) and name in draft.files,
        "theirs": error.theirs if isinstance(error, DraftMoved) else None,
        "is_saved": is_saved,
        "error": error,
        "errors": error.fields if isinstance(error, Invalid) else {},
    }
    return page(request, "authoring/file.html", context, status=error.status if error else 200)


@require_POST
@route(allows=may_see, discloses=NOTHING)
def messages(request: ActorRequest, draft_id: UUID, file: str) -> HttpResponse:
    """Say what the compiler thinks of a file that is being written; a piece of a page, for the script beside it."""
    draft = queries.draft_for(draft_id, actor=request.actor)
    text = {**draft.files, file: request.POST.get("text", "")}
    checked = queries.check_draft(draft, text, with_services=False)
    context = {
        "problems": [told(draft, one) for one in checked.of(file)],
        "others": sum(one.is_error for one in checked.problems if one.file != file),
    }
    return page(request, "authoring/messages.html", context)


@require_POST
@route(allows=may_edit, discloses=NOTHING)
def add_file(request: ActorRequest, draft_id: UUID) -> HttpResponse:
    """Add an empty file."""
    name = request.POST.get("name", "").strip()
    draft = queries.draft_for(draft_id, actor=request.actor)
    if name in draft.files:
        taken = Invalid({"name": _("There is a file of this name already.")})
        return _draft_page(request, draft, error=taken)
    try:
        actions.save_file(draft_id, name, "", seen="", by=request.actor, at=clock.now())
    except TextRefused as error:
        return _draft_page(request, draft, error=Invalid({"name": error.fields["text"]}))
    return redirect(file_url(draft, name))


@require_POST
@route(allows=may_edit, discloses=NOTHING)
def begin_rules(request: ActorRequest, draft_id: UUID) -> HttpResponse:
    """Begin the rules of a law that count from another day on."""
    try:
        actions.begin_rules(
            draft_id,
            copied_from=request.POST.get("copied_from", ""),
            first_day=needed_day(request.POST.dict(), "first_day"),
            known_on=sent_day(request.POST.dict(), "known_on"),
            by=request.actor,
            at=clock.now(),
        )
    except Invalid as error:
        return _draft_page(request, queries.draft_for(draft_id, actor=request.actor), error=error)
    return redirect(f"{reverse('authoring:draft', kwargs={'draft_id': draft_id})}#files")


@require_POST
@route(allows=may_edit, discloses=NOTHING)
def remove_file(request: ActorRequest, draft_id: UUID, file: str) -> HttpResponse:
    """Take a file away."""
    seen = request.POST.get("seen", "")
    draft = actions.remove_file(draft_id, file, seen=seen, by=request.actor, at=clock.now())
    return _to(draft)


@require_http_methods(["GET", "POST"])
@route(allows=may_edit, discloses=NOTHING)
def texts(request: ActorRequest, draft_id: UUID, file: str) -> HttpResponse:
    """Show every text of a file in a field of its own, and save those that changed."""
    draft = queries.draft_for(draft_id, actor=request.actor)
    if file not in draft.files or not file.endswith(_WITH_TEXTS):
        raise DraftNotFound
    if request.method == "GET":
        return _texts_page(request, draft, file)
    wanted = {
        place.path: request.POST[place.field]
        for place in places(draft.files[file], file)
        if place.field in request.POST
    }
    try:
        saved = actions.rewrite(
            draft_id,
            file,
            lambda text: with_texts(text, file, wanted),
            seen=request.POST.get("seen", ""),
            by=request.actor,
            at=clock.now(),
        )
    except (DraftMoved, TextRefused) as error:
        fresh = queries.draft_for(draft_id, actor=request.actor)
        return _texts_page(request, fresh, file, error=error)
    return _texts_page(request, saved, file, is_saved=True)


def _texts_page(
    request: ActorRequest,
    draft: Draft,
    name: str,
    *,
    error: CommonwealError | None = None,
    is_saved: bool = False,
) -> HttpResponse:
    found = places(draft.files[name], name)
    checked = queries.check_draft(draft, with_services=False)
    context = {
        "draft": draft,
        "name": name,
        "title": part_name(name, draft.files[name]),
        "fields": [
            {
                "name": place.field,
                "label": place.name,
                "value": request.POST.get(place.field, place.text.strip()) if error else place.text.strip(),
                "theirs": place.text.strip(),
                "is_long": place.is_long,
                "rows": min(max(place.text.count("\n") + 2, 3), 14),
            }
            for place in found
        ],
        "seen": queries.fingerprint(draft.files[name]),
        "problems": [told(draft, one) for one in checked.of(name)],
        "is_moved": isinstance(error, DraftMoved),
        "is_saved": is_saved,
        "error": error,
    }
    return page(request, "authoring/texts.html", context, status=error.status if error else 200)


@require_GET
@route(allows=may_see, discloses=NOTHING)
def archive(request: ActorRequest, draft_id: UUID) -> HttpResponse:
    """Hand out a draft as a zip archive of its folder."""
    draft = queries.draft_for(draft_id, actor=request.actor)
    answer = HttpResponse(queries.archive_of(draft), content_type="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="{draft.service_key}.zip"'
    return answer


@require_POST
@route(allows=may_edit, discloses=NOTHING)
def propose(request: ActorRequest, draft_id: UUID) -> HttpResponse:
    """Propose to publish a draft."""
    note, revision = request.POST.get("note", ""), _revision(request)
    return _done(
        request,
        draft_id,
        lambda: actions.propose(draft_id, note=note, revision=revision, by=request.actor, at=clock.now()),
    )


@require_POST
@route(allows=may_edit, discloses=NOTHING)
def take_back(request: ActorRequest, draft_id: UUID) -> HttpResponse:
    """Go on writing."""
    return _done(request, draft_id, lambda: actions.take_back(draft_id, by=request.actor, at=clock.now()))


@require_POST
@route(allows=may_publish, discloses=NOTHING)
def send_back(request: ActorRequest, draft_id: UUID) -> HttpResponse:
    """Do not approve, and say why."""
    note = request.POST.get("reason", "")
    return _done(
        request, draft_id, lambda: actions.send_back(draft_id, note=note, by=request.actor, at=clock.now())
    )


@require_POST
@route(allows=may_publish, discloses=NOTHING)
def approve(request: ActorRequest, draft_id: UUID) -> HttpResponse:
    """Publish what another officer proposed."""
    revision = _revision(request)
    return _done(
        request,
        draft_id,
        lambda: actions.approve(draft_id, revision=revision, by=request.actor, at=clock.now()),
    )


@require_POST
@route(allows=may_edit, discloses=NOTHING)
def discard(request: ActorRequest, draft_id: UUID) -> HttpResponse:
    """Give a draft up."""
    return _done(request, draft_id, lambda: actions.discard(draft_id, by=request.actor, at=clock.now()))


@require_POST
@route(allows=may_edit, discloses=NOTHING)
def catch_up(request: ActorRequest, draft_id: UUID) -> HttpResponse:
    """Take over what was published meanwhile."""
    is_merged = request.POST.get("merged") == "yes"
    return _done(
        request,
        draft_id,
        lambda: actions.catch_up(draft_id, is_merged=is_merged, by=request.actor, at=clock.now()),
    )


def _revision(request: ActorRequest) -> int:
    try:
        return int(request.POST.get("revision", ""))
    except ValueError:
        raise Malformed from None


def _done(request: ActorRequest, draft_id: UUID, act: Callable[[], Draft]) -> HttpResponse:
    try:
        draft = act()
    except (Invalid, Conflict, BrokenDeclaration, LawRefused) as error:
        return _draft_page(request, queries.draft_for(draft_id, actor=request.actor), error=error)
    return _to(draft)
