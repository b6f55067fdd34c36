from __future__ import annotations

from datetime import timedelta
from typing import Any

import django
import pytest
from tests.kernel.jobs.conftest import AT, Clock

from commonweal.kernel.base.types import Actor
from commonweal.kernel.jobs import django_tasks
from commonweal.kernel.jobs.actions import enqueue
from commonweal.kernel.jobs.django_tasks import InvalidTask, Task, task
from commonweal.kernel.jobs.models import Job
from commonweal.kernel.jobs.worker import Worker
from commonweal.kernel.ledger.actions import record
from commonweal.kernel.ledger.queries import events_of

pytestmark = pytest.mark.django_db


@task(priority=10)
def note(stream: str, *, n: int) -> None:
    record("test.done", stream=stream, by=Actor.system("test"), at=AT, n=n)


@pytest.fixture(autouse=True)
def _findable(monkeypatch: pytest.MonkeyPatch, time: Clock) -> None:
    monkeypatch.setattr(django_tasks, "now", time.now)
    # Test modules are imported by path; a task is found by the name of its module.
    monkeypatch.setattr("commonweal.kernel.jobs.tasks.import_string", _import)


def _import(path: str) -> Any:
    found = {note.module_path: note, "builtins.print": print}
    if path not in found:
        raise ImportError(path)
    return found[path]


def test_task_runs_once_in_the_queue(worker: Worker) -> None:
    result = note.enqueue("a:1", n=1)

    row = Job.objects.get()
    assert (str(row.pk), row.key, row.lane, row.run_at) == (result.id, "jobs.run_urgent_task", 0, AT)
    assert (result.status, result.args, result.kwargs, result.enqueued_at) == ("READY", ["a:1"], {"n": 1}, AT)
    assert worker.run_until_empty() == 1
    assert [event.payload for event in events_of("a:1")] == [{"n": 1}]


def test_task_may_be_deferred_and_ranked(worker: Worker) -> None:
    note.using(priority=-1, run_after=AT + timedelta(hours=1)).enqueue("a:1", n=1)
    note.using(priority=0).enqueue("a:1", n=2)

    assert list(Job.objects.order_by("lane").values_list("key", "run_at")) == [
        ("jobs.run_normal_task", AT),
        ("jobs.run_bulk_task", AT + timedelta(hours=1)),
    ]


def test_only_tasks_are_run(worker: Worker) -> None:
    for path in ("builtins.print", "os.nothing"):
        enqueue("jobs.run_normal_task", {"task": path, "args": [], "kwargs": {}}, at=AT)
    worker.run_until_empty()

    assert [job.error for job in Job.objects.order_by("id") if job.dead_at] != []
    assert Job.objects.filter(dead_at=AT).count() == 2


def _plain() -> None:
    """Stands at the top of the module."""


def test_tasks_that_cannot_be_run_are_refused() -> None:
    for arguments in (
        {"func": lambda: None},
        {"func": _plain, "priority": 101},
        {"func": note.func, "takes_context": True},
    ):
        with pytest.raises(InvalidTask):
            Task(**arguments)  # type: ignore[arg-type]  # the point


def test_shape_is_that_of_djangos_own() -> None:
    from commonweal.kernel.jobs import tasks_shim

    for name in ("func", "priority", "backend", "queue_name", "run_after", "takes_context"):
        assert name in tasks_shim.Task.__dataclass_fields__
    if django.VERSION >= (6, 0):
        from django.tasks.base import Task as Theirs
        from django.tasks.base import TaskResult

        assert set(tasks_shim.Task.__dataclass_fields__) == set(Theirs.__dataclass_fields__)
        public = {name for name in TaskResult.__dataclass_fields__ if not name.startswith("_")}
        assert set(tasks_shim.TaskResult.__dataclass_fields__) == public
