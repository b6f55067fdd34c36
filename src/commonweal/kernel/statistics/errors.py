"""What can go wrong with statistics."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.errors import NotFound


class StatisticsNotShown(NotFound):
    """The service does not publish its statistics, or is not the officer's."""

    code = "statistics-not-shown"
    message = _("There are no statistics of this service to see here.")
    next_step = _("Ask the agency that is answerable for the service.")
