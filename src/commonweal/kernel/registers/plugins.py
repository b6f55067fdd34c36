"""What registers hang into `commonweal check`."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from django.http import HttpRequest

from commonweal.kernel.base.documents import Problem
from commonweal.kernel.base.pages import PageSlot, slots
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.registry import FolderCheck, folder_checks
from commonweal.kernel.registers.loading import read_registers
from commonweal.kernel.registers.presenting import OwnEntries, own_entries

PAGE = "entries"
_LAST_PAGE = 1_000


def _own_entries(request: HttpRequest) -> OwnEntries:
    """Return what registers hold about whoever looks at the page, which records the access."""
    actor: Actor = getattr(request, "actor", Actor.guest())
    asked = request.GET.get(PAGE, "")
    is_page = asked.isascii() and asked.isdigit() and 0 < int(asked[:9]) <= _LAST_PAGE
    return own_entries(actor.person_ids, number_of_page=int(asked) if is_page else 1)


slots.register(PageSlot("own_entries", _own_entries))


@folder_checks.register
class RegistersCheck(FolderCheck):
    """Every file below ``registers`` declares a register."""

    key: ClassVar[str] = "registers"

    def check(self, root: Path) -> list[Problem]:
        """Return what is wrong with the declared registers."""
        return read_registers(root)[1]
