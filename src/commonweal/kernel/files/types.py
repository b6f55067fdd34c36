"""Small values of the files app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO
from uuid import UUID


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
