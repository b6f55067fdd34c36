"""What registers hang into `commonweal check`."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from commonweal.kernel.base.documents import Problem
from commonweal.kernel.catalogue.registry import FolderCheck, folder_checks
from commonweal.kernel.registers.loading import read_registers


@folder_checks.register
class RegistersCheck(FolderCheck):
    """Every file below ``registers`` declares a register."""

    key: ClassVar[str] = "registers"

    def check(self, root: Path) -> list[Problem]:
        """Return what is wrong with the declared registers."""
        return read_registers(root)[1]
