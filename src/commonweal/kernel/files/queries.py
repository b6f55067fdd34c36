"""Answers about stored files."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from commonweal.kernel.base.errors import NotFound
from commonweal.kernel.base.personal import without_held
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.files import store
from commonweal.kernel.files.enums import Scan
from commonweal.kernel.files.errors import FileDeleted, FileInfected, FileNotScanned
from commonweal.kernel.files.models import StoredFile
from commonweal.kernel.files.registry import access
from commonweal.kernel.files.types import OpenFile


def may_read(actor: Actor, file: StoredFile) -> bool:
    """Whether the app to which the file's stream belongs lets the actor read it."""
    prefix = file.stream.partition(":")[0]
    if actor.kind is ActorKind.SYSTEM:
        return True
    return prefix in access and access[prefix].may_read(actor, file.stream, file.subject)


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
    if file.deleted_at is not None:
        raise FileDeleted
    if file.scan == Scan.INFECTED:
        raise FileInfected
    if file.scan == Scan.PENDING:
        raise FileNotScanned
    try:
        content = store.path_of(file.key).open("rb")
    except FileNotFoundError:
        raise NotFound from None
    return OpenFile(file.pk, file.name, file.media_type, file.size_bytes, file.subject, content)


def files_of(stream: str) -> QuerySet[StoredFile]:
    """Return the files of a stream that are still kept, in the order in which they came."""
    return StoredFile.objects.filter(stream=stream, deleted_at=None).order_by("stored_at", "id")


def files_due(on: date) -> QuerySet[StoredFile]:
    """Return the files whose last day was before this one, and which nothing holds."""
    due = StoredFile.objects.filter(retention_on__lt=on, deleted_at=None, is_held=False)
    declared = StoredFile.personal
    return without_held(due, declared).order_by("retention_on", "id") if declared else due.none()


def files_to_scan() -> QuerySet[StoredFile]:
    """Return the files that the virus scanner has not looked at yet, the oldest first."""
    return StoredFile.objects.filter(scan=Scan.PENDING, deleted_at=None).order_by("stored_at", "id")
