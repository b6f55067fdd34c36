"""The ledger's tables. Rows of ``Event`` and ``AccessRecord`` are written once (see the migration)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from commonweal.kernel.base.clock import years_before
from commonweal.kernel.base.fields import new_id
from commonweal.kernel.base.personal import NONE, Erasure, Personal

ACCESS_YEARS = 10
_actor_id = "Pseudonymous id."


class Stream(models.Model):
    """The last sequence number of a stream; its row is locked while an entry is added."""

    personal: ClassVar[Personal | None] = NONE

    name = models.CharField(primary_key=True, max_length=120)
    last = models.BigIntegerField()

    class Meta:
        """Order, constraints and indexes."""

        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class SubjectKey(models.Model):
    """The data key of one person's entries, wrapped by a master key; erasing the person empties it."""

    personal: ClassVar[Personal | None] = Personal(
        subject="subject",
        purpose="Makes a person's entries readable as long as they may be kept.",
        retention="until erasure",
        erasure=Erasure.DESTROY_KEY,
        fields=("wrapped",),
        goes_last=True,
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subject = models.UUIDField()
    wrapped = models.BinaryField(null=True)
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        """Order, constraints and indexes."""

        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("subject",), condition=models.Q(erased_at=None), name="ledger_one_key_a_subject"
            ),
            models.CheckConstraint(
                condition=models.Q(wrapped=None, erased_at__isnull=False)
                | models.Q(wrapped__isnull=False, erased_at=None),
                name="ledger_erased_key_is_gone",
            ),
        )

    def __str__(self) -> str:
        return str(self.id)


class Event(models.Model):
    """One entry of a stream."""

    personal: ClassVar[Personal | None] = Personal(
        subject="subject",
        purpose="Shows what the government did, to the person, to courts and to auditors.",
        retention="the row for ever; its payload until erasure",
        erasure=Erasure.DESTROY_KEY,
        fields=("ciphertext",),
        goes_last=True,
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    stream = models.CharField(max_length=120)
    sequence = models.BigIntegerField()
    type = models.CharField(max_length=100)
    actor_kind = models.CharField(max_length=20)
    actor_id = models.CharField(max_length=100, help_text=_actor_id)
    on_behalf_of = models.CharField(max_length=100, null=True)  # noqa: DJ001 - None and "" are different claims
    agency = models.CharField(max_length=60, null=True)  # noqa: DJ001 - likewise
    at = models.DateTimeField()
    subject = models.UUIDField(null=True)
    key_id = models.UUIDField(
        help_text="Of the SubjectKey; no foreign key, so that adding a row checks nothing."
    )
    commitment = models.BinaryField(max_length=32)
    ciphertext = models.BinaryField()

    class Meta:
        """Order, constraints and indexes."""

        ordering = ("stream", "sequence")
        constraints = (
            models.UniqueConstraint(fields=("stream", "sequence"), name="ledger_one_event_a_number"),
        )
        indexes = (
            models.Index(
                fields=("subject",), condition=models.Q(subject__isnull=False), name="ledger_event_subject"
            ),
        )

    def __str__(self) -> str:
        return f"{self.stream}#{self.sequence}"


class AccessRecord(models.Model):
    """Somebody was shown a person's data."""

    personal: ClassVar[Personal | None] = Personal(
        subject="subject",
        purpose="Shows residents who looked at their data, and what for.",
        retention="10 years",
        erasure=Erasure.WITH_PARENT,
        fields=("subject",),
        expired=lambda at: models.Q(at__lt=years_before(at, ACCESS_YEARS)),
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subject = models.UUIDField()
    actor_kind = models.CharField(max_length=20)
    actor_id = models.CharField(max_length=100, help_text=_actor_id)
    on_behalf_of = models.CharField(max_length=100, null=True)  # noqa: DJ001 - None and "" are different claims
    agency = models.CharField(max_length=60, null=True)  # noqa: DJ001 - likewise
    purpose = models.CharField(max_length=100)
    at = models.DateTimeField()

    class Meta:
        """Order, constraints and indexes."""

        ordering = ("at", "id")
        indexes = (models.Index(fields=("subject", "at"), name="ledger_access_subject"),)

    def __str__(self) -> str:
        return f"{self.purpose} at {self.at}"
