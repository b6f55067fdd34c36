"""What several pages of authoring show."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from commonweal.kernel.authoring.models import Draft
from commonweal.kernel.base.documents import Problem


def file_url(draft: Draft, name: str) -> str:
    """Return the address at which a file is edited as text."""
    return reverse("authoring:file", kwargs={"draft_id": draft.pk, "file": name})


def told(draft: Draft, problem: Problem) -> dict[str, Any]:
    """Return a problem as pages show it, with the place where it can be mended."""
    place = f"{problem.file}:{problem.line}" if problem.line else problem.file
    return {
        "place": place,
        "href": file_url(draft, problem.file) if problem.file in draft.files else "",
        "line": problem.line,
        "message": problem.message,
        "hint": problem.hint,
        "is_error": problem.is_error,
    }
