"""What the mailbox hangs into declarations and pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel

from commonweal.kernel.base.declarations import Compilation, Section, Source, sections
from commonweal.kernel.base.jurisdiction import Declared
from commonweal.kernel.base.pages import NavigationItem, PageSlot, navigation, slots
from commonweal.kernel.base.personal import Eraser, Keeper, Kept, erasers, keepers
from commonweal.kernel.base.rules import is_resident
from commonweal.kernel.base.types import Actor
from commonweal.kernel.files.registry import FileAccess, access
from commonweal.kernel.mailbox.actions import delete_messages
from commonweal.kernel.mailbox.letters import compile_letters
from commonweal.kernel.mailbox.queries import FILES, file_streams, may_read_files, unread_count
from commonweal.kernel.mailbox.types import CompiledLetter


class Letters(Declared):
    """Nothing is written in ``service.yaml``: letters are files in ``letters/``."""


@sections.register
class LettersSection(Section):
    """Letters, in ``letters/<key>.md`` and ``letters/<key>.<language>.md``."""

    key: ClassVar[str] = "letters"
    schema: ClassVar[type[BaseModel]] = Letters
    order: ClassVar[int] = 400

    def compile(self, source: Source | None, compilation: Compilation) -> dict[str, CompiledLetter]:
        """Return the letters by key."""
        return compile_letters(compilation)


@access.register
class MessageFiles(FileAccess):
    """Files of messages."""

    key: ClassVar[str] = FILES

    def may_read(self, actor: Actor, stream: str, subject: UUID | None) -> bool:
        """Whether the message that the stream names lets the actor read."""
        return may_read_files(actor, UUID(stream.partition(":")[2]))


@keepers.register
class LetterKeeper(Keeper):
    """The printed form of a letter stays with its matter."""

    key: ClassVar[str] = "mailbox"

    def kept(self, persons: Sequence[UUID], *, at: datetime) -> list[Kept]:
        """Return nothing: a letter is kept for its matter's sake."""
        return []

    def carried(self, streams: Sequence[str]) -> list[str]:
        """Return the streams of the files of these matters' letters."""
        return file_streams(streams)


@erasers.register
class MessageEraser(Eraser):
    """The printed form of a letter goes with it."""

    key: ClassVar[str] = "mailbox.Message"

    def erase(self, rows: QuerySet[Any], *, by: Actor, at: datetime) -> None:
        """Delete messages with their files."""
        delete_messages(rows.values_list("pk", flat=True), by=by, at=at)


def _unread(request: HttpRequest) -> int:
    return unread_count(getattr(request, "actor", Actor.guest()))


slots.register(PageSlot("unread_messages", _unread))
navigation.register(
    NavigationItem(
        key="mailbox",
        face="portal",
        label=_("Mailbox"),
        url_name="mailbox:list",
        order=300,
        shown_to=is_resident,
    )
)
