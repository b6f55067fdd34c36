"""Stored words of awards."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Status(TextChoices):
    """How an award stands."""

    RUNNING = "running", _("running")
    EXPIRED = "expired", _("expired")
    REVOKED = "revoked", _("revoked")


class Period(TextChoices):
    """What an amount is for."""

    ONCE = "once", _("once")
    MONTH = "month", _("a month")
    YEAR = "year", _("a year")
