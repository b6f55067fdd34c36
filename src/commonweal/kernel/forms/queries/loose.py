"""Questions that stand by themselves: asked, read and shown without a sheet; nothing is stored."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from commonweal.engines.feel import Date, Value
from commonweal.kernel.base.declarations import Compilation, Source
from commonweal.kernel.catalogue.types import Translator
from commonweal.kernel.forms.answers.collecting import given
from commonweal.kernel.forms.answers.reading import Wrong, is_blank, read
from commonweal.kernel.forms.answers.state import FormState, evaluate, read_page
from commonweal.kernel.forms.compiler.form import compile_form
from commonweal.kernel.forms.models import Sheet
from commonweal.kernel.forms.queries.pages import page_of, shown_lines, viewer
from commonweal.kernel.forms.types.answers import Answers, Problems, RawAnswers
from commonweal.kernel.forms.types.compiled import CompiledForm, CompiledPage, CompiledQuestion
from commonweal.kernel.forms.types.views import PageView


def compiled_questions(source: Source, compilation: Compilation) -> CompiledForm:
    """Compile questions that belong to no service; problems go to the compilation."""
    return compile_form(source, compilation)


def asked_pages(
    form: CompiledForm, answers: Answers, wanted: Collection[str], *, at: datetime
) -> list[CompiledPage]:
    """Return the pages with a question that is wanted, asked, and not answered yet, in order."""
    state = _only(evaluate(form, answers, at=at), wanted)
    return [
        page
        for page in state.pages()
        if any(question.key in wanted and question.key not in answers for question in state.questions(page))
    ]


def loose_facts(form: CompiledForm, answers: Answers, *, at: datetime) -> dict[str, Value]:
    """Return the answers as FEEL sees them; what nobody has answered is unknown, also where it may stay blank."""
    unanswered = {question.key for question in form.questions} - set(answers)
    return evaluate(form, answers, at=at, unanswered=unanswered).facts()


def read_loose(
    form: CompiledForm,
    answers: Answers,
    page_key: str,
    raw: RawAnswers,
    *,
    wanted: Collection[str],
    at: datetime,
    translate: Translator,
) -> tuple[Answers, Problems]:
    """Read what was sent from one page; return its answers, and what is wrong by question.

    Raises:
        PageNotFound: There is no such page.
    """
    state = _only(evaluate(form, answers, at=at), wanted)
    page = page_of(state, page_key)
    reading = read_page(
        state, page, lambda question: given(raw, question.spec), before=None, translate=translate
    )
    return reading.answers, reading.problems


def loose_page(
    form: CompiledForm,
    answers: Answers,
    page_key: str,
    *,
    wanted: Collection[str],
    at: datetime,
    translate: Translator,
    raw: RawAnswers | None = None,
    errors: Problems | None = None,
) -> PageView:
    """Return what a page shows, with those of its questions that are wanted.

    Raises:
        PageNotFound: There is no such page.
    """
    state = _only(evaluate(form, answers, at=at), wanted)
    page = page_of(state, page_key)
    return viewer(Sheet(), state, translate, raw, errors or {}).page(page, None)


def told(form: CompiledForm, answers: Answers, *, translate: Translator) -> list[tuple[str, str, str]]:
    """Return the answers for a last look: key of the page, question, answer in words."""
    return [
        (
            page.key,
            translate(question.spec.label),
            ", ".join(shown_lines(question.spec, answers[question.key], translate)),
        )
        for page in form.pages
        for question in page.questions
        if question.key in answers
    ]


def as_answer(question: CompiledQuestion, value: Value) -> Any:
    """Return a FEEL value as a stored answer; None where it cannot be one."""
    plain = _plain(value)
    if question.is_group or is_blank(plain):
        return None
    try:
        return read(question.spec, plain)
    except Wrong:
        return None


def _plain(value: Value) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return str(value) if isinstance(value, Date) else value


def _only(state: FormState, wanted: Collection[str]) -> FormState:
    """Leave out what is neither wanted nor answered."""
    keys = (question.key for question in state.form.questions)
    state.leave_out(frozenset(key for key in keys if key not in wanted and key not in state.answers))
    return state


__all__ = [
    "as_answer",
    "asked_pages",
    "compiled_questions",
    "loose_facts",
    "loose_page",
    "read_loose",
    "told",
]
