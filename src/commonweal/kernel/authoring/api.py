"""The API's door to drafts of services, for officers and for tools that keep services in git."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Router, Schema

from commonweal.kernel.authoring import actions, queries
from commonweal.kernel.authoring.models import Draft
from commonweal.kernel.authoring.rules import may_edit, may_see
from commonweal.kernel.base import clock
from commonweal.kernel.base.api import PROBLEMS, ApiRouter, operation, routers
from commonweal.kernel.base.routes import NOTHING, ActorRequest
from commonweal.kernel.catalogue.rules import may_publish

router = Router()
routers.register(ApiRouter("authoring", "", router))

Note = Annotated[str, Field(min_length=1, max_length=actions.LONGEST_NOTE)]


class DraftCard(Schema):
    """A draft of a service.

    Attributes:
        id: Its id.
        service: The service's key.
        stage: open, proposed, published or discarded.
        revision: Grows with each change.
        base: Number of the version that it was made from; null for a new service.
        changed_at: When it was last changed.
    """

    id: UUID
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
        "service": draft.service_key,
        "stage": draft.stage,
        "revision": draft.revision,
        "base": draft.based_on.number if draft.based_on else None,
        "changed_at": draft.changed_at,
    }


def _detail(draft: Draft) -> DraftDetail:
    checked = queries.check(draft.service_key, draft.files)
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
