"""What a draft comes to, on pages of their own: everything that it changes, and its worked cases."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from commonweal.kernel.authoring import queries
from commonweal.kernel.authoring.parts import part_name
from commonweal.kernel.authoring.rules import may_see
from commonweal.kernel.authoring.types import WorkedCase
from commonweal.kernel.authoring.workbench.showing import file_url
from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route


@require_GET
@route(allows=may_see, discloses=NOTHING)
def changes(request: ActorRequest, draft_id: UUID) -> HttpResponse:
    """Say everything that a draft changes, and show the lines that are different behind it."""
    draft = queries.draft_for(draft_id, actor=request.actor)
    context = {
        "draft": draft,
        "changes": queries.told_changes(draft),
        "files": [
            {
                "name": part_name(one.file, draft.files.get(one.file, "")),
                "file": one.file,
                "lines": one.lines,
                "is_cut": one.is_cut,
            }
            for one in queries.changed_lines(draft)
        ],
    }
    return page(request, "authoring/changes.html", context)


@require_GET
@route(allows=may_see, discloses=NOTHING)
def cases(request: ActorRequest, draft_id: UUID) -> HttpResponse:
    """Show the worked cases of a draft, those first that do not come out as written."""
    draft = queries.draft_for(draft_id, actor=request.actor)
    found = queries.worked_cases(draft.files, queries.check_draft(draft, with_services=False))
    context = {
        "draft": draft,
        "wrong": [_case_row(case) for case in found if case.problem],
        "right": [_case_row(case) for case in found if not case.problem],
        "file_url": file_url(draft, queries.CASES) if queries.CASES in draft.files else "",
    }
    return page(request, "authoring/cases.html", context)


def _case_row(case: WorkedCase) -> dict[str, Any]:
    result = {"text": _("as written"), "tone": "success"}
    if case.problem:
        result = {"text": case.problem, "tone": "danger"}
    return {
        "case": case.id,
        "note": case.note,
        "expected": case.expected or _("an officer decides"),
        "result": result,
    }
