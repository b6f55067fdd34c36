"""What this app hangs into the page shell."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.pages import NavigationItem, navigation
from commonweal.kernel.jobs.rules import may_operate

navigation.register(
    NavigationItem(
        key="jobs",
        face="workbench",
        label=_("Jobs"),
        url_name="jobs:dead-letters",
        order=900,
        shown_to=may_operate,
    )
)
