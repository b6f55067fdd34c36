"""Items of a repeating group come, change and go."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from commonweal.kernel.base.types import Actor
from commonweal.kernel.forms.actions.work import Saved, Work, change_sheet
from commonweal.kernel.forms.answers.collecting import given
from commonweal.kernel.forms.answers.state import (
    NOT_GIVEN,
    Reading,
    count_problem,
    read_item,
)
from commonweal.kernel.forms.errors import (
    PageNotFound,
)
from commonweal.kernel.forms.types.answers import RawAnswers
from commonweal.kernel.forms.types.compiled import CompiledQuestion
from commonweal.kernel.forms.types.schema import GroupQuestion


def answer_item(
    sheet_id: UUID,
    page_key: str,
    index: int | None,
    raw: RawAnswers,
    *,
    revision: int,
    by: Actor,
    at: datetime,
    token: str = "",
) -> Saved:
    """Save the answers about one item of a repeating group.

    Args:
        sheet_id: The row is locked until the transaction ends.
        page_key: The page of the group.
        index: Of the item, from 0; None adds one.
        raw: What a browser sent, or JSON values by question.
        revision: What the page said when it was shown.
        by: Who answers.
        at: When.
        token: The link's secret, where no account owns the sheet.

    Raises:
        AnswersInvalid: Some answers cannot be accepted, or there are too many items.
        PageNotFound: There is no such page or item.
        SheetMoved, SheetNotFound, SheetExpired, SheetSubmitted: As for :func:`answer_page`.
    """
    saved_at: list[int] = []

    def change(work: Work) -> Reading:
        page, group, items = work.group(page_key)
        if index is not None and not 0 <= index < len(items):
            raise PageNotFound
        place = len(items) if index is None else index
        saved_at.append(place)
        before = {} if index is None else items[index]
        reading = read_item(work.state, group, _sent(group, raw), before=before, translate=work.translate)
        kept = {key: value for key, value in before.items() if key not in reading.answers}
        changed = [*items[:place], kept | reading.answers, *items[place + 1 :]]
        problem = count_problem(_spec(group), max(len(changed), _spec(group).minimum), work.translate)
        if problem:
            reading.problems[group.items[0].key] = problem
        work.keep_item_sources(page, group, list(range(len(items))))
        if index is not None:
            work.keep_field_sources(group, place, before, changed[place])
        return Reading({group.key: changed}, reading.problems, reading.unasked)

    return change_sheet(
        sheet_id, page_key, change, revision=revision, by=by, at=at, token=token, is_list=True, item=saved_at
    )


def remove_item(
    sheet_id: UUID, page_key: str, index: int, *, revision: int, by: Actor, at: datetime, token: str = ""
) -> Saved:
    """Take an item out of a repeating group.

    Raises:
        PageNotFound: There is no such page or item.
        SheetMoved, SheetNotFound, SheetExpired, SheetSubmitted: As for :func:`answer_page`.
    """

    def change(work: Work) -> Reading:
        page, group, items = work.group(page_key)
        if not 0 <= index < len(items):
            raise PageNotFound
        left = [*items[:index], *items[index + 1 :]]
        work.keep_item_sources(page, group, [*range(index), *range(index + 1, len(items))])
        return Reading({group.key: left})

    return change_sheet(
        sheet_id, page_key, change, revision=revision, by=by, at=at, token=token, is_list=True
    )


def _sent(group: CompiledQuestion, raw: RawAnswers) -> dict[str, Any]:
    """Return what was sent about an item, by question."""
    found = {question.key: given(raw, question.spec) for question in group.items}
    return {key: value for key, value in found.items() if value is not NOT_GIVEN}


def _spec(group: CompiledQuestion) -> GroupQuestion:
    spec = group.spec
    assert isinstance(spec, GroupQuestion)
    return spec
