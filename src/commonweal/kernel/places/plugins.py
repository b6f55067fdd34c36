"""What places hang into the page shell."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.pages import NavigationItem, navigation
from commonweal.kernel.base.rules import anyone

navigation.register(
    NavigationItem("places.districts", "footer", _("Districts"), "places:districts", 300, anyone)
)
