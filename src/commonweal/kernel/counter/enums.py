"""Closed lists of words about consent to be helped."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Way(TextChoices):
    """How somebody agreed that an officer fills in for them."""

    IN_PERSON = "in-person", _("in person, with an identity document")
    CODE_SENT = "code-sent", _("by phone, with a code that we sent")
    OWN_CODE = "own-code", _("by phone, with a code of their own")
    ON_PAPER = "on-paper", _("on paper, with their signature")


class Document(TextChoices):
    """Kinds of identity documents; their numbers are not kept."""

    PASSPORT = "passport", _("Passport")
    ID_CARD = "id-card", _("Identity card")
    DRIVING_LICENCE = "driving-licence", _("Driving licence")
    OTHER = "other", _("Another document with a photo")
