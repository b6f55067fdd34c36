"""What the catalogue hangs into the page shell."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.pages import NavigationItem, navigation
from commonweal.kernel.base.rules import anyone

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
