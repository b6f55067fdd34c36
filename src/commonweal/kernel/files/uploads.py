"""Keeps what a browser sends in files within bounds, before anybody has looked at it."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler

from commonweal.kernel.files.store import MAX_BYTES

MOST_AT_ONCE = 10 * MAX_BYTES
"""Most bytes of files in one request; whoever sends more is cut off."""


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Writes uploads aside, never more of one than shows that it is too large."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.arrived = self.arrived_of_file = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin to count anew."""
        super().new_file(*args, **kwargs)
        self.arrived_of_file = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep a chunk as long as the file may still be taken.

        Raises:
            StopUpload: Far more was sent than a page could need.
        """
        self.arrived += len(raw_data)
        if self.arrived > MOST_AT_ONCE:
            raise StopUpload(connection_reset=True)
        room = MAX_BYTES + 1 - self.arrived_of_file
        kept = raw_data[: max(0, room)]
        self.arrived_of_file += len(kept)
        if kept:
            super().receive_data_chunk(kept, start)

    def file_complete(self, file_size: int) -> UploadedFile[bytes] | None:
        """Hand over what was kept: one byte more than we take tells that there were too many."""
        return super().file_complete(min(file_size, self.arrived_of_file))
