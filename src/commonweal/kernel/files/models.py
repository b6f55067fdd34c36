"""What is known of each stored file; the bytes lie in the file store under its key."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.fields import new_id
from commonweal.kernel.base.personal import Erasure, Personal
from commonweal.kernel.files.enums import Scan


class StoredFile(models.Model):
    """A file that somebody handed in, or that we made.

    Attributes:
        key: Random; names the bytes in the store, and is never shown.
        sha256: Of the bytes, hexadecimal; stays when the file is deleted.
        media_type: By the content.
        name: As its sender called it, cleaned; blank once it is deleted.
        stream: What it belongs to, for example ``case:<id>``.
        subject: Whom it is about.
        purpose: Why it is kept, in plain words.
        scan: What the virus scanner said.
        retention_on: The last day on which it is kept; none for "as long as the stream".
        is_held: While true, it is not deleted.
        deleted_at: When the bytes were deleted; the row stays as a tombstone.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.CharField(max_length=64, unique=True, editable=False)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=120)
    name = models.CharField(max_length=120, blank=True)
    stream = models.CharField(max_length=120, db_index=True)
    subject = models.UUIDField(null=True, blank=True, db_index=True)
    purpose = models.CharField(max_length=200)
    scan = models.CharField(max_length=12, choices=Scan.choices)
    scanned_at = models.DateTimeField(null=True, blank=True)
    retention_on = models.DateField(null=True, blank=True)
    is_held = models.BooleanField(default=False)
    stored_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    personal: ClassVar[Personal | None] = Personal(
        subject="subject",
        purpose="To keep what people hand in for their case.",
        retention="until the day each file names",
        erasure=Erasure.BLANK_FIELDS,
        fields=("name",),
        what=_("Files"),
        stream="stream",
        kept=lambda at: Q(is_held=True, deleted_at__isnull=True),
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["stored_at", "id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["retention_on", "id"],
                condition=Q(deleted_at__isnull=True, is_held=False),
                name="files_due_for_deletion",
            )
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(deleted_at__isnull=True) | Q(is_held=False), name="files_held_is_kept"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Upload(models.Model):
    """A file that is still on its way, piece by piece; its bytes lie in the store under its key.

    Attributes:
        key: Random; names the bytes in the store, and is never shown.
        stream: What the file will belong to, for example ``sheet:<id>``.
        slot: What of the stream it is for, for example the key of a question.
        subject: Whom it is about.
        name: As its sender called it, cleaned.
        size_bytes: How long it will be.
        offset_bytes: How much has arrived.
        begun_at: When.
        expires_at: When it is given up, unless somebody goes on with it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.CharField(max_length=64, unique=True, editable=False)
    stream = models.CharField(max_length=120, db_index=True)
    slot = models.CharField(max_length=60)
    subject = models.UUIDField(null=True, blank=True, db_index=True)
    name = models.CharField(max_length=120)
    size_bytes = models.PositiveBigIntegerField()
    offset_bytes = models.PositiveBigIntegerField(default=0)
    begun_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    personal: ClassVar[Personal | None] = Personal(
        subject="subject",
        purpose="To go on with sending a file after the connection was lost.",
        retention="until the file has arrived, at most a day after its last piece",
        erasure=Erasure.DELETE_ROWS,
        fields=("name",),
        what=_("Files that you began to send"),
        stream="stream",
        expired=lambda at: Q(expires_at__lte=at),
    )

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(offset_bytes__lte=models.F("size_bytes")), name="files_upload_within_its_size"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)
