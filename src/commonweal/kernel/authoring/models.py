"""Drafts of services and of law: a folder's text on its way to a version; and rehearsals of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from commonweal.kernel.authoring.enums import UNFINISHED, Kind, Stage
from commonweal.kernel.base.fields import new_id
from commonweal.kernel.base.personal import NONE, Personal


class Draft(models.Model):
    """A working copy of the folder of a service, or of a programme of law.

    Attributes:
        kind: Whether it is a service or law.
        service_key: The service; for law, the programme.
        agency: Key of the agency answerable for it.
        files: Text of each file, by its path in the service's folder.
        based_on: The version that it was made from; None for a new service, and for law.
        beside: Of a service, the draft of a law with which it is checked and rehearsed; None for the law in force.
        base: For law, the text that it was made from; empty for a service.
        stage: How it stands.
        revision: Grows with each change, so that nobody approves what they did not see.
        editors: Pseudonymous ids of everybody who changed it; none of them approves it.
        began_at: When.
        changed_at: When it was last changed.
        proposed_by: The officer who proposes to publish it; empty before.
        proposed_at: When.
        note: What the proposal is for, or why it was sent back.
        approved_by: The other officer; empty before.
        version: What a service became.
        law_text: What a law became.
    """

    personal: ClassVar[Personal | None] = NONE

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.SERVICE)
    service_key = models.CharField(max_length=60)
    agency = models.CharField(max_length=60)
    files = models.JSONField()
    base = models.JSONField(default=dict)
    based_on = models.ForeignKey(
        "catalogue.ServiceVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    beside = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    stage = models.CharField(max_length=10, choices=Stage.choices, default=Stage.OPEN)
    revision = models.PositiveIntegerField(default=1)
    editors = models.JSONField(default=list)
    began_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    proposed_by = models.CharField(max_length=80, blank=True)
    proposed_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=1000, blank=True)
    approved_by = models.CharField(max_length=80, blank=True)
    version = models.ForeignKey(
        "catalogue.ServiceVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    law_text = models.ForeignKey(
        "decisions.LawText", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        """Table options."""

        constraints = (
            models.UniqueConstraint(
                fields=["kind", "service_key"],
                condition=Q(stage__in=list(UNFINISHED)),
                name="authoring_one_draft_a_service",
            ),
            models.CheckConstraint(condition=Q(kind__in=list(Kind.values)), name="authoring_known_kind"),
            models.CheckConstraint(condition=Q(stage__in=list(Stage.values)), name="authoring_known_stage"),
            models.CheckConstraint(
                condition=Q(approved_by="") | (~Q(proposed_by="") & ~Q(approved_by=F("proposed_by"))),
                name="authoring_four_eyes",
            ),
            models.CheckConstraint(
                condition=~Q(stage=Stage.PUBLISHED)
                | (~Q(approved_by="") & (Q(version__isnull=False) | Q(law_text__isnull=False))),
                name="authoring_published_if_approved",
            ),
        )
        indexes = (models.Index(fields=["agency", "-changed_at"], name="authoring_of_agency"),)

    def __str__(self) -> str:
        return f"{self.service_key} {self.pk}"

    @property
    def stream(self) -> str:
        """The ledger's stream of the service or law."""
        return f"{self.kind}:{self.service_key}"

    @property
    def is_law(self) -> bool:
        """Whether it is a programme of law."""
        return self.kind == Kind.LAW

    @property
    def main(self) -> str:
        """The file without which there is nothing."""
        return "parameters.yaml" if self.is_law else "service.yaml"

    @property
    def law_beside(self) -> Draft | None:
        """The law that it goes with, as long as that is being written or waits for approval."""
        return self.beside if self.beside is not None and self.beside.stage in UNFINISHED else None

    @property
    def is_open(self) -> bool:
        """Whether it can be changed."""
        return self.stage == Stage.OPEN


class Rehearsal(models.Model):
    """What an officer has done so far in a rehearsal; it is played anew, and undone, each time it is looked at.

    Attributes:
        draft: The draft whose text is rehearsed; None where it is the live version, for practice.
        law: The draft of a law that counts in it; None where that in force does.
        service_key: The service.
        agency: Key of the agency answerable for it.
        officer: Pseudonymous id of whoever rehearses.
        resident: Which invented resident applies.
        language: In which the resident reads.
        answers: Given so far.
        sources: Where answers come from that were known.
        done_pages: Keys of the pages that have been answered.
        is_sent: Whether the application was sent.
        steps: What the officer did with the case, in order.
        reference: Of the case, as it was when it was first sent.
        began_at: When; also the time at which everything in it happens.
        expires_at: When it is swept away.
    """

    personal: ClassVar[Personal | None] = NONE

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    draft = models.ForeignKey(
        Draft, null=True, blank=True, on_delete=models.CASCADE, related_name="rehearsals"
    )
    law = models.ForeignKey(Draft, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    service_key = models.CharField(max_length=60)
    agency = models.CharField(max_length=60)
    officer = models.CharField(max_length=80)
    resident = models.CharField(max_length=20)
    language = models.CharField(max_length=20)
    answers = models.JSONField(default=dict)
    sources = models.JSONField(default=dict)
    done_pages = models.JSONField(default=list)
    is_sent = models.BooleanField(default=False)
    steps = models.JSONField(default=list)
    reference = models.CharField(max_length=14, blank=True)
    began_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        """Table options."""

        indexes = (
            models.Index(fields=["officer", "-began_at"], name="authoring_rehearsals"),
            models.Index(fields=["expires_at"], name="authoring_sweep"),
        )

    def __str__(self) -> str:
        return f"{self.service_key} {self.pk}"

    @property
    def stream(self) -> str:
        """The ledger's stream of the service."""
        return f"service:{self.service_key}"
