"""Closed lists of words that statistics store."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    """What is counted; each has keys of its own."""

    RECEIVED = "received", _("Applications received")  # by channel, in the month of receipt
    DECIDED = "decided", _("Applications answered")  # by outcome, in the month of the answer
    DAYS = "days", _("Days until the answer")  # by number of days, in the month of the answer
    TIMELY = "timely", _("Answered in time")  # by how it stood to the limit, in the month of the answer
    LEFT = "left", _("Answered, by day of receipt")  # by day of receipt, in the month of the answer
    OPEN = "open", _("Waiting for an answer")  # by day of receipt, in its month; falls as they are answered


class Timely(TextChoices):
    """How an answer stood to its limit."""

    IN_TIME = "in-time", _("in time")
    LATE = "late", _("late")
    NO_LIMIT = "no-limit", _("no limit")
