"""Granting what facts alone decide, and saying no to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction

from commonweal.kernel.awards import actions as award_actions
from commonweal.kernel.awards import queries as awards
from commonweal.kernel.base import clock
from commonweal.kernel.base.transactions import action
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.cases import actions as cases
from commonweal.kernel.cases import queries as case_queries
from commonweal.kernel.cases.errors import AppliedAlready
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.catalogue.enums import Channel
from commonweal.kernel.decisions.queries import outcomes_of
from commonweal.kernel.forms import actions as forms
from commonweal.kernel.forms import queries as sheets
from commonweal.kernel.forms.errors import AnswersInvalid
from commonweal.kernel.ledger.actions import record, record_access
from commonweal.kernel.people import queries as people
from commonweal.kernel.proactive import queries
from commonweal.kernel.proactive.errors import NotGrantedUnasked
from commonweal.kernel.proactive.models import Offer

if TYPE_CHECKING:
    from commonweal.kernel.cases.models import Case

PURPOSE = "grant what the law lets be granted without an application"


class _NotGranted(Exception):
    """The law does not grant by itself."""


@action
def offer(service_key: str, award_id: UUID, *, by: Actor, at: datetime) -> Case | None:
    """Grant a service to the holder of another award, where what is known suffices and the law grants.

    A case is opened and decided like any other. Where the law neither grants nor takes by itself, nothing is stored.
    Trying again changes nothing: in each period there is one offer at most.

    Args:
        service_key: A service with the section ``proactive``.
        award_id: The award whose holder is looked at.
        by: The job.
        at: When.

    Returns:
        The case, or None where nothing was granted.
    """
    service = catalogue.offered_service(service_key)
    section, award = queries.section_of(service.compiled), awards.award(award_id)
    if section is None or award is None:
        return None
    person = people.standing_id(award.person_id)
    record_access(by, [person], PURPOSE, at=at)
    known = queries.known_of(section, award, at=at)
    once = queries.value_of(section.once, known, at=at)
    if queries.value_of(section.when, known, at=at) is not True or not isinstance(once, str):
        return None
    document = queries.document_of(section, known, at=at)
    if document is None or _has_it(service_key, person, once, at):
        return None
    try:
        with transaction.atomic():
            return _grant(service_key, person, once[:60], award_id, document, by=by, at=at)
    except (_NotGranted, AnswersInvalid, AppliedAlready):
        return None


def _has_it(service_key: str, person: UUID, once: str, at: datetime) -> bool:
    """Whether somebody was offered it in the period, has it, or is about to apply."""
    records, today = people.record_ids(person), clock.local(at).date()
    if Offer.objects.filter(service_key=service_key, person__in=records, once=once[:60]).exists():
        return True
    if awards.own(records, service_key, on=today, resting=True) is not None:
        return True
    if any(draft.service_key == service_key for draft in sheets.drafts_of(*records, at=at)):
        return True
    as_resident = Actor(ActorKind.RESIDENT, str(person), records=tuple(records))
    return any(
        case.is_open and case.service_key == service_key for case in case_queries.latest_cases(as_resident)
    )


def _grant(
    service_key: str,
    person: UUID,
    once: str,
    award_id: UUID,
    document: Mapping[str, Any],
    *,
    by: Actor,
    at: datetime,
) -> Case:
    acting = replace(by, on_behalf_of=str(person))
    started = forms.start_sheet(service_key, by=acting, at=at, channel=Channel.OFFERED)
    made = Offer.objects.create(
        sheet_id=started.sheet_id,
        service_key=service_key,
        person_id=person,
        once=once,
        source_award=award_id,
        offered_at=at,
    )
    saved = forms.answer_all(started.sheet_id, document, revision=0, by=acting, at=at)
    case = cases.submit(started.sheet_id, applicant_id=person, revision=saved.revision, by=acting, at=at)
    outcome = outcomes_of(catalogue.compiled(case.version_id)).get(case.outcome)
    if case.decision_id is None or outcome is None or not (outcome.grants or outcome.takes):
        raise _NotGranted
    made.case = case
    made.save(update_fields=["case"])
    record(
        "proactive.offered",
        stream=case.stream,
        subject=person,
        by=by,
        at=at,
        service=service_key,
        once=once,
        source_award=award_id,
    )
    return case


@action
def decline(reference: str, *, by: Actor, at: datetime) -> Offer:
    """Say no to what was granted unasked: the award ends, and it is not offered again in the period.

    Args:
        reference: Of the case.
        by: The person.
        at: When.

    Raises:
        CaseNotFound: There is no such case of theirs.
        NotGrantedUnasked: They applied for it, have declined it, or it has ended.
    """
    found = queries.offer_for(reference, actor=by)
    made = Offer.objects.select_for_update().get(pk=found.pk)
    case = case_queries.case_for(reference, actor=by)
    award = awards.award_of_case(case.stream)
    if made.declined_at is not None or award is None or not award.is_running:
        raise NotGrantedUnasked
    award_actions.revoke(award.pk, reason="The holder did not want it.", by=by, at=at)
    made.declined_at = at
    made.save(update_fields=["declined_at"])
    record("proactive.declined", stream=case.stream, subject=made.person_id, by=by, at=at)
    return made
