"""Reminding holders of awards."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from commonweal.kernel.awards import actions as award_actions
from commonweal.kernel.awards import queries as awards
from commonweal.kernel.base import clock
from commonweal.kernel.base.transactions import action
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases import queries as cases
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.ledger.actions import record
from commonweal.kernel.mailbox import actions as mailbox
from commonweal.kernel.mailbox.errors import LetterFault
from commonweal.kernel.reminders.queries import FAILED, award_facts, day_of, has_failed, is_wanted
from commonweal.kernel.reminders.types import CompiledReminder

if TYPE_CHECKING:
    from commonweal.kernel.awards.models import Award
    from commonweal.kernel.cases.models import Case


@action
def remind_holder(award_id: UUID, *, by: Actor, at: datetime) -> list[str]:
    """Send the reminders of an award that are due, each once, and note when to look again.

    The version of the service on which the award was granted says which there are. A letter that cannot be written is
    left out, and the ledger says so, once for each day on which one was due; it is tried again the next day. So is one
    whose condition does not hold.

    Args:
        award_id: The row is locked until the transaction ends.
        by: The job.
        at: When.

    Returns:
        Keys of the reminders that are due, sent now or before.
    """
    award = awards.locked(award_id)
    case = cases.case_of_stream(award.source_stream)
    if case is None or award.has_ended(clock.local(at).date()):
        award_actions.look_again(award, on=None)
        return []
    facts, today = award_facts(award), clock.local(at).date()
    due: list[str] = []
    to_come: list[date] = []
    for reminder in catalogue.compiled(case.version_id).sections.get("reminders") or ():
        day = day_of(reminder, facts, at=at)
        if day is None:
            continue
        is_due = day <= today and is_wanted(reminder, facts, at=at)
        if is_due and _is_sent(reminder, award, case, facts, day=day, by=by, at=at):
            due.append(reminder.spec.key)
        else:
            to_come.append(max(day, today + timedelta(days=1)))
    award_actions.look_again(award, on=min(to_come, default=None))
    return due


def _is_sent(
    reminder: CompiledReminder,
    award: Award,
    case: Case,
    facts: dict[str, Any],
    *,
    day: date,
    by: Actor,
    at: datetime,
) -> bool:
    """Whether the letter could be written, now or before."""
    key = reminder.spec.key
    try:
        mailbox.send(
            case.applicant_id,
            reminder.spec.letter,
            case.version_id,
            cases.names_as_they_are(case, at=at)
            | {"award": facts | {"label": cases.granted_label(case, award, at=at)}},
            stream=case.stream,
            agency=case.agency,
            by=by,
            at=at,
            unique_key=f"reminder:{award.pk}:{key}:{day}",
            card=cases.knowledge_of(case, at=at).applicant,
        )
    except LetterFault as fault:
        if not has_failed(case.stream, award.pk, key, day):
            record(
                FAILED,
                stream=case.stream,
                by=by,
                at=at,
                award=award.pk,
                reminder=key,
                day=day.isoformat(),
                why=str(fault),
            )
        return False
    return True
