"""Everything that changes stored files."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.core.files.base import File
from django.db import transaction

from commonweal.kernel.base.errors import NotFound
from commonweal.kernel.base.personal import must_not_be_held
from commonweal.kernel.base.rehearsal import is_rehearsal, must_be_real, must_be_rehearsed
from commonweal.kernel.base.transactions import Transaction, action
from commonweal.kernel.base.types import Actor
from commonweal.kernel.files import scanner, store
from commonweal.kernel.files.content import media_type_of, safe_name
from commonweal.kernel.files.enums import Scan
from commonweal.kernel.files.errors import (
    FileDeleted,
    FileEmpty,
    FileHeld,
    FileTooLarge,
    TooManyUploads,
    UploadNotFound,
    UploadOutOfStep,
)
from commonweal.kernel.files.models import StoredFile, Upload
from commonweal.kernel.files.queries import files_due, files_to_scan
from commonweal.kernel.jobs.actions import enqueue
from commonweal.kernel.ledger.actions import record, record_many
from commonweal.kernel.ledger.types import Entry

MAX_AT_ONCE = 1_000
SCAN_JOB = "files.scan"
ORPHAN_AGE_S = 24 * 60 * 60
UPLOAD_KEPT_FOR = timedelta(hours=23)
"""Shorter than the age at which bytes without a row are swept away."""

UPLOADS_AT_ONCE = 20


def store_file(
    content: bytes | BinaryIO | File[bytes],
    *,
    name: str,
    stream: str,
    subject: UUID | None,
    purpose: str,
    retention_on: date | None,
    by: Actor,
    at: datetime,
    allowed: Collection[str] | None = None,
    max_bytes: int = store.MAX_BYTES,
) -> UUID:
    """Keep a file: its bytes are durable before its row is, so a row never lacks its bytes.

    In a rehearsal they are looked at and not kept.

    The bytes are written before the transaction begins; if it fails, they are an orphan that
    :func:`sweep_orphans` takes away.

    Args:
        content: Bytes, or something to read them from.
        name: As its sender called it.
        stream: What it belongs to, for example ``case:<id>``.
        subject: Whom it is about.
        purpose: Why it is kept, in plain words.
        retention_on: The last day on which it is kept.
        by: Who hands it in.
        at: When, with a time zone.
        allowed: Media types that are taken here; all that we take anywhere by default.
        max_bytes: Longest file that is taken here.

    Returns:
        The file's id.

    Raises:
        FileTooLarge: It has more than 20 MB, or than ``max_bytes``.
        FileEmpty: It has no bytes.
        FileTypeRefused: It is of no kind that we take, or not what its name says.
    """
    name = safe_name(name)
    if is_rehearsal():
        seen = _looked_at(_chunks(content), name, allowed, max_bytes)
    else:
        with store.written(_chunks(content), max_bytes=max_bytes) as aside:
            media_type = media_type_of(aside.path, name, allowed=allowed)
            seen = _Seen(store.place(aside), aside.sha256, aside.size_bytes, media_type)
    with Transaction():
        file = StoredFile.objects.create(
            key=seen.key,
            sha256=seen.sha256,
            size_bytes=seen.size_bytes,
            media_type=seen.media_type,
            name=name,
            stream=stream,
            subject=subject,
            purpose=purpose,
            scan=Scan.PENDING if settings.COMMONWEAL_CLAMD and not is_rehearsal() else Scan.UNSCANNED,
            retention_on=retention_on,
            stored_at=at,
        )
        record(
            "files.stored",
            stream=stream,
            subject=subject,
            by=by,
            at=at,
            file=file.pk,
            name=name if subject else None,  # without a subject the payload holds no personal data
            sha256=seen.sha256,
            size_bytes=seen.size_bytes,
            media_type=seen.media_type,
            purpose=purpose,
        )
        if file.scan == Scan.PENDING:
            enqueue(SCAN_JOB, {"file": str(file.pk)}, at=at)
    return file.pk


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is known of bytes that came: the key under which they lie, and what they are."""

    key: str
    sha256: str
    size_bytes: int
    media_type: str


def _looked_at(chunks: Iterator[bytes], name: str, allowed: Collection[str] | None, max_bytes: int) -> _Seen:
    """Hold bytes of a rehearsal to the rules of real ones, and keep nothing of them: under their key lies nothing."""
    with (
        TemporaryDirectory() as folder,
        store.written(chunks, max_bytes=max_bytes, aside=Path(folder)) as aside,
    ):
        media_type = media_type_of(aside.path, name, allowed=allowed)
    return _Seen(secrets.token_hex(32), aside.sha256, aside.size_bytes, media_type)


