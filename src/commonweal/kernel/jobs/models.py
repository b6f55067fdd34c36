"""The tables of jobs."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q

from commonweal.kernel.base.fields import EncryptedTextField, new_id
from commonweal.kernel.base.personal import NONE, Erasure, Personal


class Job(models.Model):
    """Work that waits or is under way; a row is deleted by the transaction that completes it.

    Payloads hold ids, dates and plain values, never a person's data.
    """

    personal: ClassVar[Personal | None] = NONE

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.CharField(max_length=100)
    payload = models.TextField(help_text="JSON.")
    lane = models.SmallIntegerField()
    run_at = models.DateTimeField(help_text="When any worker may take it; a lease moves it into the future.")
    enqueued_at = models.DateTimeField()
    agency = models.CharField(max_length=60, null=True)  # noqa: DJ001 - None: it belongs to no agency
    unique_key = models.CharField(max_length=200, null=True, unique=True)  # noqa: DJ001 - None repeats freely
    cursor = models.TextField(null=True, help_text="JSON; how far a chunked job has come.")  # noqa: DJ001 - None: not begun
    fence = models.BigIntegerField(
        default=0, help_text="How often it was taken; only the latest taker may complete it."
    )
    holder = models.UUIDField(null=True, help_text="Who has it.")
    attempts = models.IntegerField(default=0, help_text="How often it ended in an error.")
    losses = models.IntegerField(default=0, help_text="How often its holder was not heard of again.")
    error = models.TextField(default="", help_text="The last error, without personal data.")
    dead_at = models.DateTimeField(null=True, help_text="When it was given up.")

    class Meta:
        """Order and indexes."""

        ordering = ("run_at", "id")
        indexes = (
            models.Index(fields=("lane", "run_at"), condition=Q(dead_at=None), name="jobs_due"),
            models.Index(fields=("dead_at",), condition=Q(dead_at__isnull=False), name="jobs_dead"),
            models.Index(fields=("holder",), condition=Q(holder__isnull=False), name="jobs_held"),
        )

    def __str__(self) -> str:
        return f"{self.key} {self.id}"


class CronTick(models.Model):
    """The last tick of each entry of the cron table."""

    personal: ClassVar[Personal | None] = NONE

    key = models.CharField(primary_key=True, max_length=100)
    last = models.DateTimeField()

    class Meta:
        """Order."""

        ordering = ("key",)

    def __str__(self) -> str:
        return self.key


class OutboxMessage(models.Model):
    """Something to be sent out of the house, once; its text is deleted as soon as it has left."""

    personal: ClassVar[Personal | None] = Personal(
        subject="subject",
        purpose="Delivers a message that was promised in the same transaction.",
        retention="until it has been sent or given up; 30 days at most",
        erasure=Erasure.BLANK_FIELDS,
        fields=("payload",),
        expired=lambda at: Q(created_at__lt=at - timedelta(days=30), payload__isnull=False),
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    channel = models.CharField(max_length=20)
    idempotency_key = models.CharField(max_length=200, unique=True)
    payload = EncryptedTextField(null=True, help_text="JSON; None once sent.")
    subject = models.UUIDField(null=True, help_text="The person who is written to, where we know.")
    agency = models.CharField(max_length=60, null=True)  # noqa: DJ001 - None: it belongs to no agency
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        """Order and indexes."""

        ordering = ("created_at", "id")
        indexes = (
            models.Index(fields=("created_at",), condition=Q(sent_at=None), name="jobs_outbox_waiting"),
        )

    def __str__(self) -> str:
        return f"{self.channel} {self.id}"
