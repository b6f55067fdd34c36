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


class ErasureElsewhere(Conflict):
    """Another agency deals with a request of this person."""

    code = "erasure-elsewhere"
    message = _("Another agency is dealing with an erasure of this person's data already.")
    next_step = _("It takes what your agency holds, too. There is nothing for you to do.")


class HoldMovedOn(Conflict):
    """The hold stands differently from what the page showed."""

    code = "hold-moved-on"
    message = _("This hold has moved on since you opened it.")
    next_step = _("Load the page again to see how it stands now.")


class SecondOfficerNeeded(Conflict):
    """The officer who did the first step of two may not do the second."""

    code = "second-officer-needed"
    message = _("Another officer has to confirm what you have checked.")
    next_step = _("Ask a colleague of your agency who may do the same.")
