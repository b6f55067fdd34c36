"""Awards that rest: what was granted stands, and does not count until something is there again."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from pydantic import Field

from commonweal.engines import feel
from commonweal.kernel.awards import actions as awards
from commonweal.kernel.awards.queries import award_of_case
from commonweal.kernel.base import clock
from commonweal.kernel.base.declarations import Compilation, Source
from commonweal.kernel.base.documents import Path_
from commonweal.kernel.base.expressions import compile_feel, new_evaluation
from commonweal.kernel.base.jurisdiction import Declared
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases.deciding import begin
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.cases.flow import stage_of
from commonweal.kernel.cases.models import Case
from commonweal.kernel.cases.registry import Run, StageKind, Step, stage_kinds
from commonweal.kernel.cases.types import CompiledStage
from commonweal.kernel.catalogue import queries as catalogue

if TYPE_CHECKING:
    from commonweal.kernel.awards.models import Award

_NOBODY = Actor.system("cases.rests")


class RestSpec(Declared):
    """When an award that rests runs on.

    Attributes:
        until: FEEL; a job asks every night, and the case goes on once it is true, or once the award has ended.
    """

    until: Annotated[str, Field(min_length=1, max_length=2_000)]


@stage_kinds.register
class RestStage(StageKind):
    """What the case granted rests until something is there again, for example a certificate."""

    key = "rest"
    schema = RestSpec

    def compile(
        self, spec: Any, source: Source, path: Path_, compilation: Compilation
    ) -> feel.Expression | None:
        """Return the expression; complain about a service that grants nothing."""
        if compilation.compiled.get("award") is None:
            message = "Nothing can rest: the service has no section 'award'."
            compilation.problems.append(source.problem(path[:-1], "stages.rest", message))
        return compile_feel(
            spec.until,
            compilation.scope(),
            source=source,
            path=(*path, "until"),
            compilation=compilation,
            expects=feel.BOOLEAN,
            is_loose=True,
        )

    def enter(self, stage: CompiledStage, run: Run) -> Step:
        """Let the award rest, unless there is nothing that it waits for."""
        case, award = run.case, award_of_case(run.case.stream)
        today = clock.local(run.at).date()
        if award is None or award.has_ended(today) or _is_there(stage, run):
            return Step.ON
        awards.let_rest(award.pk, since=today, reason=stage.key, by=run.by, at=run.at)
        case.status, case.wake_on = Status.WAITING, None
        return Step.STAY

    def leave(self, stage: CompiledStage, run: Run) -> None:
        """Let the award run on."""
        award = award_of_case(run.case.stream)
        if award is not None:
            awards.run_on(award.pk, by=run.by, at=run.at)


def _is_there(stage: CompiledStage, run: Run) -> bool:
    return stage.spec.evaluate(run.known.names(), new_evaluation(run.at)) is True


def rested_case(award: Award, *, at: datetime) -> UUID | None:
    """Return the case of a resting award where it goes on now; None where it does not.

    Args:
        award: It rests, or has ended meanwhile.
        at: When.
    """
    case = Case.objects.filter(pk=award.source_stream.partition(":")[2]).order_by("pk").first()
    if case is None or case.status != Status.WAITING:
        return None
    stage = stage_of(case)
    if stage.kind != RestStage.key:
        return None
    run = begin(case, catalogue.compiled(case.version_id), by=_NOBODY, at=at)
    is_over = award.has_ended(clock.local(at).date()) or _is_there(stage, run)
    return case.pk if is_over else None
