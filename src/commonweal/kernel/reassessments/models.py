"""Re-assessments, and what each means for each award."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from commonweal.kernel.base.fields import EncryptedTextField, new_id
from commonweal.kernel.base.personal import NONE, Erasure, Personal
from commonweal.kernel.base.types import Money
from commonweal.kernel.reassessments.enums import OPEN, Kind, Stage, Status


class Reassessment(models.Model):
    """One look at every running award of a programme under the law of a day.

    Attributes:
        agency: Key of the agency whose awards are looked at.
        programme: Key of the programme of law.
        reference_on: The day whose law applies, and from which changes count.
        known_on: The law as known on this day.
        model_hash: SHA-256 of the model in force.
        parameters_hash: SHA-256 of the parameters.
        status: How it stands.
        currency: Of the sums.
        started_by: Who began it: pseudonymous id of an officer, or the job's name.
        started_at: When.
        assessed_at: When every award had been worked out.
        proposed_by: The officer who looked at it and proposes it; empty before.
        proposed_at: When.
        approved_by: The other officer, who approved it; empty before.
        approved_at: When.
        finished_at: When the last decision was issued, or it was cancelled.
    """

    personal: ClassVar[Personal | None] = NONE

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.CharField(max_length=60)
    programme = models.CharField(max_length=60)
    reference_on = models.DateField()
    known_on = models.DateField()
    model_hash = models.CharField(max_length=64)
    parameters_hash = models.CharField(max_length=64)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.COLLECTING)
    currency = models.CharField(max_length=3)
    started_by = models.CharField(max_length=80)
    started_at = models.DateTimeField()
    assessed_at = models.DateTimeField(null=True, blank=True)
    proposed_by = models.CharField(max_length=80, blank=True)
    proposed_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.CharField(max_length=80, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Table options."""

        constraints = (
            models.UniqueConstraint(
                fields=["agency", "programme", "reference_on"],
                condition=Q(status__in=list(OPEN)),
                name="reassessments_one_open",
            ),
            models.CheckConstraint(
                condition=Q(approved_by="") | (~Q(proposed_by="") & ~Q(approved_by=F("proposed_by"))),
                name="reassessments_four_eyes",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[Status.ISSUING, Status.DONE]) | ~Q(approved_by=""),
                name="reassessments_issued_if_approved",
            ),
        )
        indexes = (models.Index(fields=["agency", "-started_at"], name="reassessments_of_agency"),)

    def __str__(self) -> str:
        return f"{self.programme} {self.reference_on}"

    @property
    def stream(self) -> str:
        """The ledger's stream of the re-assessment."""
        return f"reassessment:{self.pk}"


class Item(models.Model):
    """What a re-assessment means for one award.

    Attributes:
        run: The re-assessment.
        award: The award.
        case_reference: What people call its case by.
        service_key: The service.
        kind: What changes.
        stage: What has become of it.
        outcome_before: Key of the outcome until now.
        outcome_after: Key of the outcome under the new law; empty where an officer has to decide.
        decision_before: The decision until now.
        decision_id: The new decision, once issued.
        before_minor: The amount until now, in minor units; null where it is none.
        after_minor: The amount under the new law.
        currency: Of both.
        reason: Why an officer has to decide.
        issued_at: When the new decision was issued.
    """

    personal: ClassVar[Personal | None] = Personal(
        subject="award__person_id",
        purpose="To know what a change of the law means for an award, and to tell the person.",
        retention="with award",
        erasure=Erasure.WITH_PARENT,
        fields=("before_minor", "after_minor", "reason"),
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey("reassessments.Reassessment", on_delete=models.CASCADE, related_name="items")
    award = models.ForeignKey("awards.Award", on_delete=models.CASCADE, related_name="+")
    case_reference = models.CharField(max_length=14, blank=True)
    service_key = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    stage = models.CharField(max_length=10, choices=Stage.choices, default=Stage.PENDING)
    outcome_before = models.CharField(max_length=60, blank=True)
    outcome_after = models.CharField(max_length=60, blank=True)
    decision_before = models.UUIDField()
    decision_id = models.UUIDField(null=True, blank=True)
    before_minor = models.BigIntegerField(null=True, blank=True)
    after_minor = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3)
    reason = EncryptedTextField(default="")
    issued_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Table options."""

        constraints = (
            models.UniqueConstraint(fields=["run", "award"], name="reassessments_item_once"),
            models.CheckConstraint(
                condition=~Q(stage=Stage.ISSUED) | Q(decision_id__isnull=False),
                name="reassessments_issued_has_decision",
            ),
        )
        indexes = (
            models.Index(fields=["run", "kind", "id"], name="reassessments_by_kind"),
            models.Index(
                fields=["run", "id"], condition=Q(stage=Stage.PENDING), name="reassessments_pending"
            ),
        )

    def __str__(self) -> str:
        return f"{self.run_id} {self.award_id}"

    @property
    def before(self) -> Money | None:
        """The amount until now."""
        return None if self.before_minor is None else Money(self.before_minor, self.currency)

    @property
    def after(self) -> Money | None:
        """The amount under the new law."""
        return None if self.after_minor is None else Money(self.after_minor, self.currency)
