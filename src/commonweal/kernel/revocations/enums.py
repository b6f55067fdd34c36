"""Stored words of revocations."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Status(TextChoices):
    """How a revocation stands."""

    ANNOUNCED = "announced", _("announced")
    SUSPENDED = "suspended", _("suspended")
    DONE = "done", _("revoked")
    DROPPED = "dropped", _("dropped")


OPEN = (Status.ANNOUNCED, Status.SUSPENDED)
"""Every status in which something is still to come."""
