"""Answers as one document: checked as a whole, pruned, as FEEL, and as JSON Schema."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from commonweal.engines.feel import Value
from commonweal.kernel.catalogue.types import CompiledService
from commonweal.kernel.forms.answers.collecting import given
from commonweal.kernel.forms.answers.mattering import interview
from commonweal.kernel.forms.answers.reading import Translate, Wrong, is_blank, read, same
from commonweal.kernel.forms.answers.state import (
    FormState,
    evaluate,
    item_questions,
    read_page,
    strangers,
    unknown_answer,
)
from commonweal.kernel.forms.types.answers import Answers, Problems, RawAnswers
from commonweal.kernel.forms.types.compiled import CompiledForm, CompiledQuestion
from commonweal.kernel.forms.types.schema import (
    ChoiceQuestion,
    FileQuestion,
    GroupQuestion,
    LongTextQuestion,
    MoneyQuestion,
    NumberQuestion,
    Simple,
    TextQuestion,
)

_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a document of answers came to.

    Attributes:
        answers: Stored answers of the questions that are asked.
        problems: What is wrong, in plain words, by path such as ``members[2].age``.
        faults: Conditions and rules that gave no answer, by place; for an officer.
    """

    answers: Answers
    problems: Problems
    faults: dict[str, str]


def check_answers(
    form: CompiledForm,
    document: RawAnswers,
    *,
    at: datetime,
    translate: Translate = same,
    service: CompiledService | None = None,
) -> Checked:
    """Check a whole document of answers, as the API takes it; every problem is named.

    Answers to questions that are not asked under these circumstances are left out.

    Args:
        form: The form.
        document: JSON: amounts as numbers or text, dates as ``YYYY-MM-DD``, groups as lists of objects.
        at: When; ``today()`` in the form's rules is the date of it.
        translate: Puts the declaration's texts into the reader's language.
        service: The service that the form belongs to: what can no longer matter may then be missing. Without it,
            every question has to be answered.
    """
    state = evaluate(form, {}, at=at)
    if service is not None and form.may_skip:
        state.leave_out(interview(service, form, _readable(form, document), at=at).left_out)
    return _checked(state, document, translate)


def check_part(
    form: CompiledForm, document: RawAnswers, *, at: datetime, translate: Translate = same
) -> Checked:
    """Check some answers as :func:`check_answers` does, but miss nothing: what is left out is not known.

    Args:
        form: The form.
        document: As for ``check_answers``.
        at: Likewise.
        translate: Likewise.
    """
    state = evaluate(form, {}, at=at)
    state.is_part = True
    return _checked(state, document, translate)


def _checked(state: FormState, document: RawAnswers, translate: Translate) -> Checked:
    form = state.form
    answers: Answers = {}
    problems: Problems = {}
    for page in form.pages:
        state.shown[page.key] = state.condition(page.when, f"page {page.key}")
        reading = read_page(
            state, page, lambda question: given(document, question.spec), before=None, translate=translate
        )
        answers |= reading.answers
        problems |= reading.problems
    known = {question.key for question in form.questions}
    for key in strangers(document, known):
        problems[key] = unknown_answer(key, sorted(known))
    return Checked(answers, problems, state.faults)


def prune(form: CompiledForm, answers: Answers, *, at: datetime) -> Answers:
    """Return the answers without those to questions that are not asked any more."""
    return pruned(evaluate(form, answers, at=at))


def pruned(state: FormState) -> Answers:
    """Return the answers of an evaluated form without those to questions that are not asked any more."""
    asked = [question for page in state.pages() for question in state.questions(page)]
    return {
        question.key: _pruned(state, question, state.answers[question.key])
        for question in asked
        if question.key in state.answers
    }


def _pruned(state: FormState, question: CompiledQuestion, answer: Any) -> Any:
    if not question.is_group or answer is None:
        return answer
    return [_pruned_item(state, question, item) for item in answer]


def _pruned_item(state: FormState, group: CompiledQuestion, item: dict[str, Any]) -> dict[str, Any]:
    keys = [question.key for question in item_questions(state, group, item)]
    return {key: item[key] for key in keys if key in item}


def feel_facts(
    form: CompiledForm,
    answers: Mapping[str, Any],
    *,
    at: datetime | None = None,
    left_out: Collection[str] = (),
) -> dict[str, Value]:
    """Return the answers as FEEL sees them: one value a question, by key.

    A question that is not asked, or was left blank, has its default or null. A required question that nobody
    has answered yet is unknown. Answers may also be JSON values as the API takes them (numbers, not only
    decimal text); one that cannot be read at all is unknown.

    Args:
        form: The form.
        answers: Answers by question.
        at: When; the date of ``today()`` in the form's conditions. Without it, conditions that ask for the date
            see a fixed one.
        left_out: Questions that were not asked because they could no longer matter: unknown, not blank.
    """
    state = evaluate(form, _readable(form, answers), at=at or _ANY_TIME)
    state.leave_out(frozenset(left_out))
    return state.facts()


def _readable(form: CompiledForm, answers: Mapping[str, Any]) -> Answers:
    """Return those answers that can be read, in their stored form."""
    readable = {question.key: question for question in form.questions}
    stored = {key: _stored(readable[key], answer) for key, answer in answers.items() if key in readable}
    return {key: answer for key, answer in stored.items() if answer is not _UNREADABLE}


_UNREADABLE: Any = object()


def _stored(question: CompiledQuestion, answer: Any) -> Any:
    """Return an answer in its stored form, whichever way it was written."""
    if is_blank(answer) and not (question.is_group and answer is not None):
        return None
    if question.is_group:
        return _stored_items(question, answer)
    try:
        return read(question.spec, answer)
    except Wrong:
        return _UNREADABLE


