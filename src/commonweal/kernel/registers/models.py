"""Entries of registers, and the values by which they are found."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.fields import new_id
from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.base.personal import Erasure, Personal
from commonweal.kernel.registers.loading import registers_of

_PURPOSE = "To know from the city's registers what residents would otherwise have to prove."
_RETENTION = "as the register's declaration says"


def _kept(at: datetime) -> models.Q:
    """Return the entries of registers whose law does not let a person have them deleted."""
    kept = [key for key, register in registers_of(root()).items() if register.on_erasure == "keep"]
    return models.Q(register__in=kept)


class RegisterEntry(models.Model):
    """One entry of a register, as it was last observed.

    Attributes:
        register: Key of the register.
        key: Names the entry within it.
        values: Facts by field.
        source: Who says so.
        observed_at: When it was so.
        updated_at: When it was put here.
        subject: The person it is about, or None.
    """

    personal: ClassVar[Personal | None] = Personal(
        subject="subject_id",
        purpose=_PURPOSE,
        retention=_RETENTION,
        erasure=Erasure.DELETE_ROWS,
        fields=("key", "values"),
        what=_("Entries in registers"),
        kept=_kept,
        is_kept_nameless=True,
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    register = models.CharField(max_length=60)
    key = models.CharField(max_length=100)
    values = models.JSONField()
    source = models.CharField(max_length=300)
    observed_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    subject = models.ForeignKey("people.Person", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        """Table options."""

        constraints = (models.UniqueConstraint(fields=["register", "key"], name="registers_entry_key"),)

    def __str__(self) -> str:
        return f"{self.register} {self.pk}"

    @property
    def stream(self) -> str:
        """The ledger's stream of this entry."""
        return f"register:{self.pk}"


class SearchValue(models.Model):
    """A value by which an entry is found.

    Attributes:
        entry: The entry.
        register: Key of the register.
        field: Key of the field.
        value: The value as text.
    """

    personal: ClassVar[Personal | None] = Personal(
        subject="entry__subject_id",
        purpose=_PURPOSE,
        retention=_RETENTION,
        erasure=Erasure.WITH_PARENT,
        fields=("value",),
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entry = models.ForeignKey(RegisterEntry, on_delete=models.CASCADE, related_name="search_values")
    register = models.CharField(max_length=60)
    field = models.CharField(max_length=60)
    value = models.CharField(max_length=500)

    class Meta:
        """Table options."""

        constraints = (models.UniqueConstraint(fields=["entry", "field"], name="registers_search_once"),)
        indexes = (models.Index(fields=["register", "field", "value"], name="registers_search"),)

    def __str__(self) -> str:
        return f"{self.register}.{self.field}"
