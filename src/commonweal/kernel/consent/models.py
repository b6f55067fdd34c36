"""Requests for erasure, and holds."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from commonweal.kernel.base.fields import EncryptedTextField, new_id
from commonweal.kernel.base.personal import Erasure as How
from commonweal.kernel.base.personal import Personal
from commonweal.kernel.consent.enums import OPEN, Status


class Erasure(models.Model):
    """Somebody asks that a person's data be erased.

    Attributes:
        person_id: The person's standing record when it was asked for.
        agency: Whose officers deal with it: of whoever asked or checked it; empty until one of them has.
        status: How it stands.
        reason: Why, in the words of whoever asked; blanked when it is carried out.
        answer: Why it was refused; likewise.
        requested_by: Kind and id of whoever asked.
        checked_by: Id of the officer who checked it.
        confirmed_by: Id of the other officer, who confirmed it.
        next_on: Day on which more can be erased, where the law keeps something.
        finished_at: When it was done, refused or withdrawn.
        told_at: When the person was told that a part of it is done; None before.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person_id = models.UUIDField()
    agency = models.CharField(max_length=60, blank=True, default="")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.REQUESTED)
    reason = EncryptedTextField(default="", blank=True)
    answer = EncryptedTextField(default="", blank=True)
    requested_by = models.CharField(max_length=80)
    requested_at = models.DateTimeField()
    checked_by = models.UUIDField(null=True, blank=True)
    confirmed_by = models.UUIDField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    next_on = models.DateField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)

    personal: ClassVar[Personal | None] = Personal(
        subject="person_id",
        purpose="To erase what a person asks for, and to prove that two officers looked at it.",
        retention="the row for ever, as proof; its words until it is carried out",
        erasure=How.BLANK_FIELDS,
        fields=("reason", "answer"),
    )

    class Meta:
        """Order, constraints and indexes."""

        ordering: ClassVar[list[str]] = ["requested_at", "id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["status", "requested_at"], name="consent_erasure_queue"),
            models.Index(fields=["person_id"], name="consent_erasure_person"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["person_id"], condition=Q(status__in=list(OPEN)), name="consent_one_open_erasure"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=models.F("checked_by")),
                name="consent_erasure_four_eyes",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def stream(self) -> str:
        """The ledger's stream of the request."""
        return f"erasure:{self.pk}"


class Hold(models.Model):
    """Nothing of a person, or of a stream, is deleted while it stands.

    Attributes:
        subject: The person; None where it is on a stream.
        stream: The ledger's stream; empty where it is on a person.
        agency: Whose officers placed it, see it and may end it.
        reason: Why, for example the number of a court's file.
        placed_by: Kind and id of the officer.
        release_asked_by: Likewise, of the first officer who says that it may end; empty while nobody does.
        release_reason: Why it may end.
        released_by: Likewise, of the other officer, who ended it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subject = models.UUIDField(null=True, blank=True)
    stream = models.CharField(max_length=120, blank=True)
    agency = models.CharField(max_length=60, blank=True, default="")
    reason = EncryptedTextField()
    placed_by = models.CharField(max_length=80)
    placed_at = models.DateTimeField()
    release_asked_by = models.CharField(max_length=80, blank=True, default="")
    release_asked_at = models.DateTimeField(null=True, blank=True)
    release_reason = EncryptedTextField(default="", blank=True)
    released_by = models.CharField(max_length=80, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)

    personal: ClassVar[Personal | None] = Personal(
        subject="subject",
        purpose="To keep what a court or an auditor needs.",
        retention="the row for ever, as proof; its reasons until the person is erased",
        erasure=How.BLANK_FIELDS,
        fields=("reason", "release_reason"),
        stream="stream",
        kept=lambda at: Q(released_at__isnull=True),
    )

    class Meta:
        """Order, constraints and indexes."""

        ordering: ClassVar[list[str]] = ["-placed_at", "-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["placed_at"], condition=Q(released_at__isnull=True), name="consent_hold_standing"
            )
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(subject__isnull=True) ^ Q(stream=""), name="consent_hold_on_one_thing"
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True) | ~Q(released_by=models.F("release_asked_by")),
                name="consent_release_four_eyes",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
