"""Answers about disputes. Who may see what is part of the SQL."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from commonweal.kernel.base.jurisdiction import root, wordings
from commonweal.kernel.base.keyset import Behind
from commonweal.kernel.base.prepared import Given, Prepared, Question
from commonweal.kernel.base.references import normalise
from commonweal.kernel.base.rules import is_resident
from commonweal.kernel.base.templates import long_date, moment
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.disputes import records
from commonweal.kernel.disputes.enums import Status
from commonweal.kernel.disputes.errors import DisputeNotFound, NobodyKeepsIt, RecordGone
from commonweal.kernel.disputes.loading import corrections_of
from commonweal.kernel.disputes.models import Dispute
from commonweal.kernel.disputes.rules import allows, visible
from commonweal.kernel.disputes.types import Corrections, Objection, Record, Written
from commonweal.kernel.people import queries as people
from commonweal.kernel.people.types import KnownFact

MAX_ROWS = 100
TONES = {Status.OPEN: "info", Status.ACCEPTED: "success", Status.REFUSED: "neutral"}
_LATEST = 25
_latest_of = Prepared(
    lambda: Dispute.objects.filter(subject=Given("subject")).order_by("-raised_at", "-id")[:_LATEST]
)


def corrections() -> Corrections:
    """Return who puts records right.

    Raises:
        NobodyKeepsIt: The jurisdiction does not say.
    """
    found = corrections_of(root())
    if found is None:
        raise NobodyKeepsIt
    return found


def keeper_of(text: str) -> str | None:
    """Return the key of the team that puts a record right; None where nobody does."""
    found, record = corrections_of(root()), Record.read(text)
    if found is None or record is None:
        return None
    return (found.facts if record.kind == "fact" else found.registers).get(record.name)


def disputable(records_shown: Iterable[tuple[str, str]]) -> list[str]:
    """Return the keys of those questions whose record somebody puts right.

    Args:
        records_shown: Key of a question, and the record that its value comes from.
    """
    return [key for key, record in records_shown if record and keeper_of(record) is not None]


def objection(language: str) -> Objection:
    """Return what somebody can do where a correction is refused, in a language."""
    say = wordings(root(), language)
    appeal = corrections().appeal
    return appeal.model_copy(update={"text": say.get(appeal.text, appeal.text)})


def dispute_for(reference: str, *, actor: Actor) -> Dispute:
    """Return a dispute that an actor may see.

    Args:
        reference: As somebody typed it.
        actor: Who asks.

    Raises:
        DisputeNotFound: There is none with this reference, or the actor may not see it.
    """
    stored = normalise(reference)
    found = Dispute.objects.filter(reference=stored).order_by().first() if stored else None
    if found is None or not allows(actor, found):
        raise DisputeNotFound
    return found


def dispute_of_stream(stream: str) -> Dispute | None:
    """Return the dispute whose ledger stream this is; None where it is gone, or the stream is another's."""
    kind, _colon, text = stream.partition(":")
    try:
        found = UUID(text)
    except ValueError:
        return None
    return Dispute.objects.filter(pk=found).order_by().first() if kind == "dispute" else None


def latest_disputes(actor: Actor) -> list[Dispute]:
    """Return the latest 25 disputes of a resident, the newest first."""
    if is_resident(actor) and len(actor.person_ids) == 1:
        return _latest_of.all(subject=actor.person_ids[0])
    return list(visible(Dispute.objects.all(), actor).order_by("-raised_at", "-id")[:_LATEST])


def latest_asked(subject: UUID) -> Question:
    """Return what :func:`latest_disputes` asks, to be asked together with others."""
    return _latest_of.given(subject=subject)


def open_disputes(
    actor: Actor, *, mine: bool = False, after: tuple[date, UUID] | None = None, limit: int = 25
) -> tuple[list[Dispute], bool]:
    """Return a stretch of the open disputes of an officer's teams, the most urgent first, and whether there are more.

    Args:
        actor: The officer.
        mine: Only those which the officer has.
        after: Last day and id of the last one of the stretch before.
        limit: At most 100.
    """
    limit = max(1, min(limit, MAX_ROWS))
    rows = visible(Dispute.objects.all(), actor).filter(answered_at=None)
    if mine:
        rows = rows.filter(worker=UUID(actor.id))
    if after is not None:
        rows = rows.filter(Behind(Dispute, due_on=after[0], id=after[1]))
    found = list(rows.order_by("due_on", "id")[: limit + 1])
    return found[:limit], len(found) > limit


def written_out(dispute: Dispute) -> Written | None:
    """Return what the record says now as fields for an officer; None where it is not there any more."""
    record = Record.read(dispute.record)
    assert record is not None
    try:
        value = records.value_of(record, dispute.subject_id, dispute.reference)
    except RecordGone:
        return None
    return records.written(record, value, json.loads(dispute.claimed_answer))


def lines_now(dispute: Dispute) -> tuple[str, ...]:
    """Return what the record says now, in words; nothing where it is not there any more."""
    record = Record.read(dispute.record)
    assert record is not None
    try:
        return records.lines_of(record, records.value_of(record, dispute.subject_id, dispute.reference))
    except RecordGone:
        return ()


def label_of(dispute: Dispute, language: str) -> str:
    """Return what the value is called, in a language."""
    if dispute.version_id is None:
        record = Record.read(dispute.record)
        return people.fact_label(record.name) if record else dispute.label
    return catalogue.compiled(dispute.version_id).translator(language)(dispute.label)


def fact_held(person_id: UUID, key: str) -> KnownFact:
    """Return what is held about a person under a key that some team puts right.

    Raises:
        NobodyKeepsIt: No team does.
        RecordGone: Nothing is held.
    """
    if keeper_of(f"fact:{key}") is None:
        raise NobodyKeepsIt
    found = people.facts_about(person_id).get(key)
    if found is None:
        raise RecordGone(reference="")
    return found


def facts_to_correct() -> list[str]:
    """Return the keys of the facts about a person that some team puts right."""
    found = corrections_of(root())
    return sorted(found.facts) if found is not None else []


def dispute_card(dispute: Dispute, language: str) -> dict[str, Any]:
    """Return a dispute for a list of cards."""
    status = Status(dispute.status)
    label = label_of(dispute, language)
    if dispute.answered_at is None:
        meta = _("You get an answer by %(day)s.") % {"day": long_date(dispute.due_on)}
    else:
        meta = _("Answered on %(time)s") % {"time": moment(dispute.answered_at)}
    return {
        "title": _("Wrong in our records: %(label)s") % {"label": label},
        "href": reverse("disputes:own", kwargs={"reference": dispute.reference}),
        "tag": status.label,
        "tone": TONES[status],
        "meta": meta,
    }


def disputes_of(persons: Iterable[UUID]) -> QuerySet[Dispute]:
    """Return every dispute of these records of one person, the newest first."""
    return Dispute.objects.filter(subject__in=list(persons)).order_by("-raised_at", "-id")


def value_now(dispute: Dispute) -> Any:
    """Return what the record says now.

    Raises:
        RecordGone: It is not there any more.
    """
    record = Record.read(dispute.record)
    assert record is not None
    return records.value_of(record, dispute.subject_id, dispute.reference)
