"""Questions to forms: sheets, pages, the review, answers as FEEL and as JSON Schema."""

from __future__ import annotations

from commonweal.kernel.forms.queries.both import differences, with_newer
from commonweal.kernel.forms.queries.documents import (
    Checked,
    answer_schema,
    check_answers,
    check_part,
    described,
    feel_facts,
    json_schema,
    prune,
)
from commonweal.kernel.forms.queries.drafts import begun_of, draft_card, draft_cards, has_begun
from commonweal.kernel.forms.queries.loose import (
    as_answer,
    asked_pages,
    compiled_questions,
    loose_facts,
    loose_page,
    read_loose,
    told,
)
from commonweal.kernel.forms.queries.moving import Lost, Moving, is_behind, moving
from commonweal.kernel.forms.queries.pages import (
    NEW_ITEM,
    answers_sent,
    in_words,
    known_answer,
    next_page,
    next_question,
    page_view,
    progress,
    review,
)
from commonweal.kernel.forms.queries.sheets import (
    draft_of,
    drafts_of,
    form_of,
    is_open,
    may_read_files,
    open_sheet,
    sheet_by_token,
    submitted_sheet,
    unsent,
)

__all__ = [
    "NEW_ITEM",
    "Checked",
    "Lost",
    "Moving",
    "answer_schema",
    "answers_sent",
    "as_answer",
    "asked_pages",
    "begun_of",
    "check_answers",
    "check_part",
    "compiled_questions",
    "described",
    "differences",
    "draft_card",
    "draft_cards",
    "draft_of",
    "drafts_of",
    "feel_facts",
    "form_of",
    "has_begun",
    "in_words",
    "is_behind",
    "is_open",
    "json_schema",
    "known_answer",
    "loose_facts",
    "loose_page",
    "may_read_files",
    "moving",
    "next_page",
    "next_question",
    "open_sheet",
    "page_view",
    "progress",
    "prune",
    "read_loose",
    "review",
    "sheet_by_token",
    "submitted_sheet",
    "told",
    "unsent",
    "with_newer",
]
