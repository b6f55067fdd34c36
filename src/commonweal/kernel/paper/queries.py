"""Forms to print, and what came in on paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from uuid import UUID

from django.db.models import QuerySet

from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases.queries import Limit, limit_of
from commonweal.kernel.catalogue.errors import ServiceNotFound
from commonweal.kernel.catalogue.queries import compiled, offered_service, version_with_hash
from commonweal.kernel.catalogue.types import CompiledService
from commonweal.kernel.files.errors import FileNotScanned
from commonweal.kernel.files.queries import open_file, open_within
from commonweal.kernel.files.types import OpenFile
from commonweal.kernel.forms.queries import open_sheet
from commonweal.kernel.paper import pictures, rules
from commonweal.kernel.paper.codes import hash_start, new_code, read_code, read_qr
from commonweal.kernel.paper.errors import CodeMisread, CodeUnknown, NoPaperForm, ScanNotFound, SeveralForms
from commonweal.kernel.paper.models import Copy, Scan
from commonweal.kernel.paper.preface import Applicant
from commonweal.kernel.paper.printing import Copy as Printed
from commonweal.kernel.paper.printing import form_pdf
from commonweal.kernel.paper.sections import PaperSource
from commonweal.kernel.people.queries import person_card

MAX_ROWS = 50


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code stands for.

    Attributes:
        code: As stored.
        service_key: The service.
        version_id: The version that was printed.
        number: Its number.
        is_current: Whether it is the one that new applicants begin on.
        is_offered: Whether the service is offered still.
        is_draft: Whether it is the copy of a draft.
        came_before: How many scans with this code came in already; a blank form may have been copied.
    """

    code: str
    service_key: str
    version_id: UUID
    number: int
    is_current: bool
    is_offered: bool
    is_draft: bool
    came_before: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What could be seen in a scan.

    Attributes:
        pages: How many pages can be shown.
        code: Of our form; empty where none is found.
    """

    pages: int = 0
    code: str = ""


def blank_form(service_key: str, language: str, *, at: datetime) -> bytes:
    """Return a copy of the form of a service as it is offered now, as a PDF; nothing of it is kept in the database.

    Whoever asks within the same ten minutes is given the same copy: to set a form is far more work than a page, and anybody
    may ask for one as often as they like.

    Raises:
        ServiceNotFound: The service is not offered.
        NoPaperForm: It asks no questions, takes nothing on paper, or does not speak the language.
    """
    service = offered_service(service_key)
    has_form = service.compiled.sections.get("form") is not None
    if not has_form or not service.info.takes_paper or language not in service.info.languages:
        raise NoPaperForm(service=service_key, language=language)
    since = at.astimezone(UTC).replace(minute=at.minute // 10 * 10, second=0, microsecond=0)
    return _copy_made(service.version_id, language, since)


@lru_cache(maxsize=64)
def _copy_made(version_id: UUID, language: str, at: datetime) -> bytes:
    service = compiled(version_id)
    return form_pdf(Printed(new_code(service.hash), service, language, at))


def printed_draft(copy_id: UUID, *, by: Actor, at: datetime) -> tuple[bytes, UUID]:
    """Return a draft as a form to finish with a pen, with its owner: what they have answered stands in it.

    Raises:
        NoPaperForm: There is no such copy.
        SheetNotFound, SheetExpired: The draft is another's, or gone.
    """
    copy = Copy.objects.filter(pk=copy_id).order_by("id").first()
    if copy is None:
        raise NoPaperForm
    sheet = open_sheet(copy.sheet_id, by=by, at=at)
    card = person_card(copy.person_id)
    applicant = Applicant(card.name, card.birth_date, tuple(card.address), card.email)
    service = compiled(copy.version_id)
    pdf = form_pdf(Printed(copy.code, service, copy.language, copy.made_at, applicant, sheet.answers))
    return pdf, copy.person_id


def meaning_of(typed: str, *, scan_id: UUID | None = None) -> Meaning:
    """Return what a code stands for.

    Args:
        typed: As it stands on paper, or as somebody typed it.
        scan_id: A scan with this code that is not to be counted as one that came before.

    Raises:
        CodeMisread: It has a slip.
        CodeUnknown: No version of a service has it.
    """
    code = read_code(typed[:40])
    if code is None:
        raise CodeMisread({"code": str(CodeMisread.message)})
    version = version_with_hash(hash_start(code))
    if version is None:
        raise CodeUnknown({"code": str(CodeUnknown.message)})
    before = Scan.objects.filter(code=code, discarded_at=None)
    try:
        offered = offered_service(version.service_key).compiled.hash
    except ServiceNotFound:
        offered = ""
    return Meaning(
        code,
        version.service_key,
        version.pk,
        version.number,
        is_current=offered == version.content_hash,
        is_offered=bool(offered),
        is_draft=Copy.objects.filter(code=code).exists(),
        came_before=(before.exclude(pk=scan_id) if scan_id else before).count(),
    )


def limit_for(scan: Scan) -> Limit | None:
    """Return the limit for an answer, counted from the day of receipt; None while the service is not known, or not offered."""
    service = _typed_into(scan)
    return None if service is None else limit_of(service, scan.received_on)


def passed_limit(scan: Scan, *, today: date) -> Limit | None:
    """Return the limit for an answer where its last day is over, or is today: nobody could decide before the night."""
    limit = limit_for(scan)
    return limit if limit is not None and limit.due_on <= today else None


def oldest_day(scan: Scan, *, today: date) -> date | None:
    """Return the earliest day of receipt with which everybody may begin; None where the service says nothing of it."""
    service = _typed_into(scan)
    declared: PaperSource | None = service.sections.get("paper") if service is not None else None
    return None if declared is None else today - timedelta(days=declared.received_within_days)


def _typed_into(scan: Scan) -> CompiledService | None:
    """Return the version into which a form is typed: that of the draft it was printed from, else the newest."""
    copy = Copy.objects.filter(code=scan.code).order_by("id").first() if scan.code else None
    if copy is not None:
        return compiled(copy.version_id)
    try:
        return offered_service(scan.service_key).compiled if scan.service_key else None
    except ServiceNotFound:
        return None


def open_scans(actor: Actor) -> QuerySet[Scan]:
    """Return what came in on paper and is not done with, the oldest first."""
    rows = Scan.objects.filter(sent_at=None, discarded_at=None)
    return rules.visible(rows, actor).order_by("received_on", "id")[:MAX_ROWS]


def scan_for(scan_id: UUID, *, actor: Actor) -> Scan:
    """Return what came in on paper.

    Raises:
        ScanNotFound: There is none, or the actor may not see it.
    """
    found = rules.visible(Scan.objects.filter(pk=scan_id), actor).order_by("id").first()
    if found is None:
        raise ScanNotFound
    return found


def scan_of_sheet(sheet_id: UUID, *, actor: Actor) -> Scan | None:
    """Return the scan from which an officer types in a form, the newest; None where there is none."""
    rows = Scan.objects.filter(sheet_id=sheet_id, sent_at=None, discarded_at=None)
    return rules.visible(rows, actor).order_by("-taken_in_at", "-id").first()


def look_at(scan: Scan) -> Seen:
    """Return what can be seen in a scan: nothing where nothing here can read it, or it waits for the virus scanner.

    Raises:
        SeveralForms: There are pages of several forms.
    """
    try:
        opened = open_within(scan.file_id, scan.stream)
    except FileNotScanned:
        return Seen()
    with opened.content as content:
        looked = pictures.look(content)
    if looked is None:
        return Seen()
    marks = [read_qr(text) for text in looked.texts]
    codes = {mark.code for mark in marks if mark and version_with_hash(hash_start(mark.code))}
    if len(codes) > 1:
        raise SeveralForms({"scan": str(SeveralForms.message)})
    return Seen(looked.pages, codes.pop() if codes else "")


def opened(scan: Scan, *, actor: Actor) -> OpenFile:
    """Open a scan's file.

    Raises:
        NotFound, FileDeleted, FileInfected, FileNotScanned: As for :func:`~commonweal.kernel.files.queries.open_file`.
    """
    return open_file(scan.file_id, actor)


def page_picture(scan: Scan, page: int, *, actor: Actor) -> bytes:
    """Return a page of a scan, from 1, as WebP.

    Raises:
        ScanNotFound: It has no such page, or nothing is here to draw it.
        NotFound, FileDeleted, FileInfected, FileNotScanned: As for :func:`opened`.
    """
    with opened(scan, actor=actor).content as content:
        drawn = pictures.picture(content, page)
    if drawn is None:
        raise ScanNotFound
    return drawn
