"""Where other apps hang their checks of a whole jurisdiction."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from commonweal.kernel.base.documents import Problem
from commonweal.kernel.base.registry import Registry


class FolderCheck(ABC):
    """The contract of a check that `commonweal check` runs beside the services.

    Attributes:
        key: Permanent name, also the folder it looks into, for example ``registers``.
    """

    key: ClassVar[str]

    @abstractmethod
    def check(self, root: Path) -> list[Problem]:
        """Return what is wrong below ``root / key``; an absent folder has no problems."""


folder_checks: Registry[FolderCheck] = Registry("catalogue.folder_check")
