"""Awards, and the pools whose capacity they use."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from commonweal.kernel.awards.enums import Period, Status
from commonweal.kernel.base.clock import years_before
from commonweal.kernel.base.fields import new_id
from commonweal.kernel.base.personal import NONE, Erasure, Personal
from commonweal.kernel.base.types import Money


class Pool(models.Model):
    """Something of which there is only so much, for example the permits of one zone.

    Attributes:
        key: Stable name, for example ``parking:Z2``.
        used: Units of the running awards; the row is the lock under which they are counted.
    """

    personal: ClassVar[Personal | None] = NONE

    key = models.CharField(primary_key=True, max_length=120)
    used = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.key


KEPT_YEARS = 3


class AwardQuerySet(models.QuerySet["Award"]):
    """Chainable questions about awards."""

    def running(self) -> Self:
        """Return the awards that have not ended."""
        return self.filter(status=Status.RUNNING)

    def in_force(self, on: date) -> Self:
        """Return the running awards whose term covers a day, those too that rest."""
        return self.running().filter(Q(starts_on__lte=on), Q(ends_on__isnull=True) | Q(ends_on__gte=on))

    def awake(self, on: date) -> Self:
        """Leave out the awards that rest on a day: they stand, and give no right."""
        return self.exclude(rested_on__lte=on)


class Award(models.Model):
    """What a person was granted.

    Attributes:
        person: Who was granted it.
        service_key: The service.
        agency: Key of the agency that granted it.
        source_stream: Ledger stream of the case in which it was granted; one award a case.
        decision_id: The decision that grants it.
        outcome: Key of the outcome.
        holder: What it counts for besides the person, for example ``dwelling:D-1042``; may be empty.
        item: What it is for, for example ``vehicle:ABC1234``; may be empty.
        pool: Whose capacity it uses; may be null.
        units: How much of it.
        starts_on: First day.
        ends_on: Last day; null where it runs on.
        amount_minor: What is paid or granted, in minor units; null where it is no amount.
        currency: ISO 4217.
        period: What the amount is for.
        status: How it stands.
        granted_at: When.
        ended_at: When it was revoked or marked as expired.
        end_reason: Why it was revoked, in plain words.
        rested_on: From which day it rests: it stands, and gives no right until it runs on; null where it does not rest.
        look_on: When a job looks at what is due of it, for example a reminder: the day of each change, then the day that the
            job found; null where nothing comes any more.
    """

    personal: ClassVar[Personal | None] = Personal(
        subject="person_id",
        purpose="To know what was granted, for how long, and what it uses up.",
        retention="3 years after its end",
        erasure=Erasure.DELETE_ROWS,
        fields=("holder", "item", "amount_minor", "end_reason"),
        what=_("What you were granted"),
        stream="source_stream",
        kept=lambda at: Q(ended_at__isnull=True) | Q(ended_at__gt=years_before(at, KEPT_YEARS)),
        expired=lambda at: Q(ended_at__lte=years_before(at, KEPT_YEARS)),
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+", db_index=False)
    service_key = models.CharField(max_length=60)
    agency = models.CharField(max_length=60)
    source_stream = models.CharField(max_length=80, unique=True)
    decision_id = models.UUIDField()
    outcome = models.CharField(max_length=60)
    holder = models.CharField(max_length=120, blank=True)
    item = models.CharField(max_length=120, blank=True)
    pool = models.ForeignKey("awards.Pool", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    units = models.PositiveIntegerField(default=1)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    amount_minor = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    period = models.CharField(max_length=10, choices=Period.choices, default=Period.ONCE)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.RUNNING)
    granted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=500, blank=True)
    rested_on = models.DateField(null=True, blank=True)
    look_on = models.DateField(null=True, blank=True)

    objects = AwardQuerySet.as_manager()

    class Meta:
        """Table options."""

        constraints = (
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="awards_term"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__isnull=True) | ~Q(currency=""), name="awards_amount_has_currency"
            ),
            models.CheckConstraint(
                condition=Q(status=Status.RUNNING, ended_at__isnull=True)
                | (~Q(status=Status.RUNNING) & Q(ended_at__isnull=False)),
                name="awards_ended_has_time",
            ),
        )
        indexes = (
            models.Index(fields=["person", "service_key"], name="awards_person"),
            models.Index(
                fields=["service_key", "holder"], condition=Q(status=Status.RUNNING), name="awards_holder"
            ),
            models.Index(
                fields=["service_key", "item"], condition=Q(status=Status.RUNNING), name="awards_item"
            ),
            models.Index(fields=["ends_on"], condition=Q(status=Status.RUNNING), name="awards_ending"),
            # "IS NOT NULL" holds no parameter: SQLite can tell that a query asks for no more than the index has.
            models.Index(fields=["id"], condition=Q(rested_on__isnull=False), name="awards_resting"),
            models.Index(
                fields=["service_key", "look_on", "id"],
                condition=Q(look_on__isnull=False),
                name="awards_to_look_at",
            ),
        )

    def __str__(self) -> str:
        return f"{self.service_key} {self.starts_on}"

    @property
    def stream(self) -> str:
        """The ledger's stream of the award."""
        return f"award:{self.pk}"

    @property
    def is_running(self) -> bool:
        """Whether it has neither run out nor been taken back."""
        return self.status == Status.RUNNING

    def has_ended(self, on: date) -> bool:
        """Whether it is over on a day: taken back, or its last day has passed, noted as run out or not yet."""
        return not self.is_running or (self.ends_on is not None and self.ends_on < on)

    @property
    def money(self) -> Money | None:
        """The amount, if it is one."""
        return None if self.amount_minor is None else Money(self.amount_minor, self.currency)


class Change(models.Model):
    """A later decision about an award: another amount from a day, or its end.

    Attributes:
        award: What it changes.
        decision_id: The decision that changes it.
        from_on: First day on which it counts.
        before_minor: The amount until then, in minor units; null where it was none.
        after_minor: The amount from then on; null where the award ends.
        currency: ISO 4217; empty where there is no amount.
        changed_at: When.
    """

    personal: ClassVar[Personal | None] = Personal(
        subject="award__person_id",
        purpose="To know what was granted from when to when.",
        retention="with award",
        erasure=Erasure.WITH_PARENT,
        fields=("before_minor", "after_minor"),
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    award = models.ForeignKey("awards.Award", on_delete=models.CASCADE, related_name="changes")
    decision_id = models.UUIDField()
    from_on = models.DateField()
    before_minor = models.BigIntegerField(null=True, blank=True)
    after_minor = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        """Table options."""

        constraints = (models.UniqueConstraint(fields=["award", "decision_id"], name="awards_change_once"),)

    def __str__(self) -> str:
        return f"{self.award_id} from {self.from_on}"
