"""Whom to remind."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from commonweal.engines import feel
from commonweal.kernel.awards import queries as awards
from commonweal.kernel.base import clock
from commonweal.kernel.base.expressions import new_evaluation
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.catalogue.errors import BrokenDeclaration
from commonweal.kernel.decisions.queries import outcomes_in
from commonweal.kernel.ledger.queries import events_of
from commonweal.kernel.reminders.types import CompiledReminder

if TYPE_CHECKING:
    from commonweal.kernel.awards.models import Award

FAILED = "reminders.failed"
LATEST_DAYS = 30
"""A reminder whose day is longer past than this is not sent any more."""


def services() -> list[str]:
    """Return the keys of the services of which a version reminds, in order.

    An award keeps the version on which it was granted: a service that is suspended or closed still reminds.
    """
    return sorted({key for version_id, key in catalogue.versions_met() if _reminds(version_id)})


@lru_cache(maxsize=4_096)
def _reminds(version_id: UUID) -> bool:
    """Whether a version declares reminders; it never changes."""
    try:
        return bool(catalogue.compiled(version_id).sections.get("reminders"))
    except BrokenDeclaration:
        return True  # its awards are looked at one by one, and the log names each


def has_failed(stream: str, award_id: UUID, reminder: str, day: date) -> bool:
    """Whether the ledger says already that a reminder of an award could not be written for a day."""
    wanted = {"award": str(award_id), "reminder": reminder, "day": day.isoformat()}
    return any(
        event.type == FAILED and wanted.items() <= (event.payload or {}).items()
        for event in events_of(stream)
    )


def award_facts(award: Award) -> dict[str, Any]:
    """Return what FEEL sees as ``award``."""
    made = awards.changed_by(award)
    outcomes = outcomes_in(made) if made else {}
    return {
        "outcome": award.outcome,
        "holder": award.holder,
        "item": award.item,
        "starts_on": feel.to_value(award.starts_on),
        "ends_on": None if award.ends_on is None else feel.to_value(award.ends_on),
        "granted_on": feel.to_value(clock.local(award.granted_at).date()),
        "amount": None if award.money is None else award.money.amount,
        "changes": [outcomes[each] for each in made if each in outcomes],
    }


def next_day(award: Award, version_id: UUID, *, at: datetime) -> date | None:
    """Return the next day after today on which a reminder of an award comes, as things stand; None where there is none."""
    facts, today = award_facts(award), clock.local(at).date()
    days = [
        day_of(reminder, facts, at=at)
        for reminder in catalogue.compiled(version_id).sections.get("reminders") or ()
    ]
    return min((day for day in days if day is not None and day > today), default=None)


def day_of(reminder: CompiledReminder, facts: dict[str, Any], *, at: datetime) -> date | None:
    """Return the day from which a reminder is sent; None where there is none, or it is too long past."""
    value = reminder.on.evaluate({"award": facts}, new_evaluation(at))
    day = date(value.year, value.month, value.day) if isinstance(value, feel.Date) else None
    if day is None or (clock.local(at).date() - day).days > LATEST_DAYS:
        return None
    return day


def is_wanted(reminder: CompiledReminder, facts: dict[str, Any], *, at: datetime) -> bool:
    """Whether the condition of a reminder holds now."""
    return reminder.when.evaluate({"award": facts}, new_evaluation(at)) is True
