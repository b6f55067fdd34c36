"""Values that cases take and give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from commonweal.engines.feel import Expression
from commonweal.engines.parameters import Parameter
from commonweal.kernel.base.types import Money
from commonweal.kernel.cases.enums import Status


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What came of a case so far, for a list.

    Attributes:
        amounts: Of the decision, by name; empty without one.
        is_granted: Whether something was granted.
        money: What was granted, as it is now; None where it is no amount.
        period: What it is for; see :class:`commonweal.kernel.awards.enums.Period`.
        ends_on: Its last day; None where it runs on.
        is_over: Whether it ended or was taken back.
        is_taken_back: Whether it was taken back.
    """

    amounts: Mapping[str, Money]
    is_granted: bool
    money: Money | None
    period: str
    ends_on: date | None
    is_over: bool
    is_taken_back: bool


@dataclass(frozen=True, slots=True)
class CompiledStage:
    """A stage as the running system uses it.

    Attributes:
        key: Unique within the service; stored with each case.
        kind: Key of the kind of stage.
        label: As residents and officers read it.
        when: The stage is left out unless this is true; None means always.
        spec: What its kind compiled.
    """

    key: str
    kind: str
    label: str
    when: Expression | None = field(compare=False)
    spec: Any = field(compare=False)


@dataclass(frozen=True, slots=True)
class CompiledSigning:
    """Who has to sign beside the applicant.

    Attributes:
        signers: Gives a list of ``{name, email}``; an empty one where nobody has to.
        within_days: Calendar days after which the application lapses.
        declaration: What they declare by signing.
        legal_basis: The rule that says so.
    """

    signers: Expression | None = field(compare=False)
    within_days: int
    declaration: str
    legal_basis: str


@dataclass(frozen=True, slots=True)
class CompiledAsking:
    """How long an applicant has to answer an officer.

    Attributes:
        calendar_days: Unless the officer names a day.
        remind_days: How many days before the last one a reminder goes out; 0 for none.
        ask_within_working_days: How long an officer has to ask for what is missing; None where no rule says.
        limit: The figure of the law for the longest time; None where the law sets none.
    """

    calendar_days: int = 30
    remind_days: int = 7
    ask_within_working_days: int | None = None
    limit: Parameter | None = field(default=None, compare=False)

    def most_on(self, day: date) -> int | None:
        """Return the most calendar days for a question of a day; a figure that is unknown allows the declared ones."""
        if self.limit is None:
            return None
        entry = self.limit.entry_at(day, day)
        known = entry is not None and entry.covers(day) and isinstance(entry.value, Decimal)
        return int(entry.value) if entry and known else self.calendar_days  # type: ignore[arg-type]  # a number, see above

    def days_on(self, day: date) -> int:
        """Return the calendar days for a question of a day whose last day nobody names."""
        most = self.most_on(day)
        return self.calendar_days if most is None else min(most, self.calendar_days)


@dataclass(frozen=True, slots=True)
class CompiledSilence:
    """What follows where nobody decides in time, and the law does not grant.

    Attributes:
        text: What the applicant is told: what it means for the fee, and where they may complain.
        legal_basis: The rule that says so.
    """

    text: str
    legal_basis: str


@dataclass(frozen=True, slots=True)
class CompiledStages:
    """The stages of a service, in order.

    Attributes:
        stages: At least a form and a close.
        team: Key of the team that works on its cases.
        answer_working_days: Limit for the answer in working days; None where there is none.
        answer_calendar_days: Likewise in calendar days.
        retention_years: How long a closed case is kept.
        retention_basis: The rule that says so.
        asking: How long an applicant has to answer an officer.
        silence: What follows where nobody decides in time; None where no rule says.
        language: Gives the language in which the applicant is written to; None where it is that of the account.
    """

    stages: tuple[CompiledStage, ...]
    team: str
    answer_working_days: int | None
    answer_calendar_days: int | None
    retention_years: int
    retention_basis: str = ""
    asking: CompiledAsking = field(default_factory=CompiledAsking)
    silence: CompiledSilence | None = None
    language: Expression | None = field(default=None, compare=False)

    def index(self, key: str) -> int:
        """Return the place of a stage.

        Raises:
            KeyError: The service has no such stage.
        """
        for at, stage in enumerate(self.stages):
            if stage.key == key:
                return at
        raise KeyError(key)

    @property
    def signing(self) -> CompiledSigning | None:
        """Who has to sign beside the applicant; None where the service has no such stage."""
        found = (stage.spec for stage in self.stages if isinstance(stage.spec, CompiledSigning))
        return next(found, None)

    def texts(self) -> Iterator[str]:
        """Return every text that a resident may see."""
        if self.silence is not None:
            yield self.silence.text
        for stage in self.stages:
            yield stage.label
            if isinstance(stage.spec, CompiledSigning):
                yield stage.spec.declaration


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A case as a line of a queue.

    Attributes:
        reference: What people call it by.
        service_name: In the reader's language.
        applicant_id: Whom it is for.
        applicant_name: Their name.
        status: How it stands.
        worker_name: Who has it; empty if nobody.
        opened_at: When it was submitted.
        due_on: Last day for an answer.
        is_late: Whether that day has passed.
        ask_by: Until when what is missing has to be asked for; None where nobody has to any more.
        is_asking_late: Whether that day has passed.
        reason: Why it needs an officer, if something is out of the ordinary.
    """

    reference: str
    service_name: str
    applicant_id: UUID
    applicant_name: str
    status: Status
    worker_name: str
    opened_at: datetime
    due_on: date | None
    is_late: bool
    ask_by: date | None
    is_asking_late: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Happening:
    """A line of a case's history.

    Attributes:
        at: When.
        what: In plain words.
        who: In plain words: "you", an officer's role, "automatic".
        detail: More, where there is more.
    """

    at: datetime
    what: str
    who: str
    detail: str = ""
