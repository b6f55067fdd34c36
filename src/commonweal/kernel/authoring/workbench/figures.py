"""The figures of a law on pages of their own: each with its values through time, and the next one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from commonweal.engines.parameters import Parameter, Snapshot
from commonweal.kernel.authoring import actions, figures, queries
from commonweal.kernel.authoring.errors import (
    DraftMoved,
    DraftNotFound,
    LooksLikeASlip,
    PlaceNotFound,
    TextRefused,
)
from commonweal.kernel.authoring.figures import FILE
from commonweal.kernel.authoring.models import Draft
from commonweal.kernel.authoring.parts import day_text
from commonweal.kernel.authoring.rules import may_edit
from commonweal.kernel.authoring.workbench.showing import told
from commonweal.kernel.base import clock
from commonweal.kernel.base.dates import boxes
from commonweal.kernel.base.errors import CommonwealError, Invalid, Malformed
from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route
from commonweal.kernel.base.templates import long_date
from commonweal.kernel.decisions.queries import unit_text

_MOST_SHOWN = 4
_MOST_TOLD = 10
"""Mistakes elsewhere that are named on the page of a figure; the draft's page names all."""


@require_http_methods(["GET", "POST"])
@route(allows=may_edit, discloses=NOTHING)
def listing(request: ActorRequest, draft_id: UUID) -> HttpResponse:
    """Show every figure of a law with what it is today, and add another one."""
    draft = _draft(request, draft_id)
    if request.method == "GET":
        return _list_page(request, draft)
    key = request.POST.get("key", "").strip()
    try:
        actions.add_figure(draft_id, key, request.POST.dict(), by=request.actor, at=clock.now())
    except Invalid as error:
        return _list_page(request, draft, error=error)
    return redirect("authoring:figure", draft_id=draft.pk, key=key)


def _list_page(request: ActorRequest, draft: Draft, *, error: Invalid | None = None) -> HttpResponse:
    found, faults = figures.read(draft.files[FILE])
    rows = []
    if found is not None:
        today = found.at(clock.today())
        rows = [_row(draft, figure, today) for figure in found]
    context = {
        "draft": draft,
        "rows": rows,
        "faults": [str(fault) for fault in faults if fault.is_error],
        "file_url": reverse("authoring:file", kwargs={"draft_id": draft.pk, "file": FILE}),
        "typed": request.POST,
        "days": {name: boxes(request.POST.dict(), name) for name in ("from", "known_from")},
        "kinds": [
            {"value": "number", "label": _("a number")},
            {"value": "text", "label": _("a text")},
            {"value": "boolean", "label": _("yes or no")},
        ],
        "errors": error.fields if error else {},
    }
    return page(request, "authoring/figures.html", context, status=error.status if error else 200)


def _draft(request: ActorRequest, draft_id: UUID) -> Draft:
    draft = queries.draft_for(draft_id, actor=request.actor)
    if not draft.is_law or FILE not in draft.files:
        raise DraftNotFound
    return draft


def _row(draft: Draft, figure: Parameter, today: Snapshot) -> dict[str, Any]:
    entry = today.entries.get(figure.key)
    latest = figure.history()[-1] if figure.entries else None
    ends = long_date(latest.valid_until) if latest and latest.valid_until else _("until another begins")
    if latest and latest.value is None:
        ends = _("not known from %(day)s") % {"day": long_date(latest.valid_from)}
    return {
        "name": {
            "text": figure.label,
            "href": reverse("authoring:figure", kwargs={"draft_id": draft.pk, "key": figure.key}),
        },
        "value": f"{_brief(entry.value)} {unit_text(figure.unit)}".strip() if entry else _("not known"),
        "known_until": ends,
    }


def _brief(value: Any) -> str:
    """Return a value in a few words: a table by its first places."""
    found = [text for _place, text in _flat(value)]
    more = f" … ({len(found)})" if len(found) > _MOST_SHOWN else ""
    return ", ".join(found[:_MOST_SHOWN]) + more


