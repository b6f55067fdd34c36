"""Addresses of the jurisdiction."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from commonweal.kernel.base.fields import new_id
from commonweal.kernel.base.personal import Personal


class Address(models.Model):
    """A place where somebody can live, work or be written to.

    Attributes:
        register_id: Its id in the register of addresses.
        street: Name of the street, as the sign has it.
        street_key: The street in its one searchable form.
        number: House number, with a letter if it has one.
        unit: Flat or suite; may be empty.
        district: Key of the area.
        longitude: WGS 84, degrees.
        latitude: WGS 84, degrees.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    register_id = models.CharField(max_length=60, unique=True)
    street = models.CharField(max_length=120)
    street_key = models.CharField(max_length=120, db_index=True, editable=False)
    number = models.CharField(max_length=12)
    unit = models.CharField(max_length=20, blank=True)
    postcode = models.CharField(max_length=16)
    district = models.CharField(max_length=60, db_index=True)
    longitude = models.DecimalField(max_digits=10, decimal_places=7)
    latitude = models.DecimalField(max_digits=9, decimal_places=7)

    personal: ClassVar[Personal | None] = None

    class Meta:
        ordering: ClassVar[list[str]] = ["street_key", "number", "unit", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["street_key", "number", "unit", "postcode"], name="places_address_once"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    longitude__gte=-180, longitude__lte=180, latitude__gte=-90, latitude__lte=90
                ),
                name="places_address_on_earth",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.street}" + (f", {self.unit}" if self.unit else "")


def street_key(street: str) -> str:
    """Return a street's name in its one searchable form: small letters, single blanks, no full stops.

    Example:
        >>> street_key(" Old  Mill St. ")
        'old mill st'
    """
    return " ".join(street.casefold().replace(".", " ").split())
