"""How a simulation stands."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """From the order to the figures."""

    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class Origin(models.TextChoices):
    """Where a population comes from."""

    SYNTHETIC = "synthetic", _("Synthetic")
    UPLOADED = "uploaded", _("Uploaded")
