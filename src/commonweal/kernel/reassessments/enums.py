"""Stored words of mass re-assessment."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Status(TextChoices):
    """How a re-assessment stands."""

    COLLECTING = "collecting", _("being worked out")
    READY = "ready", _("ready to be looked at")
    PROPOSED = "proposed", _("waits for approval")
    ISSUING = "issuing", _("decisions are being issued")
    DONE = "done", _("done")
    CANCELLED = "cancelled", _("cancelled")


OPEN = (Status.COLLECTING, Status.READY, Status.PROPOSED, Status.ISSUING)
"""While one of these holds, no other re-assessment of the same law and day begins."""


class Kind(TextChoices):
    """What the new law means for one award."""

    SAME = "same", _("no change")
    CHANGED = "changed", _("another amount")
    ENDED = "ended", _("ends")
    OFFICER = "officer", _("an officer has to decide")


class Stage(TextChoices):
    """What has become of one award."""

    PENDING = "pending", _("not issued yet")
    ISSUED = "issued", _("decision issued")
    LEFT = "left", _("left as it is")
