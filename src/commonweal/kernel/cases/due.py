"""What the jobs of the night look at next: each row from an index, so that a night costs what is due, not what there is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from commonweal.kernel.base.keyset import Behind
from commonweal.kernel.base.personal import held_now
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.cases.flow import stages_of
from commonweal.kernel.cases.models import Case, Inquiry
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.decisions.queries import silent_outcome

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from commonweal.kernel.jobs.registry import Cursor

_WITH_OFFICERS = (Status.ASSIGNED, Status.UNASSIGNED)
"""In the order of their stored words."""


@dataclass(frozen=True, slots=True)
class Due:
    """A case for which a day has come, and its place in the order of the night.

    Attributes:
        day: Which.
        row: The row that the order goes by, of those with the same day.
        case_id: The case.
        status: Where the order goes by status and version first; empty elsewhere.
        version: Likewise; None elsewhere.
    """

    day: date
    row: UUID
    case_id: UUID
    status: str = ""
    version: UUID | None = None

    def cursor(self) -> Cursor:
        """Return the place as a job keeps it."""
        version = str(self.version) if self.version else ""
        return {
            "last": str(self.case_id),
            "place": [self.day.isoformat(), str(self.row), self.status, version],
        }

    @classmethod
    def of(cls, cursor: Cursor | None) -> Due | None:
        """Return the place that a job kept; None at the beginning, and for a cursor of before there were places."""
        if cursor is None or "place" not in cursor:
            return None
        day, row, status, version = cursor["place"]
        return cls(
            date.fromisoformat(day),
            UUID(row),
            UUID(cursor["last"]),
            status,
            UUID(version) if version else None,
        )


def next_to_wake(*, on: date, after: Due | None) -> Due | None:
    """Return the next waiting case whose day has come.

    Args:
        on: The day.
        after: The answer of the step before.
    """
    rows = Case.objects.filter(closed_at=None, status=Status.WAITING, wake_on__lte=on)
    return _first(rows, "wake_on", after)


def next_to_dispose(*, on: date, after: Due | None) -> Due | None:
    """Return the next case that is to be destroyed: its time of keeping is over, and no hold is on it.

    Args:
        on: The day.
        after: The answer of the step before.
    """
    held = held_now()
    held_cases = [UUID(name[5:]) for name in held.streams if name.startswith("case:")]
    due = Case.objects.filter(dispose_on__lte=on)
    return _first(due.exclude(applicant__in=held.subjects).exclude(pk__in=held_cases), "dispose_on", after)


def next_in_silence(*, on: date, after: Due | None) -> Due | None:
    """Return the next case that waits for an officer although its last day is over, where the law says what follows.

    Of each version that has such cases the law is read once, and those of which it says nothing are passed over together.

    Args:
        on: The day.
        after: The answer of the step before.
    """
    for status in _WITH_OFFICERS:
        if after is not None and status < after.status:
            continue
        rows = Case.objects.filter(closed_at=None, late_on=None, status=status)
        place = after if after is not None and after.status == status else None
        version = place.version if place else _first_version(rows)
        while version is not None:
            found = _silent_of(rows.filter(version=version, due_on__lt=on), version, place)
            if found is not None:
                return Due(found.day, found.row, found.case_id, status, version)
            place, version = None, _first_version(rows.filter(version__gt=version))
    return None


def _first_version(rows: QuerySet[Case]) -> UUID | None:
    return rows.order_by("version").values_list("version", flat=True).first()


def _silent_of(rows: QuerySet[Case], version: UUID, place: Due | None) -> Due | None:
    found = _first(rows, "due_on", place)
    if found is None:
        return None
    service = catalogue.compiled(version)
    if silent_outcome(service) is not None:
        return found
    return _first(rows.filter(decision_id=None), "due_on", place) if stages_of(service).silence else None


def next_unanswered(*, on: date, after: Due | None) -> Due | None:
    """Return the next case whose applicant left a question unanswered until its last day.

    Args:
        on: The day.
        after: The answer of the step before.
    """
    rows = Inquiry.objects.filter(answered_at=None, answer_due_on__lt=on, case__status=Status.ASKED)
    return _first(rows, "answer_due_on", after, case="case")


def next_to_remind(*, on: date, after: Due | None) -> Due | None:
    """Return the next case whose applicant is to be reminded of a question.

    Args:
        on: The day.
        after: The answer of the step before.
    """
    rows = Inquiry.objects.filter(answered_at=None, remind_on__lte=on, answer_due_on__gte=on)
    return _first(rows.filter(case__status=Status.ASKED), "remind_on", after, case="case")


def _first(rows: QuerySet[Any], day: str, after: Due | None, *, case: str = "id") -> Due | None:
    if after is not None:
        rows = rows.filter(Behind(rows.model, **{day: after.day, "id": after.row}))
    found = rows.order_by(day, "id").values_list(day, "id", case).first()
    return Due(*found) if found else None
