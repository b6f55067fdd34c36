"""What the mailbox hangs into declarations and pages."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel

from commonweal.kernel.base.declarations import Compilation, Section, Source, sections
from commonweal.kernel.base.jurisdiction import Declared
from commonweal.kernel.base.pages import NavigationItem, PageSlot, navigation, slots
from commonweal.kernel.base.rules import is_resident
from commonweal.kernel.base.types import Actor
from commonweal.kernel.files.registry import FileAccess, access
from commonweal.kernel.mailbox.letters import compile_letters
from commonweal.kernel.mailbox.queries import FILES, may_read_files, unread_count
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
