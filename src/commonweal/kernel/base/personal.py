"""What each table says about the personal data that it holds.

Every model of the kernel and the domains carries ``personal``: either :data:`NONE`, or a
:class:`Personal` that names subject, purpose, retention and erasure. A test walks over all models.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Erasure(StrEnum):
    """How the rows about one person are erased."""

    DELETE_ROWS = "delete rows"
    BLANK_FIELDS = "blank fields"
    DESTROY_KEY = "destroy key"
    WITH_PARENT = "with parent"


@dataclass(frozen=True, slots=True)
class Personal:
    """A declaration of personal data.

    Attributes:
        subject: Look-up path from a row to the person's id, for example ``case__applicant_id``.
        purpose: Why the data are held, in plain words.
        retention: How long: days after the row's end, or ``with case``.
        erasure: What happens when they are erased.
        fields: The fields that hold personal data.
    """

    subject: str
    purpose: str
    retention: str
    erasure: Erasure
    fields: tuple[str, ...]


NONE = None
"""The table holds no personal data."""
