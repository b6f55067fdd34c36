"""What residents say is wrong with a record, and what became of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base import clock
from commonweal.kernel.base.fields import EncryptedTextField, new_id
from commonweal.kernel.base.personal import Erasure, Personal
from commonweal.kernel.base.references import new_reference
from commonweal.kernel.disputes.enums import Status


class Dispute(models.Model):
    """Somebody says that what a register holds is wrong.

    Attributes:
        reference: What people call it by.
        agency: Key of the agency that keeps the record.
        team: Who puts it right.
        subject: Who says so; the record is about them or they were shown it.
        record: What it is about: ``fact:<key>`` or ``entry:<register>:<field>:<key>``; encrypted at rest, for a key may name somebody.
        record_hash: SHA-256 of the same, so that nobody reports one thing twice while it is open.
        label: What the value is called, as the resident read it.
        service_key: The service in whose form it was shown; empty where it was reported from one's own details.
        version: The version of that service, or None.
        sheet_id: The form, or None.
        held: What the record said, in words; encrypted at rest.
        claimed: What is right, in words; encrypted at rest.
        claimed_answer: The same as an answer is stored (JSON); encrypted at rest, ``null`` where it was said in words only.
        reason: Why, in the resident's words; encrypted at rest.
        source: Who said what the record holds.
        legal_basis: The ground on which it is held.
        observed_at: When it was so.
        raised_at: When it was reported.
        due_on: Last day for an answer.
        worker: The officer who has it.
        status: How it stands.
        corrected: What the record says now, in words; encrypted at rest, empty where nothing was changed.
        reasons: Why it was not changed, as the resident reads it; encrypted at rest.
        legal_ground: The rule that this rests on.
        answered_at: When.
        dispose_on: When it is destroyed.
        revision: Grows with every change, so that two officers cannot answer at once.
    """

    personal: ClassVar[Personal | None] = Personal(
        subject="subject_id",
        purpose="To put right what is held wrongly, and to show that it was looked into.",
        retention="as corrections.yaml of the jurisdiction declares, from the day it is answered",
        erasure=Erasure.DELETE_ROWS,
        fields=("record", "held", "claimed", "claimed_answer", "reason", "corrected", "reasons"),
        what=_("Mistakes that you reported"),
        kept=lambda at: Q(answered_at=None) | Q(dispose_on__gt=clock.local(at).date()),
        expired=lambda at: Q(dispose_on__lte=clock.local(at).date()),
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reference = models.CharField(max_length=14, unique=True, default=new_reference)
    agency = models.CharField(max_length=60)
    team = models.ForeignKey("people.Team", on_delete=models.PROTECT, related_name="+")
    subject = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    record = EncryptedTextField()
    record_hash = models.CharField(max_length=64)
    label = models.CharField(max_length=300)
    service_key = models.CharField(max_length=60, blank=True, default="")
    version = models.ForeignKey(
        "catalogue.ServiceVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    sheet_id = models.UUIDField(null=True, blank=True)
    held = EncryptedTextField()
    claimed = EncryptedTextField()
    claimed_answer = EncryptedTextField()
    reason = EncryptedTextField()
    source = models.CharField(max_length=300)
    legal_basis = models.CharField(max_length=300)
    observed_at = models.DateTimeField()
    raised_at = models.DateTimeField()
    due_on = models.DateField()
    worker = models.ForeignKey(
        "people.Officer", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    corrected = EncryptedTextField(blank=True, default="")
    reasons = EncryptedTextField(blank=True, default="")
    legal_ground = models.CharField(max_length=300, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    dispose_on = models.DateField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        """Table options."""

        constraints = (
            models.CheckConstraint(
                condition=Q(status=Status.OPEN, answered_at__isnull=True, dispose_on__isnull=True)
                | (~Q(status=Status.OPEN) & Q(answered_at__isnull=False, dispose_on__isnull=False)),
                name="disputes_answered_has_time",
            ),
            models.CheckConstraint(condition=Q(status__in=list(Status.values)), name="disputes_known_status"),
            models.UniqueConstraint(
                fields=["subject", "record_hash"],
                condition=Q(answered_at__isnull=True),
                name="disputes_one_open_a_record",
            ),
        )
        indexes = (
            models.Index(
                fields=["agency", "team", "due_on", "id"],
                condition=Q(answered_at__isnull=True),
                name="disputes_queue",
            ),
            models.Index(fields=["subject", "-raised_at"], name="disputes_of"),
            models.Index(fields=["dispose_on"], name="disputes_disposal"),
        )

    def __str__(self) -> str:
        return self.reference

    @property
    def stream(self) -> str:
        """The ledger's stream of the dispute, to which its files and letters belong."""
        return f"dispute:{self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return self.answered_at is None
