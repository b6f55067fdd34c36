"""Consent to be helped: one row each time, with its end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.fields import new_id
from commonweal.kernel.base.personal import Erasure, Personal
from commonweal.kernel.catalogue.enums import Channel
from commonweal.kernel.counter.enums import Document, Way


class Assistance(models.Model):
    """Somebody lets an officer fill in one form for them, for a time.

    Attributes:
        person: Who agreed.
        officer: Who helps; None until an officer has entered the person's own code.
        agency: Key of the agency of the service.
        service_key: The service.
        sheet_id: The answers; None until the consent is given.
        channel: The way by which the person reaches us.
        way: How the consent was given.
        document: Kind of identity document shown; empty where none was.
        code_hash: Keyed hash of the code; empty where there is none, or once it has served.
        code_ends_at: Until when the code is good.
        wrong_codes: How often a wrong one was entered.
        asked_at: When it began.
        given_at: When the consent was given; None while it is asked for.
        ends_at: When it ends by itself.
        ended_at: When one of the two ended it, or the form was sent.
    """

    personal: ClassVar[Personal | None] = Personal(
        subject="person_id",
        purpose="To show that somebody agreed that an officer fills in for them.",
        retention="1,095 days after it ended",
        erasure=Erasure.DELETE_ROWS,
        fields=("channel", "way", "document", "code_hash"),
        what=_("Help with filling in a form"),
        expired=lambda at: Q(ends_at__lte=at - timedelta(days=1095)),
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    officer = models.ForeignKey("people.Officer", on_delete=models.PROTECT, null=True, related_name="+")
    agency = models.CharField(max_length=60)
    service_key = models.CharField(max_length=60)
    sheet_id = models.UUIDField(null=True)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    way = models.CharField(max_length=12, choices=Way.choices)
    document = models.CharField(max_length=20, choices=Document.choices, blank=True)
    code_hash = models.CharField(max_length=64, blank=True)
    code_ends_at = models.DateTimeField(null=True)
    wrong_codes = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    given_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        """Table options."""

        constraints = (
            models.CheckConstraint(
                condition=Q(given_at__isnull=True) | Q(officer__isnull=False, sheet_id__isnull=False),
                name="counter_consent_has_officer_and_form",
            ),
            models.UniqueConstraint(
                fields=["code_hash"],
                condition=~Q(code_hash="") & Q(way=Way.OWN_CODE),
                name="counter_own_code_once",
            ),
        )
        indexes = (
            models.Index(fields=["sheet_id"], name="counter_of_sheet"),
            models.Index(fields=["officer", "-asked_at"], name="counter_of_officer"),
            models.Index(fields=["person", "-asked_at"], name="counter_of_person"),
        )

    def __str__(self) -> str:
        return f"{self.service_key} {self.pk}"

    @property
    def stream(self) -> str:
        """The ledger's stream."""
        return f"assistance:{self.pk}"

    @property
    def may_send(self) -> bool:
        """Whether the officer may send the form; where the person fills it in too, the person sends it."""
        return self.way != Way.OWN_CODE

    def is_running(self, at: datetime) -> bool:
        """Whether the officer may fill in now."""
        return self.given_at is not None and self.ended_at is None and self.ends_at > at
