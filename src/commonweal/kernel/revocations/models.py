"""Revocations of what was granted."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from commonweal.kernel.base.fields import EncryptedTextField, new_id
from commonweal.kernel.base.personal import Erasure, Personal
from commonweal.kernel.revocations.enums import OPEN, Status


class Revocation(models.Model):
    """The taking back of an award.

    Attributes:
        case: In which the award was granted.
        award_id: The award.
        ground: Key of the declared ground.
        reasons: As the holder reads them; encrypted at rest.
        statement: What the holder says to it; encrypted at rest, empty until they do.
        remark: Why it was suspended, goes on or was dropped, the latest; encrypted at rest.
        status: How it stands.
        announced_at: When the holder was told.
        effective_on: From which day the award does not run any more.
        ended_at: When it took effect or was dropped.
        revision: Counts changes, so that of two officers who act at once one wins.
    """

    personal: ClassVar[Personal | None] = Personal(
        subject="case__applicant_id",
        purpose="To take back what was granted, with reasons and a hearing.",
        retention="with case",
        erasure=Erasure.WITH_PARENT,
        fields=("reasons", "statement", "remark"),
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+")
    award_id = models.UUIDField()
    ground = models.CharField(max_length=60)
    reasons = EncryptedTextField()
    statement = EncryptedTextField(blank=True, default="")
    remark = EncryptedTextField(blank=True, default="")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ANNOUNCED)
    announced_at = models.DateTimeField()
    effective_on = models.DateField()
    ended_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        """Table options."""

        constraints = (
            models.UniqueConstraint(
                fields=["case"], condition=Q(status__in=list(OPEN)), name="revocations_one_open"
            ),
            models.CheckConstraint(
                condition=Q(status__in=list(OPEN), ended_at__isnull=True)
                | (~Q(status__in=list(OPEN)) & Q(ended_at__isnull=False)),
                name="revocations_ended_has_time",
            ),
        )
        indexes = (
            models.Index(
                fields=["effective_on", "id"], condition=Q(status=Status.ANNOUNCED), name="revocations_due"
            ),
        )

    def __str__(self) -> str:
        return f"{self.case_id} {self.status}"

    @property
    def is_open(self) -> bool:
        """Whether something is still to come."""
        return self.status in OPEN
