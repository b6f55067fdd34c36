"""Closed lists of words that the catalogue stores."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Status(TextChoices):
    """How a version of a service stands towards new applicants.

    Drafts and cases that began on a version go on with it whatever its status.
    """

    DRAFT = "draft", _("Draft")
    LIVE = "live", _("Live")
    SUSPENDED = "suspended", _("Suspended")
    CLOSED = "closed", _("Closed")


MOVES: dict[str, frozenset[str]] = {
    Status.DRAFT: frozenset({Status.LIVE, Status.CLOSED}),
    Status.LIVE: frozenset({Status.SUSPENDED, Status.CLOSED}),
    Status.SUSPENDED: frozenset({Status.LIVE, Status.CLOSED}),
    Status.CLOSED: frozenset(),
}
"""From each status, where a version may go."""


class Channel(TextChoices):
    """A way by which an application reaches us, in the words that services declare theirs with."""

    ONLINE = "online", _("online")
    COUNTER = "counter", _("at the counter")
    PHONE = "phone", _("by phone")
    POST = "post", _("on paper")
    OFFERED = "offered", _("without an application")
