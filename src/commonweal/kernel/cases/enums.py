"""Stored words of cases."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Status(TextChoices):
    """How a case stands."""

    RUNNING = "running", _("being processed")
    UNASSIGNED = "unassigned", _("waiting for an officer")
    ASSIGNED = "assigned", _("with an officer")
    ASKED = "asked", _("waiting for the applicant")
    WAITING = "waiting", _("waiting for a date")
    CLOSED = "closed", _("closed")


IN_QUEUE = (Status.UNASSIGNED, Status.ASSIGNED, Status.ASKED)
"""Every status in which an officer has something to do or to watch."""


class SignatureAnswer(TextChoices):
    """What somebody said who was asked to sign."""

    SIGNED = "signed", _("signed")
    DECLINED = "declined", _("declined")
