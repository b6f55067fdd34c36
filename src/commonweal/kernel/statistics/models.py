"""Counts, one row for each thing counted in a month: they grow with the months, not with the cases."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from commonweal.kernel.base.personal import Personal
from commonweal.kernel.statistics.enums import Kind


class Tally(models.Model):
    """How often something happened in a month.

    Attributes:
        service_key: The service.
        agency: Key of the agency answerable for it.
        starts_on: First day of the month.
        kind: What is counted.
        key: Which of its kind: a channel, an outcome, a number of days, a day.
        count: How often.
    """

    personal: ClassVar[Personal | None] = None

    service_key = models.CharField(max_length=60)
    agency = models.CharField(max_length=60)
    starts_on = models.DateField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    key = models.CharField(max_length=60, blank=True)
    count = models.IntegerField(default=0)

    class Meta:
        """Table options."""

        constraints = (
            models.UniqueConstraint(
                fields=["service_key", "kind", "starts_on", "key"], name="statistics_one_tally"
            ),
        )

    def __str__(self) -> str:
        return f"{self.service_key} {self.starts_on:%Y-%m} {self.kind} {self.key}: {self.count}"
