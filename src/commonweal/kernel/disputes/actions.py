"""Everything that changes disputes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, BinaryIO
from uuid import UUID

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import CommonwealError, Forbidden
from commonweal.kernel.base.fields import new_id
from commonweal.kernel.base.free_text import readable
from commonweal.kernel.base.personal import must_not_be_held
from commonweal.kernel.base.transactions import Transaction, action
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.consent.actions import erase_stream
from commonweal.kernel.disputes import queries, records
from commonweal.kernel.disputes.enums import Status
from commonweal.kernel.disputes.errors import (
    AlreadyDisputed,
    DisputeAnswered,
    DisputeMovedOn,
    DisputeNotFound,
    DisputeTaken,
    NobodyKeepsIt,
    ReportInvalid,
)
from commonweal.kernel.disputes.models import Dispute
from commonweal.kernel.disputes.rules import answers
from commonweal.kernel.disputes.types import Record
from commonweal.kernel.files.actions import delete_files, hand_over, store_file
from commonweal.kernel.files.errors import FileEmpty, FileTooLarge, FileTypeRefused
from commonweal.kernel.forms import actions as forms
from commonweal.kernel.forms import queries as sheets
from commonweal.kernel.ledger.actions import record as note
from commonweal.kernel.mailbox import actions as mailbox
from commonweal.kernel.people import queries as people
from commonweal.kernel.places import queries as places

PURPOSE = "Shows that a record is wrong."
MOST_FILES = 3
MOST_BYTES = 10 * 1024**2
ORPHANS_KEPT = timedelta(days=1)
"""How long a file is kept whose report was never stored: where the machine stops in between."""

_LONGEST = 5_000


@dataclass(frozen=True, slots=True)
class Proof:
    """A file that shows what is right.

    Attributes:
        name: As its sender called it.
        content: Its bytes, or something to read them from.
    """

    name: str
    content: bytes | BinaryIO | File[bytes]


def raise_dispute(
    sheet_id: UUID,
    question: str,
    raw: Mapping[str, Any],
    *,
    claimed: str = "",
    reason: str,
    proofs: Sequence[Proof] = (),
    revision: int,
    by: Actor,
    at: datetime,
) -> Dispute:
    """Say that what a record gave as an answer is wrong, and answer with what is right.

    The application goes on with the person's own answer, and keeps both; the team that keeps the record is asked to
    put it right.

    Args:
        sheet_id: The form in which the value was shown; the row is locked until the transaction ends.
        question: Key of the question.
        raw: The right answer, as for a page of the form.
        claimed: The same in words, where the question is a repeating group: its list is changed on its own page.
        reason: Why it is wrong.
        proofs: At most three files.
        revision: Of the sheet, as the page showed it.
        by: The person, or an officer who fills in for them.
        at: When.

    Raises:
        AnswersInvalid: The answer cannot be accepted, or is what the record says.
        ReportInvalid: The reason is missing, or a file cannot be taken.
        AlreadyDisputed: The same record is being looked into already.
        NobodyKeepsIt: No team puts such a record right.
        PageNotFound: No record gives an answer to this question.
        SheetMoved, SheetNotFound, SheetExpired, SheetSubmitted: As for any change of a form.
    """
    dispute_id = new_id()
    sheet = sheets.open_sheet(sheet_id, by=by, at=at)
    held = sheets.known_answer(sheet, question, "", at=at)
    team_key = queries.keeper_of(held.provenance.record)
    if team_key is None or sheet.owner_id is None:
        raise NobodyKeepsIt
    clean = _accepted(reason, "reason")
    claimed = "" if held.question is not None else _accepted(claimed, "claimed")
    stored = _store(proofs, dispute_id, sheet.owner_id, by=by, at=at)
    try:
        with Transaction():
            answer = None
            if held.question is not None:
                answer = forms.contradict(sheet_id, question, raw, revision=revision, by=by, at=at)
                claimed = "\n".join(sheets.in_words(sheet, question, answer))
            dispute = Dispute(
                pk=dispute_id,
                subject_id=sheet.owner_id,
                record=held.provenance.record,
                label=held.label[:300],
                service_key=sheet.service_key,
                version_id=sheet.version_id,
                sheet_id=sheet_id,
                held="\n".join(held.lines),
                claimed=claimed,
                claimed_answer=json.dumps(answer),
                reason=clean,
                source=held.provenance.source,
                legal_basis=held.provenance.legal_basis[:300],
                observed_at=held.provenance.observed_at,
                raised_at=at,
            )
            _begin(dispute, team_key, stored, by=by)
    except CommonwealError:
        delete_files(stored, reason="refused", by=by, at=at)
        raise
    return dispute


def report_fact(
    key: str, *, claimed: str, reason: str, proofs: Sequence[Proof] = (), by: Actor, at: datetime
) -> Dispute:
    """Say that something we hold about a person is wrong, without any application.

    Args:
        key: Of the fact.
        claimed: What is right, in words.
        reason: Why it is wrong.
        proofs: At most three files.
        by: The person.
        at: When.

    Raises:
        ReportInvalid: A text is missing or too long, or a file cannot be taken.
        AlreadyDisputed: The same record is being looked into already.
        NobodyKeepsIt: No team puts such a record right.
        RecordGone: Nothing is held under this key.
        Forbidden: Nobody has signed in as a resident.
    """
    if by.kind is not ActorKind.RESIDENT:
        raise Forbidden
    person_id, record = by.person_ids[0], f"fact:{key}"
    team_key = queries.keeper_of(record)
    if team_key is None:
        raise NobodyKeepsIt
    fact = queries.fact_held(person_id, key)
    problems: dict[str, str] = {}
    texts: dict[str, str] = {}
    for field, text in (("claimed", claimed), ("reason", reason)):
        try:
            texts[field] = _accepted(text, field)
        except ReportInvalid as wrong:
            problems |= wrong.fields
    if problems:
        raise ReportInvalid(problems)
    dispute_id = new_id()
    stored = _store(proofs, dispute_id, person_id, by=by, at=at)
    dispute = Dispute(
        pk=dispute_id,
        subject_id=person_id,
        record=record,
        label=people.fact_label(key)[:300],
        held="\n".join(people.fact_lines(key, fact.value)),
        claimed=texts["claimed"],
        claimed_answer=json.dumps(None),
        reason=texts["reason"],
        source=fact.source,
        legal_basis=fact.legal_basis[:300],
        observed_at=fact.observed_at,
        raised_at=at,
    )
    try:
        with Transaction():
            _begin(dispute, team_key, stored, by=by)
    except CommonwealError:
        delete_files(stored, reason="refused", by=by, at=at)
        raise
    return dispute


def _begin(dispute: Dispute, team_key: str, files: Sequence[UUID], *, by: Actor) -> None:
    """Store a new dispute with the team that keeps its record."""
    team, found = people.team(team_key), queries.corrections()
    dispute.agency, dispute.team = team.agency, team
    dispute.record_hash = _hash(dispute.record)
    dispute.due_on = places.add_working_days(clock.local(dispute.raised_at).date(), found.working_days)
    _must_be_new(dispute)
    _save_new(dispute)
    if files:
        hand_over(
            dispute.stream,
            to=dispute.stream,
            subject=dispute.subject_id,
            by=by,
            at=dispute.raised_at,
            retention=dict.fromkeys(files),
        )
    note(
        "disputes.raised",
        stream=dispute.stream,
        subject=dispute.subject_id,
        by=by,
        at=dispute.raised_at,
        reference=dispute.reference,
        team=team_key,
        record=dispute.record,
        files=len(files),
    )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _must_be_new(dispute: Dispute) -> None:
    before = Dispute.objects.filter(
        subject=dispute.subject_id, record_hash=dispute.record_hash, answered_at=None
    )
    found = before.order_by("id").first()
    if found is not None:
        raise AlreadyDisputed(reference=found.reference)


def _save_new(dispute: Dispute) -> None:
    """Save a new dispute; of two that come at once, one is refused."""
    try:
        with transaction.atomic():
            dispute.save(force_insert=True)
    except IntegrityError:
        _must_be_new(dispute)
        raise


def _store(
    proofs: Sequence[Proof], dispute_id: UUID, subject: UUID, *, by: Actor, at: datetime
) -> list[UUID]:
    """Keep the files that came with a report; of one that is refused, none is kept."""
    if len(proofs) > MOST_FILES:
        raise ReportInvalid({"proof": _("Hand in at most three files.")})
    stored: list[UUID] = []
    for proof in proofs:
        try:
            stored.append(
                store_file(
                    proof.content,
                    name=proof.name,
                    stream=f"dispute:{dispute_id}",
                    subject=subject,
                    purpose=PURPOSE,
                    retention_on=clock.local(at).date() + ORPHANS_KEPT,
                    max_bytes=MOST_BYTES,
                    by=by,
                    at=at,
                )
            )
        except (FileTooLarge, FileEmpty, FileTypeRefused) as refusal:
            delete_files(stored, reason="refused", by=by, at=at)
            raise ReportInvalid({"proof": f"{proof.name}: {refusal}"}) from refusal
    return stored


def _accepted(text: str, field: str, *, limit: int = _LONGEST) -> str:
    """Return text without invisible characters and outer blanks.

    Raises:
        ReportInvalid: It is empty or too long.
    """
    clean = readable(text)
    if not clean:
        raise ReportInvalid({field: _("Write something here.")})
    if len(clean) > limit:
        message = _("This is too long: %(length)s characters. Write at most %(limit)s.")
        raise ReportInvalid({field: message % {"length": len(clean), "limit": limit}})
    return clean


def _locked(dispute_id: UUID, *, by: Actor, revision: int | None = None) -> Dispute:
    """Return an open dispute that an officer answers, its row locked until the transaction ends.

    Raises:
        DisputeNotFound: There is none, or it is another team's.
        DisputeAnswered: It has been answered.
        DisputeMovedOn: It has changed since ``revision``.
    """
    found = Dispute.objects.select_for_update().filter(pk=dispute_id).order_by().first()
    if found is None or not answers(by, found):
        raise DisputeNotFound
    if not found.is_open:
        raise DisputeAnswered(reference=found.reference)
    if revision is not None and found.revision != revision:
        raise DisputeMovedOn(reference=found.reference)
    return found


@action
def claim_dispute(dispute_id: UUID, *, by: Actor, at: datetime) -> Dispute:
    """Take a dispute for oneself. Claiming one's own changes nothing.

    Raises:
        DisputeNotFound: There is none, or it is another team's.
        DisputeAnswered: It has been answered.
        DisputeTaken: Somebody else has it.
    """
    dispute = _locked(dispute_id, by=by)
    if str(dispute.worker_id) == by.id:
        return dispute
    if dispute.worker_id is not None:
        raise DisputeTaken(reference=dispute.reference)
    dispute.worker_id = UUID(by.id)
    _save(dispute, "worker")
    _note("disputes.claimed", dispute, by, at)
    return dispute


@action
def release_dispute(dispute_id: UUID, *, by: Actor, at: datetime) -> Dispute:
    """Put a dispute back into the queue. Releasing one that nobody has changes nothing.

    Raises:
        DisputeNotFound: There is none, or it is another team's.
        DisputeAnswered: It has been answered.
        DisputeTaken: Somebody else has it.
    """
    dispute = _locked(dispute_id, by=by)
    if dispute.worker_id is None:
        return dispute
    _must_be_own(dispute, by)
    dispute.worker_id = None
    _save(dispute, "worker")
    _note("disputes.released", dispute, by, at)
    return dispute


def _must_be_own(dispute: Dispute, by: Actor) -> None:
    if dispute.worker_id is not None and str(dispute.worker_id) != by.id:
        raise DisputeTaken(reference=dispute.reference)


@action
def accept_dispute(
    dispute_id: UUID, typed: Mapping[str, Any], *, revision: int, by: Actor, at: datetime
) -> Dispute:
    """Put the record right, and tell the person by letter.

    Args:
        dispute_id: The row is locked until the transaction ends.
        typed: What the record shall say, by the fields of :func:`~commonweal.kernel.disputes.queries.written_out`.
        revision: What the page showed; of two officers who answer at once, one wins.
        by: An officer of the team.
        at: When.

    Raises:
        DisputeNotFound: There is none, or it is another team's.
        DisputeAnswered: It has been answered.
        DisputeMovedOn: It has changed since ``revision``.
        DisputeTaken: Another officer has it.
        RecordGone: The record is not there any more.
        ReportInvalid: The record does not take the value, or says it already.
    """
    dispute = _locked(dispute_id, by=by, revision=revision)
    _must_be_own(dispute, by)
    record = Record.read(dispute.record)
    assert record is not None
    before = records.value_of(record, dispute.subject_id, dispute.reference)
    value = records.read_back(records.written(record, before, None), typed)
    if value == before:
        raise ReportInvalid({records.VALUE: _("The register says this already. Enter what is right.")})
    records.put_right(
        record,
        dispute.subject_id,
        value,
        source=dispute.source,
        legal_basis=dispute.legal_basis,
        reference=dispute.reference,
        by=by,
        at=at,
    )
    card = people.person_card(dispute.subject_id)
    with translation.override(card.language):
        dispute.corrected = "\n".join(records.lines_of(record, value)) or str(value)
        title, text = _letter_of_correction(dispute, card.language)
    _answer(dispute, Status.ACCEPTED, by=by, at=at)
    _send(dispute, title, text, by=by, at=at)
    _note("disputes.accepted", dispute, by, at, record=dispute.record, value=value)
    return dispute


@action
def refuse_dispute(
    dispute_id: UUID, *, reasons: str, legal_ground: str, revision: int, by: Actor, at: datetime
) -> Dispute:
    """Leave the record as it is, and tell the person why by letter, and how to object.

    Args:
        dispute_id: The row is locked until the transaction ends.
        reasons: As the person will read them.
        legal_ground: The rule that this rests on.
        revision: What the page showed.
        by: An officer of the team.
        at: When.

    Raises:
        DisputeNotFound: There is none, or it is another team's.
        DisputeAnswered: It has been answered.
        DisputeMovedOn: It has changed since ``revision``.
        DisputeTaken: Another officer has it.
        ReportInvalid: Reasons or legal ground are missing or too long.
    """
    clean, ground = _accepted(reasons, "reasons"), _accepted(legal_ground, "legal_ground", limit=300)
    dispute = _locked(dispute_id, by=by, revision=revision)
    _must_be_own(dispute, by)
    dispute.reasons, dispute.legal_ground = clean, ground
    _answer(dispute, Status.REFUSED, by=by, at=at)
    card = people.person_card(dispute.subject_id)
    with translation.override(card.language):
        title, text = _letter_of_refusal(dispute, card.language)
    _send(dispute, title, text, by=by, at=at)
    _note("disputes.refused", dispute, by, at, legal_ground=ground)
    return dispute


def _answer(dispute: Dispute, status: Status, *, by: Actor, at: datetime) -> None:
    today = clock.local(at).date()
    years = queries.corrections().kept_years
    day = today.replace(day=28) if (today.month, today.day) == (2, 29) else today
    dispute.status, dispute.answered_at, dispute.worker_id = status, at, UUID(by.id)
    dispute.dispose_on = day.replace(year=day.year + years)
    _save(
        dispute,
        "status",
        "answered_at",
        "worker",
        "dispose_on",
        "corrected",
        "reasons",
        "legal_ground",
    )


def _save(dispute: Dispute, *fields: str) -> None:
    dispute.revision += 1
    dispute.save(update_fields=[*fields, "revision"])


def _note(type_: str, dispute: Dispute, by: Actor, at: datetime, **payload: Any) -> None:
    note(type_, stream=dispute.stream, subject=dispute.subject_id, by=by, at=at, **payload)


def _letter_of_correction(dispute: Dispute, language: str) -> tuple[str, str]:
    paragraphs = (
        _(
            "You told us that something we hold about you is wrong. You were right to say so: we have put it right."
        ),
        _("What it is about: %(label)s") % {"label": queries.label_of(dispute, language)},
        _("It said: %(value)s") % {"value": _one_line(dispute.held)},
        _("It says now: %(value)s") % {"value": _one_line(dispute.corrected)},
        _("From now on every office that asks this register gets the new value. You need do nothing."),
    )
    return _("We have put your record right"), "\n\n".join(paragraphs)


def _letter_of_refusal(dispute: Dispute, language: str) -> tuple[str, str]:
    objection = queries.objection(language)
    keeps_both = _("Your application keeps both values, and whoever decides it sees both.")
    paragraphs = (
        _(
            "You told us that something we hold about you is wrong. We have looked into it and have not changed it."
        ),
        _("What it is about: %(label)s") % {"label": queries.label_of(dispute, language)},
        _("It says: %(value)s") % {"value": _one_line(dispute.held)},
        _("You say: %(value)s") % {"value": _one_line(dispute.claimed)},
        _("Why we have not changed it: %(reasons)s") % {"reasons": dispute.reasons},
        _("Legal ground: %(ground)s") % {"ground": dispute.legal_ground},
        *([keeps_both] if dispute.claimed_answer != json.dumps(None) else []),
        f"{objection.text} ({objection.legal_basis})",
    )
    return _("We have not changed your record"), "\n\n".join(paragraphs)


def _one_line(text: str) -> str:
    return ", ".join(line for line in text.splitlines() if line.strip()) or _("left blank")


def _send(dispute: Dispute, title: str, text: str, *, by: Actor, at: datetime) -> None:
    mailbox.write(
        dispute.subject_id,
        dispute,
        title=title,
        text=text,
        by=by,
        at=at,
        unique_key=f"disputes.answer:{dispute.pk}",
    )


@action
def dispose(dispute_id: UUID, *, by: Actor, at: datetime) -> None:
    """Destroy an answered dispute with its letters and files. Doing it again changes nothing.

    Raises:
        UnderHold: A hold forbids it.
    """
    dispute = Dispute.objects.select_for_update().filter(pk=dispute_id).order_by().first()
    if dispute is None:
        return
    stream = dispute.stream
    must_not_be_held(subjects=[dispute.subject_id], streams=[stream])
    note("disputes.disposed", stream=stream, by=by, at=at, reference=dispute.reference)
    dispute.delete()
    erase_stream(stream, by=by, at=at)


__all__ = [
    "Proof",
    "accept_dispute",
    "claim_dispute",
    "dispose",
    "raise_dispute",
    "refuse_dispute",
    "release_dispute",
]
