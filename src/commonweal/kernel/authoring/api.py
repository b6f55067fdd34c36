"""The API's door to drafts of services, for officers and for tools that keep services in git."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Router, Schema

from commonweal.kernel.authoring import actions, columns, queries
from commonweal.kernel.authoring.models import Draft
from commonweal.kernel.authoring.rules import may_edit, may_see
from commonweal.kernel.authoring.tables import Table, table_of
from commonweal.kernel.base import clock
from commonweal.kernel.base.api import PROBLEMS, ApiRouter, operation, routers
from commonweal.kernel.base.errors import Invalid
from commonweal.kernel.base.routes import NOTHING, ActorRequest
from commonweal.kernel.catalogue.rules import may_publish

router = Router()
routers.register(ApiRouter("authoring", "", router))

Line = Annotated[str, Field(max_length=300)]
Word = Annotated[str, Field(max_length=80)]
Place = Annotated[int, Field(ge=0, le=100)]
Note = Annotated[str, Field(min_length=1, max_length=actions.LONGEST_NOTE)]


class DraftCard(Schema):
    """A draft of a service or law.

    Attributes:
        id: Its id.
        kind: service or law.
        service: Key of the service or law.
        stage: open, proposed, published or discarded.
        revision: Grows with each change.
        base: Number of the version that it was made from; null for a new service.
        changed_at: When it was last changed.
    """

    id: UUID
    kind: str
    service: str
    stage: str
    revision: int
    base: int | None
    changed_at: datetime


class DraftList(Schema):
    """The latest drafts of the officer's agency, at most 200."""

    items: list[DraftCard]


class FoundProblem(Schema):
    """What the compiler says.

    Attributes:
        file: In the service's folder.
        line: From 1; 0 where the whole file is meant.
        column: From 1; 0 where the whole line is meant.
        code: Stable name of the kind of problem.
        message: What is wrong and why.
        hint: How to mend it.
        is_error: Whether it stops the draft from being published.
    """

    file: str
    line: int
    column: int
    code: str
    message: str
    hint: str
    is_error: bool


class Changed(Schema):
    """What a draft changes of the version that it was made from.

    Attributes:
        file: In the service's folder.
        place: What, from the outside in.
        kind: new, gone, changed or moved.
        before: As it was.
        after: As it is.
    """

    file: str
    place: list[str]
    kind: str
    before: str
    after: str


class ToldPart(Schema):
    """A sentence about what changes; where it is about several values, one for each of them."""

    text: str
    parts: list[str]


class ToldChange(Schema):
    """What changes of one thing, in the reader's language.

    Attributes:
        title: The figure, table or file, by the name that people have for it.
        key: Its key or file.
        says: What is different.
    """

    title: str
    key: str
    says: list[ToldPart]


class DraftFile(Schema):
    """A file's text, and the fingerprint that goes back with the next change of it."""

    name: str
    text: str
    seen: str


class DraftDetail(DraftCard):
    """A draft with its files, what the compiler says, and what it changes."""

    files: list[DraftFile]
    problems: list[FoundProblem]
    changes: list[Changed]
    told: list[ToldChange]


class NewService(Schema):
    """A service that is not there yet."""

    key: Annotated[str, Field(max_length=60)]
    name: Annotated[str, Field(max_length=300)]
    summary: Annotated[str, Field(max_length=300)]


class Beginning(Schema):
    """Which service to change."""

    service: Annotated[str, Field(max_length=60)]


class BeginningOfLaw(Schema):
    """Which law to change."""

    law: Annotated[str, Field(max_length=60)]


class NewLaw(Schema):
    """A law that is not there yet: one figure, and a fact that is compared with it.

    Attributes:
        key: Stored with every decision, so it never changes.
        name: As people know it.
        summary: What it says, in a sentence.
        reference: Where the law says so.
        first_day: On which it counts.
        label: What the figure is.
        unit: For example years, days, USD/month.
        value: Of the figure.
        fact: Name in FEEL of the fact that is compared with it.
        compare: ``at_least`` or ``at_most``.
    """

    key: Annotated[str, Field(max_length=60)]
    name: Line
    summary: Line
    reference: Line
    first_day: date
    label: Line
    unit: Word
    value: Word
    fact: Word
    compare: Word


