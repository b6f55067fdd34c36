"""The kinds of stages that come with the house."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from commonweal.engines import feel
from commonweal.kernel.base import clock
from commonweal.kernel.base.declarations import Compilation, Source
from commonweal.kernel.base.documents import Path_
from commonweal.kernel.base.expressions import new_evaluation
from commonweal.kernel.base.jurisdiction import Declared, Key
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.cases.events import CaseClosed
from commonweal.kernel.cases.flow import letter_key, stages_of, years_after
from commonweal.kernel.cases.outcomes import apply_law, letter_of
from commonweal.kernel.cases.registry import Run, StageKind, Step, stage_kinds
from commonweal.kernel.cases.stages import StageSource, feel_of, look_for_team
from commonweal.kernel.cases.types import CompiledStage
from commonweal.kernel.jobs.actions import announce
from commonweal.kernel.ledger.actions import record
from commonweal.kernel.mailbox import actions as mailbox
from commonweal.kernel.mailbox.errors import LetterFault
from commonweal.kernel.people import queries as people
from commonweal.kernel.places.errors import CalendarUnknown
from commonweal.kernel.places.queries import add_working_days


class NothingMore(Declared):
    """A stage that needs nothing besides its key."""


class DecideSpec(Declared):
    """How the law decides.

    Attributes:
        anew: Whether a case that has been decided is decided again, with what has changed since.
    """

    anew: bool = False


class WaitSpec(Declared):
    """A stage that lets time pass.

    Attributes:
        until: FEEL; the day on which the case goes on.
    """

    until: str


class ReviewSpec(Declared):
    """A stage at which an officer decides.

    Attributes:
        working_days: FEEL; the limit for the answer from the day of application, where it depends on what is asked
            for. ``decision`` is what the law proposes, with its outcome and result. Left out, or where it cannot be
            told, the service's own limit holds.
        letter: Key of a letter that goes out when the review begins, for example an invitation to an inspection.
        letter_when: FEEL, likewise; the letter is sent only where it is true.
        team: Key of the team that decides here, for example a board's; the service's own if left out.
        when_proposed: FEEL, likewise; the case goes past this review where it is false. What cannot be told is looked at.
    """

    working_days: str | None = None
    letter: str = ""
    letter_when: str = "true"
    team: Key | None = None
    when_proposed: str | None = None


@dataclass(frozen=True, slots=True)
class CompiledReview:
    """A review with its expressions; None where nothing was written."""

    limit: feel.Expression | None
    letter: str
    letter_when: feel.Expression | None
    team: str  # empty where every review is the service's own team's
    when_proposed: feel.Expression | None


class BackSpec(Declared):
    """A stage that leads back.

    Attributes:
        to: Key of an earlier stage, from which the case goes on again.
    """

    to: Key


class LetterSpec(Declared):
    """A stage that sends a letter.

    Attributes:
        letter: Key of the letter; left out, the outcome says which.
    """

    letter: str = ""


@stage_kinds.register
class FormStage(StageKind):
    """The applicant fills in the form; it is done once the case exists."""

    key = "form"
    schema = NothingMore

    def enter(self, stage: CompiledStage, run: Run) -> Step:
        """Go on: a case begins with a completed form."""
        return Step.ON


@stage_kinds.register
class DecideStage(StageKind):
    """The law decides by itself; where it cannot, the case goes on undecided, to a review.

    Decided anew, a case with an outcome would go on with the old one: an officer then decides here.
    """

    key = "decide"
    schema = DecideSpec

    def enter(self, stage: CompiledStage, run: Run) -> Step:
        """Decide, unless the case has been decided already and is not decided anew."""
        is_first = run.case.decision_id is None
        if (is_first or stage.spec.anew) and not apply_law(run) and not is_first:
            run.case.status = Status.ASSIGNED if run.case.worker_id else Status.UNASSIGNED
            return Step.STAY
        return Step.ON


@stage_kinds.register
class ReviewStage(StageKind):
    """An officer looks at the case and decides."""

    key = "review"
    schema = ReviewSpec

    def compile(self, spec: Any, source: Source, path: Path_, compilation: Compilation) -> CompiledReview:
        """Return the expressions of limit and letter."""

        def compiled(name: str, expects: feel.Type) -> feel.Expression | None:
            text = getattr(spec, name)
            return feel_of(text, source, (*path, name), compilation, expects) if text else None

        if spec.team is not None:
            look_for_team(spec.team, (*path, "team"), source, compilation)
        return CompiledReview(
            compiled("working_days", feel.NUMBER),
            spec.letter,
            compiled("letter_when", feel.BOOLEAN) if spec.letter else None,
            spec.team or (source.value.team if _names_teams(source) else ""),
            compiled("when_proposed", feel.BOOLEAN),
        )

    def enter(self, stage: CompiledStage, run: Run) -> Step:
        """Put the case into the team's queue, with its limit, and send the letter that says so."""
        review: CompiledReview = stage.spec
        if review.when_proposed is not None:
            names = run.known.names_as_proposed()
            if review.when_proposed.evaluate(names, new_evaluation(run.at)) is False:
                return Step.ON
        if review.team:
            _give_to_team(review.team, run)
        run.case.status = Status.ASSIGNED if run.case.worker_id else Status.UNASSIGNED
        if review.limit is not None or review.letter:
            _begin_review(review, run)
        return Step.STAY


