"""Answers on their way: one sheet a form that somebody is filling in."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.fields import EncryptedJSONField, new_id
from commonweal.kernel.base.personal import Erasure, Personal
from commonweal.kernel.catalogue.enums import Channel


class SheetQuerySet(models.QuerySet["Sheet"]):
    """Chainable questions about sheets."""

    def open(self, at: datetime) -> SheetQuerySet:
        """Return those that can still be answered."""
        return self.filter(submitted_at=None, expires_at__gt=at)

    def expired(self, at: datetime) -> SheetQuerySet:
        """Return those that nobody finished in time."""
        return self.filter(submitted_at=None, expires_at__lte=at)


class Sheet(models.Model):
    """A form that is being filled in.

    Attributes:
        version: The version of the service that it is pinned to.
        service_key: The service.
        agency: Key of the agency answerable for it.
        channel: The way by which it reaches us.
        answers: Stored answers by question; encrypted.
        sources: Where answers come from that a register gave; encrypted.
        done_pages: Keys of the pages that have been answered.
        faults: Conditions and rules that failed to give an answer, by place; for an officer.
        revision: Grows with each change, so that two tabs cannot overwrite each other.
        left_out: Questions that were not asked when it was sent, because their answers could no longer matter.
        owner: The person whose account it belongs to; None while only a link leads to it.
        token_hash: SHA-256 of the link's token; empty once an account has claimed it.
        created_at: When it was begun.
        updated_at: When it was last answered.
        expires_at: When it is deleted if nobody sends it.
        submitted_at: When it was sent.
        received_at: When it reached us on paper, which is when it counts as handed in; None where it was filled in
            on a screen.
    """

    personal: ClassVar[Personal | None] = Personal(
        subject="owner_id",
        purpose="To keep what somebody has answered until they send it, and as the application itself afterwards.",
        retention="30 days after the last answer; with the case once it was sent",
        erasure=Erasure.DELETE_ROWS,
        fields=("answers", "sources", "faults"),
        what=_("Applications that you have not sent"),
        is_told_by_keeper=True,
        kept=lambda at: models.Q(submitted_at__isnull=False),  # what was sent goes with its case
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    version = models.ForeignKey("catalogue.ServiceVersion", on_delete=models.PROTECT, related_name="+")
    service_key = models.CharField(max_length=60)
    agency = models.CharField(max_length=60)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.ONLINE)
    answers = EncryptedJSONField(default=dict)
    sources = EncryptedJSONField(default=dict)
    done_pages = models.JSONField(default=list)
    faults = EncryptedJSONField(default=dict)
    left_out = models.JSONField(default=list)
    revision = models.PositiveIntegerField(default=0)
    owner = models.ForeignKey(
        "people.Person", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    token_hash = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)

    objects = SheetQuerySet.as_manager()

    class Meta:
        """Table options."""

        constraints = (
            models.UniqueConstraint(
                fields=["token_hash"], condition=~models.Q(token_hash=""), name="forms_one_sheet_a_token"
            ),
            models.CheckConstraint(
                condition=models.Q(owner__isnull=False) | ~models.Q(token_hash=""),
                name="forms_sheet_can_be_reached",
            ),
        )
        indexes = (
            models.Index(fields=["owner", "-updated_at"], name="forms_sheet_owner"),
            models.Index(fields=["submitted_at", "expires_at"], name="forms_sheet_expiry"),
        )

    def __str__(self) -> str:
        return f"{self.service_key} {self.pk}"

    def as_of(self, at: datetime) -> datetime:
        """Return the time that ``today()`` and the law go by: when it reached us, where it came on paper."""
        return self.received_at or at

    @property
    def stream(self) -> str:
        """The ledger's stream of this sheet."""
        return f"sheet:{self.pk}"


class Unsent(models.Model):
    """What was typed into a page and sent when its session was over; shown again to the owner, and nobody else.

    Attributes:
        sheet: The form.
        place: Path of the page.
        revision: Of the sheet at that moment; once anything was saved since, this is out of date.
        typed: Texts by field; encrypted.
        secret_hash: SHA-256 of the secret that the browser keeps.
        expires_at: When it is shown no more.
    """

    personal: ClassVar[Personal | None] = Personal(
        subject="sheet__owner_id",
        purpose="To show people what they had typed when their session ended.",
        retention="one hour",
        erasure=Erasure.WITH_PARENT,
        fields=("typed",),
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    sheet = models.ForeignKey("forms.Sheet", on_delete=models.CASCADE, related_name="+")
    place = models.CharField(max_length=300)
    revision = models.PositiveIntegerField()
    typed = EncryptedJSONField(default=dict)
    secret_hash = models.CharField(max_length=64)
    expires_at = models.DateTimeField()

    class Meta:
        """Table options."""

        indexes = (models.Index(fields=["expires_at"], name="forms_unsent_expiry"),)

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.place}"
