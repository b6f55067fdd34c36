"""Deletes what signing in leaves behind."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from commonweal.kernel.base.models import SharedEntry
from commonweal.kernel.base.transactions import action
from commonweal.kernel.base.types import Actor
from commonweal.kernel.ledger.actions import record

_BATCH = 1_000


@action
def sweep_sessions(*, by: Actor, at: datetime) -> int:
    """Delete sessions that are over, the devices that they were on, and counts of attempts that are over.

    At most 1,000 of each a call; return how many rows went. Sessions run by the machine's clock, as Django and allauth
    have it, which is not that of the practice city.

    Args:
        by: The job.
        at: When, with a time zone, for the ledger.
    """
    now = timezone.now()
    sessions = _delete(Session.objects.filter(expire_date__lt=now))
    is_running = Exists(Session.objects.filter(session_key=OuterRef("session_key")))
    devices = _delete(UserSession.objects.exclude(is_running))
    attempts = _delete(SharedEntry.objects.filter(expires_at__lt=now))
    gone = sessions + devices + attempts
    if gone:
        record(
            "people.sessions_swept",
            stream="people:sessions",
            by=by,
            at=at,
            sessions=sessions,
            devices=devices,
            attempts=attempts,
        )
    return gone


def _delete(rows: QuerySet[Any]) -> int:
    keys = list(rows.order_by("pk").values_list("pk", flat=True)[:_BATCH])
    return rows.model._default_manager.filter(pk__in=keys).delete()[0] if keys else 0  # noqa: SLF001 - Django's documented model API
