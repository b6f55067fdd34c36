"""The shape of Django's Tasks API for Django 5.2, which has none: as much of it as our queue supports.

Source: Django 6.0, "Tasks" in its reference.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


class InvalidTask(Exception):
    """A task is not of a kind that the backend can run."""


class TaskResultStatus(StrEnum):
    """Where a task stands; our queue only ever says that it is waiting."""

    READY = "READY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A function that can be enqueued.

    Attributes:
        func: The function, defined at the top of a module.
        priority: From -100 to 100.
        backend: Alias in ``TASKS``.
        queue_name: Only ``default``.
        run_after: Not before.
        takes_context: Not supported.
    """

    func: Callable[..., Any]
    priority: int = 0
    backend: str = "default"
    queue_name: str = "default"
    run_after: datetime | None = None
    takes_context: bool = False

    def __post_init__(self) -> None:
        backend_of(self.backend).validate_task(self)

    @property
    def module_path(self) -> str:
        """Where the task is found again."""
        return f"{self.func.__module__}.{self.func.__qualname__}"

    def using(self, *, priority: int | None = None, run_after: datetime | None = None) -> Task:
        """Return the task with another priority or time."""
        return replace(
            self,
            priority=self.priority if priority is None else priority,
            run_after=run_after or self.run_after,
        )

    def enqueue(self, *args: Any, **kwargs: Any) -> TaskResult:
        """Put the task into the queue."""
        return backend_of(self.backend).enqueue(self, args, kwargs)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskResult:
    """What was enqueued; attributes as in Django."""

    task: Task
    id: str
    status: TaskResultStatus
    enqueued_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    last_attempted_at: datetime | None
    args: list[Any]
    kwargs: dict[str, Any]
    backend: str
    errors: list[Any]
    worker_ids: list[str]


class BaseTaskBackend(ABC):
    """The contract of a backend.

    Attributes:
        supports_defer: Whether ``run_after`` may be given.
        supports_priority: Whether priorities count.
    """

    supports_defer = False
    supports_priority = False

    def __init__(self, alias: str, params: Mapping[str, Any]) -> None:
        self.alias = alias

    def validate_task(self, task: Task) -> None:
        """Refuse a task that cannot be run.

        Raises:
            InvalidTask: It is no function at the top of a module, or its priority is out of bounds.
        """
        if "<locals>" in task.func.__qualname__ or task.func.__name__ == "<lambda>":
            raise InvalidTask("A task is a function at the top of a module.")
        if not -100 <= task.priority <= 100:
            raise InvalidTask("A priority lies between -100 and 100.")

    @abstractmethod
    def enqueue(self, task: Task, args: Sequence[Any], kwargs: Mapping[str, Any]) -> TaskResult:
        """Put a task into the queue."""


@cache
def backend_of(alias: str) -> BaseTaskBackend:
    """Return the backend that ``TASKS`` names."""
    params = settings.TASKS[alias]
    backend: BaseTaskBackend = import_string(params["BACKEND"])(alias, params)
    return backend


def task(*, priority: int = 0) -> Callable[[Callable[..., Any]], Task]:
    """Make a function a task."""

    def wrap(func: Callable[..., Any]) -> Task:
        return Task(func=func, priority=priority)

    return wrap
