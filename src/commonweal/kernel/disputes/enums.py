"""Stored words of disputes."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Status(TextChoices):
    """How a dispute stands."""

    OPEN = "open", _("being looked into")
    ACCEPTED = "accepted", _("put right")
    REFUSED = "refused", _("not changed")
