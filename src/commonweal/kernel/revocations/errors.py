"""What can go wrong where something is taken back."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.errors import Conflict, NotFound


class RevocationNotFound(NotFound):
    """Nothing of the case is being taken back, or has been."""

    code = "revocation-not-found"
    message = _("Nothing of this is being taken back.")
    next_step = _("Look at the case to see how it stands.")


class NothingToRevoke(Conflict):
    """Nothing granted runs, it is being taken back already, or the service declares no grounds."""

    code = "nothing-to-revoke"
    message = _("There is nothing here that could be taken back.")
    next_step = _("Load the page again to see how it stands.")


class RevocationMovedOn(Conflict):
    """The revocation does not stand as the page showed."""

    code = "revocation-moved-on"
    message = _("Meanwhile this stands otherwise.")
    next_step = _("Load the page again. What you wrote is still in the form below.")
