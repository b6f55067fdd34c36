"""Everything that changes forms on paper."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import BinaryIO
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.files.base import File
from django.utils.translation import gettext as _

from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import CommonwealError, Forbidden, Invalid
from commonweal.kernel.base.fields import new_id
from commonweal.kernel.base.free_text import readable
from commonweal.kernel.base.jurisdiction import current
from commonweal.kernel.base.templates import long_date
from commonweal.kernel.base.transactions import Transaction, action
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.cases.queries import Limit
from commonweal.kernel.catalogue.queries import compiled, version_with_hash
from commonweal.kernel.counter.actions import begin_on_paper
from commonweal.kernel.files.actions import delete_files, hand_over, store_file
from commonweal.kernel.forms.errors import SheetExpired, SheetNotFound
from commonweal.kernel.forms.queries import open_sheet
from commonweal.kernel.ledger.actions import record
from commonweal.kernel.mailbox.actions import write
from commonweal.kernel.mailbox.types import Matter
from commonweal.kernel.paper import rules
from commonweal.kernel.paper.codes import hash_start, new_code, read_code
from commonweal.kernel.paper.errors import (
    CodeMisread,
    CodeUnknown,
    LimitPassed,
    ReceivedTooLongAgo,
    ScanClosed,
    ScanNotFound,
)
from commonweal.kernel.paper.models import Copy, Scan
from commonweal.kernel.paper.queries import look_at, oldest_day, passed_limit
from commonweal.kernel.people.queries import person_card

KEPT_DAYS = 90
"""How long a scan is kept that nobody types in."""

SAME_COPY = timedelta(minutes=10)
OLDEST = timedelta(days=366)
TAKEN = frozenset({"application/pdf", "image/jpeg", "image/png"})
PURPOSE = "To type in a form that came on paper, and to show what was written."
_LONGEST = 4_000


@action
def print_draft(sheet_id: UUID, language: str, *, by: Actor, at: datetime) -> Copy:
    """Note that somebody prints their own draft, so that its code leads back to it; within ten minutes it is one copy.

    Args:
        sheet_id: The draft.
        language: BCP 47; one of the service's, else its first.
        by: Its owner, or an officer who fills it in for them.
        at: When.

    Raises:
        SheetNotFound, SheetExpired: As for :func:`~commonweal.kernel.forms.queries.open_sheet`.
        ScanClosed: The draft was sent already.
        Forbidden: Nobody has signed in.
    """
    sheet = open_sheet(sheet_id, by=by, at=at)
    if sheet.owner_id is None:
        raise Forbidden
    if sheet.submitted_at is not None:
        raise ScanClosed
    service = compiled(sheet.version_id)
    spoken = language if language in service.info.languages else service.info.languages[0]
    lately = Copy.objects.filter(
        sheet_id=sheet_id, version_id=sheet.version_id, language=spoken, made_at__gt=at - SAME_COPY
    )
    before = lately.order_by("-made_at", "-id").first()
    if before is not None:
        return before
    copy = Copy.objects.create(
        code=new_code(service.hash),
        sheet_id=sheet_id,
        person_id=sheet.owner_id,
        agency=sheet.agency,
        service_key=sheet.service_key,
        version_id=sheet.version_id,
        language=spoken,
        made_at=at,
    )
    record(
        "paper.draft_printed",
        stream=copy.stream,
        subject=copy.person_id,
        by=by,
        at=at,
        code=copy.code,
        sheet=sheet_id,
        service=copy.service_key,
    )
    return copy


def take_in(
    content: bytes | BinaryIO | File[bytes],
    *,
    name: str,
    received_on: date,
    by: Actor,
    at: datetime,
    code: str = "",
) -> Scan:
    """Take in the scan of one form; its code is read where it can be.

    Args:
        content: PDF, JPEG or PNG.
        name: As the file is called.
        received_on: The day on which the paper reached us.
        by: The officer.
        at: When.
        code: As typed from the paper, where the officer has done so; else it is read from the scan.

    Raises:
        Forbidden: The officer may not take in forms.
        Invalid: The day is in the future or too long ago.
        CodeMisread, CodeUnknown: The code that was typed is wrong.
        SeveralForms: The scan holds pages of more than one form; it is not kept.
        FileTooLarge, FileEmpty, FileTypeRefused: As for :func:`~commonweal.kernel.files.actions.store_file`.
    """
    if by.kind is not ActorKind.OFFICER or not rules.may_take_in(by):
        raise Forbidden
    today = clock.local(at).date()
    if not today - OLDEST <= received_on <= today:
        raise Invalid(
            {"received_on": _("Enter the day on which it reached us: not in the future, and within a year.")}
        )
    typed = _known(code) if code.strip() else ""
    scan = Scan(
        id=new_id(),
        agency=by.agency or "",
        received_on=received_on,
        taken_in_by_id=UUID(by.id),
        taken_in_at=at,
    )
    scan.file_id = store_file(
        content,
        name=name,
        stream=scan.stream,
        subject=None,
        purpose=PURPOSE,
        retention_on=today + timedelta(days=KEPT_DAYS),
        by=by,
        at=at,
        allowed=TAKEN,
    )
    try:
        looked = look_at(scan)
        found, scan.pages = typed or looked.code, looked.pages
        with Transaction():
            _identify(scan, found)
            scan.save(force_insert=True)
            record(
                "paper.taken_in",
                stream=scan.stream,
                by=by,
                at=at,
                file=scan.file_id,
                code=found,
                is_typed=bool(typed),
                received_on=received_on.isoformat(),
            )
    except CommonwealError:
        delete_files([scan.file_id], reason="refused", by=by, at=at)
        raise
    return scan


def enter_code(scan_id: UUID, code: str, *, by: Actor, at: datetime) -> Scan:
    """Say which code stands on a form; without one, look at the scan again.

    Raises:
        ScanNotFound, ScanClosed: There is none, or nothing is left to do with it.
        CodeMisread: The code has a slip, or none was typed and none can be read.
        CodeUnknown: No version of a service has it.
        SeveralForms: As for :func:`take_in`.
    """
    typed, seen = _known(code) if code.strip() else "", look_at(_mine(scan_id, by))
    if not typed and not seen.code:
        raise CodeMisread(
            {"code": _("We could not read a code in this scan. Type it from the top of a page.")}
        )
    return _enter_code(scan_id, typed or seen.code, seen.pages, by=by, at=at)


@action
def _enter_code(scan_id: UUID, code: str, pages: int, *, by: Actor, at: datetime) -> Scan:
    scan = _mine(scan_id, by)
    scan.pages = pages
    _identify(scan, code)
    scan.save(update_fields=["pages", "code", "version", "service_key", "person", "sheet_id"])
    record("paper.code_entered", stream=scan.stream, subject=scan.person_id, by=by, at=at, code=code)
    return scan


@action
def begin(
    scan_id: UUID, person_id: UUID, *, confirmed_limit: date | None = None, by: Actor, at: datetime
) -> Scan:
    """Begin, or go on, to type in a form for the person who signed it.

    A printed draft is gone on with; of a blank form the newest version begins. It counts from the day of receipt.

    Args:
        scan_id: The row is locked until the transaction ends.
        person_id: Who applies; of a printed draft its owner counts.
        confirmed_limit: The last day for an answer, where it is over and the officer has confirmed the day of receipt
            knowing so: an application that nobody decides in time may be granted by law in the next night.
        by: The officer.
        at: When.

    Raises:
        ScanNotFound, ScanClosed, CodeMisread: There is none, it is done with, or its code is not known yet.
        ReceivedTooLongAgo: The service takes forms of that day only from a supervisor.
        LimitPassed: The time for an answer is over, and nobody has confirmed the day.
        ChannelNotOffered, ServiceNotFound, ServiceSuspended: The service takes no forms on paper, or none now.
        SheetSubmitted: The draft was sent on a screen already.
    """
    scan = _mine(scan_id, by)
    if not scan.code:
        raise CodeMisread({"code": str(CodeMisread.message)})
    late = _look_at_day(scan, confirmed_limit, by=by, today=clock.local(at).date())
    copy = Copy.objects.filter(code=scan.code).order_by("id").first()
    owner = scan.person_id or (copy.person_id if copy else person_id)
    sheet_id = scan.sheet_id or (copy.sheet_id if copy else None)
    received_at = _received_at(scan.received_on, at)
    if sheet_id is not None:
        sheet_id = _still_there(sheet_id, owner, by=by, at=at)
    help_given = begin_on_paper(
        owner, scan.service_key, sheet_id=sheet_id, received_at=received_at, by=by, at=at
    )
    scan.person_id, scan.sheet_id = owner, help_given.sheet_id
    scan.save(update_fields=["person", "sheet_id"])
    record(
        "paper.begun",
        stream=scan.stream,
        subject=owner,
        by=by,
        at=at,
        sheet=scan.sheet_id,
        is_draft=copy is not None,
        received_on=scan.received_on.isoformat(),
        limit_passed_on=late.due_on.isoformat() if late else None,
        is_granted_by_silence=bool(late and late.grants),
    )
    return scan


def _look_at_day(scan: Scan, confirmed: date | None, *, by: Actor, today: date) -> Limit | None:
    """Return the limit for an answer where it is over, and the officer knows; the day of receipt is one that they may use."""
    oldest = oldest_day(scan, today=today)
    if oldest is not None and scan.received_on < oldest and not rules.may_take_in_late(by):
        raise ReceivedTooLongAgo(received_on=long_date(scan.received_on), oldest=long_date(oldest))
    late = passed_limit(scan, today=today)
    if late is not None and late.due_on != confirmed:
        raise LimitPassed({"limit": str(LimitPassed.message)})
    return late


@action
def ask_by_letter(scan_id: UUID, text: str, *, by: Actor, at: datetime) -> None:
    """Ask the person who signed by letter for what is missing or cannot be read; the scan waits.

    Raises:
        ScanNotFound, ScanClosed: There is none, or nothing is left to do with it.
        Invalid: Nobody is known yet to write to, or the text is empty or too long.
    """
    scan = _mine(scan_id, by)
    words = readable(text)
    if scan.person_id is None or scan.version_id is None:
        raise Invalid({"text": _("First say who applies.")})
    if not words or len(words) > _LONGEST:
        raise Invalid({"text": _("Write what you ask, in at most 4,000 characters.")})
    service = compiled(scan.version_id)
    card = person_card(scan.person_id)
    write(
        scan.person_id,
        Matter(scan.stream, service.info.agency, scan.service_key, scan.version_id, ""),
        title=_("Your form on paper: %(service)s")
        % {"service": service.translator(card.language)(service.info.name)},
        text=words,
        by=by,
        at=at,
        unique_key=f"paper.asked:{scan.pk}:{at.isoformat()}",
    )
    record("paper.asked", stream=scan.stream, subject=scan.person_id, by=by, at=at, text=words)


@action
def discard(scan_id: UUID, *, by: Actor, at: datetime) -> None:
    """Throw away a scan that was taken in by mistake; its file is deleted. Doing it again changes nothing.

    Raises:
        ScanNotFound, ScanClosed: There is none, or it lies with its case.
    """
    scan = _locked(scan_id, by)
    if scan.discarded_at is not None:
        return
    if scan.sent_at is not None:
        raise ScanClosed
    scan.discarded_at = at
    scan.save(update_fields=["discarded_at"])
    delete_files([scan.file_id], reason="taken in by mistake", by=by, at=at)
    record("paper.discarded", stream=scan.stream, subject=scan.person_id, by=by, at=at)


@action
def keep_as_evidence(sheet_id: UUID, *, to: str, subject: UUID, by: Actor, at: datetime) -> None:
    """Let the scans of a form that was sent belong to its case, for as long as it is kept. Repeating changes nothing.

    Args:
        sheet_id: The form.
        to: The case's stream.
        subject: The applicant.
        by: Who does so.
        at: When.
    """
    for scan in Scan.objects.select_for_update().filter(sheet_id=sheet_id, sent_at=None).order_by("id"):
        hand_over(scan.stream, to=to, subject=subject, by=by, at=at, retention={scan.file_id: None})
        scan.sent_at = at
        scan.save(update_fields=["sent_at"])
        record("paper.kept", stream=scan.stream, subject=subject, by=by, at=at, file=scan.file_id, to=to)


def _known(typed: str) -> str:
    """Return a code that was typed, checked.

    Raises:
        CodeMisread: It has a slip.
        CodeUnknown: No version has it.
    """
    code = read_code(typed[:40])
    if code is None:
        raise CodeMisread({"code": str(CodeMisread.message)})
    if version_with_hash(hash_start(code)) is None:
        raise CodeUnknown({"code": str(CodeUnknown.message)})
    return code


def _identify(scan: Scan, code: str) -> None:
    """Note on a scan what its code says; what was known of it by another code is forgotten."""
    if not code or code == scan.code:
        return
    version = version_with_hash(hash_start(code))
    if version is None:
        raise CodeUnknown({"code": str(CodeUnknown.message)})
    copy = Copy.objects.filter(code=code).order_by("id").first()
    scan.code, scan.version_id, scan.service_key = code, version.pk, version.service_key
    scan.person_id, scan.sheet_id = copy.person_id if copy else None, None


def _still_there(sheet_id: UUID, owner: UUID, *, by: Actor, at: datetime) -> UUID | None:
    """Return a draft's id, or None where it is kept no longer: then a new one begins."""
    try:
        open_sheet(sheet_id, by=replace(by, on_behalf_of=str(owner)), at=at)
    except (SheetExpired, SheetNotFound):
        return None
    return sheet_id


def _received_at(day: date, at: datetime) -> datetime:
    """Return the time that stands for a day of receipt: noon there, or now where noon is still to come."""
    return min(at, datetime.combine(day, time(12), ZoneInfo(current().time_zone)))


def _mine(scan_id: UUID, by: Actor) -> Scan:
    scan = _locked(scan_id, by)
    if not scan.is_open:
        raise ScanClosed
    return scan


def _locked(scan_id: UUID, by: Actor) -> Scan:
    with Transaction():
        scan = Scan.objects.select_for_update().filter(pk=scan_id).order_by("id").first()
    if scan is None or not rules.allows(by, scan):
        raise ScanNotFound
    return scan
