"""Two tabs on one sheet: what was typed beside what was saved in the meantime."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import QueryDict

from commonweal.kernel.catalogue.queries import compiled
from commonweal.kernel.catalogue.types import Translator
from commonweal.kernel.forms.answers.collecting import DATE_PARTS, given, typed
from commonweal.kernel.forms.answers.reading import Wrong, is_blank, read
from commonweal.kernel.forms.answers.state import NOT_GIVEN, item_questions
from commonweal.kernel.forms.answers.values import ADDRESS_PARTS
from commonweal.kernel.forms.models import Sheet
from commonweal.kernel.forms.queries.pages import page_of, shown_lines
from commonweal.kernel.forms.queries.sheets import state_of
from commonweal.kernel.forms.types.answers import RawAnswers
from commonweal.kernel.forms.types.compiled import CompiledQuestion
from commonweal.kernel.forms.types.schema import GroupQuestion, Simple
from commonweal.kernel.forms.types.views import Difference

TAKE = "take-"
"""Begins the names of the fields by which somebody says which of two answers stays."""


def differences(
    sheet: Sheet, page_key: str, raw: RawAnswers, language: str, *, at: datetime, item: int | None = None
) -> tuple[Difference, ...]:
    """Return the questions of a page whose saved answer is another than the one just typed.

    Args:
        sheet: As it is now.
        page_key: The page.
        raw: What was typed.
        language: The reader's.
        at: When.
        item: Of a repeating group, the index of the item that was filled in; None for an ordinary page.

    Raises:
        PageNotFound: There is no such page, or it does not come with the answers of now.
    """
    translate = compiled(sheet.version_id).translator(language)
    asked, saved = _asked_and_saved(sheet, page_key, at, item)
    found = []
    for question in asked:
        spec = question.spec
        if spec.type == "file" or isinstance(spec, GroupQuestion) or question.key not in saved:
            continue
        mine, is_same = _typed(spec, raw, saved[question.key], translate)
        if not is_same:
            newer = shown_lines(spec, saved[question.key], translate)
            found.append(Difference(question.key, translate(spec.label), mine, newer))
    return tuple(found)


def with_newer(
    sheet: Sheet, page_key: str, raw: QueryDict, *, at: datetime, item: int | None = None
) -> QueryDict:
    """Return what was typed, with the saved answer for each question where somebody chose the newer one."""
    wanted = {name.removeprefix(TAKE) for name in raw if name.startswith(TAKE) and raw[name] == "newer"}
    if not wanted:
        return raw
    asked, saved = _asked_and_saved(sheet, page_key, at, item)
    taken = raw.copy()
    for key in wanted & saved.keys() & {question.key for question in asked}:
        for part in (*DATE_PARTS, *ADDRESS_PARTS):
            taken.pop(f"{key}-{part}", None)
        answer = saved[key]
        taken.setlist(key, answer if isinstance(answer, list) else [] if answer is None else [answer])
    return taken


def _asked_and_saved(
    sheet: Sheet, page_key: str, at: datetime, item: int | None
) -> tuple[list[CompiledQuestion], Mapping[str, Any]]:
    state = state_of(sheet, at=at)
    page = page_of(state, page_key, anyway=True)
    if page.group is None:
        return state.questions(page), sheet.answers
    items = sheet.answers.get(page.group.key) or []
    if item is None or not 0 <= item < len(items):
        return [], {}
    return item_questions(state, page.group, items[item]), items[item]


def _typed(spec: Simple, raw: RawAnswers, saved: Any, translate: Translator) -> tuple[tuple[str, ...], bool]:
    """Return what was typed in words, and whether it says the same as what is saved."""
    sent = given(raw, spec)
    if sent is NOT_GIVEN or is_blank(sent):
        return (), saved in (None, "", [])
    try:
        answer = read(spec, sent, translate)
    except Wrong:
        shown = typed(raw, spec)
        parts = (
            shown.values() if isinstance(shown, Mapping) else shown if isinstance(shown, list) else [shown]
        )
        return tuple(str(part) for part in parts if str(part).strip()), False
    return shown_lines(spec, answer, translate), answer == saved
