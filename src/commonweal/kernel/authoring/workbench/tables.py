"""The decision tables of a law on pages of their own: each rule a row, each cell a field of FEEL."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from commonweal.kernel.authoring import actions, queries, tables
from commonweal.kernel.authoring.errors import DraftMoved, PlaceNotFound, TextRefused
from commonweal.kernel.authoring.models import Draft
from commonweal.kernel.authoring.rules import may_edit
from commonweal.kernel.authoring.workbench.showing import told
from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import CommonwealError, Malformed
from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route

_MOST_ROWS = 8
_MOST_TOLD = 10
"""Mistakes elsewhere that are named on the page of a table; the draft's page names all."""
_WIDTH = 34
"""Letters of a line in a cell, for the height of its field."""


def table_list(draft: Draft, file: str) -> list[dict[str, Any]]:
    """Return the decision tables of a model as rows of a list."""
    return [
        {
            "table": {
                "text": table.label,
                "href": reverse(
                    "authoring:table", kwargs={"draft_id": draft.pk, "file": file, "key": table.key}
                ),
            },
            "policy": _policy(table),
            "rules": len(table.rules),
        }
        for table in tables.tables_of(draft.files[file], file)
        if table.key
    ]


def model_draft(request: ActorRequest, draft_id: UUID, file: str) -> Draft:
    """Return a draft that has a model of this name.

    Raises:
        DraftNotFound: There is none.
    """
    return queries.model_of(draft_id, file, actor=request.actor)


def policies() -> dict[str, str]:
    """Return how the rules of a table may go together, in plain words."""
    return {
        "UNIQUE": _("Unique: one rule fits at most"),
        "FIRST": _("First: the first rule that fits decides"),
        "ANY": _("Any: rules that fit agree"),
        "PRIORITY": _("Priority: of those that fit, the outcome listed first"),
        "COLLECT": _("Collect: every rule that fits counts"),
        "RULE ORDER": _("Rule order: every rule that fits, in order"),
        "OUTPUT ORDER": _("Output order: every rule that fits, by outcome"),
    }


def kinds() -> dict[str, str]:
    """Return what stands before the heading of a column, by the kind of its cells."""
    return {"inputEntry": _("if"), "outputEntry": _("then"), "annotationEntry": _("note")}


def _policy(table: tables.Table) -> str:
    said = policies().get(table.hit_policy, table.hit_policy)
    return f"{said} ({table.aggregation})" if table.aggregation else said


@require_http_methods(["GET", "POST"])
@route(allows=may_edit, discloses=NOTHING)
def table(request: ActorRequest, draft_id: UUID, file: str, key: str) -> HttpResponse:
    """Show one table, save its cells, and add, move or take away a rule."""
    draft = model_draft(request, draft_id, file)
    if request.method == "GET":
        return _table_page(request, draft, file, key)
    try:
        saved = actions.rewrite(
            draft_id,
            file,
            _change(request, file, key),
            seen=request.POST.get("seen", ""),
            by=request.actor,
            at=clock.now(),
        )
    except (DraftMoved, TextRefused, PlaceNotFound) as error:
        return _table_page(request, model_draft(request, draft_id, file), file, key, error=error)
    return _table_page(request, saved, file, key, is_saved=True)


def _change(request: ActorRequest, file: str, key: str) -> Callable[[str], str]:
    """Return what a page that was sent does to the text: first its cells, then what was pressed."""
    act, _blank, place = request.POST.get("act", "save").partition(" ")
    steps: dict[str, Callable[[str, tables.Table, int], str]] = {
        "save": lambda text, _table, _at: text,
        "add": tables.add_rule,
        "remove": tables.remove_rule,
        "up": lambda text, found, at: tables.move_rule(text, found, at, by=-1),
        "down": lambda text, found, at: tables.move_rule(text, found, at, by=1),
    }
    if act not in steps or (act != "save" and not (place.isdecimal() and len(place) < 5)):
        raise Malformed

    def change(text: str) -> str:
        found = tables.table_of(text, file, key)
        new = tables.with_cells(text, found, _typed(request, found))
        return steps[act](new, tables.table_of(new, file, key), int(place or 0))

    return change


def _typed(request: ActorRequest, found: tables.Table) -> dict[tuple[int, int], str]:
    return {
        (at, column): request.POST[_field(at, column)].replace("\r\n", "\n")
        for at, rule in enumerate(found.rules)
        for column in range(len(rule.cells))
        if _field(at, column) in request.POST
    }


