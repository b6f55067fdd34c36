"""What can go wrong with erasures and holds."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.errors import Conflict


class NotErasableYet(Conflict):
    """Something of the person has not been answered yet, or a hold forbids the erasure."""

    code = "not-erasable-yet"
    message = _("These data cannot be erased now: {reason}")
    next_step = _("Come back when that has been settled. Nothing has been erased.")


class ErasureMovedOn(Conflict):
    """The request stands differently from what the page showed."""

    code = "erasure-moved-on"
    message = _("This request has moved on since you opened it.")
    next_step = _("Load the page again to see how it stands now.")


class SecondOfficerNeeded(Conflict):
    """The officer who checked a request may not be the one who confirms it."""

    code = "second-officer-needed"
    message = _("Another officer has to confirm what you have checked.")
    next_step = _("Ask a colleague who may erase personal data.")
