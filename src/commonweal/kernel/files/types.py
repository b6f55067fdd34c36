"""Small values of the files app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO
from uuid import UUID

from commonweal.kernel.files.enums import Scan


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file that an actor may read now.

    Attributes:
        id: Its id.
        name: As its sender called it, cleaned.
        media_type: By its content.
        size_bytes: Its length.
        subject: Whom it is about.
        content: Open for reading; whoever asked closes it.
    """

    id: UUID
    name: str
    media_type: str
    size_bytes: int
    subject: UUID | None
    content: BinaryIO


@dataclass(frozen=True, slots=True)
class KeptFile:
    """What is known of a file without opening it.

    Attributes:
        id: Its id.
        stream: What it belongs to.
        name: As its sender called it, cleaned; blank once it is deleted.
        media_type: By its content.
        size_bytes: Its length.
        scan: What the virus scanner said.
        is_open: Whether it may be opened, as far as the scanner is concerned.
        is_deleted: Whether its bytes are gone.
    """

    id: UUID
    stream: str
    name: str
    media_type: str
    size_bytes: int
    scan: Scan
    is_open: bool
    is_deleted: bool
