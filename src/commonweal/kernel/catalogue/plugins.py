"""What the catalogue hangs into the page shell."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.pages import NavigationItem, navigation
from commonweal.kernel.base.rules import anyone
from commonweal.kernel.catalogue.rules import PUBLISH, may_publish
from commonweal.kernel.people.registry import Capability, capabilities

navigation.register(
    NavigationItem(
        key="catalogue.services",
        face="portal",
        label=_("Services"),
        url_name="catalogue:services",
        order=10,
        shown_to=anyone,
    )
)
navigation.register(
    NavigationItem(
        key="catalogue.versions",
        face="workbench",
        label=_("Services"),
        url_name="catalogue:versions",
        order=500,
        shown_to=may_publish,
    )
)
capabilities.register(
    Capability(PUBLISH, _("Offer, suspend and close services"), ("service-designer", "operator"))
)
