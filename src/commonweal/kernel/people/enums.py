"""Stored choices of the people app; their values never change."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Face(models.TextChoices):
    """Which of the two faces an account that has both is using."""

    RESIDENT = "resident", _("Resident")
    OFFICER = "officer", _("Officer")
