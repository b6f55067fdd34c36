"""What can go wrong with awards."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.errors import Conflict


class CapacityFull(Conflict):
    """As much has been granted from the pool as may be."""

    code = "capacity-full"
    message = _("There is no room left: {used} of {limit} are taken.")
    next_step = _("You can ask to be put on the waiting list.")


class AwardEnded(Conflict):
    """The award is no longer running."""

    code = "award-ended"
    message = _("This award has ended already.")
    next_step = _("Load the page again to see how it stands now.")


class TermsUnclear(Conflict):
    """The declaration's expressions give no term, amount or pool for this case."""

    code = "terms-unclear"
    message = _("What is to be granted cannot be worked out: '{field}' has no value.")
    next_step = _("An officer has to look at the case and at the service's declaration.")
