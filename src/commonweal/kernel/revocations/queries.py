"""Answers about revocations."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, cast
from uuid import UUID

from django.utils.translation import gettext as _

from commonweal.kernel.awards import queries as awards
from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import Forbidden, Invalid
from commonweal.kernel.base.free_text import readable
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases import queries as cases
from commonweal.kernel.cases.errors import CaseNotFound
from commonweal.kernel.cases.rules import works_on
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.places.queries import objection_until
from commonweal.kernel.revocations.enums import Status
from commonweal.kernel.revocations.errors import NothingToRevoke, RevocationNotFound
from commonweal.kernel.revocations.models import Revocation
from commonweal.kernel.revocations.rules import may_revoke
from commonweal.kernel.revocations.types import RevocationSource

if TYPE_CHECKING:
    from commonweal.kernel.awards.models import Award
    from commonweal.kernel.cases.models import Case

LONGEST = 5_000
"""Characters of what an officer or a holder writes."""


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


def case_to_revoke(reference: str, *, actor: Actor) -> Case:
    """Return a case whose award an officer may take back.

    Raises:
        CaseNotFound: There is none, or it is another team's.
        Forbidden: The officer may not revoke.
    """
    case = cases.case_for(reference, actor=actor)
    if not works_on(actor, case):
        raise CaseNotFound
    if not may_revoke(actor):
        raise Forbidden
    return case


def planned(case: Case, *, ground: str, reasons: str, at: datetime) -> Revocation:
    """Return a revocation as it would be announced now; nothing is stored.

    Args:
        case: Whose award is taken back.
        ground: Key of one of the service's grounds.
        reasons: As the holder will read them.
        at: When.

    Raises:
        NothingToRevoke: Nothing runs that could be taken back, or it is under way.
        Invalid: The ground is none of the service's, or the reasons are empty or too long.
    """
    award, section = revocable(case), section_of(case)
    if award is None or section is None:
        raise NothingToRevoke
    chosen = section.ground(ground)
    if chosen is None:
        raise Invalid({"ground": _("Choose from the list.")})
    told_on = cases.told_by_letter(case, at=at)
    today = clock.local(at).date()
    return Revocation(
        case=case,
        award_id=award.pk,
        ground=ground,
        reasons=written_text(reasons, "reasons"),
        announced_at=at,
        effective_on=today if chosen.at_once else _day_after_notice(told_on, section.notice_days),
    )


def _day_after_notice(told_on: date, days: int) -> date:
    """Return the day on which a letter of a day has been served, or the one after the last day of the notice."""
    return objection_until(told_on, days) + timedelta(days=1) if days else objection_until(told_on)


def written_text(text: str, field: str) -> str:
    """Return what somebody wrote, without invisible characters and the white space around it.

    Raises:
        Invalid: It is empty or too long.
    """
    clean = readable(text)
    if not clean:
        raise Invalid({field: _("Write something here.")})
    if len(clean) > LONGEST:
        message = _("This is too long: %(length)s characters. Write at most %(limit)s.")
        raise Invalid({field: message % {"length": len(clean), "limit": LONGEST}})
    return clean


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
