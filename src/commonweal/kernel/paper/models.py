"""Copies of drafts that were printed, and forms that came in on paper."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.fields import new_id
from commonweal.kernel.base.personal import Erasure, Personal

CODE_LENGTH = 19


class Copy(models.Model):
    """A draft that its owner has printed, to finish it with a pen; a blank form leaves no row.

    Attributes:
        code: Stands on every page.
        sheet_id: The draft.
        person: Whose it is.
        agency: Key of the agency of the service.
        service_key: The service.
        version: The version that the draft is pinned to.
        language: BCP 47.
        made_at: When it was printed.
    """

    personal: ClassVar[Personal | None] = Personal(
        subject="person_id",
        purpose="To find the draft again when its paper comes back.",
        retention="400 days after it was printed",
        erasure=Erasure.DELETE_ROWS,
        fields=("code",),
        what=_("Forms that you have printed"),
        expired=lambda at: Q(made_at__lte=at - timedelta(days=400)),
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=CODE_LENGTH, unique=True)
    sheet_id = models.UUIDField()
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    agency = models.CharField(max_length=60)
    service_key = models.CharField(max_length=60)
    version = models.ForeignKey("catalogue.ServiceVersion", on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=12)
    made_at = models.DateTimeField()

    class Meta:
        """Table options."""

        indexes = (models.Index(fields=["person", "-made_at"], name="paper_copies_of"),)

    def __str__(self) -> str:
        return self.code

    @property
    def stream(self) -> str:
        """The ledger's stream."""
        return f"paper-copy:{self.pk}"


class Scan(models.Model):
    """One form that came in on paper.

    Attributes:
        agency: Key of the agency whose officer took it in.
        file_id: The scan.
        pages: How many pages can be shown; 0 where nothing here can draw them, or they wait for the virus scanner.
        code: On its pages; empty until it is read or typed.
        received_on: The day on which it reached us; the application counts from it.
        taken_in_by: The officer.
        taken_in_at: When.
        version: The version that was printed; None until the code is known.
        service_key: Its service; empty until then.
        person: Who applies; None until an officer has found them.
        sheet_id: The form into which it is typed; None until then.
        sent_at: When the form was sent and the scan went to its case.
        discarded_at: When it was thrown away as a mistake.
    """

    personal: ClassVar[Personal | None] = Personal(
        subject="person_id",
        purpose="To type in a form that came on paper, and to show what was written.",
        retention="1,095 days after it was taken in",
        erasure=Erasure.DELETE_ROWS,
        fields=("code", "received_on"),
        what=_("Forms that you sent on paper"),
        expired=lambda at: Q(taken_in_at__lte=at - timedelta(days=1095)),
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.CharField(max_length=60)
    file_id = models.UUIDField()
    pages = models.PositiveSmallIntegerField(default=0)
    code = models.CharField(max_length=CODE_LENGTH, blank=True)
    received_on = models.DateField()
    taken_in_by = models.ForeignKey("people.Officer", on_delete=models.PROTECT, related_name="+")
    taken_in_at = models.DateTimeField()
    version = models.ForeignKey(
        "catalogue.ServiceVersion", on_delete=models.PROTECT, null=True, related_name="+"
    )
    service_key = models.CharField(max_length=60, blank=True)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, null=True, related_name="+")
    sheet_id = models.UUIDField(null=True)
    sent_at = models.DateTimeField(null=True)
    discarded_at = models.DateTimeField(null=True)

    class Meta:
        """Table options."""

        constraints = (
            models.CheckConstraint(
                condition=Q(sheet_id__isnull=True) | Q(person__isnull=False),
                name="paper_typed_in_for_somebody",
            ),
        )
        indexes = (
            models.Index(fields=["agency", "-taken_in_at"], name="paper_scans_of_agency"),
            models.Index(fields=["sheet_id"], name="paper_scan_of_sheet"),
            models.Index(fields=["code"], name="paper_scans_with_code"),
        )

    def __str__(self) -> str:
        return f"{self.received_on} {self.code}"

    @property
    def stream(self) -> str:
        """The ledger's stream; the scan belongs to it until its form is sent."""
        return f"paper:{self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether there is still something to do."""
        return self.sent_at is None and self.discarded_at is None
