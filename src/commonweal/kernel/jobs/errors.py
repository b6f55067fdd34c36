"""What can go wrong with jobs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.errors import CommonwealError, Conflict


class LeaseLost(CommonwealError):
    """Another worker has taken the job meanwhile, so this one's work must not count."""

    code = "job-lease-lost"


class GiveUp(CommonwealError):
    """A handler says that trying again will not help: the job becomes a dead letter at once."""

    code = "job-given-up"


class NotDead(Conflict):
    """Only a job that has been given up can be started again or discarded."""

    code = "job-not-dead"
    message = _("This job is waiting or running already.")