def _field(rule: int, column: int) -> str:
    return f"c/{rule}/{column}"


@require_POST
@route(allows=may_edit, discloses=NOTHING)
def messages(request: ActorRequest, draft_id: UUID, file: str, key: str) -> JsonResponse:
    """Say what the engine thinks of the cells that are being typed; for the script beside the table."""
    draft = model_draft(request, draft_id, file)
    found = tables.table_of(draft.files[file], file, key)
    text = tables.with_cells(draft.files[file], found, _typed(request, found))
    said = tables.said_of(text, file, key)
    fields = {_field(*place): words for place, words in said.cells.items()}
    return JsonResponse({"fields": fields, "whole": [words for words, _is_error in said.whole]})


@require_GET
@route(allows=may_edit, discloses=NOTHING)
def model(request: ActorRequest, draft_id: UUID, file: str) -> HttpResponse:
    """Hand the whole model to the table modeller, which fetches it only when it is opened; a browser keeps it as a file."""
    draft = model_draft(request, draft_id, file)
    answer = HttpResponse(draft.files[file], content_type="application/xml; charset=utf-8")
    answer.headers["Content-Disposition"] = content_disposition_header(True, file) or "attachment"
    return answer


@require_POST
@route(allows=may_edit, discloses=NOTHING)
def drawn(request: ActorRequest, draft_id: UUID, file: str, key: str) -> HttpResponse:
    """Take over the rules that were changed in the table modeller."""
    rows = _rows(request)
    try:
        saved = actions.rewrite(
            draft_id,
            file,
            lambda text: tables.with_rows(text, tables.table_of(text, file, key), rows),
            seen=request.POST.get("seen", ""),
            by=request.actor,
            at=clock.now(),
        )
    except (DraftMoved, TextRefused, PlaceNotFound) as error:
        return _table_page(request, model_draft(request, draft_id, file), file, key, error=error)
    return _table_page(request, saved, file, key, is_saved=True)


def _rows(request: ActorRequest) -> list[list[str]]:
    try:
        rows = json.loads(request.POST.get("rows", ""))
    except (ValueError, RecursionError):
        raise Malformed from None
    if not isinstance(rows, list) or not all(
        isinstance(row, list) and all(isinstance(words, str) for words in row) for row in rows
    ):
        raise Malformed
    return rows


def _table_page(
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
    typed = request.POST if error else {}
    last = len(found.rules) - 1
    context = {
        "draft": draft,
        "file": file,
        "key": key,
        "table": found,
        "policy": _policy(found),
        "columns": found.columns,
        "kinds": kinds(),
        "rows": [
            {
                "at": at,
                "cells": [
                    _cell(at, column, cell, typed, said.cells.get((at, column), ""))
                    for column, cell in enumerate(rule.cells)
                ],
                "is_first": at == 0,
                "is_last": at == last,
            }
            for at, rule in enumerate(found.rules)
        ],
        "whole": said.whole,
        "wrong": [
            {
                "href": f"#c-{rule}-{column}",
                "place": _("Rule %(number)s, %(column)s")
                % {"number": rule + 1, "column": found.columns[column].label},
                "words": words,
            }
            for (rule, column), words in sorted(said.cells.items())
        ],
        "mistakes": len(said.cells) + sum(is_error for _words, is_error in said.whole),
        **elsewhere(draft, file, found.name),
        "seen": queries.fingerprint(text),
        "is_saved": is_saved,
        "error": error,
    }
    return page(request, "authoring/table.html", context, status=error.status if error else 200)


def elsewhere(draft: Draft, file: str, name: str) -> dict[str, Any]:
    """Return the mistakes of a draft that no cell of a table shows, worked cases among them."""
    found = [
        one
        for one in queries.check_draft(draft, with_services=False).errors
        if one.file != file or not one.message.startswith((f"{name}:", f"{name},"))
    ]
    return {"elsewhere": [told(draft, one) for one in found[:_MOST_TOLD]], "elsewhere_count": len(found)}


def _cell(rule: int, column: int, cell: tables.Cell, typed: Any, message: str) -> dict[str, Any]:
    name = _field(rule, column)
    text = str(typed.get(name, cell.text))
    rows = sum(max(len(line) // _WIDTH + 1, 1) for line in text.split("\n"))
    return {
        "name": name,
        "text": text,
        "message": message,
        "is_note": cell.kind == "annotationEntry",
        "rows": min(rows, _MOST_ROWS),
    }
