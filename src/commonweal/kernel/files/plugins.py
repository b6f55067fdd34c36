"""What files hang into the erasing of personal data."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet

from commonweal.kernel.base.personal import Eraser, erasers
from commonweal.kernel.base.types import Actor
from commonweal.kernel.files.actions import delete_files, end_uploads


@erasers.register
class FileEraser(Eraser):
    """The bytes go with the name."""

    key: ClassVar[str] = "files.StoredFile"

    def erase(self, rows: QuerySet[Any], *, by: Actor, at: datetime) -> None:
        """Bury the files; those that were buried before are left as they are."""
        delete_files(rows.values_list("pk", flat=True), reason="erasure", by=by, at=at)


@erasers.register
class UploadEraser(Eraser):
    """The bytes that have arrived go with the row."""

    key: ClassVar[str] = "files.Upload"

    def erase(self, rows: QuerySet[Any], *, by: Actor, at: datetime) -> None:
        """Forget the uploads."""
        end_uploads(rows.values_list("pk", flat=True), by=by, at=at)
