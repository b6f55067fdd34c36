"""Answers about requests for erasure, and holds."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from commonweal.kernel.base.errors import NotFound
from commonweal.kernel.base.personal import Held
from commonweal.kernel.base.types import Actor
from commonweal.kernel.consent.enums import OPEN, Status
from commonweal.kernel.consent.models import Erasure, Hold
from commonweal.kernel.consent.rules import visible_erasures, visible_holds
from commonweal.kernel.people import queries as people

MAX_ROWS = 100


def erasure(erasure_id: UUID, *, actor: Actor) -> Erasure:
    """Return a request.

    Raises:
        NotFound: There is none, or the actor may not know that there is.
    """
    found = visible_erasures(Erasure.objects.filter(pk=erasure_id), actor).order_by().first()
    if found is None:
        raise NotFound
    return found


def erasure_of(person_id: UUID, *, actor: Actor) -> Erasure | None:
    """Return a person's latest request, or None."""
    rows = visible_erasures(Erasure.objects.filter(person_id=person_id), actor)
    return rows.order_by("-requested_at", "-id").first()


def open_erasures(*, actor: Actor) -> QuerySet[Erasure]:
    """Return the requests that are not finished, the oldest first, at most 100."""
    rows = visible_erasures(Erasure.objects.filter(status__in=OPEN), actor)
    return rows.order_by("requested_at", "id")[:MAX_ROWS]


def erasures_due(on: date) -> QuerySet[Erasure]:
    """Return the erasures of which more can be done today: what the law kept may go."""
    rows = Erasure.objects.filter(status=Status.PARTLY)
    return rows.filter(next_on__lte=on).order_by("next_on", "id")


def standing_holds(*, actor: Actor) -> QuerySet[Hold]:
    """Return the holds that stand and that the actor may see, the newest first, at most 100."""
    rows = visible_holds(Hold.objects.filter(released_at=None), actor)
    return rows.order_by("-placed_at", "-id")[:MAX_ROWS]


def held() -> Held:
    """Return whose data, and which streams, must not be deleted.

    A hold on a person is a hold on every record of the person, merged before the hold or after it, also when the
    records are parted again while it stands.
    """
    rows = Hold.objects.filter(released_at=None).order_by("id").values_list("subject", "stream", "placed_at")
    found = list(rows)
    return Held(
        people.records_held({subject: placed_at for subject, _, placed_at in reversed(found) if subject}),
        frozenset(stream for _, stream, _ in found if stream),
    )
