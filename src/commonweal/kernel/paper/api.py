"""The API's door to forms on paper, for officers and for the machines of a mail room."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from commonweal.kernel.base import clock
from commonweal.kernel.base.api import PROBLEMS, ApiRouter, operation, routers
from commonweal.kernel.base.routes import NOTHING, ActorRequest
from commonweal.kernel.paper import actions, queries
from commonweal.kernel.paper.models import Scan
from commonweal.kernel.paper.rules import may_take_in

router = Router()
routers.register(ApiRouter("paper", "", router))


class CodeMeaning(Schema):
    """What the code of a printed form stands for.

    Attributes:
        code: As it is stored, in groups of four.
        service: Key of the service.
        version: Number of the version that was printed.
        is_current: Whether new applicants begin on this version.
        is_offered: Whether the service is offered still.
        is_draft: Whether the form was printed from somebody's draft.
        came_before: How many scans with this code were taken in already.
    """

    code: str
    service: str
    version: int
    is_current: bool
    is_offered: bool
    is_draft: bool
    came_before: int


class ScanCard(Schema):
    """One form that came in on paper.

    Attributes:
        id: Its id.
        received_on: The day on which it reached us.
        code: On its pages; empty until it is read or typed.
        service: Key of its service; empty until then.
        pages: How many pages can be shown.
        draft_id: The draft into which it is typed; null until an officer has begun.
        is_open: Whether something is left to do.
    """

    id: UUID
    received_on: date
    code: str
    service: str
    pages: int
    draft_id: UUID | None
    is_open: bool


@router.get("/paper/codes/{code}", response={200: CodeMeaning, **PROBLEMS}, summary="What a code stands for")
@operation(allows=may_take_in, discloses=NOTHING)
def meaning(request: ActorRequest, code: str) -> CodeMeaning:
    """Check a code that was read or typed from paper, and say what it stands for."""
    found = queries.meaning_of(code)
    return CodeMeaning(
        code=found.code,
        service=found.service_key,
        version=found.number,
        is_current=found.is_current,
        is_offered=found.is_offered,
        is_draft=found.is_draft,
        came_before=found.came_before,
    )


@router.post("/workbench/paper", response={201: ScanCard, **PROBLEMS}, summary="Take in a scan")
@operation(allows=may_take_in, discloses=NOTHING)
def take_in(
    request: ActorRequest,
    scan: File[UploadedFile],
    received_on: Annotated[date, Form()],
    code: Annotated[str, Form(max_length=40)] = "",
) -> Status[ScanCard]:
    """Take in the scan of one form, as PDF, JPEG or PNG; its code is read where none is sent along."""
    taken = actions.take_in(
        scan, name=scan.name or "", received_on=received_on, by=request.actor, at=clock.now(), code=code
    )
    return Status(201, _card(taken))


@router.get("/workbench/paper/{scan_id}", response={200: ScanCard, **PROBLEMS}, summary="A form on paper")
@operation(allows=may_take_in, discloses=NOTHING)
def show(request: ActorRequest, scan_id: UUID) -> ScanCard:
    """Say how a form that came in on paper stands."""
    return _card(queries.scan_for(scan_id, actor=request.actor))


def _card(scan: Scan) -> ScanCard:
    return ScanCard(
        id=scan.pk,
        received_on=scan.received_on,
        code=scan.code,
        service=scan.service_key,
        pages=scan.pages,
        draft_id=scan.sheet_id,
        is_open=scan.is_open,
    )
