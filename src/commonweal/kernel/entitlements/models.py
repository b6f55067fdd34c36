"""Who wants suggestions, and what they do not want to hear of again."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.fields import new_id
from commonweal.kernel.base.personal import Erasure, Personal


class Agreement(models.Model):
    """Somebody agreed that what is known of them is used to suggest services; without one nothing is worked out.

    Attributes:
        person: Who agreed.
        agreed_at: When.
        declined: Keys of services that they do not want to hear of.
    """

    personal: ClassVar[Personal | None] = Personal(
        subject="person_id",
        purpose="To suggest services only to those who want it.",
        retention="until it is taken back, or with person",
        erasure=Erasure.DELETE_ROWS,
        fields=("declined",),
        what=_("That you want suggestions"),
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.OneToOneField("people.Person", on_delete=models.CASCADE, related_name="+")
    agreed_at = models.DateTimeField()
    declined = models.JSONField(default=list)

    def __str__(self) -> str:
        return str(self.person_id)
