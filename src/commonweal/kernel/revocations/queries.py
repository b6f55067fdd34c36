"""Answers about revocations."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, cast
from uuid import UUID

from commonweal.kernel.awards import queries as awards
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.revocations.enums import Status
from commonweal.kernel.revocations.errors import RevocationNotFound
from commonweal.kernel.revocations.models import Revocation
from commonweal.kernel.revocations.types import RevocationSource

if TYPE_CHECKING:
    from commonweal.kernel.awards.models import Award
    from commonweal.kernel.cases.models import Case


def section_of(case: Case) -> RevocationSource | None:
    """Return on which grounds what a case granted is taken back; None where its service declares none."""
    found = catalogue.compiled(case.version_id).sections.get("revocation")
    return cast("RevocationSource | None", found)


def revocation_of(case_id: UUID) -> Revocation | None:
    """Return the latest revocation of what a case granted; None where there is none."""
    return Revocation.objects.filter(case=case_id).order_by("-announced_at", "-id").first()


def the_revocation_of(case_id: UUID) -> Revocation:
    """Return the latest revocation of what a case granted.

    Raises:
        RevocationNotFound: There is none.
    """
    found = revocation_of(case_id)
    if found is None:
        raise RevocationNotFound
    return found


def revocable(case: Case) -> Award | None:
    """Return the running award of a case that can be taken back now; None where there is nothing, or it is under way."""
    if section_of(case) is None:
        return None
    award, found = awards.award_of_case(case.stream), revocation_of(case.pk)
    is_free = found is None or not found.is_open
    return award if award is not None and award.is_running and is_free else None


def next_due(on: date, *, after: UUID | None) -> UUID | None:
    """Return the next announced revocation whose day has come, by id.

    Args:
        on: The day.
        after: The last one of the step before.
    """
    rows = Revocation.objects.filter(status=Status.ANNOUNCED, effective_on__lte=on)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return rows.order_by("pk").values_list("pk", flat=True).first()
