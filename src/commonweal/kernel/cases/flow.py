"""Moves a case from stage to stage until one of them has to wait. Runs inside the transaction of an action."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import cast
from uuid import UUID

from commonweal.kernel.base.expressions import new_evaluation
from commonweal.kernel.base.prepared import Given, Prepared
from commonweal.kernel.base.rows import insert, update
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases.deciding import Applicant, begin
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.cases.errors import CaseClosed, CaseMovedOn, CaseNotFound, NoStages
from commonweal.kernel.cases.models import Case
from commonweal.kernel.cases.registry import Run, Step, stage_kinds
from commonweal.kernel.cases.types import CompiledStage, CompiledStages
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.catalogue.types import CompiledService
from commonweal.kernel.forms.actions import Submission
from commonweal.kernel.places import queries as places

SAVED = (
    "stage",
    "status",
    "status_reason",
    "worker",
    "outcome",
    "decision_id",
    "revision",
    "due_on",
    "wake_on",
    "closed_at",
    "dispose_on",
    "late_on",
    "checked_on",
    "team",
)

_case_to_change = Prepared(lambda: Case.objects.select_for_update().filter(pk=Given("id")).order_by())


def lock(case_id: UUID, *, revision: int | None = None) -> Case:
    """Return an open case, its row locked until the transaction ends.

    Args:
        case_id: Primary key.
        revision: What the page showed; None where it does not matter.

    Raises:
        CaseNotFound: There is no such case.
        CaseClosed: It has been answered.
        CaseMovedOn: It has changed since.
    """
    case = _case_to_change.one(id=case_id)
    if case is None:
        raise CaseNotFound
    if case.is_closed:
        raise CaseClosed(reference=case.reference)
    if revision is not None and case.revision != revision:
        raise CaseMovedOn(reference=case.reference)
    return case


def save(case: Case) -> None:
    """Save a locked or new case, and make every page that shows it out of date."""
    case.revision += 1
    if case._state.adding:  # noqa: SLF001 - Django's documented state of a model
        insert(case)
    else:
        update(case, SAVED)


def stages_of(service: CompiledService) -> CompiledStages:
    """Return a service's stages.

    Raises:
        NoStages: The service declares none.
    """
    stages = service.sections.get("stages")
    if stages is None:
        raise NoStages(service=service.key)
    return cast("CompiledStages", stages)


def advance(
    case: Case,
    *,
    by: Actor,
    at: datetime,
    start_after: str | None = None,
    sent: Submission | None = None,
    applicant: Applicant | None = None,
) -> None:
    """Enter stage after stage until one waits, and save the case.

    Args:
        case: Locked; or new, and then its row is written when it stands still: what stages write before refers to it.
        by: Who set it going.
        at: When.
        start_after: Begin behind this stage; at the case's own where None.
        sent: The answers, where they were sent just now.
        applicant: What is known of the applicant, where it was read just now.
    """
    service = catalogue.compiled(case.version_id)
    stages = stages_of(service)
    run = begin(case, service, by=by, at=at, sent=sent, applicant=applicant)
    first = stages.index(start_after) + 1 if start_after else stages.index(case.stage)
    if start_after:
        left = stages.stages[first - 1]
        stage_kinds[left.kind].leave(left, run)
    _enter_from(first, stages, run)
    save(case)


def _enter_from(first: int, stages: CompiledStages, run: Run) -> None:
    """Enter stage after stage; a case goes back at most once before it has to wait."""
    for stage in stages.stages[first:]:
        if not applies(stage, run):
            continue
        run.case.stage = stage.key
        step = stage_kinds[stage.kind].enter(stage, run)
        if step is Step.STAY:
            return
        if step is Step.BACK and not run.is_back:
            run.is_back = True
            _enter_from(stages.index(stage.spec), stages, run)
            return


def due_on(stages: CompiledStages, opened_on: date) -> date:
    """Return the last day for an answer; the end of time where the service names no limit."""
    if stages.answer_working_days is not None:
        return places.add_working_days(opened_on, stages.answer_working_days)
    if stages.answer_calendar_days is not None:
        return places.deadline(opened_on, stages.answer_calendar_days)
    return date.max


def stage_of(case: Case) -> CompiledStage:
    """Return the stage at which a case stands."""
    stages = stages_of(catalogue.compiled(case.version_id))
    return stages.stages[stages.index(case.stage)]


def is_stuck(case: Case) -> bool:
    """Whether a case waits for an officer because its stage could not be gone through, and not for a decision."""
    return case.status in {Status.UNASSIGNED, Status.ASSIGNED} and stage_kinds[stage_of(case).kind].is_retried


def letter_key(case: Case) -> str:
    """Return the key under which the letter of a case's stage is sent once; decided anew, it may come here again."""
    return f"{case.pk}:{case.stage}:{case.decision_id or ''}"


def applies(stage: CompiledStage, run: Run) -> bool:
    """Whether a case goes through a stage; one that cannot be told goes through it."""
    if stage.when is None:
        return True
    return stage.when.evaluate(run.known.names(), new_evaluation(run.at)) is not False


def years_after(day: date, years: int) -> date:
    """Return the same day some years later; 29 February gives 28 February in common years."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return (day - timedelta(days=1)).replace(year=day.year + years)
