"""Evidence on its way to an officer who asked for it: handed in, taken back, and reminded of."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import BinaryIO
from uuid import UUID

from django.core.files.base import File
from django.utils.translation import gettext as _

from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import CommonwealError, Invalid, NotFound
from commonweal.kernel.base.rules import is_resident
from commonweal.kernel.base.transactions import Transaction, action
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases import evidence
from commonweal.kernel.cases.deciding import applicant_card
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.cases.errors import CaseNotFound, NothingAsked
from commonweal.kernel.cases.flow import lock
from commonweal.kernel.cases.models import Case, Inquiry
from commonweal.kernel.cases.rules import allows
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.files.actions import delete_files, hand_over, store_file
from commonweal.kernel.files.errors import FileEmpty, FileTooLarge, FileTypeRefused
from commonweal.kernel.files.queries import readable_name
from commonweal.kernel.ledger.actions import record
from commonweal.kernel.mailbox import actions as mailbox

PURPOSE = "Evidence that an officer asked for."
ORPHANS_KEPT = timedelta(days=1)
"""How long a file is kept that no piece names: where the machine stops between storing it and noting it."""


def _lock_asked(case_id: UUID, number: int, *, by: Actor) -> tuple[Case, Inquiry]:
    """Return a case of the applicant and its open question, both locked; the question has a piece of this number."""
    case = lock(case_id)
    if not is_resident(by) or not allows(by, case):
        raise CaseNotFound
    open_ones = Inquiry.objects.select_for_update().filter(case=case, answered_at=None)
    inquiry = open_ones.order_by("id").first()
    if inquiry is None or case.status != Status.ASKED:
        raise NothingAsked(reference=case.reference)
    if not 0 <= number < len(inquiry.pieces):
        raise NotFound
    return case, inquiry


def hand_in_evidence(
    case_id: UUID,
    number: int,
    content: bytes | BinaryIO | File[bytes],
    *,
    name: str,
    by: Actor,
    at: datetime,
) -> UUID:
    """Hand in a file for a piece of evidence that an officer asked for; the question stays open until it is answered.

    Args:
        case_id: The case.
        number: Of the piece, from 0.
        content: The bytes.
        name: As the sender calls it.
        by: The applicant.
        at: When.

    Returns:
        The file's id.

    Raises:
        CaseNotFound: There is none, or it is not the actor's.
        CaseClosed: It has been answered.
        NothingAsked: No question is open.
        NotFound: The question has no such piece.
        Invalid: The file is too large, empty, of a kind that we do not take, or one too many.
    """
    field = f"piece-{number}"
    with Transaction():
        case, inquiry = _lock_asked(case_id, number, by=by)
        _must_have_room(inquiry, number)
    try:
        file_id = store_file(
            content,
            name=name,
            stream=case.stream,
            subject=case.applicant_id,
            purpose=PURPOSE,
            retention_on=clock.local(at).date() + ORPHANS_KEPT,
            by=by,
            at=at,
        )
    except (FileTooLarge, FileEmpty, FileTypeRefused) as refusal:
        shown = f"\N{FIRST STRONG ISOLATE}{readable_name(name)}\N{POP DIRECTIONAL ISOLATE}"
        raise Invalid({field: f"{shown}: {refusal} {refusal.next_step}"}) from refusal
    try:
        with Transaction():
            case, inquiry = _lock_asked(case_id, number, by=by)
            _must_have_room(inquiry, number)
            inquiry.pieces[number]["files"].append(str(file_id))
            inquiry.save(update_fields=["pieces"])
            hand_over(
                case.stream,
                to=case.stream,
                subject=case.applicant_id,
                by=by,
                at=at,
                retention={file_id: None},
            )
            record(
                "cases.evidence_handed_in",
                stream=case.stream,
                subject=case.applicant_id,
                by=by,
                at=at,
                inquiry=inquiry.pk,
                piece=number,
                file=file_id,
            )
    except CommonwealError:
        delete_files([file_id], reason="refused", by=by, at=at)
        raise
    return file_id


def _must_have_room(inquiry: Inquiry, number: int) -> None:
    if len(inquiry.pieces[number]["files"]) >= evidence.MOST_FILES:
        message = _("Hand in at most %(most)d files here.")
        raise Invalid({f"piece-{number}": message % {"most": evidence.MOST_FILES}})


@action
def take_back_evidence(case_id: UUID, number: int, file_id: UUID, *, by: Actor, at: datetime) -> None:
    """Take back a file before the answer is sent; its bytes are deleted. Doing it again changes nothing.

    Raises:
        CaseNotFound: There is none, or it is not the actor's.
        CaseClosed: It has been answered.
        NothingAsked: No question is open.
        NotFound: The question has no such piece.
        FileHeld: A hold on the file forbids it.
    """
    case, inquiry = _lock_asked(case_id, number, by=by)
    files = inquiry.pieces[number]["files"]
    if str(file_id) not in files:
        return
    files.remove(str(file_id))
    inquiry.save(update_fields=["pieces"])
    record(
        "cases.evidence_taken_back",
        stream=case.stream,
        subject=case.applicant_id,
        by=by,
        at=at,
        inquiry=inquiry.pk,
        piece=number,
        file=file_id,
    )
    delete_files([file_id], reason="taken back", by=by, at=at)


@action
def remind(case_id: UUID, *, on: date, by: Actor, at: datetime) -> bool:
    """Remind an applicant of a question that is open, once; False if there is nothing to do.

    Args:
        case_id: The row is locked until the transaction ends.
        on: The day; that of the reminder has come, and the last day for the answer is not over.
        by: Who noticed; named in the ledger.
        at: When.
    """
    rows = Case.objects.select_for_update().filter(pk=case_id, status=Status.ASKED)
    case = rows.order_by("id").first()
    open_ones = Inquiry.objects.filter(
        case=case_id, answered_at=None, remind_on__lte=on, answer_due_on__gte=on
    )
    inquiry = open_ones.order_by("id").first()
    if case is None or inquiry is None:
        return False
    inquiry.remind_on = None
    inquiry.save(update_fields=["remind_on"])
    record("cases.reminded", stream=case.stream, subject=case.applicant_id, by=by, at=at, inquiry=inquiry.pk)
    write_letter(case, inquiry, is_reminder=True, by=by, at=at)
    return True


def write_letter(case: Case, inquiry: Inquiry, *, is_reminder: bool = False, by: Actor, at: datetime) -> None:
    """Put the letter that asks, or reminds, into the applicant's mailbox; an e-mail says that it is there."""
    card = applicant_card(case, at=at)
    service = catalogue.compiled(case.version_id)
    title, text = evidence.letter(case, inquiry, service, card.language, is_reminder=is_reminder)
    mailbox.write(
        case.applicant_id,
        case,
        title=title,
        text=text,
        by=by,
        at=at,
        unique_key=f"cases.{'reminded' if is_reminder else 'asked'}:{inquiry.pk}",
        card=card,
    )


__all__ = ["hand_in_evidence", "remind", "take_back_evidence"]