class NewFigure(Schema):
    """A figure that a law has not had yet, with its first value.

    Attributes:
        key: Its name in FEEL, behind ``law.``.
        label: As people read it.
        description: What it is for.
        kind: number, text or boolean.
        unit: Of a number.
        minimum: Least value; empty for none below nought.
        maximum: Greatest value.
        first_day: On which the value counts.
        last_day: Until which; null until another begins.
        known_from: When it became public.
        value: A number, a text, or yes or no.
        reference: Where the law says so.
    """

    key: Word
    label: Line
    description: Line = ""
    kind: Word = "number"
    unit: Word = ""
    minimum: Word = ""
    maximum: Word = ""
    first_day: date
    last_day: date | None = None
    known_from: date
    value: Line
    reference: Line


class NewRules(Schema):
    """Rules of a law that count from another day on, begun as a copy of others."""

    copied_from: Annotated[str, Field(max_length=60)]
    first_day: date
    known_on: date | None = None


class LawBeside(Schema):
    """The draft of a law with which a service is checked and rehearsed; null for the law in force."""

    law: UUID | None


class TableOfModel(Schema):
    """A decision table of a model; ``seen`` is the fingerprint of the model's text as it was read.

    Attributes:
        file: Name of the model.
        table: Id of the decision.
        seen: The fingerprint.
    """

    file: Annotated[str, Field(max_length=60)]
    table: Annotated[str, Field(max_length=200)]
    seen: Annotated[str, Field(max_length=64)]


class AddedColumn(TableOfModel):
    """A column that comes last of its kind: ``input``, ``output`` or ``annotation``."""

    kind: Word
    label: Line
    expression: Line = ""
    type: Word = ""


class ChangedColumn(TableOfModel):
    """What a column is from now on: its heading, what it looks at or is called, its type, what is allowed (FEEL)."""

    at: Place
    label: Line
    expression: Line = ""
    type: Word = ""
    values: Annotated[str, Field(max_length=2_000)] = ""


class MovedColumn(TableOfModel):
    """A column that goes one place earlier (-1) or later (1) among those of its kind."""

    at: Place
    by: Literal[-1, 1]


class RemovedColumn(TableOfModel):
    """A column that goes, with its cell in every rule."""

    at: Place


class NewText(Schema):
    """The text of a file; ``seen`` is the fingerprint of the text as it was read, empty for a new file."""

    name: Annotated[str, Field(max_length=500)]
    text: Annotated[str, Field(max_length=2_000_000)]
    seen: Annotated[str, Field(max_length=64)] = ""


class Proposal(Schema):
    """What changes and why, of the draft as it was at ``revision``."""

    note: Note
    revision: int


class Approval(Schema):
    """Which revision of the draft is approved."""

    revision: int


class Refusal(Schema):
    """What has to change."""

    note: Note


def _card(draft: Draft) -> dict[str, Any]:
    return {
        "id": draft.pk,
        "kind": draft.kind,
        "service": draft.service_key,
        "stage": draft.stage,
        "revision": draft.revision,
        "base": draft.based_on.number if draft.based_on else None,
        "changed_at": draft.changed_at,
    }


def _detail(draft: Draft) -> DraftDetail:
    checked = queries.check_draft(draft)
    return DraftDetail(
        **_card(draft),
        files=[
            DraftFile(name=name, text=text, seen=queries.fingerprint(text))
            for name, text in sorted(draft.files.items())
        ],
        problems=[FoundProblem(**asdict(problem)) for problem in checked.problems],
        changes=[
            Changed(**{**asdict(change), "place": list(change.place)}) for change in queries.changes(draft)
        ],
        told=[
            ToldChange(
                title=one.title,
                key=one.small,
                says=[ToldPart(text=said.text, parts=list(said.parts)) for said in one.says],
            )
            for one in queries.told_changes(draft)
        ],
    )


def _fresh(request: ActorRequest, draft: Draft) -> DraftDetail:
    return _detail(queries.draft_for(draft.pk, actor=request.actor))


_FIELDS = {"v": "value", "from": "first_day", "until": "last_day"}
"""What a field of a form is called here."""


@contextmanager
def _own_names() -> Iterator[None]:
    """Say what is wrong by the names of this API's fields."""
    try:
        yield
    except Invalid as error:
        raise Invalid({_FIELDS.get(name, name): words for name, words in error.fields.items()}) from error


@router.get("/workbench/drafts", response={200: DraftList, **PROBLEMS}, summary="List drafts of services")
@operation(allows=may_see, discloses=NOTHING)
def drafts(request: ActorRequest) -> DraftList:
    """Return the latest drafts of the officer's agency, those under way first."""
    return DraftList(items=[DraftCard(**_card(draft)) for draft in queries.drafts_for(request.actor)])


