"""The plug-in point of the files app: who may read the files of a stream."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar
from uuid import UUID

from commonweal.kernel.base.registry import Registry
from commonweal.kernel.base.types import Actor


class FileAccess(ABC):
    """The contract: an app that stores files says who may read them.

    A stream that no plug-in speaks for can be read by nobody.

    Attributes:
        key: The stream's prefix, for example ``case`` of ``case:<id>``.
    """

    key: ClassVar[str]

    @abstractmethod
    def may_read(self, actor: Actor, stream: str, subject: UUID | None) -> bool:
        """Whether the actor may read the files of a stream.

        Args:
            actor: Who asks.
            stream: For example ``case:<id>``.
            subject: Whom the file is about.
        """

    def may_open(self, actor: Actor, file_id: UUID, stream: str, subject: UUID | None) -> bool:
        """Whether the actor may read this one file, where not all files of a stream are for the same readers.

        Args:
            actor: Who asks.
            file_id: The file.
            stream: For example ``case:<id>``.
            subject: Whom the file is about.
        """
        return self.may_read(actor, stream, subject)


access: Registry[FileAccess] = Registry("files.access")
