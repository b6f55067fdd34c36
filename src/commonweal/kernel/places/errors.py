"""What can go wrong with places and days."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.errors import CommonwealError


class CalendarUnknown(CommonwealError):
    """A deadline reaches into a year whose holidays nobody has declared; it is never guessed."""

    code = "calendar-unknown"
    status = 503
    message = _("The working days of {year} are not known here yet.")
    next_step = _("The office has to add the holidays of that year; then try again.")


class NoSuchDistrict(CommonwealError):
    """An address names a district that the jurisdiction does not have."""

    code = "no-such-district"
    status = 422
    message = _("There is no district '{district}' here.")
    next_step = _("Use the key of a district from the jurisdiction's file of areas.")


class TooManyAddresses(CommonwealError):
    """More addresses were sent than one transaction takes."""

    code = "too-many-addresses"
    status = 413
    message = _("More than {limit} addresses were sent at once.")
    next_step = _("Send them in smaller parts.")
