"""Who may offer, suspend and close services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import QuerySet

from commonweal.kernel.base.rules import may
from commonweal.kernel.base.types import Actor, ActorKind

if TYPE_CHECKING:
    from commonweal.kernel.catalogue.models import ServiceVersion

PUBLISH = "catalogue.publish"
may_publish = may(PUBLISH)
"""An officer who answers for the services of an agency."""


def allows_version(actor: Actor, version: ServiceVersion) -> bool:
    """Whether the actor may change how a version stands: those of the own agency; an officer of no agency, all."""
    return actor.kind is ActorKind.SYSTEM or (may_publish(actor) and actor.agency in {"", version.agency})


def visible_versions(versions: QuerySet[ServiceVersion], actor: Actor) -> QuerySet[ServiceVersion]:
    """Return those versions that the actor may change."""
    if actor.kind is ActorKind.SYSTEM:
        return versions
    if not may_publish(actor):
        return versions.none()
    return versions if actor.agency == "" else versions.filter(agency=actor.agency)
