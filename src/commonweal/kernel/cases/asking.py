"""The form of a service for machines: a description from which an assistant can run it, and one question at a time."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.utils import translation
from ninja import Field, Header, Router, Schema

from commonweal.kernel.base import clock
from commonweal.kernel.base.api import PROBLEMS, ApiRouter, operation, routers
from commonweal.kernel.base.errors import NotFound
from commonweal.kernel.base.routes import NOTHING, ActorRequest
from commonweal.kernel.base.rules import anyone
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.forms import actions as forms
from commonweal.kernel.forms import queries as sheets

router = Router()
routers.register(ApiRouter("cases.asking", "", router))

DraftToken = Annotated[str, Header(alias="Draft-Token")]


class FormDescription(Schema):
    """A whole form.

    Attributes:
        service: Key of the service.
        version: The version that a new application begins on.
        name: Of the service, in the main language.
        languages: The first is the one the texts are written in.
        channels: By which ways one may apply.
        purpose: Why the answers are asked for; to be told before the first question.
        pages: In order; each with its questions as declared: key, type, texts, conditions (``when``, ``required``)
            and rules (``valid``) in FEEL, limits, options, and the JSON Schema of the answer.
        texts: By language, the translation of each text.
        answers_schema: JSON Schema of a whole document of answers.
    """

    service: str
    version: UUID
    name: str
    languages: list[str]
    channels: list[str]
    purpose: str
    pages: list[dict[str, Any]]
    texts: dict[str, dict[str, str]]
    answers_schema: dict[str, Any]


class Question(Schema):
    """The question that comes next.

    Attributes:
        key: Names the answer.
        type: As declared.
        page_title: The topic.
        guidance: Help about the topic, in paragraphs.
        label: The question, in the reader's language.
        hint: Help.
        purpose: Why it is asked; empty where that is plain.
        is_required: Whether it has to be answered; null leaves it blank.
        options: What can be chosen: key and label; of a yes-no question true and false are the answers.
        prefix: What stands before the answer, for example ``$``.
        suffix: What stands behind it.
        answer_schema: JSON Schema of the answer; of a repeating group, of the whole list.
    """

    key: str
    type: str
    page_title: str
    guidance: list[str]
    label: str
    hint: str
    purpose: str
    is_required: bool
    options: list[dict[str, str]]
    prefix: str
    suffix: str
    answer_schema: dict[str, Any]


class Asked(Schema):
    """Where a draft stands.

    Attributes:
        revision: Goes back with the next answer, or with the order to send.
        page: Number of the page, from 1.
        pages: How many pages come, as far as is known.
        question: What to ask next; null where everything has been answered, so that the draft can be sent.
    """

    revision: int
    page: int
    pages: int
    question: Question | None


class OneAnswer(Schema):
    """The answer to one question.

    Attributes:
        answer: A JSON value that fits ``answer_schema``; null leaves an optional question blank.
        revision: What came with the question.
    """

    answer: Any = None
    revision: int = Field(ge=0, le=2**31 - 1)


@router.get(
    "/services/{key}/form",
    response={200: FormDescription, **PROBLEMS},
    summary="Describe the form of a service",
)
@operation(allows=anyone, discloses=NOTHING)
def describe(request: ActorRequest, key: str) -> FormDescription:
    """Return pages, questions, conditions and texts: all that an assistant needs to run the form."""
    found = catalogue.offered_service(key)
    service = found.compiled
    form = service.sections.get("form")
    if form is None:
        raise NotFound
    wanted = {text for text in form.texts() if text}
    return FormDescription(
        service=key,
        version=found.version_id,
        name=service.info.name,
        languages=list(service.info.languages),
        channels=[channel.kind for channel in service.info.channels],
        purpose=service.info.purpose.description,
        pages=sheets.described(form),
        texts={
            language: {text: messages[text] for text in sorted(wanted & messages.keys())}
            for language, messages in service.translations.items()
        },
        answers_schema=sheets.json_schema(form),
    )


@router.get(
    "/drafts/{draft_id}/question", response={200: Asked, **PROBLEMS}, summary="Show the next question"
)
@operation(allows=anyone, discloses=NOTHING)
def question(request: ActorRequest, draft_id: UUID, draft_token: DraftToken = "") -> Asked:
    """Return the next question that has not been answered; what is known already is not shown here."""
    return _asked(request, draft_id, draft_token)


@router.put(
    "/drafts/{draft_id}/answers/{key}", response={200: Asked, **PROBLEMS}, summary="Answer one question"
)
@operation(allows=anyone, discloses=NOTHING)
def answer(
    request: ActorRequest, draft_id: UUID, key: str, sent: OneAnswer, draft_token: DraftToken = ""
) -> Asked:
    """Save one answer and return the next question; ``fields`` of a refusal says what is wrong with it."""
    forms.answer_question(
        draft_id,
        key,
        sent.answer,
        revision=sent.revision,
        by=request.actor,
        at=clock.now(),
        token=draft_token,
    )
    return _asked(request, draft_id, draft_token)


def _asked(request: ActorRequest, draft_id: UUID, token: str) -> Asked:
    now, language = clock.now(), translation.get_language() or ""
    sheet = sheets.open_sheet(draft_id, by=request.actor, at=now, token=token)
    found = sheets.next_question(sheet, language, at=now)
    if found is None:
        pages = len(sheets.progress(sheet, language, at=now))
        return Asked(revision=sheet.revision, page=pages, pages=pages, question=None)
    page, key = found
    view: Any = (
        page.group if page.group is not None else next(each for each in page.questions if each.key == key)
    )
    is_group = page.group is not None
    return Asked(
        revision=sheet.revision,
        page=page.number,
        pages=page.total,
        question=Question(
            key=key,
            type="group" if is_group else view.type,
            page_title=page.title,
            guidance=list(page.guidance),
            label=view.label,
            hint=view.hint,
            purpose="" if is_group else view.purpose,
            is_required=True if is_group else view.is_required,
            options=[] if is_group else [{"key": each.key, "label": each.label} for each in view.choices],
            prefix="" if is_group else view.prefix,
            suffix="" if is_group else view.suffix,
            answer_schema=sheets.answer_schema(sheets.form_of(sheet), key),
        ),
    )