@action
def lay_out_file(
    file_id: UUID, *, name: str, media_type: str, size_bytes: int, stream: str, by: Actor, at: datetime
) -> None:
    """Put a file of a rehearsal back beside its answers, as it was handed in; there are no bytes.

    Raises:
        RuntimeError: This is no rehearsal.
    """
    must_be_rehearsed()
    StoredFile.objects.create(
        id=file_id,
        key=secrets.token_hex(32),
        sha256="0" * 64,
        size_bytes=size_bytes,
        media_type=media_type,
        name=name,
        stream=stream,
        purpose="Rehearsal",
        scan=Scan.UNSCANNED,
        stored_at=at,
    )
    record("files.laid_out", stream=stream, by=by, at=at, file=file_id)


def _chunks(content: bytes | BinaryIO | File[bytes]) -> Iterator[bytes]:
    source = BytesIO(content) if isinstance(content, bytes) else content
    while chunk := source.read(store.CHUNK_BYTES):
        yield chunk


def scan_file(file_id: UUID, *, by: Actor, at: datetime) -> Scan:
    """Let the virus scanner look at a file, outside of any transaction, and keep what it says.

    A file that was scanned or deleted already is left as it is; without a scanner it stays unscanned.

    Raises:
        NotFound: There is no such file.
        ScannerDown: The scanner does not answer; the file stays as it is.
    """
    file = StoredFile.objects.filter(pk=file_id).order_by().first()
    if file is None:
        raise NotFound
    if (
        file.deleted_at is not None
        or file.scan in {Scan.CLEAN, Scan.INFECTED}
        or not settings.COMMONWEAL_CLAMD
    ):
        return Scan(file.scan)
    result = scanner.scan(store.path_of(file.key), settings.COMMONWEAL_CLAMD)
    with Transaction():
        locked = _locked(file_id)
        if locked.scan not in {Scan.CLEAN, Scan.INFECTED}:
            locked.scan, locked.scanned_at = result, at
            locked.save(update_fields=["scan", "scanned_at"])
            record(
                "files.scanned",
                stream=locked.stream,
                subject=locked.subject,
                by=by,
                at=at,
                file=locked.pk,
                result=str(result),
            )
    return Scan(locked.scan)


def _locked(file_id: UUID) -> StoredFile:
    file = StoredFile.objects.select_for_update().filter(pk=file_id).order_by().first()
    if file is None:
        raise NotFound
    return file


@action
def hold_file(file_id: UUID, *, reason: str, by: Actor, at: datetime) -> StoredFile:
    """Forbid that a file is deleted. Doing it again changes nothing.

    Raises:
        NotFound: There is no such file.
        FileDeleted: It is gone already.
    """
    file = _locked(file_id)
    if file.deleted_at is not None:
        raise FileDeleted
    if not file.is_held:
        _set_hold(file, is_held=True, reason=reason, by=by, at=at)
    return file


@action
def release_file(file_id: UUID, *, reason: str, by: Actor, at: datetime) -> StoredFile:
    """End the hold on a file. Doing it again changes nothing.

    Raises:
        NotFound: There is no such file.
    """
    file = _locked(file_id)
    if file.is_held:
        _set_hold(file, is_held=False, reason=reason, by=by, at=at)
    return file


def _set_hold(file: StoredFile, *, is_held: bool, reason: str, by: Actor, at: datetime) -> None:
    file.is_held = is_held
    file.save(update_fields=["is_held"])
    type_ = "files.held" if is_held else "files.released"
    record(type_, stream=file.stream, subject=file.subject, by=by, at=at, file=file.pk, reason=reason)


@action
def delete_file(file_id: UUID, *, reason: str, by: Actor, at: datetime) -> None:
    """Delete a file's bytes and name; the row stays as a tombstone. Doing it again changes nothing.

    Raises:
        NotFound: There is no such file.
        FileHeld: A hold on the file forbids it.
        UnderHold: A hold on its person or stream forbids it.
    """
    file = _locked(file_id)
    if file.deleted_at is not None:
        return
    if file.is_held:
        raise FileHeld
    must_not_be_held(subjects=[file.subject] if file.subject else (), streams=[file.stream])
    _bury([file], reason=reason, by=by, at=at)


