"""Stored words of rounds."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Status(TextChoices):
    """How a round stands."""

    OPEN = "open", _("open for applications")
    READY = "ready", _("worked out, waits for approval")
    ISSUING = "issuing", _("decisions are being issued")
    DONE = "done", _("decided")
    CLOSING = "closing", _("being closed")
    CLOSED = "closed", _("closed")


class Answer(TextChoices):
    """What somebody said to an offer."""

    NONE = "", _("no answer yet")
    ACCEPTED = "accepted", _("accepted")
    STAYS = "stays", _("accepted, and left the waiting lists")
    DECLINED = "declined", _("declined")
    LAPSED = "lapsed", _("not answered in time")


GIVEN_UP = (Answer.DECLINED, Answer.LAPSED)
"""What was held then goes to others."""
