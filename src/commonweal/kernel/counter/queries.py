"""Answers about consent to be helped."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.queries import Service, live_services
from commonweal.kernel.counter import rules
from commonweal.kernel.counter.errors import AssistanceNotFound
from commonweal.kernel.counter.models import Assistance

MAX_ROWS = 50


def running_for(sheet_id: UUID, *, officer: Actor, at: datetime) -> Assistance | None:
    """Return the consent by which an officer may fill in a form now, or None."""
    rows = rules.visible(Assistance.objects.filter(sheet_id=sheet_id, ended_at=None, ends_at__gt=at), officer)
    return (
        rows.exclude(given_at=None).order_by("-asked_at", "-id").first() if rules.may_help(officer) else None
    )


def helps_with(sheet_id: UUID, *, actor: Actor, at: datetime) -> QuerySet[Assistance]:
    """Return who may help with a form now, or was asked to, the newest first, for the one who is helped."""
    rows = rules.visible(Assistance.objects.filter(sheet_id=sheet_id, ended_at=None, ends_at__gt=at), actor)
    return rows.order_by("-asked_at", "-id")[:MAX_ROWS]


def assistance_for(assistance_id: UUID, *, actor: Actor) -> Assistance:
    """Return a help.

    Raises:
        AssistanceNotFound: There is none, or the actor may not see it.
    """
    found = rules.visible(Assistance.objects.filter(pk=assistance_id), actor).order_by("id").first()
    if found is None:
        raise AssistanceNotFound
    return found


def open_helps(*, officer: Actor, at: datetime) -> QuerySet[Assistance]:
    """Return whom an officer helps now, the newest first."""
    rows = Assistance.objects.filter(ended_at=None, ends_at__gt=at)
    return rules.visible(rows, officer).order_by("-asked_at", "-id")[:MAX_ROWS]


def services_by(channel: str, language: str = "") -> list[Service]:
    """Return the live services that may be reached by a channel."""
    return [
        service
        for service in live_services(language)
        if channel in {each.kind for each in service.info.channels} and service.compiled.sections.get("form")
    ]