def _flat(value: Any, place: str = "") -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [one for key, inner in value.items() for one in _flat(inner, f"{place} {key}".strip())]
    if isinstance(value, list):
        return [one for at, inner in enumerate(value, 1) for one in _flat(inner, f"{place} {at}".strip())]
    if isinstance(value, bool):
        return [(place, _("yes") if value else _("no"))]
    return [(place, str(value))]


@require_http_methods(["GET", "POST"])
@route(allows=may_edit, discloses=NOTHING)
def figure(request: ActorRequest, draft_id: UUID, key: str) -> HttpResponse:
    """Show one figure through time, and add or change a value."""
    draft = _draft(request, draft_id)
    if request.method == "GET":
        return _figure_page(request, draft, key, _place(request.GET.get("value", "")))
    at, sent = _place(request.POST.get("at", "")), request.POST.dict()
    try:
        entry = _right(draft, key, at, sent)
        saved = actions.rewrite(
            draft_id,
            FILE,
            lambda text: figures.with_entry(text, key, at, entry),
            seen=request.POST.get("seen", ""),
            by=request.actor,
            at=clock.now(),
        )
    except (DraftMoved, Invalid) as error:
        return _figure_page(request, _draft(request, draft_id), key, at, error=error)
    return _figure_page(request, saved, key, None, is_saved=True)


def _place(sent: str) -> int | None:
    if not sent:
        return None
    if not sent.isdecimal() or len(sent) > 4:
        raise Malformed
    return int(sent)


def _right(draft: Draft, key: str, at: int | None, sent: Mapping[str, str]) -> dict[str, Any]:
    """Return a value that was typed, held against the law's own loader and against how this law has changed so far.

    Raises:
        Invalid: Something about it is wrong; each message stands at its field.
        LooksLikeASlip: It differs much from the one before, and whoever typed it has not said yet that it is right.
    """
    text = draft.files[FILE]
    entry = figures.entry_from(figures.declared(text, key), sent)
    said = _said(text, key, at, sent)
    if said:
        raise Invalid(said)
    slips = figures.slips(text, figures.with_entry(text, key, at, entry), key)
    if slips and sent.get("checked") != _token(slips):
        raise LooksLikeASlip(slips)
    return entry


def _token(slips: list[str]) -> str:
    """Return what the box says that whoever ticks it has read: these words, and no others."""
    return queries.fingerprint(" ".join(slips))[:16]


def _said(text: str, key: str, at: int | None, sent: Mapping[str, str]) -> dict[str, str]:
    before = figures.declared(text, key)
    entry = figures.entry_from(before, sent)
    tried = figures.with_entry(text, key, at, entry)
    entries = figures.declared(tried, key)["entries"]
    place = at if at is not None else next((n for n, one in enumerate(entries) if one == dict(entry)), 0)
    return {**figures.said_beside(tried, key, place, before), **figures.wrong_days(sent)}


@require_POST
@route(allows=may_edit, discloses=NOTHING)
def messages(request: ActorRequest, draft_id: UUID, key: str) -> JsonResponse:
    """Say what the loader thinks of a value that is being typed, by field; for the script beside the form."""
    draft = _draft(request, draft_id)
    try:
        said = _said(draft.files[FILE], key, _place(request.POST.get("at", "")), request.POST.dict())
    except TextRefused as error:
        said = {"v": error.fields["text"]}
    return JsonResponse({"fields": said})


@require_POST
@route(allows=may_edit, discloses=NOTHING)
def remove(request: ActorRequest, draft_id: UUID, key: str) -> HttpResponse:
    """Take a value away."""
    draft = _draft(request, draft_id)
    at = _place(request.POST.get("at", ""))
    if at is None:
        raise Malformed
    try:
        actions.rewrite(
            draft_id,
            FILE,
            lambda text: figures.without_entry(text, key, at),
            seen=request.POST.get("seen", ""),
            by=request.actor,
            at=clock.now(),
        )
    except (DraftMoved, PlaceNotFound) as error:
        return _figure_page(request, _draft(request, draft_id), key, None, error=error)
    return redirect("authoring:figure", draft_id=draft.pk, key=key)


