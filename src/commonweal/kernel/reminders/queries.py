"""Whom to remind."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from commonweal.engines import feel
from commonweal.kernel.awards import queries as awards
from commonweal.kernel.base import clock
from commonweal.kernel.base.expressions import new_evaluation
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.decisions.queries import outcomes_in
from commonweal.kernel.reminders.types import CompiledReminder

if TYPE_CHECKING:
    from commonweal.kernel.awards.models import Award

LATEST_DAYS = 30
"""A reminder whose day is longer past than this is not sent any more."""


def services() -> list[tuple[str, str]]:
    """Return key and agency of each service on offer that reminds, by key."""
    found = [each for each in catalogue.live_services() if each.compiled.sections.get("reminders")]
    return sorted((each.key, each.compiled.info.agency) for each in found)


def next_award(service: str, agency: str, *, at: datetime, after: UUID | None) -> Award | None:
    """Return the next running award of a service, or None."""
    rows = awards.running([service], agency, on=clock.local(at).date(), after=after, limit=1)
    return rows[0] if rows else None


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


def due_on(reminder: CompiledReminder, facts: dict[str, Any], *, at: datetime) -> date | None:
    """Return the day of a reminder that is due now; None where it is not."""
    names, today = {"award": facts}, clock.local(at).date()
    value = reminder.on.evaluate(names, new_evaluation(at))
    day = date(value.year, value.month, value.day) if isinstance(value, feel.Date) else None
    if day is None or day > today or (today - day).days > LATEST_DAYS:
        return None
    return day if reminder.when.evaluate(names, new_evaluation(at)) is True else None
