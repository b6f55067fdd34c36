"""What authoring hangs into navigation and roles."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.kernel.authoring.rules import EDIT, may_rehearse, may_see
from commonweal.kernel.base.pages import NavigationItem, navigation
from commonweal.kernel.people.registry import SERVICE_DESIGNER, Capability, capabilities

navigation.register(
    NavigationItem("authoring", "workbench", _("Write services"), "authoring:list", 510, may_see)
)
navigation.register(
    NavigationItem("rehearsals", "workbench", _("Practise"), "authoring:rehearsals", 520, may_rehearse)
)
capabilities.register(Capability(EDIT, _("Write and change services"), (SERVICE_DESIGNER,)))
