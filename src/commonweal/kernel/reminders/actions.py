"""Reminding holders of awards."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from commonweal.kernel.awards import queries as awards
from commonweal.kernel.base.transactions import action
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases import queries as cases
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.ledger.actions import record
from commonweal.kernel.mailbox import actions as mailbox
from commonweal.kernel.mailbox.errors import LetterFault
from commonweal.kernel.reminders.queries import FAILED, award_facts, due_on, has_failed


@action
def remind_holder(award_id: UUID, *, by: Actor, at: datetime) -> list[str]:
    """Send the reminders of an award that are due, each once.

    The version of the service on which the award was granted says which there are. A letter that cannot be written is
    left out, and the ledger says so, once for each day on which one was due.

    Args:
        award_id: The award.
        by: The job.
        at: When.

    Returns:
        Keys of the reminders that are due, sent now or before.
    """
    award = awards.award(award_id)
    case = cases.case_of_stream(award.source_stream) if award is not None else None
    if award is None or case is None or not award.is_running:
        return []
    facts, sent = award_facts(award), []
    for reminder in catalogue.compiled(case.version_id).sections.get("reminders") or ():
        day = due_on(reminder, facts, at=at)
        if day is None:
            continue
        try:
            mailbox.send(
                case.applicant_id,
                reminder.spec.letter,
                case.version_id,
                cases.names_as_they_are(case, at=at) | {"award": facts},
                stream=case.stream,
                agency=case.agency,
                by=by,
                at=at,
                unique_key=f"reminder:{award.pk}:{reminder.spec.key}:{day}",
                card=cases.knowledge_of(case, at=at).applicant,
            )
            sent.append(reminder.spec.key)
        except LetterFault as fault:
            if not has_failed(case.stream, award.pk, reminder.spec.key, day):
                record(
                    FAILED,
                    stream=case.stream,
                    by=by,
                    at=at,
                    award=award.pk,
                    reminder=reminder.spec.key,
                    day=day.isoformat(),
                    why=str(fault),
                )
    return sent
