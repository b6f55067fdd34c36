"""The API's door to jobs that failed: the making of a letter and the sending of an e-mail are such jobs too."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Query, Router, Schema, Status

from commonweal.kernel.base import clock
from commonweal.kernel.base.api import PROBLEMS, ApiRouter, operation, routers
from commonweal.kernel.base.routes import NOTHING, ActorRequest
from commonweal.kernel.jobs.actions import discard_job, replay_job
from commonweal.kernel.jobs.queries import dead_letters, queue_state
from commonweal.kernel.jobs.rules import may_operate

router = Router()
routers.register(ApiRouter("jobs", "/workbench/jobs", router))


class DeadJob(Schema):
    """A job that was given up.

    Attributes:
        id: To start it again or to discard it.
        key: What kind of work; ``mailbox.render_pdf`` makes a letter, ``jobs.send_mail`` sends an e-mail.
        agency: Whose; null where it belongs to none.
        enqueued_at: When it was asked for.
        dead_at: When it was given up.
        attempts: How often it was tried.
        error: The last error, without personal data.
    """

    id: UUID
    key: str
    agency: str | None
    enqueued_at: datetime
    dead_at: datetime
    attempts: int
    error: str


class Queue(Schema):
    """How the queue stands.

    Attributes:
        waiting: Jobs that nobody has taken.
        running: Jobs that somebody has taken.
        dead: Jobs that were given up.
        oldest_due_at: Since when the longest waiting one is due; null where none is.
        mail_waiting: E-mails that have not been sent.
    """

    waiting: int
    running: int
    dead: int
    oldest_due_at: datetime | None
    mail_waiting: int


class DeadJobList(Schema):
    """A stretch of the jobs that were given up.

    Attributes:
        queue: How the queue stands.
        items: The oldest first.
        next_cursor: Asks for the stretch after this one; null at the end.
    """

    queue: Queue
    items: list[DeadJob]
    next_cursor: UUID | None


@router.get("", response={200: DeadJobList, **PROBLEMS}, summary="List the jobs that failed")
@operation(allows=may_operate, discloses=NOTHING)
def failed(
    request: ActorRequest,
    key: Annotated[str, Query(max_length=100)] = "",
    cursor: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
) -> DeadJobList:
    """Return the jobs that were given up, those of the officer's agency and of none; ``key`` asks for one kind of work."""
    found = dead_letters(request.actor, key=key, after=cursor, limit=limit + 1)
    return DeadJobList(
        queue=Queue.from_orm(queue_state(request.actor, at=clock.now())),
        items=[DeadJob.from_orm(each) for each in found[:limit]],
        next_cursor=found[limit - 1].id if len(found) > limit else None,
    )


@router.post("/{job_id}/replay", response={204: None, **PROBLEMS}, summary="Start a job that failed again")
@operation(allows=may_operate, discloses=NOTHING)
def replay(request: ActorRequest, job_id: UUID) -> Status[None]:
    """Let a job that was given up be tried again from now on, with all its attempts before it."""
    replay_job(job_id, by=request.actor, at=clock.now())
    return Status(204, None)


@router.post("/{job_id}/discard", response={204: None, **PROBLEMS}, summary="Give a job up for good")
@operation(allows=may_operate, discloses=NOTHING)
def discard(request: ActorRequest, job_id: UUID) -> Status[None]:
    """Delete a job that was given up; the text of an e-mail that was never sent goes with it."""
    discard_job(job_id, by=request.actor, at=clock.now())
    return Status(204, None)
