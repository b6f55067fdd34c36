from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from commonweal.kernel.base import clock
from commonweal.kernel.base import events as base_events
from commonweal.kernel.jobs import registry
from commonweal.kernel.jobs.worker import Worker

AT = datetime(2026, 9, 15, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _own_registries(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test registers is gone after it."""
    monkeypatch.setattr(registry.job_types, "_items", dict(registry.job_types._items))
    monkeypatch.setattr(registry.cron_table, "_items", {})
    monkeypatch.setattr(base_events, "_receivers", dict(base_events._receivers))
    monkeypatch.setattr(base_events, "_event_types", dict(base_events._event_types))


@dataclass
class Clock:
    """What `now()` says in the worker and its tasks."""

    at: datetime = AT

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    stopped = Clock()
    for module in ("worker", "tasks", "mail", "workbench"):
        monkeypatch.setattr(f"commonweal.kernel.jobs.{module}.now", stopped.now)
    monkeypatch.setattr(clock, "now", stopped.now)
    return stopped


@pytest.fixture
def worker() -> Worker:
    return Worker(batch=3)


@dataclass
class Diary:
    """What a handler was given, in order."""

    entries: list[Any] = field(default_factory=list)

    def __call__(self, payload: dict[str, Any]) -> None:
        self.entries.append(payload)


@pytest.fixture
def diary() -> Diary:
    return Diary()
