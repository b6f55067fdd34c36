"""What can go wrong in the check."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.errors import Conflict, NotFound


class NoCheck(NotFound):
    """No service can be checked before applying."""

    code = "no-check"
    message = _("There is nothing here that we can check before you apply.")
    next_step = _("Look at the services; each says who it is for.")


class NotAgreed(Conflict):
    """Somebody speaks of a suggestion who has not agreed to have any."""

    code = "suggestions-not-agreed"
    message = _("You have not asked for suggestions.")
    next_step = _("Ask for them on the page of your applications first.")
