"""What cases announce."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from commonweal.kernel.base.events import Event, event


@event
@dataclass(frozen=True, kw_only=True)
class CaseOpened(Event):
    """Somebody has submitted an application."""

    key: ClassVar[str] = "cases.opened"
    case_id: UUID
    service_key: str
    at: datetime


@event
@dataclass(frozen=True, kw_only=True)
class CaseClosed(Event):
    """A case has been answered."""

    key: ClassVar[str] = "cases.closed"
    case_id: UUID
    service_key: str
    outcome: str
    at: datetime
