"""What operators ask about jobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from commonweal.kernel.base.types import Actor
from commonweal.kernel.jobs import messages
from commonweal.kernel.jobs.models import Job, OutboxMessage
from commonweal.kernel.jobs.rules import may_operate


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A job that was given up.

    Attributes:
        id: Primary key.
        key: What kind of work.
        agency: Whose, where it belongs to one.
        enqueued_at: When it was asked for.
        dead_at: When it was given up.
        attempts: How often it was tried.
        error: The last error.
    """

    id: UUID
    key: str
    agency: str | None
    enqueued_at: datetime
    dead_at: datetime
    attempts: int
    error: str


@dataclass(frozen=True, slots=True)
class QueueState:
    """How the queue stands.

    Attributes:
        waiting: Jobs that nobody has taken, those for later included.
        running: Jobs that somebody has taken.
        dead: Jobs that were given up.
        oldest_due_at: Since when the longest waiting one is due; None where none is.
        mail_waiting: Messages of the outbox that have not been sent.
    """

    waiting: int
    running: int
    dead: int
    oldest_due_at: datetime | None
    mail_waiting: int


def dead_letters(
    actor: Actor, *, key: str = "", after: UUID | None = None, limit: int = 50
) -> list[DeadLetter]:
    """Return the jobs that were given up and that an operator may see, the oldest first.

    Args:
        actor: Who asks; whoever may not operate jobs sees none.
        key: One kind of work; all if empty.
        after: Continue behind this one.
        limit: How many at most.
    """
    rows = _visible(actor).filter(dead_at__isnull=False).order_by("id")
    if key:
        rows = rows.filter(key=key)
    if after is not None:
        rows = rows.filter(id__gt=after)
    return [
        DeadLetter(row.pk, row.key, row.agency, row.enqueued_at, row.dead_at, row.attempts, row.error)
        for row in rows[:limit]
        if row.dead_at is not None
    ]


def queue_state(actor: Actor, *, at: datetime) -> QueueState:
    """Return how the queue stands, as far as an operator may see it."""
    rows = _visible(actor)
    alive = rows.filter(dead_at=None)
    oldest = alive.filter(run_at__lte=at).order_by("run_at", "id").values_list("run_at", flat=True).first()
    mails = OutboxMessage.objects.filter(sent_at=None)
    if actor.agency is not None:
        mails = mails.filter(Q(agency=actor.agency) | Q(agency=None))
    return QueueState(
        waiting=alive.filter(holder=None).count(),
        running=alive.filter(holder__isnull=False).count(),
        dead=rows.filter(dead_at__isnull=False).count(),
        oldest_due_at=oldest,
        mail_waiting=mails.count() if may_operate(actor) else 0,
    )


def _visible(actor: Actor) -> QuerySet[Job]:
    if not may_operate(actor):
        return Job.objects.none()
    if actor.agency is None:
        return Job.objects.all()
    return Job.objects.filter(Q(agency=actor.agency) | Q(agency=None))


def mails_to(subject: UUID) -> list[str]:
    """Return the subject lines of the e-mails that wait to be sent to a person, the oldest first."""
    rows = OutboxMessage.objects.filter(subject=subject, sent_at=None, channel="email").order_by(
        "created_at", "id"
    )
    return [messages.subject_of(payload) for payload in rows.values_list("payload", flat=True) if payload]
