"""What several pages of authoring show."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from commonweal.kernel.authoring.errors import PlaceNotFound, TextRefused
from commonweal.kernel.authoring.figures import FILE as FIGURES
from commonweal.kernel.authoring.figures import declared
from commonweal.kernel.authoring.models import Draft
from commonweal.kernel.authoring.parts import figure_at, part_name
from commonweal.kernel.authoring.queries import CASES
from commonweal.kernel.authoring.questions import FILE as FORM
from commonweal.kernel.base.documents import Problem

MODEL = ".dmn"


def file_url(draft: Draft, name: str) -> str:
    """Return the address at which a file is edited as text."""
    return reverse("authoring:file", kwargs={"draft_id": draft.pk, "file": name})


def part_url(draft: Draft, name: str) -> str:
    """Return the address of the page on which a file is changed by people who do not write files."""
    if not draft.is_open:
        return file_url(draft, name)
    own = {"draft_id": draft.pk}
    if name == FIGURES and draft.is_law:
        return reverse("authoring:figures", kwargs=own)
    if name.endswith(MODEL) and "/" not in name:
        return reverse("authoring:tables", kwargs={**own, "file": name})
    if name == FORM:
        return reverse("authoring:questions", kwargs=own)
    if name.endswith(".yaml") and name != CASES:
        return reverse("authoring:texts", kwargs={**own, "file": name})
    return file_url(draft, name)


def told(draft: Draft, problem: Problem) -> dict[str, Any]:
    """Return a problem as pages show it, with the place where it can be mended, by the name that people have for it."""
    text = draft.files.get(problem.file, "")
    place, href = part_name(problem.file, text), file_url(draft, problem.file) if text else ""
    key = figure_at(text, problem.line) if problem.file == FIGURES and draft.is_law and problem.line else ""
    if key and draft.is_open:
        label, href = _figure(draft, key)
        place = f"{place}: {label}"
    elif problem.line:
        place = _("%(part)s, line %(line)s") % {"part": place, "line": problem.line}
    return {
        "place": place,
        "href": href,
        "line": problem.line,
        "message": problem.message,
        "hint": problem.hint,
        "is_error": problem.is_error,
    }


def _figure(draft: Draft, key: str) -> tuple[str, str]:
    """Return what a figure is called, and the address of its page; of the file where the figure cannot be shown alone."""
    try:
        figure = declared(draft.files[FIGURES], key)
    except (PlaceNotFound, TextRefused):
        return key, file_url(draft, FIGURES)
    return str(figure.get("label") or key), reverse(
        "authoring:figure", kwargs={"draft_id": draft.pk, "key": key}
    )