@router.post(
    "/workbench/drafts", response={200: DraftDetail, **PROBLEMS}, summary="Begin to change a service"
)
@operation(allows=may_edit, discloses=NOTHING)
def begin(request: ActorRequest, body: Beginning) -> DraftDetail:
    """Begin a draft from the live version, or return the one under way."""
    return _fresh(request, actions.begin_draft(body.service, by=request.actor, at=clock.now()))


@router.post("/workbench/drafts/new", response={200: DraftDetail, **PROBLEMS}, summary="Begin a new service")
@operation(allows=may_edit, discloses=NOTHING)
def begin_new(request: ActorRequest, body: NewService) -> DraftDetail:
    """Begin a service that is not there yet, from a small one that works."""
    draft = actions.begin_new(
        body.key, name=body.name, summary=body.summary, by=request.actor, at=clock.now()
    )
    return _fresh(request, draft)


@router.post(
    "/workbench/drafts/law", response={200: DraftDetail, **PROBLEMS}, summary="Begin to change a law"
)
@operation(allows=may_edit, discloses=NOTHING)
def begin_law(request: ActorRequest, body: BeginningOfLaw) -> DraftDetail:
    """Begin a draft from the law in force, or return the one under way."""
    return _fresh(request, actions.begin_law(body.law, by=request.actor, at=clock.now()))


@router.post("/workbench/drafts/new-law", response={200: DraftDetail, **PROBLEMS}, summary="Begin a new law")
@operation(allows=may_edit, discloses=NOTHING)
def begin_new_law(request: ActorRequest, body: NewLaw) -> DraftDetail:
    """Begin a law that is not there yet, from a small one that works and that the compiler has looked at."""
    sent = {**body.model_dump(exclude={"key", "first_day"}), "from": body.first_day.isoformat()}
    with _own_names():
        draft = actions.begin_new_law(body.key, sent, by=request.actor, at=clock.now())
    return _fresh(request, draft)


@router.post(
    "/workbench/drafts/{draft_id}/figures",
    response={200: DraftDetail, **PROBLEMS},
    summary="Add a figure to a law",
)
@operation(allows=may_edit, discloses=NOTHING)
def add_figure(request: ActorRequest, draft_id: UUID, body: NewFigure) -> DraftDetail:
    """Add a figure with its first value; the newest rules know it from then on."""
    days = {"from": body.first_day, "until": body.last_day, "known_from": body.known_from}
    sent = body.model_dump(
        include={"label", "description", "kind", "unit", "minimum", "maximum", "reference"}
    )
    sent |= {name: day.isoformat() for name, day in days.items() if day is not None} | {"v": body.value}
    with _own_names():
        draft = actions.add_figure(draft_id, body.key, sent, by=request.actor, at=clock.now())
    return _fresh(request, draft)


@router.post(
    "/workbench/drafts/{draft_id}/rules",
    response={200: DraftDetail, **PROBLEMS},
    summary="Begin rules of a law from another day on",
)
@operation(allows=may_edit, discloses=NOTHING)
def begin_rules(request: ActorRequest, draft_id: UUID, body: NewRules) -> DraftDetail:
    """Begin rules as a copy of those of before, which go on until that day."""
    draft = actions.begin_rules(draft_id, **body.model_dump(), by=request.actor, at=clock.now())
    return _fresh(request, draft)


@router.put(
    "/workbench/drafts/{draft_id}/law",
    response={200: DraftDetail, **PROBLEMS},
    summary="Check a service with a law that is being written",
)
@operation(allows=may_edit, discloses=NOTHING)
def lay_beside(request: ActorRequest, draft_id: UUID, body: LawBeside) -> DraftDetail:
    """Check and rehearse the draft of a service with the draft of a law, or with the law in force again."""
    return _fresh(request, actions.lay_beside(draft_id, body.law, by=request.actor, at=clock.now()))


def _table(
    request: ActorRequest, draft_id: UUID, body: TableOfModel, change: Callable[[str, Table], str]
) -> DraftDetail:
    queries.model_of(draft_id, body.file, actor=request.actor)
    draft = actions.rewrite(
        draft_id,
        body.file,
        lambda text: change(text, table_of(text, body.file, body.table)),
        seen=body.seen,
        by=request.actor,
        at=clock.now(),
    )
    return _fresh(request, draft)