def _figure_page(
    request: ActorRequest,
    draft: Draft,
    key: str,
    at: int | None,
    *,
    error: CommonwealError | None = None,
    is_saved: bool = False,
) -> HttpResponse:
    text = draft.files[FILE]
    now = figures.declared(text, key)
    shown = figures.entry_at(now, at) if at is not None or now["entries"] else {}
    fields, value, before = _begun(shown, is_new=at is None)
    typed = request.POST.dict() if error else {}
    cells = [
        {
            "field": cell.field,
            "label": cell.label,
            "value": typed.get(cell.field, cell.text),
            "before": cell.before,
        }
        for cell in figures.cells(now, value, before)
    ]
    checked = queries.check_draft(draft, with_services=False)
    context = {
        "draft": draft,
        "key": key,
        "label": str(now.get("label") or key),
        "description": str(now.get("description") or ""),
        "unit": str(now.get("unit", "")),
        "unit_words": unit_text(str(now.get("unit", ""))),
        "begins": day_text(fields["from"]),
        "kind": str(now.get("kind", "number")),
        "rows": [_entry_row(now, n, one) for n, one in _by_day(now["entries"])],
        "field": {**fields, **typed},
        "days": {name: boxes(typed, name, fields[name]) for name in figures.DAYS},
        "slip": _asked(error),
        "cells": cells,
        "at": "" if at is None else at,
        "is_new": at is None,
        "is_only": len(now["entries"]) < 2,
        "seen": queries.fingerprint(text),
        "problems": [told(draft, one) for one in checked.of(FILE) if one.is_error],
        "elsewhere": [told(draft, one) for one in checked.errors if one.file != FILE][:_MOST_TOLD],
        "elsewhere_count": sum(one.file != FILE for one in checked.errors),
        "is_saved": is_saved,
        "error": error,
        "errors": _at_fields(error, cells),
    }
    return page(request, "authoring/figure.html", context, status=error.status if error else 200)


def _begun(shown: Mapping[str, Any], *, is_new: bool) -> tuple[dict[str, str], Any, Any]:
    """Return what stands in the fields before anybody types: beside the value, of the value, and of the one before."""
    if is_new:
        return _next(shown), None, shown.get("value")
    return figures.fields_of(shown), shown.get("value"), None


def _asked(error: CommonwealError | None) -> str:
    """Return what the box says that asks about a slip; empty where none is asked about."""
    return _token([str(error.fields["checked"])]) if isinstance(error, LooksLikeASlip) else ""


def _at_fields(error: CommonwealError | None, cells: list[dict[str, Any]]) -> dict[str, str]:
    """Return messages by field; what concerns the value as a whole stands at its first place."""
    said = dict(error.fields) if isinstance(error, Invalid) else {}
    there = {cell["field"] for cell in cells} | {*figures.FIELDS, "checked"}
    first = str(cells[0]["field"]) if cells else "from"
    found: dict[str, str] = {}
    for field, message in said.items():
        place = field if field in there else first
        found[place] = f"{found[place]} {message}" if place in found else str(message)
    return found


def _next(latest: Mapping[str, Any]) -> dict[str, str]:
    """Return what stands in the fields of a new value before anybody types: the source of the latest."""
    return {**dict.fromkeys(figures.FIELDS, ""), "reference": figures.fields_of(latest)["reference"]}


def _by_day(entries: list[dict[str, Any]]) -> list[tuple[int, dict[str, Any]]]:
    """Return the values with their places in the file, the latest first."""
    days = enumerate(entries)
    return sorted(
        days, key=lambda one: (str(one[1].get("from")), str(one[1].get("known_from"))), reverse=True
    )


def _entry_row(figure: Mapping[str, Any], at: int, entry: Mapping[str, Any]) -> dict[str, Any]:
    said = figures.fields_of(entry)
    places = [(cell.label, cell.text) for cell in figures.cells(figure, entry.get("value")) if cell.text]
    return {
        "at": at,
        **said,
        "begins": day_text(said["from"]),
        "ends": day_text(said["until"]),
        "known": day_text(said["known_from"]),
        "places": places,
        "is_table": len(places) > 1,
    }
