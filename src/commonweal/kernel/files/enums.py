"""Stored choices of the files app; their values never change."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Scan(models.TextChoices):
    """What is known of a file's harmlessness."""

    PENDING = "pending", _("being checked")
    CLEAN = "clean", _("checked")
    INFECTED = "infected", _("dangerous")
    UNSCANNED = "unscanned", _("not checked")


class FileKind(StrEnum):
    """What a declaration may ask for; each stands for contents that we can recognise."""

    PDF = "pdf"
    PHOTO = "photo"
    DOCUMENT = "document"
    TABLE = "table"
    TEXT = "text"
