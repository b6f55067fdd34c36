"""Stored choices of the people app; their values never change."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Face(models.TextChoices):
    """Which of the two faces an account that has both is using."""

    RESIDENT = "resident", _("Resident")
    OFFICER = "officer", _("Officer")


class Scope(models.TextChoices):
    """What a token for a program may do, written as RFC 6749, section 3.3, lists scopes."""

    READ = "read", _("Read only")
    WRITE = "read write", _("Read and change")
