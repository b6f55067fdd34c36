"""What can go wrong where something was granted without an application."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.errors import Conflict


class NotGrantedUnasked(Conflict):
    """The case began with an application, or what it granted has been declined or has ended."""

    code = "not-granted-unasked"
    message = _("There is nothing here that you could decline.")
    next_step = _("Load the page again to see how it stands.")
