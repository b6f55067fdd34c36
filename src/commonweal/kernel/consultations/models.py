"""Who was written to about a case, and what they said."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from commonweal.kernel.base.fields import EncryptedTextField, new_id
from commonweal.kernel.base.personal import Erasure, Personal


class Consultation(models.Model):
    """A case of which the neighbours hear.

    Attributes:
        case: The case.
        stage: Key of its stage.
        letter: Key of the letter to the neighbours.
        place: The address that it is about, as the letters name it.
        about: What the law makes public of it, in the service's main language; a list of short texts.
        days: How long one may comment, from the day on which the letters count as served.
        posted_on: When the letters were posted; None until an officer says so.
        until_on: Last day for comments; None until the letters are posted.
        opened_at: When.
    """

    personal: ClassVar[Personal | None] = Personal(
        subject="case__applicant_id",
        purpose="To let neighbours comment before it is decided.",
        retention="with case",
        erasure=Erasure.WITH_PARENT,
        fields=("place", "about"),
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+")
    stage = models.CharField(max_length=60)
    letter = models.CharField(max_length=60)
    place = models.CharField(max_length=160)
    about = models.JSONField()
    days = models.PositiveSmallIntegerField(default=0)
    posted_on = models.DateField(null=True, blank=True)
    until_on = models.DateField(null=True, blank=True)
    opened_at = models.DateTimeField()

    class Meta:
        """Table options."""

        constraints = (models.UniqueConstraint(fields=["case", "stage"], name="consultations_once"),)

    def __str__(self) -> str:
        return f"{self.case_id} until {self.until_on}"


class Neighbour(models.Model):
    """A household that is written to, and its comment.

    Attributes:
        consultation: What it is about.
        address: One line.
        code: Of the letter; with it the household comments. Encrypted at rest.
        code_hash: By which the code is found.
        comment: Encrypted at rest; empty until there is one.
        commented_at: When the comment came, the last one where it was changed.
    """

    personal: ClassVar[Personal | None] = Personal(
        subject="consultation__case__applicant_id",
        purpose="To weigh what neighbours say.",
        retention="with case",
        erasure=Erasure.WITH_PARENT,
        fields=("address", "code", "comment"),
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.ForeignKey(
        "consultations.Consultation", on_delete=models.CASCADE, related_name="neighbours"
    )
    address = models.CharField(max_length=160)
    code = EncryptedTextField()
    code_hash = models.CharField(max_length=64, unique=True)
    comment = EncryptedTextField(blank=True)
    commented_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Table options."""

        indexes = (models.Index(fields=["consultation", "address"], name="consultations_address"),)

    def __str__(self) -> str:
        return self.address
