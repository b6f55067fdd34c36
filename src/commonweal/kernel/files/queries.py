"""Answers about stored files."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from commonweal.kernel.base.errors import NotFound
from commonweal.kernel.base.personal import without_held
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.files import store
from commonweal.kernel.files.content import ALLOWED, KINDS, safe_name
from commonweal.kernel.files.enums import FileKind, Scan
from commonweal.kernel.files.errors import FileDeleted, FileInfected, FileNotScanned, UploadNotFound
from commonweal.kernel.files.models import StoredFile, Upload
from commonweal.kernel.files.registry import access
from commonweal.kernel.files.types import KeptFile, OpenFile


def may_read(actor: Actor, file: StoredFile) -> bool:
    """Whether the app to which the file's stream belongs lets the actor read it."""
    prefix = file.stream.partition(":")[0]
    if actor.kind is ActorKind.SYSTEM:
        return True
    return prefix in access and access[prefix].may_open(actor, file.pk, file.stream, file.subject)


def open_file(file_id: UUID, actor: Actor) -> OpenFile:
    """Open a file for an actor; whoever shows it records the access.

    Raises:
        NotFound: There is none, or the actor may not know that there is.
        FileDeleted: Its time was over.
        FileInfected: The virus scanner found something.
        FileNotScanned: The virus scanner has not looked at it yet.
    """
    file = StoredFile.objects.filter(pk=file_id).order_by().first()
    if file is None or not may_read(actor, file):
        raise NotFound
    return _opened(file)


def open_within(file_id: UUID, stream: str) -> OpenFile:
    """Open a file of a stream for somebody of whom the caller knows that they may read the stream.

    Raises:
        NotFound: The stream has no such file.
        FileDeleted, FileInfected, FileNotScanned: As for :func:`open_file`.
    """
    file = StoredFile.objects.filter(pk=file_id, stream=stream).order_by().first()
    if file is None:
        raise NotFound
    return _opened(file)


def _opened(file: StoredFile) -> OpenFile:
    if file.deleted_at is not None:
        raise FileDeleted
    if file.scan == Scan.INFECTED:
        raise FileInfected
    if file.scan == Scan.PENDING or (file.scan == Scan.UNSCANNED and settings.COMMONWEAL_CLAMD):
        raise FileNotScanned
    try:
        content = store.path_of(file.key).open("rb")
    except FileNotFoundError:
        raise NotFound from None
    return OpenFile(file.pk, file.name, file.media_type, file.size_bytes, file.subject, content)


def files_of(stream: str) -> QuerySet[StoredFile]:
    """Return the files of a stream that are still kept, in the order in which they came."""
    return StoredFile.objects.filter(stream=stream, deleted_at=None).order_by("stored_at", "id")


def kept_files(file_ids: Collection[UUID]) -> dict[UUID, KeptFile]:
    """Return what is known of files without opening them, also of those that are gone; whoever asks may know them."""
    return {
        row.pk: KeptFile(
            row.pk,
            row.stream,
            row.name,
            row.media_type,
            row.size_bytes,
            Scan(row.scan),
            is_open=row.scan == Scan.CLEAN or (row.scan == Scan.UNSCANNED and not settings.COMMONWEAL_CLAMD),
            is_deleted=row.deleted_at is not None,
        )
        for row in StoredFile.objects.filter(pk__in=file_ids).order_by("stored_at", "id")
    }


def media_types(kinds: Iterable[FileKind]) -> frozenset[str]:
    """Return the media types of kinds of files that a declaration asks for."""
    return frozenset(found for kind in kinds for found in KINDS[kind])


def endings(kinds: Iterable[FileKind]) -> tuple[str, ...]:
    """Return how the names of such files may end, for example ``.pdf``."""
    return tuple(ending for kind in kinds for found in KINDS[kind] for ending in ALLOWED[found])


def readable_name(name: str) -> str:
    """Return a file's name as we keep it and show it: without folders and characters that deceive the eye."""
    return safe_name(name)


def upload_within(upload_id: UUID, stream: str, *, at: datetime) -> Upload:
    """Return an upload of a stream that is still on its way.

    Raises:
        UploadNotFound: There is none, it is complete, or nobody went on with it in time.
    """
    found = Upload.objects.filter(pk=upload_id, stream=stream, expires_at__gt=at).order_by().first()
    if found is None:
        raise UploadNotFound
    return found


def open_upload(upload: Upload) -> BinaryIO:
    """Open the bytes of an upload that is complete; whoever asked closes them.

    Raises:
        UploadNotFound: They are gone.
    """
    try:
        return store.path_of(upload.key).open("rb")
    except FileNotFoundError:
        raise UploadNotFound from None


def files_due(on: date) -> QuerySet[StoredFile]:
    """Return the files whose last day was before this one, and which nothing holds."""
    due = StoredFile.objects.filter(retention_on__lt=on, deleted_at=None, is_held=False)
    declared = StoredFile.personal
    return without_held(due, declared).order_by("retention_on", "id") if declared else due.none()


def files_to_scan() -> QuerySet[StoredFile]:
    """Return the files that the virus scanner has not looked at yet, the oldest first."""
    waiting = (Scan.PENDING, Scan.UNSCANNED)
    return StoredFile.objects.filter(scan__in=waiting, deleted_at=None).order_by("stored_at", "id")