def _names_teams(source: Source) -> bool:
    """Whether a review of the service is another team's, so that others have to give a case back."""
    steps: tuple[StageSource, ...] = source.value.steps
    return any(step.options.get("team") for step in steps)


def _give_to_team(key: str, run: Run) -> None:
    """Put the case before a team; an officer of another one lets go of it."""
    team = people.team(key)
    if team.pk == run.case.team_id:
        return
    run.case.team_id, run.case.worker_id = team.pk, None
    run.case.status = Status.UNASSIGNED


def _begin_review(review: CompiledReview, run: Run) -> None:
    """Count the limit from the day of application, and send the letter; what cannot be told is left to the officer."""
    names, case = run.known.names_as_proposed(), run.case
    if review.limit is not None:
        days = review.limit.evaluate(names, new_evaluation(run.at))
        if isinstance(days, Decimal) and days >= 0:
            with contextlib.suppress(CalendarUnknown):
                case.due_on = add_working_days(clock.local(case.opened_at).date(), int(days))
    if review.letter_when is not None and review.letter_when.evaluate(names, new_evaluation(run.at)) is True:
        try:
            _send(review.letter, run, names)
        except LetterFault as fault:
            case.status_reason = str(fault)[:500]


@stage_kinds.register
class LetterStage(StageKind):
    """A letter goes into the applicant's mailbox."""

    key = "letter"
    schema = LetterSpec
    is_retried = True

    def enter(self, stage: CompiledStage, run: Run) -> Step:
        """Send the letter of the stage, or of the outcome; one that cannot be written brings an officer."""
        case = run.case
        key = stage.spec.letter or letter_of(run)
        if key:
            try:
                _send(key, run, run.known.names())
            except LetterFault as fault:
                case.status = Status.ASSIGNED if case.worker_id else Status.UNASSIGNED
                case.status_reason = str(fault)[:500]
                return Step.STAY
        return Step.ON


def _send(letter: str, run: Run, names: Mapping[str, Any]) -> None:
    case = run.case
    mailbox.send(
        case.applicant_id,
        letter,
        case.version_id,
        names,
        stream=case.stream,
        agency=case.agency,
        by=run.by,
        at=run.at,
        unique_key=letter_key(case),
        card=run.known.applicant,
    )


@stage_kinds.register
class WaitStage(StageKind):
    """Time passes until a day."""

    key = "wait"
    schema = WaitSpec
    is_retried = True

    def compile(
        self, spec: Any, source: Source, path: Path_, compilation: Compilation
    ) -> feel.Expression | None:
        """Return the expression of the day."""
        return feel_of(spec.until, source, (*path, "until"), compilation, feel.DATE)

    def enter(self, stage: CompiledStage, run: Run) -> Step:
        """Wait, unless the day has come; a day that cannot be told goes to an officer."""
        value = stage.spec.evaluate(run.known.names(), new_evaluation(run.at))
        until = date(value.year, value.month, value.day) if isinstance(value, feel.Date) else None
        if until is None:
            run.case.status = Status.UNASSIGNED
            run.case.status_reason = f"The day of the stage '{stage.label}' cannot be told."
            return Step.STAY
        if until <= clock.local(run.at).date():
            return Step.ON
        run.case.status, run.case.wake_on = Status.WAITING, until
        return Step.STAY


@stage_kinds.register
class BackStage(StageKind):
    """The case goes back to an earlier stage: something has happened for which it waited."""

    key = "back"
    schema = BackSpec

    def compile(self, spec: Any, source: Source, path: Path_, compilation: Compilation) -> str:
        """Return the key of the stage, which has to stand above."""
        steps: tuple[StageSource, ...] = source.value.steps
        here = int(path[-2])
        earlier = [step.key for step in steps[:here]]
        target: str = spec.to
        if target not in earlier:
            hint = f"Write one of: {', '.join(earlier)}."
            message = f"No earlier stage is called '{target}'."
            compilation.problems.append(source.problem((*path, "to"), "stages.back", message, hint))
        return target

    def enter(self, stage: CompiledStage, run: Run) -> Step:
        """Go back."""
        return Step.BACK


@stage_kinds.register
class CloseStage(StageKind):
    """The case is answered."""

    key = "close"
    schema = NothingMore

    def enter(self, stage: CompiledStage, run: Run) -> Step:
        """Close the case and set the day of its disposal."""
        case, today = run.case, clock.local(run.at).date()
        case.status, case.closed_at = Status.CLOSED, run.at
        case.dispose_on = years_after(today, stages_of(run.service).retention_years)
        record(
            "cases.closed",
            stream=case.stream,
            subject=case.applicant_id,
            by=run.by,
            at=run.at,
            outcome=case.outcome,
        )
        announce(
            CaseClosed(case_id=case.pk, service_key=case.service_key, outcome=case.outcome, at=run.at),
            at=run.at,
            agency=case.agency,
        )
        return Step.STAY
