"""What forms on paper hang in: a capability, the files, navigation, the scan beside the questions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from commonweal.kernel.base import clock
from commonweal.kernel.base.pages import NavigationItem, PageSlot, navigation, slots
from commonweal.kernel.base.templates import address, long_date
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.catalogue.queries import compiled
from commonweal.kernel.files.registry import FileAccess, access
from commonweal.kernel.forms.queries import open_sheet
from commonweal.kernel.paper import sections  # noqa: F401 - registers on import
from commonweal.kernel.paper.models import Scan
from commonweal.kernel.paper.queries import passed_limit, scan_of_sheet
from commonweal.kernel.paper.rules import TAKE_IN, TAKE_IN_LATE, allows, may_take_in
from commonweal.kernel.paper.telling import told_of_limit
from commonweal.kernel.people.registry import COUNTER, SUPERVISOR, Capability, capabilities

_DRAFT = re.compile(r"^/drafts/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/")

capabilities.register(Capability(TAKE_IN, gettext_lazy("Take in forms on paper"), (COUNTER, SUPERVISOR)))
capabilities.register(
    Capability(TAKE_IN_LATE, gettext_lazy("Take in forms that came on paper long ago"), (SUPERVISOR,))
)
navigation.register(
    NavigationItem("paper.desk", "workbench", gettext_lazy("Forms on paper"), "paper:desk", 41, may_take_in)
)


@access.register
class ScanFiles(FileAccess):
    """Scans that are not typed in yet: for the officers of the agency that took them in."""

    key = "paper"

    def may_read(self, actor: Actor, stream: str, subject: UUID | None) -> bool:
        """Whether the actor may see the scan."""
        scan = Scan.objects.filter(pk=stream.partition(":")[2]).order_by("id").first()
        return scan is not None and allows(actor, scan)


@dataclass(frozen=True)
class Beside:
    """The paper that an officer types in, beside the questions.

    Attributes:
        received: The day of receipt, in words.
        warning: What the day of receipt means, where the time for an answer is over; else empty.
        href: The page about the scan.
        file: Where the scan itself is opened.
        pictures: Address of each page's picture; none where nothing here can draw them.
    """

    received: str
    warning: str
    href: str
    file: str
    pictures: tuple[str, ...]


def beside(request: HttpRequest) -> Beside | None:
    """Return the paper from which an officer types in the form that the page shows."""
    actor: Actor = getattr(request, "actor", Actor.guest())
    found = _DRAFT.match(request.path)
    if found is None or actor.kind is not ActorKind.OFFICER or not actor.on_behalf_of:
        return None
    scan = scan_of_sheet(UUID(found[1]), actor=actor)
    if scan is None:
        return None
    passed = passed_limit(scan, today=clock.today())
    return Beside(
        long_date(scan.received_on),
        told_of_limit(passed) if passed else "",
        address("paper:scan", scan_id=scan.pk),
        address("files:download", file_id=scan.file_id),
        tuple(address("paper:picture", scan_id=scan.pk, page=page) for page in range(1, scan.pages + 1)),
    )


def finish_on_paper(request: HttpRequest) -> str:
    """Return where a draft is printed to be finished with a pen; empty where its code could lead back to nobody."""
    actor: Actor = getattr(request, "actor", Actor.guest())
    found = _DRAFT.match(request.path)
    if found is None or not actor.is_signed_in:
        return ""
    sheet = open_sheet(UUID(found[1]), by=actor, at=clock.now())
    takes_paper = sheet.owner_id is not None and compiled(sheet.version_id).info.takes_paper
    return address("paper:print", sheet_id=sheet.pk) if takes_paper else ""


slots.register(PageSlot("beside", beside))
slots.register(PageSlot("finish_on_paper", finish_on_paper))
