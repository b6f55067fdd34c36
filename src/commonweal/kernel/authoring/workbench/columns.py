"""The shape of a decision table on a page of its own: columns, hit policy; and tables that are not there yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from commonweal.kernel.authoring import actions, columns, queries, tables
from commonweal.kernel.authoring.errors import DraftMoved, PlaceNotFound, TextRefused
from commonweal.kernel.authoring.models import Draft
from commonweal.kernel.authoring.parts import part_name
from commonweal.kernel.authoring.rules import may_edit
from commonweal.kernel.authoring.workbench.tables import elsewhere, kinds, model_draft, policies, table_list
from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import CommonwealError, Invalid, Malformed
from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route

_REFUSED = (DraftMoved, TextRefused, PlaceNotFound, Invalid)


@require_http_methods(["GET", "POST"])
@route(allows=may_edit, discloses=NOTHING)
def shape(request: ActorRequest, draft_id: UUID, file: str, key: str) -> HttpResponse:
    """Show the columns and the hit policy of a table, and change them."""
    draft = model_draft(request, draft_id, file)
    if request.method == "GET":
        return _shape_page(request, draft, file, key)
    try:
        if _is_to_be_asked(request, draft, file):
            return _removal_page(request, draft, file, key)
        saved = actions.rewrite(
            draft_id,
            file,
            _change(request, file, key),
            seen=request.POST.get("seen", ""),
            by=request.actor,
            at=clock.now(),
        )
    except _REFUSED as error:
        return _shape_page(request, model_draft(request, draft_id, file), file, key, error=error)
    return _shape_page(request, saved, file, key, is_saved=True)


@require_http_methods(["GET", "POST"])
@route(allows=may_edit, discloses=NOTHING)
def column(request: ActorRequest, draft_id: UUID, file: str, key: str, at: int) -> HttpResponse:
    """Show one column of a table with its heading, what it looks at and what is allowed there, and change it."""
    draft = model_draft(request, draft_id, file)
    if request.method == "GET":
        return _column_page(request, draft, file, key, at)
    typed = {name: request.POST.get(name, "").strip() for name in ("label", "expression", "type")}
    values = " ".join(request.POST.get("values", "").split())
    new = columns.NewColumn(kind="", values=values, **typed)
    try:
        saved = actions.rewrite(
            draft_id,
            file,
            lambda text: columns.change_column(text, file, tables.table_of(text, file, key), at, new),
            seen=request.POST.get("seen", ""),
            by=request.actor,
            at=clock.now(),
        )
    except _REFUSED as error:
        return _column_page(request, model_draft(request, draft_id, file), file, key, at, error=error)
    return _shape_page(request, saved, file, key, is_saved=True)


def _column_page(
    request: ActorRequest,
    draft: Draft,
    file: str,
    key: str,
    at: int,
    *,
    error: CommonwealError | None = None,
) -> HttpResponse:
    text = draft.files[file]
    found = tables.table_of(text, file, key)
    if at >= len(found.columns):
        raise PlaceNotFound
    own = found.columns[at]
    now = {"label": own.label, "expression": own.expression, "type": own.type, "values": own.values}
    context = {
        "draft": draft,
        "file": file,
        "key": key,
        "at": at,
        "table": found,
        "column": own,
        "kind": kinds()[own.kind],
        "typed": {name: request.POST.get(name, value) if error else value for name, value in now.items()},
        "types": _types(text, file),
        "seen": queries.fingerprint(text),
        "error": error,
        "errors": error.fields if isinstance(error, Invalid) and not isinstance(error, TextRefused) else {},
    }
    return page(request, "authoring/column.html", context, status=error.status if error else 200)


def _change(request: ActorRequest, file: str, key: str) -> Callable[[str], str]:
    """Return what a button that was pressed does to the text."""
    act, at = _pressed(request)
    typed = {name: request.POST.get(name, "").strip() for name in ("kind", "label", "expression", "type")}
    steps: dict[str, Callable[[str, tables.Table], str]] = {
        "policy": lambda text, found: columns.with_policy(
            text, found, request.POST.get("policy", ""), request.POST.get("aggregation", "")
        ),
        "add": lambda text, found: columns.add_column(text, file, found, columns.NewColumn(**typed)),
        "remove": lambda text, found: columns.remove_column(text, found, at),
        "earlier": lambda text, found: columns.move_column(text, found, at, by=-1),
        "later": lambda text, found: columns.move_column(text, found, at, by=1),
    }
    if act not in steps:
        raise Malformed
    return lambda text: steps[act](text, tables.table_of(text, file, key))


def _pressed(request: ActorRequest) -> tuple[str, int]:
    """Return what was pressed, and of which column; -1 for none."""
    act, _blank, place = request.POST.get("act", "").partition(" ")
    return act, int(place) if place.isdecimal() and len(place) < 4 else -1


def _is_to_be_asked(request: ActorRequest, draft: Draft, file: str) -> bool:
    """Whether a column is to be removed as it was shown, and nobody has said yet that it is meant."""
    is_as_shown = request.POST.get("seen", "") == queries.fingerprint(draft.files[file])
    return (
        _pressed(request)[0] == "remove" and not request.POST.get("is_sure") and is_as_shown and draft.is_open
    )


def _removal_page(request: ActorRequest, draft: Draft, file: str, key: str) -> HttpResponse:
    """Ask whether a column is to go, and say how many rules lose something."""
    at = _pressed(request)[1]
    text = draft.files[file]
    found = tables.table_of(text, file, key)
    columns.remove_column(text, found, at)  # one that has to stay is not asked about
    words = {
        "inputEntry": _("Rules that lose a condition: %(count)s."),
        "outputEntry": _("Rules that lose an outcome: %(count)s."),
        "annotationEntry": _("Rules that lose a note: %(count)s."),
    }
    column = found.columns[at]
    context = {
        "draft": draft,
        "file": file,
        "key": key,
        "table": found,
        "label": column.label or column.expression,
        "at": at,
        "loss": words[column.kind] % {"count": columns.losing(found, at)},
        "seen": queries.fingerprint(text),
    }
    return page(request, "authoring/column_removal.html", context)


def _shape_page(
    request: ActorRequest,
    draft: Draft,
    file: str,
    key: str,
    *,
    error: CommonwealError | None = None,
    is_saved: bool = False,
) -> HttpResponse:
    text = draft.files[file]
    found = tables.table_of(text, file, key)
    said = tables.said_of(text, file, key)
    context = {
        "draft": draft,
        "file": file,
        "key": key,
        "table": found,
        "columns": _rows(found),
        "policies": [{"value": value, "label": words} for value, words in policies().items()],
        "aggregations": _aggregations(),
        "column_kinds": _column_kinds(),
        "types": _types(text, file),
        "seen": queries.fingerprint(text),
        "typed": request.POST if error else {},
        "whole": said.whole,
        "mistakes": len(said.cells) + sum(is_error for _words, is_error in said.whole),
        **elsewhere(draft, file, found.name),
        "is_saved": is_saved,
        "error": error,
        "errors": error.fields if isinstance(error, Invalid) and not isinstance(error, TextRefused) else {},
    }
    return page(request, "authoring/shape.html", context, status=error.status if error else 200)


def _rows(found: tables.Table) -> list[dict[str, Any]]:
    names = [column.kind for column in found.columns]
    return [
        {
            "at": at,
            "kind": kinds()[column.kind],
            "label": column.label,
            "expression": column.expression,
            "type": column.type,
            "values": column.values,
            "may_go_earlier": at > 0 and names[at - 1] == column.kind,
            "may_go_later": at + 1 < len(names) and names[at + 1] == column.kind,
            "may_go": column.kind == "annotationEntry" or names.count(column.kind) > 1,
        }
        for at, column in enumerate(found.columns)
    ]


def _aggregations() -> list[dict[str, str]]:
    words = {
        "": _("Nothing: a list of them"),
        "SUM": _("Add them up"),
        "MIN": _("Take the lowest"),
        "MAX": _("Take the highest"),
        "COUNT": _("Count them"),
    }
    return [{"value": value, "label": label} for value, label in words.items()]


def _column_kinds() -> list[dict[str, str]]:
    words = {"input": _("A condition"), "output": _("An outcome"), "annotation": _("A note")}
    return [{"value": value, "label": label} for value, label in words.items()]


def _types(text: str, file: str) -> list[dict[str, str]]:
    words = {
        "string": _("text"),
        "number": _("number"),
        "boolean": _("yes or no"),
        "date": _("date"),
    }
    choices = [{"value": name, "label": words.get(name, name)} for name in columns.types_in(text, file)]
    return [{"value": "", "label": _("not said")}, *choices]


@require_POST
@route(allows=may_edit, discloses=NOTHING)
def add_table(request: ActorRequest, draft_id: UUID, file: str) -> HttpResponse:
    """Add a decision with a table."""
    draft = model_draft(request, draft_id, file)
    new = columns.NewTable(
        name=" ".join(request.POST.get("name", "").split()),
        label=request.POST.get("label", "").strip(),
        type=request.POST.get("type", ""),
        looks_at=request.POST.get("looks_at", "").strip(),
        needs=tuple(dict.fromkeys(request.POST.getlist("needs"))),
    )
    key = ""

    def change(text: str) -> str:
        nonlocal key
        written, key = columns.add_table(text, file, new)
        return written

    try:
        actions.rewrite(
            draft_id,
            file,
            change,
            seen=request.POST.get("seen", ""),
            by=request.actor,
            at=clock.now(),
        )
    except _REFUSED as error:
        return tables_page(request, model_draft(request, draft_id, file), file, error=error)
    return redirect(reverse("authoring:table", kwargs={"draft_id": draft.pk, "file": file, "key": key}))


@require_http_methods(["GET"])
@route(allows=may_edit, discloses=NOTHING)
def listing(request: ActorRequest, draft_id: UUID, file: str) -> HttpResponse:
    """Show the decision tables of a model, and a form for another one."""
    return tables_page(request, model_draft(request, draft_id, file), file)


def tables_page(
    request: ActorRequest, draft: Draft, file: str, *, error: CommonwealError | None = None
) -> HttpResponse:
    """Show the decision tables of a model."""
    text = draft.files[file]
    context = {
        "draft": draft,
        "file": file,
        "title": part_name(file),
        "rows": table_list(draft, file),
        "types": _types(text, file),
        "sources": [{"value": one.id, "label": one.name} for one in columns.sources_in(text, file)],
        "chosen": request.POST.getlist("needs") if error else [],
        "seen": queries.fingerprint(text),
        "typed": request.POST if error else {},
        "error": error,
        "errors": error.fields if isinstance(error, Invalid) and not isinstance(error, TextRefused) else {},
    }
    return page(request, "authoring/tables.html", context, status=error.status if error else 200)
