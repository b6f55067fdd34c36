"""Answers about awards."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from commonweal.kernel.awards.models import Award, Pool
from commonweal.kernel.awards.sections import CompiledAward, terms_of
from commonweal.kernel.base.prepared import Given, Prepared

__all__ = ["CompiledAward", "award_of_case", "awards_of", "capacity_used", "held", "terms_of"]

_of_case = Prepared(lambda: Award.objects.filter(source_stream=Given("stream")).order_by())


def capacity_used(pool: str) -> int:
    """Return how many units of a pool the running awards use."""
    return Pool.objects.filter(key=pool).values_list("used", flat=True).order_by("key").first() or 0


def awards_of(person_id: UUID) -> QuerySet[Award]:
    """Return a person's awards, the newest first."""
    return Award.objects.filter(person=person_id).order_by("-starts_on", "-id")


def award_of_case(stream: str) -> Award | None:
    """Return what was granted in a case, or None."""
    return _of_case.one(stream=stream)


def held(service_key: str, *, holder: str = "", item: str = "", on: date) -> QuerySet[Award]:
    """Return the awards of a service that are in force on a day for a holder, an item or both, the oldest first."""
    rows = Award.objects.in_force(on).filter(service_key=service_key)
    named = {"holder": holder, "item": item}
    return rows.filter(**{name: value for name, value in named.items() if value}).order_by("starts_on", "id")