@router.post(
    "/workbench/drafts/{draft_id}/columns",
    response={200: DraftDetail, **PROBLEMS},
    summary="Add a column to a decision table",
)
@operation(allows=may_edit, discloses=NOTHING)
def add_column(request: ActorRequest, draft_id: UUID, body: AddedColumn) -> DraftDetail:
    """Add a column, last of its kind; in every rule it does not matter yet, or is empty."""
    new = columns.NewColumn(body.kind, body.label, body.expression, body.type)
    return _table(
        request, draft_id, body, lambda text, found: columns.add_column(text, body.file, found, new)
    )


@router.put(
    "/workbench/drafts/{draft_id}/columns",
    response={200: DraftDetail, **PROBLEMS},
    summary="Change a column of a decision table",
)
@operation(allows=may_edit, discloses=NOTHING)
def change_column(request: ActorRequest, draft_id: UUID, body: ChangedColumn) -> DraftDetail:
    """Change a column in its place; its rules stay as they are."""
    new = columns.NewColumn("", body.label, body.expression, body.type, body.values)
    return _table(
        request,
        draft_id,
        body,
        lambda text, found: columns.change_column(text, body.file, found, body.at, new),
    )


@router.post(
    "/workbench/drafts/{draft_id}/columns/move",
    response={200: DraftDetail, **PROBLEMS},
    summary="Move a column of a decision table",
)
@operation(allows=may_edit, discloses=NOTHING)
def move_column(request: ActorRequest, draft_id: UUID, body: MovedColumn) -> DraftDetail:
    """Move a column one place among those of its kind, in every rule too."""
    return _table(
        request, draft_id, body, lambda text, found: columns.move_column(text, found, body.at, by=body.by)
    )


@router.post(
    "/workbench/drafts/{draft_id}/columns/remove",
    response={200: DraftDetail, **PROBLEMS},
    summary="Remove a column of a decision table",
)
@operation(allows=may_edit, discloses=NOTHING)
def remove_column(request: ActorRequest, draft_id: UUID, body: RemovedColumn) -> DraftDetail:
    """Take a column away, with its cell in every rule."""
    return _table(request, draft_id, body, lambda text, found: columns.remove_column(text, found, body.at))


@router.get("/workbench/drafts/{draft_id}", response={200: DraftDetail, **PROBLEMS}, summary="Show a draft")
@operation(allows=may_see, discloses=NOTHING)
def draft(request: ActorRequest, draft_id: UUID) -> DraftDetail:
    """Return a draft with its files, what the compiler says, and what it changes."""
    return _detail(queries.draft_for(draft_id, actor=request.actor))


@router.put(
    "/workbench/drafts/{draft_id}/files", response={200: DraftDetail, **PROBLEMS}, summary="Save a file"
)
@operation(allows=may_edit, discloses=NOTHING)
def save_file(request: ActorRequest, draft_id: UUID, body: NewText) -> DraftDetail:
    """Save the text of a file; a change that somebody else made meanwhile is never overwritten."""
    saved = actions.save_file(
        draft_id, body.name, body.text, seen=body.seen, by=request.actor, at=clock.now()
    )
    return _fresh(request, saved)


@router.post(
    "/workbench/drafts/{draft_id}/propose",
    response={200: DraftCard, **PROBLEMS},
    summary="Propose to publish a draft",
)
@operation(allows=may_edit, discloses=NOTHING)
def propose(request: ActorRequest, draft_id: UUID, body: Proposal) -> DraftCard:
    """Propose a draft; another officer approves."""
    found = actions.propose(
        draft_id, note=body.note, revision=body.revision, by=request.actor, at=clock.now()
    )
    return DraftCard(**_card(found))


@router.post(
    "/workbench/drafts/{draft_id}/approve",
    response={200: DraftCard, **PROBLEMS},
    summary="Approve and publish a draft",
)
@operation(allows=may_publish, discloses=NOTHING)
def approve(request: ActorRequest, draft_id: UUID, body: Approval) -> DraftCard:
    """Publish what another officer proposed."""
    found = actions.approve(draft_id, revision=body.revision, by=request.actor, at=clock.now())
    return DraftCard(**_card(found))


@router.post(
    "/workbench/drafts/{draft_id}/send-back",
    response={200: DraftCard, **PROBLEMS},
    summary="Send a proposal back",
)
@operation(allows=may_publish, discloses=NOTHING)
def send_back(request: ActorRequest, draft_id: UUID, body: Refusal) -> DraftCard:
    """Do not approve a draft, and say why."""
    found = actions.send_back(draft_id, note=body.note, by=request.actor, at=clock.now())
    return DraftCard(**_card(found))
