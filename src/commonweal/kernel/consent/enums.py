"""Stored choices of the consent app; their values never change."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """How a request for erasure stands."""

    REQUESTED = "requested", _("asked for")
    CHECKED = "checked", _("checked by one officer")
    RUNNING = "running", _("being carried out")
    PARTLY = "partly", _("done as far as the law allows")
    DONE = "done", _("done")
    REFUSED = "refused", _("refused")
    WITHDRAWN = "withdrawn", _("withdrawn")


OPEN = (Status.REQUESTED, Status.CHECKED, Status.RUNNING, Status.PARTLY)
