"""Rounds, and the cases that take part."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from commonweal.kernel.base.fields import EncryptedTextField, new_id
from commonweal.kernel.base.personal import NONE, Erasure, Personal
from commonweal.kernel.rounds.enums import Answer, Status


class Round(models.Model):
    """One sharing-out of what is scarce among all who applied until a day.

    Attributes:
        service_key: The service.
        agency: Key of the agency answerable.
        name: As residents know it.
        closes_on: Last day for an application.
        settings: What there is to share out, as the method reads it.
        seed: Of the lottery; drawn when the round is worked out first, empty before.
        turn: Of sharing out: what is given up is shared out again in the next.
        revision: Grows each time it is worked out, so that an officer approves exactly what they saw.
        status: How it stands.
        opened_by: Pseudonymous id of the officer.
        opened_at: When.
        worked_out_by: Who worked it out; empty before.
        worked_out_at: When.
        approved_by: The other officer, who approved it; empty before.
        approved_at: When.
        finished_at: When the last decision of the turn was issued.
    """

    personal: ClassVar[Personal | None] = NONE

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    service_key = models.CharField(max_length=60)
    agency = models.CharField(max_length=60)
    name = models.CharField(max_length=100)
    closes_on = models.DateField()
    settings = models.JSONField()
    seed = models.CharField(max_length=40, blank=True)
    turn = models.PositiveIntegerField(default=0)
    revision = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    opened_by = models.CharField(max_length=80)
    opened_at = models.DateTimeField()
    worked_out_by = models.CharField(max_length=80, blank=True)
    worked_out_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.CharField(max_length=80, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Table options."""

        constraints = (
            models.UniqueConstraint(fields=["service_key", "closes_on"], name="rounds_one_a_day"),
            models.CheckConstraint(
                condition=Q(approved_by="") | (~Q(worked_out_by="") & ~Q(approved_by=F("worked_out_by"))),
                name="rounds_four_eyes",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[Status.ISSUING, Status.DONE, Status.CLOSING, Status.CLOSED])
                | ~Q(approved_by=""),
                name="rounds_issued_if_approved",
            ),
        )
        indexes = (models.Index(fields=["agency", "-closes_on"], name="rounds_of_agency"),)

    def __str__(self) -> str:
        return f"{self.service_key} {self.closes_on}"

    @property
    def stream(self) -> str:
        """The ledger's stream of the round."""
        return f"round:{self.pk}"


class Entry(models.Model):
    """A case that takes part in a round.

    Attributes:
        round: The round.
        case: The case; it waits at a stage of kind ``round`` until the round is decided.
        facts: What the method shares out by, as the service declares it (JSON).
        is_waiting: Whether the case stands at a stage of kind ``round``.
        place: On the list, from 1; null where there is none.
        result: The method's word for what it got; empty before.
        detail: What the method says besides (JSON).
        turn: In which turn that was worked out; nought before.
        issued_at: When the case went on with it; null while it is only worked out.
        answer: What the applicant said to an offer.
        answer_due_on: Last day for an answer; null without an offer.
    """

    personal: ClassVar[Personal | None] = Personal(
        subject="case__applicant_id",
        purpose="To share out what is scarce by the order that the law sets.",
        retention="with case",
        erasure=Erasure.WITH_PARENT,
        fields=("facts", "place", "result", "detail", "answer"),
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    round = models.ForeignKey("rounds.Round", on_delete=models.PROTECT, related_name="entries")
    case = models.OneToOneField("cases.Case", on_delete=models.CASCADE, related_name="+")
    facts = EncryptedTextField()
    is_waiting = models.BooleanField(default=True)
    place = models.PositiveIntegerField(null=True, blank=True)
    result = models.CharField(max_length=20, blank=True)
    detail = EncryptedTextField(default="{}")
    turn = models.PositiveIntegerField(default=0)
    issued_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=10, choices=Answer.choices, blank=True, default=Answer.NONE)
    answer_due_on = models.DateField(null=True, blank=True)

    class Meta:
        """Table options."""

        constraints = (
            models.CheckConstraint(
                condition=Q(issued_at__isnull=True) | ~Q(result=""), name="rounds_issued_has_result"
            ),
        )
        indexes = (
            models.Index(fields=["round", "place", "id"], name="rounds_list"),
            models.Index(
                fields=["round", "id"],
                condition=Q(is_waiting=True),
                name="rounds_waiting",
            ),
        )

    def __str__(self) -> str:
        return f"{self.round_id} {self.case_id}"