@action
def hand_over(
    stream: str,
    *,
    to: str,
    subject: UUID | None,
    by: Actor,
    at: datetime,
    retention: Mapping[UUID, date | None],
) -> None:
    """Let files of a stream belong to another one, or to somebody. Doing it again changes nothing.

    Args:
        stream: What they belong to now.
        to: What they belong to from now on; may be the same, where only ``subject`` changes.
        subject: Whom they are about.
        by: Who did what made them belong there; named in the ledger.
        at: When.
        retention: The files, each with the last day on which it is kept; None for as long as the stream.
    """
    rows = StoredFile.objects.select_for_update().filter(pk__in=retention, stream=stream, deleted_at=None)
    files = list(rows.order_by("id"))
    for file in files:
        file.stream, file.subject, file.retention_on = to, subject, retention[file.pk]
        file.save(update_fields=["stream", "subject", "retention_on"])
    entries = [Entry(to, subject, {"file": file.pk, "from": stream}) for file in files]
    record_many("files.handed_over", entries, by=by, at=at)


@action
def delete_expired(on: date, *, by: Actor, at: datetime, limit: int = MAX_AT_ONCE) -> int:
    """Delete files whose last day was before this one, and which nothing holds.

    Returns:
        How many; call again while it is ``limit``, which is at most 1,000.
    """
    due = list(files_due(on).select_for_update()[: min(limit, MAX_AT_ONCE)])
    _bury(due, reason="retention", by=by, at=at)
    return len(due)


@action
def delete_files(file_ids: Iterable[UUID], *, reason: str, by: Actor, at: datetime) -> None:
    """Delete the bytes and names of up to 1,000 files; those deleted before are left as they are.

    Raises:
        FileHeld: A hold on one of them forbids it; then none is deleted.
    """
    wanted = list(file_ids)[:MAX_AT_ONCE]
    files = list(StoredFile.objects.select_for_update().filter(pk__in=wanted, deleted_at=None).order_by("id"))
    if any(file.is_held for file in files):
        raise FileHeld
    _bury(files, reason=reason, by=by, at=at)


def _bury(files: Iterable[StoredFile], *, reason: str, by: Actor, at: datetime) -> None:
    entries = []
    for file in files:
        file.name, file.deleted_at = "", at
        file.save(update_fields=["name", "deleted_at"])
        entries.append(
            Entry(file.stream, file.subject, {"file": file.pk, "sha256": file.sha256, "reason": reason})
        )
        transaction.on_commit(partial(store.remove, file.key))
    record_many("files.deleted", entries, by=by, at=at)


