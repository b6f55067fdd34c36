"""Closed lists of words that authoring stores."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    """What a draft is of."""

    SERVICE = "service", _("Service")
    LAW = "law", _("Law")


class Stage(TextChoices):
    """How a draft of a service stands."""

    OPEN = "open", _("Being written")
    PROPOSED = "proposed", _("Waits for approval")
    PUBLISHED = "published", _("Published")
    DISCARDED = "discarded", _("Given up")


UNFINISHED = (Stage.OPEN, Stage.PROPOSED)
"""A service has at most one draft that stands at one of these."""
