"""Django's Tasks API on our queue, so that other people's apps can use it.

Our own apps register jobs (``registry.job``), which say how they behave when a worker dies. A task of Django's API
runs as an atomic job: in one transaction, together with its completion. Results are not kept.

Source: Django 6.0, "Tasks". On Django 5.2 ``tasks_shim`` gives the same shape.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import django

from commonweal.kernel.base.clock import now
from commonweal.kernel.base.types import Json
from commonweal.kernel.jobs.actions import RUN_TASK, enqueue
from commonweal.kernel.jobs.enums import Lane

if TYPE_CHECKING or django.VERSION >= (6, 0):
    from django.tasks import task as task  # noqa: PLC0414 - a door for those who use either version
    from django.tasks.backends.base import BaseTaskBackend
    from django.tasks.base import Task, TaskResult, TaskResultStatus
    from django.tasks.exceptions import InvalidTask
else:
    from commonweal.kernel.jobs.tasks_shim import (
        BaseTaskBackend,
        InvalidTask,
        Task,
        TaskResult,
        TaskResultStatus,
        task,
    )

__all__ = ["LeaseQueueBackend", "Task", "task"]


class LeaseQueueBackend(BaseTaskBackend):
    """Puts tasks into the lease queue."""

    supports_defer = True
    supports_priority = True

    def validate_task(self, task: Task[Any, Any]) -> None:
        """Refuse what the queue cannot run.

        Raises:
            InvalidTask: The task wants a context, or is refused by Django.
        """
        super().validate_task(task)
        if task.takes_context:
            raise InvalidTask("The lease queue gives tasks no context.")

    def enqueue(
        self, task: Task[Any, Any], args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> TaskResult[Any, Any]:
        """Put a task into the queue, in the caller's transaction; arguments are plain JSON without personal data."""
        at = now()
        lane = Lane.URGENT if task.priority > 0 else Lane.BULK if task.priority < 0 else Lane.NORMAL
        payload: dict[str, Json] = {"task": task.module_path, "args": list(args), "kwargs": dict(kwargs)}
        job_id = enqueue(RUN_TASK[lane], payload, at=at, run_at=task.run_after)
        return TaskResult(
            task=task,
            id=str(job_id),
            status=TaskResultStatus.READY,
            enqueued_at=at,
            started_at=None,
            finished_at=None,
            last_attempted_at=None,
            args=list(args),
            kwargs=dict(kwargs),
            backend=self.alias,
            errors=[],
            worker_ids=[],
        )
