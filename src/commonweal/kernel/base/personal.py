"""What each table says about the personal data that it holds, and who has a say in their erasure.

Every model of the kernel and the domains carries ``personal``: either :data:`NONE`, or a
:class:`Personal` that names subject, purpose, retention and erasure. A test walks over all models; ``consent`` carries
the declarations out.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.functional import Promise

from commonweal.kernel.base.errors import UnderHold
from commonweal.kernel.base.registry import Registry
from commonweal.kernel.base.types import Actor


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
        what: What a person would call the rows; those without one go unnamed with others.
        subject_as: How the id is written in ``subject``, where it is not the id alone.
        stream: Look-up path from a row to the ledger's stream that it belongs to: it stays and goes with it.
        kept: Which rows the law keeps at a time, whatever the person asks for.
        expired: Which rows are past their retention at a time; they are erased every night.
        is_told_by_keeper: Whether a :class:`Keeper` tells of what is kept, so that the table need not.
        is_kept_nameless: Whether rows that the law keeps stay of use without the person's name.
        goes_last: Whether it is needed for as long as anything else of the person is kept.
    """

    subject: str
    purpose: str
    retention: str
    erasure: Erasure
    fields: tuple[str, ...]
    what: str | Promise = ""
    subject_as: str = "{}"
    stream: str = ""
    kept: Callable[[datetime], Q] | None = None
    expired: Callable[[datetime], Q] | None = None
    is_told_by_keeper: bool = False
    is_kept_nameless: bool = False
    goes_last: bool = False


NONE = None
"""The table holds no personal data."""


class Eraser(ABC):
    """The contract: an app erases rows of one table itself, because more than the row has to go.

    Attributes:
        key: Label of the model, for example ``files.StoredFile``.
    """

    key: ClassVar[str]

    @abstractmethod
    def erase(self, rows: QuerySet[Any], *, by: Actor, at: datetime) -> None:
        """Erase these rows, inside the caller's transaction; doing it again changes nothing."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that the law keeps.

    Attributes:
        what: As the person would call it.
        stream: The ledger's stream; rows that belong to it stay.
        until: The last day; None where that is not known yet.
        reason: Why, with the rule.
        is_open: Whether it has not been answered yet: then nothing of the person is erased.
    """

    what: str
    stream: str
    until: date | None
    reason: str
    is_open: bool = False


class Keeper(ABC):
    """The contract: an app says what of a person's has to be kept.

    Attributes:
        key: The app's label.
    """

    key: ClassVar[str]

    @abstractmethod
    def kept(self, persons: Sequence[UUID], *, at: datetime) -> list[Kept]:
        """Return what has to be kept of these records of one person."""

    def carried(self, streams: Sequence[str]) -> list[str]:
        """Return further streams that stay with those that are kept, for example of the files of a letter."""
        return []


@dataclass(frozen=True, slots=True)
class Held:
    """What must not be deleted.

    Attributes:
        subjects: Ids of persons.
        streams: Of the ledger.
    """

    subjects: frozenset[UUID] = frozenset()
    streams: frozenset[str] = frozenset()

    def __or__(self, other: Held) -> Held:
        return Held(self.subjects | other.subjects, self.streams | other.streams)


class HoldSource(ABC):
    """The contract: an app says what must not be deleted for the time being.

    Attributes:
        key: The app's label.
    """

    key: ClassVar[str]

    @abstractmethod
    def held(self) -> Held:
        """Return what is held now; read inside the transaction that is about to delete."""


erasers: Registry[Eraser] = Registry("base.eraser")
keepers: Registry[Keeper] = Registry("base.keeper")
hold_sources: Registry[HoldSource] = Registry("base.hold")


def held_now() -> Held:
    """Return everything that must not be deleted for the time being."""
    found = Held()
    for source in hold_sources:
        found |= source.held()
    return found


def must_not_be_held(*, subjects: Iterable[UUID] = (), streams: Iterable[str] = ()) -> None:
    """Go on only where no hold forbids deleting.

    Raises:
        UnderHold: One does.
    """
    held = held_now()
    if held.subjects.intersection(subjects) or held.streams.intersection(streams):
        raise UnderHold


def without_held(rows: QuerySet[Any], declared: Personal) -> QuerySet[Any]:
    """Return those rows that no hold forbids to delete."""
    held = held_now()
    if held.subjects:
        written = [declared.subject_as.format(subject) for subject in held.subjects]
        rows = rows.exclude(**{f"{declared.subject}__in": written})
    if held.streams and declared.stream:
        rows = rows.exclude(**{f"{declared.stream}__in": held.streams})
    return rows
