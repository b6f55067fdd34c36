"""What the nights' jobs do to many cases, done to one: for a rehearsal, in which time passes by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import ClassVar

from commonweal.kernel.awards.actions import expire_award
from commonweal.kernel.awards.queries import award_of_case
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases.actions import go_on, keep_silence, lapse, remind, wake
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.cases.flow import is_stuck
from commonweal.kernel.cases.models import Case
from commonweal.kernel.cases.queries import follows_silence, open_inquiry
from commonweal.kernel.cases.registry import Night, nights
from commonweal.kernel.cases.resting import rested_case

_DAY = timedelta(days=1)
_WITH_OFFICERS = {Status.UNASSIGNED, Status.ASSIGNED}


@nights.register
class Ending(Night):
    """What was granted ends."""

    key: ClassVar[str] = "award-ends"

    def due_on(self, case: Case, *, at: datetime) -> date | None:
        """Return the day after the last."""
        award = award_of_case(case.stream)
        return award.ends_on + _DAY if award is not None and award.is_running and award.ends_on else None

    def act(self, case: Case, *, on: date, by: Actor, at: datetime) -> None:
        """Mark it as ended."""
        award = award_of_case(case.stream)
        if award is not None:
            expire_award(award.pk, on=on, by=by, at=at)


@nights.register
class Waking(Night):
    """A case that waits goes on."""

    key: ClassVar[str] = "case-wakes"

    def due_on(self, case: Case, *, at: datetime) -> date | None:
        """Return the day until which it waits."""
        return case.wake_on if case.status == Status.WAITING else None

    def act(self, case: Case, *, on: date, by: Actor, at: datetime) -> None:
        """Go on."""
        wake(case.pk, on=on, by=by, at=at)


@nights.register
class Silence(Night):
    """Nobody has answered in time."""

    key: ClassVar[str] = "silence"

    def due_on(self, case: Case, *, at: datetime) -> date | None:
        """Return the day after the last, where the law says what follows."""
        is_open = case.status in _WITH_OFFICERS and case.closed_at is None and case.due_on < date.max
        return case.due_on + _DAY if is_open and not is_stuck(case) and follows_silence(case) else None

    def act(self, case: Case, *, on: date, by: Actor, at: datetime) -> None:
        """Let follow what the law says."""
        keep_silence(case.pk, on=on, by=by, at=at)


@nights.register
class Lapsing(Night):
    """A question was left unanswered."""

    key: ClassVar[str] = "question-lapses"

    def due_on(self, case: Case, *, at: datetime) -> date | None:
        """Return the day after the last for the answer."""
        inquiry = open_inquiry(case) if case.status == Status.ASKED else None
        return inquiry.answer_due_on + _DAY if inquiry is not None else None

    def act(self, case: Case, *, on: date, by: Actor, at: datetime) -> None:
        """Go on without it."""
        lapse(case.pk, on=on, by=by, at=at)


@nights.register
class Reminding(Night):
    """Somebody is reminded of a question."""

    key: ClassVar[str] = "question-reminds"

    def due_on(self, case: Case, *, at: datetime) -> date | None:
        """Return the day of the reminder."""
        inquiry = open_inquiry(case) if case.status == Status.ASKED else None
        return inquiry.remind_on if inquiry is not None else None

    def act(self, case: Case, *, on: date, by: Actor, at: datetime) -> None:
        """Write the reminder."""
        remind(case.pk, on=on, by=by, at=at)


@nights.register
class Resting(Night):
    """What rested runs on, or has ended."""

    key: ClassVar[str] = "rest-ends"

    def due_on(self, case: Case, *, at: datetime) -> date | None:
        """Return nothing: what it waits for comes on no day that could be told."""
        return None

    def act(self, case: Case, *, on: date, by: Actor, at: datetime) -> None:
        """Go on with the case, where that for which it rested is there."""
        award = award_of_case(case.stream)
        if award is not None and rested_case(award, at=at) == case.pk:
            go_on(case.pk, by=by, at=at)
