"""What was granted without an application."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from commonweal.kernel.base.fields import new_id
from commonweal.kernel.base.personal import Erasure, Personal


class Offer(models.Model):
    """Something that was granted to somebody who had not applied.

    Attributes:
        case: The case; null only while it is being opened.
        sheet_id: Its form, filled in from what is known.
        service_key: The service.
        person: To whom.
        once: Names the period; in each there is one offer at most, also where it was declined.
        source_award: Id of the award whose holder was looked at.
        offered_at: When.
        declined_at: When the person said no.
    """

    personal: ClassVar[Personal | None] = Personal(
        subject="person_id",
        purpose="To grant once what the law lets be granted unasked, and never again what was declined.",
        retention="with case",
        erasure=Erasure.WITH_PARENT,
        fields=("source_award", "declined_at"),
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.OneToOneField(
        "cases.Case", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    sheet_id = models.UUIDField(unique=True)
    service_key = models.CharField(max_length=60)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    once = models.CharField(max_length=60)
    source_award = models.UUIDField()
    offered_at = models.DateTimeField()
    declined_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Table options."""

        constraints = (
            models.UniqueConstraint(fields=["service_key", "person", "once"], name="proactive_once"),
        )

    def __str__(self) -> str:
        return f"{self.service_key} {self.once}"