@action
def begin_upload(
    stream: str,
    *,
    slot: str,
    name: str,
    size_bytes: int,
    max_bytes: int,
    subject: UUID | None,
    by: Actor,
    at: datetime,
) -> Upload:
    """Announce a file that will come piece by piece.

    Args:
        stream: What it will belong to; the caller knows that the actor may add to it.
        slot: What of the stream it is for.
        name: As its sender calls it.
        size_bytes: How long it will be.
        max_bytes: Longest file that is taken here.
        subject: Whom it is about.
        by: Who sends it.
        at: When.

    Raises:
        FileEmpty: It will have no bytes.
        FileTooLarge: It will have more than ``max_bytes``, or than we take anywhere.
        TooManyUploads: Twenty are on their way for this stream.
        OnlyForReal: This is a rehearsal.
    """
    must_be_real()
    limit = min(max_bytes, store.MAX_BYTES)
    if size_bytes <= 0:
        raise FileEmpty
    if size_bytes > limit:
        raise FileTooLarge(limit_mb=limit // 1024**2)
    if Upload.objects.filter(stream=stream, expires_at__gt=at).count() >= UPLOADS_AT_ONCE:
        raise TooManyUploads
    upload = Upload.objects.create(
        key=secrets.token_hex(32),
        stream=stream,
        slot=slot,
        subject=subject,
        name=safe_name(name),
        size_bytes=size_bytes,
        begun_at=at,
        expires_at=at + UPLOAD_KEPT_FOR,
    )
    record(
        "files.upload_begun",
        stream=stream,
        subject=subject,
        by=by,
        at=at,
        upload=upload.pk,
        size_bytes=size_bytes,
    )
    return upload


def append_to_upload(
    upload_id: UUID, *, stream: str, offset: int, chunks: Iterable[bytes], by: Actor, at: datetime
) -> Upload:
    """Add the next piece to an upload; where the piece breaks off, what came until then counts.

    The bytes are read outside of any transaction: a slow sender holds up nobody else.

    Args:
        upload_id: The upload.
        stream: What it belongs to; the caller knows that the actor may add to it.
        offset: How much the sender thinks has arrived.
        chunks: The piece.
        by: Who sends it.
        at: When.

    Returns:
        The upload as it stands now.

    Raises:
        UploadNotFound: There is none, or nobody went on with it in time.
        UploadOutOfStep: It stands at another place, also where two pieces came at once.
    """
    upload = Upload.objects.filter(pk=upload_id, stream=stream, expires_at__gt=at).order_by().first()
    if upload is None:
        raise UploadNotFound
    if upload.offset_bytes != offset:
        raise UploadOutOfStep(offset=upload.offset_bytes)
    with store.piece(chunks, at_most=upload.size_bytes - offset) as piece, Transaction():
        locked = Upload.objects.select_for_update().filter(pk=upload_id).order_by().first()
        if locked is None:
            raise UploadNotFound
        if locked.offset_bytes != offset:
            raise UploadOutOfStep(offset=locked.offset_bytes)
        locked.offset_bytes = store.append(locked.key, offset, piece)
        locked.expires_at = at + UPLOAD_KEPT_FOR
        locked.save(update_fields=["offset_bytes", "expires_at"])
    return locked


@action
def end_upload(upload_id: UUID, *, stream: str, by: Actor, at: datetime) -> bool:
    """Forget an upload, because its file has come, or will not come; False where that was done before."""
    upload = Upload.objects.select_for_update().filter(pk=upload_id, stream=stream).order_by().first()
    if upload is None:
        return False
    _forget([upload], by=by, at=at)
    return True


@action
def end_uploads(upload_ids: Iterable[UUID], *, by: Actor, at: datetime) -> None:
    """Forget up to 1,000 uploads; those forgotten before are passed over."""
    wanted = list(upload_ids)[:MAX_AT_ONCE]
    _forget(list(Upload.objects.select_for_update().filter(pk__in=wanted).order_by("id")), by=by, at=at)


def _forget(uploads: Sequence[Upload], *, by: Actor, at: datetime) -> None:
    """Delete rows of uploads, and their bytes once that is certain."""
    entries = []
    for upload in uploads:
        is_complete = upload.offset_bytes == upload.size_bytes
        entries.append(
            Entry(upload.stream, upload.subject, {"upload": upload.pk, "is_complete": is_complete})
        )
        transaction.on_commit(partial(store.remove, upload.key))
    record_many("files.upload_ended", entries, by=by, at=at)
    Upload.objects.filter(pk__in=[upload.pk for upload in uploads]).delete()


@action
def discard(streams: Collection[str], *, reason: str, by: Actor, at: datetime) -> None:
    """Delete every file of up to 1,000 streams, and every upload to them: nobody needs the streams any more.

    Raises:
        FileHeld: A hold on one of the files forbids it; then none is deleted.
    """
    kept = StoredFile.objects.filter(stream__in=streams, deleted_at=None).order_by("id")
    while ids := list(kept.values_list("pk", flat=True)[:MAX_AT_ONCE]):
        delete_files(ids, reason=reason, by=by, at=at)
    uploads = Upload.objects.filter(stream__in=streams).order_by("id")
    _forget(list(uploads.select_for_update()), by=by, at=at)


@action
def scan_waiting(*, by: Actor, at: datetime) -> int:
    """Ask for a scan of every file that waits for one, at most 1,000 a call; return for how many.

    Files wait where the scanner was configured after they had come, or was down for too long.
    """
    if not settings.COMMONWEAL_CLAMD:
        return 0
    waiting = list(files_to_scan().filter(scan=Scan.UNSCANNED).select_for_update()[:MAX_AT_ONCE])
    for file in waiting:
        file.scan = Scan.PENDING
        file.save(update_fields=["scan"])
        enqueue(SCAN_JOB, {"file": str(file.pk)}, at=at)
    record_many(
        "files.scan_asked",
        [Entry(file.stream, file.subject, {"file": file.pk}) for file in waiting],
        by=by,
        at=at,
    )
    return len(waiting)


def sweep_orphans(*, by: Actor, at: datetime, age_s: float = ORPHAN_AGE_S) -> int:
    """Take away bytes that no row speaks of, or whose row is a tombstone, once they are a day old.

    They are left when a process dies between the file store and the database.

    Returns:
        How many were taken away.
    """
    swept = []
    for key in store.keys_older_than(age_s):
        if not StoredFile.objects.filter(key=key, deleted_at=None).exists():
            store.remove(key)
            swept.append(key)
    if swept:
        with Transaction():
            record("files.orphans_swept", stream="files:store", by=by, at=at, count=len(swept))
    return len(swept)