def _stored_items(group: CompiledQuestion, answer: Any) -> Any:
    if not isinstance(answer, (list, tuple)):
        return _UNREADABLE
    return [_stored_item(group, item) for item in answer if isinstance(item, Mapping)]


def _stored_item(group: CompiledQuestion, item: Mapping[str, Any]) -> dict[str, Any]:
    items = {inner.key: inner for inner in group.items}
    stored = {key: _stored(items[key], value) for key, value in item.items() if key in items}
    return {key: value for key, value in stored.items() if value is not _UNREADABLE}


def refitted(form: CompiledForm, answers: Answers) -> tuple[Answers, list[str]]:
    """Return those stored answers that fit a form, and the places of those that do not (``group[2].name`` in a group)."""
    questions = {question.key: question for question in form.questions}
    kept: Answers = {}
    lost: list[str] = []
    for key, answer in answers.items():
        question = questions.get(key)
        fitting = _refitted(question, answer) if question is not None else _UNREADABLE
        if fitting is _UNREADABLE:
            lost.append(key)
            continue
        kept[key] = fitting
        if question is not None and question.is_group:
            lost += _lost_within(key, answer or [], fitting or [])
    return kept, lost


def _lost_within(key: str, before: list[Any], after: list[Any]) -> list[str]:
    """Return the places of answers in a group's items that do not fit any more."""
    return [
        f"{key}[{at}].{name}"
        for at, (old, new) in enumerate(zip(before, after, strict=True), start=1)
        for name in old
        if name not in new and old[name] is not None
    ]


def _refitted(question: CompiledQuestion, answer: Any) -> Any:
    """Return a stored answer as the question stores it now; files stay as they are."""
    if isinstance(question.spec, FileQuestion):
        is_files = isinstance(answer, list) and all(
            isinstance(one, dict) and "media_type" in one for one in answer
        )
        return answer if answer is None or is_files else _UNREADABLE
    return _stored(question, answer)


def json_schema(form: CompiledForm) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a document of answers, for the API and for editors."""
    properties: dict[str, Any] = {}
    required: list[str] = []
    for page in form.pages:
        for question in page.questions:
            properties[question.key] = _schema(question.spec)
            if question.required is True and page.when is None and question.when is None:
                required.append(question.key)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def answer_schema(form: CompiledForm, key: str) -> dict[str, Any]:
    """Return the JSON Schema of the answer to one question."""
    return next(_schema(question.spec) for question in form.questions if question.key == key)


def described(form: CompiledForm) -> list[dict[str, Any]]:
    """Return the form as declared, page by page, as JSON: keys, types, texts, conditions and rules in FEEL, limits.

    Each question has the JSON Schema of its answer besides.
    """
    pages = [page.model_dump(mode="json", by_alias=True, exclude_defaults=True) for page in form.spec.pages]
    for page, compiled_page in zip(pages, form.pages, strict=True):
        for question, compiled in zip(page["questions"], compiled_page.questions, strict=True):
            question["answer_schema"] = _schema(compiled.spec)
    return pages


def _schema(question: Simple | GroupQuestion) -> dict[str, Any]:
    schema: dict[str, Any] = {"title": question.label, **_shape(question)}
    if question.hint:
        schema["description"] = question.hint
    if question.default is not None:
        schema["default"] = question.default
    if question.when:
        schema["x-when"] = question.when
    return schema


def _shape(question: Simple | GroupQuestion) -> dict[str, Any]:
    if isinstance(question, GroupQuestion):
        return _group_shape(question)
    if isinstance(question, (NumberQuestion, MoneyQuestion)):
        bounds = {"minimum": question.minimum, "maximum": question.maximum}
        limits = {name: float(bound) for name, bound in bounds.items() if bound is not None}
        return {"type": ["number", "string"], **limits}
    if isinstance(question, ChoiceQuestion):
        choice = {"type": "string", "enum": [option.key for option in question.options]}
        return (
            choice if question.type == "choice" else {"type": "array", "items": choice, "uniqueItems": True}
        )
    if isinstance(question, (TextQuestion, LongTextQuestion)):
        return {"type": "string", "maxLength": question.max_length}
    if isinstance(question, FileQuestion):
        return {**_OTHER_SHAPES["file"], "maxItems": question.max_files}
    return _OTHER_SHAPES[question.type]


def _group_shape(group: GroupQuestion) -> dict[str, Any]:
    return {
        "type": "array",
        "minItems": group.minimum,
        "maxItems": group.maximum,
        "items": {
            "type": "object",
            "properties": {item.key: _schema(item) for item in group.questions},
            "required": [item.key for item in group.questions if item.required is True and not item.when],
            "additionalProperties": False,
        },
    }


_OTHER_SHAPES: dict[str, dict[str, Any]] = {
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "email": {"type": "string", "format": "email"},
    "phone": {"type": "string"},
    "file": {
        "type": "array",
        "items": {
            "anyOf": [
                {"type": "string", "format": "uuid"},
                {
                    "type": "object",
                    "properties": {"id": {"type": "string", "format": "uuid"}},
                    "required": ["id"],
                },
            ]
        },
    },
    "address": {
        "type": "object",
        "properties": {name: {"type": "string"} for name in ("street", "unit", "city", "postal_code")},
        "required": ["street", "city", "postal_code"],
        "additionalProperties": False,
    },
}

__all__ = ["Checked", "check_answers", "check_part", "feel_facts", "json_schema", "prune"]
