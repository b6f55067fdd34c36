"""What consent hangs into other apps: holds, what officers may be granted, and where its pages stand."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.pages import NavigationItem, PageSlot, navigation, slots
from commonweal.kernel.base.personal import Held, HoldSource, hold_sources
from commonweal.kernel.consent import queries
from commonweal.kernel.consent.registry import Matter, matters
from commonweal.kernel.consent.rules import ERASE, HOLD, may_erase, may_hold
from commonweal.kernel.people import queries as people
from commonweal.kernel.people.registry import SUPERVISOR, Capability, capabilities
from commonweal.kernel.people.types import Link


@hold_sources.register
class Holds(HoldSource):
    """The holds that officers place."""

    key: ClassVar[str] = "consent"

    def held(self) -> Held:
        """Return what they are on."""
        return queries.held()


@matters.register
class PersonMatter(Matter):
    """What belongs to a person and to no case: files and letters of the stream ``person:<id>``."""

    key = "person"

    def find(self, text: str) -> str:
        """Return nothing: a person is named by number, not by a matter."""
        return ""

    def agency(self, stream: str) -> str | None:
        """Return that persons belong to no agency."""
        try:
            person_id = UUID(stream.partition(":")[2])
        except ValueError:
            return None
        return "" if people.cards([person_id]) else None


capabilities.register(Capability(ERASE, _("Erase personal data, two officers together"), (SUPERVISOR,)))
capabilities.register(
    Capability(
        HOLD, _("Place holds, so that nothing is deleted; end them, two officers together"), (SUPERVISOR,)
    )
)

slots.register(
    PageSlot("own_data", lambda request: [Link(reverse("consent:own-erasure"), _("Erase your data"))])
)

navigation.register(
    NavigationItem("consent.erasures", "workbench", _("Erasures"), "consent:erasures", 700, may_erase)
)
navigation.register(NavigationItem("consent.holds", "workbench", _("Holds"), "consent:holds", 710, may_hold))
