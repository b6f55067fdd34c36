"""The kind of stage `consult`, and what officers are told of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext as _
from pydantic import BaseModel, Field

from commonweal.engines import feel
from commonweal.kernel.base import clock
from commonweal.kernel.base.declarations import Compilation, Source
from commonweal.kernel.base.documents import Path_
from commonweal.kernel.base.errors import NotFound
from commonweal.kernel.base.expressions import compile_feel, new_evaluation
from commonweal.kernel.base.jurisdiction import Declared, Key
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.cases.registry import (
    CaseNotice,
    Notice,
    Run,
    StageKind,
    Step,
    case_notices,
    stage_kinds,
)
from commonweal.kernel.cases.types import CompiledStage, CompiledStages
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.consultations.actions import consult
from commonweal.kernel.consultations.queries import KIND, consultation_of, is_to_be_worked_on
from commonweal.kernel.mailbox import actions as mailbox
from commonweal.kernel.mailbox.errors import LetterFault
from commonweal.kernel.places import queries as places

if TYPE_CHECKING:
    from commonweal.kernel.base.types import Actor
    from commonweal.kernel.cases.models import Case
    from commonweal.kernel.consultations.models import Consultation

Feel = Annotated[str, Field(min_length=1, max_length=5_000)]


class ConsultSpec(Declared):
    """Neighbours hear of a case, and the case waits until they have had time to comment.

    Attributes:
        when: FEEL; ``decision`` is what the law proposes. Nobody is asked unless it is true.
        around: FEEL; id of the address in the middle, as the register of addresses has it.
        within_m: How far a neighbour's address may lie from it, in metres.
        about: FEEL; a list of texts that the law makes public. Those that the service has translated are translated.
        days: How long they may comment, from the day on which a letter that is posted counts as served.
        letter: Key of the letter to the neighbours. It may name ``consultation`` (``place``, ``about``, ``until``, ``code``,
            ``page``) and nothing else of the case.
        tells: Key of a letter to the applicant; none if left out.
    """

    when: Feel
    around: Feel
    within_m: Annotated[float, Field(gt=0, le=5_000)]
    about: Feel
    days: Annotated[int, Field(ge=1, le=365)]
    letter: Key
    tells: Key | None = None


@dataclass(frozen=True, slots=True)
class CompiledConsult:
    """The options with their expressions."""

    spec: ConsultSpec
    expressions: dict[str, feel.Expression]


_EXPECTED = {
    "when": feel.BOOLEAN,
    "around": feel.STRING,
    "about": feel.ListType(feel.ANY),
}


@stage_kinds.register
class ConsultStage(StageKind):
    """Letters to neighbours are made and posted, and the neighbours have time to comment."""

    key: ClassVar[str] = KIND
    schema: ClassVar[type[BaseModel]] = ConsultSpec
    is_retried: ClassVar[bool] = True
    has_own_page: ClassVar[bool] = True

    def compile(self, spec: Any, source: Source, path: Path_, compilation: Compilation) -> CompiledConsult:
        """Compile the expressions, and see that the letters are there."""
        compiled = {}
        for name, expects in _EXPECTED.items():
            expression = compile_feel(
                getattr(spec, name),
                compilation.scope(),
                source=source,
                path=(*path, name),
                compilation=compilation,
                expects=expects,
                is_loose=True,
            )
            if expression is not None:
                compiled[name] = expression
        for name in ("letter", "tells"):
            key = getattr(spec, name)
            if key is not None and f"letters/{key}.md" not in compilation.files:
                message = f"There is no letter '{key}' in letters/."
                compilation.problems.append(source.problem((*path, name), "consult.letter", message))
        compilation.names["consultation"] = feel.ANY
        return CompiledConsult(spec, compiled)

    def enter(self, stage: CompiledStage, run: Run) -> Step:
        """Make the letters once, bring an officer until they are posted, and wait; so does what cannot be told."""
        declared: CompiledConsult = stage.spec
        names, evaluation = run.known.names_as_proposed(), new_evaluation(run.at)
        if declared.expressions["when"].evaluate(names, evaluation) is not True:
            return Step.ON
        found = consultation_of(run.case.pk)
        if found is None or found.stage != stage.key:
            try:
                found = _open(declared, stage, run, names)
            except (NotFound, LetterFault, _Unclear) as fault:
                return _to_officer(run, str(fault))
            if found is None:
                return Step.ON
        if found.until_on is None:
            return _to_officer(run, "The letters to the neighbours have to be printed and posted.")
        if found.until_on < clock.local(run.at).date():
            return Step.ON
        run.case.status, run.case.wake_on = Status.WAITING, _day_after(found.until_on)
        return Step.STAY


def _to_officer(run: Run, reason: str) -> Step:
    run.case.status = Status.ASSIGNED if run.case.worker_id else Status.UNASSIGNED
    run.case.status_reason = reason[:500]
    return Step.STAY


class _Unclear(Exception):
    """Something that the declaration has to say cannot be told."""


def _open(
    declared: CompiledConsult, stage: CompiledStage, run: Run, names: dict[str, Any]
) -> Consultation | None:
    """Open the consultation; None where nobody lives near."""
    values = {
        name: expression.evaluate(names, new_evaluation(run.at))
        for name, expression in declared.expressions.items()
    }
    around, about = values["around"], values["about"]
    texts = [text for text in about if isinstance(text, str)] if isinstance(about, list) else None
    if not isinstance(around, str) or texts is None:
        message = f"Whom the stage '{stage.label}' concerns cannot be told."
        raise _Unclear(message)
    near = places.addresses_within(around, declared.spec.within_m)
    if declared.spec.tells:
        _tell(declared.spec.tells, run, names)
    if not near:
        return None
    return consult(
        run.case,
        stage=stage.key,
        letter=declared.spec.letter,
        place=str(places.address_called(around)),
        about=texts,
        addresses=[str(one) for one in near],
        days=declared.spec.days,
        by=run.by,
        at=run.at,
    )


def _tell(letter: str, run: Run, names: dict[str, Any]) -> None:
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
        unique_key=f"{case.pk}:{case.stage}",
        card=run.known.applicant,
    )


def _day_after(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)


class NeighboursNotice(CaseNotice):
    """How many neighbours were written to, and how many commented."""

    key: ClassVar[str] = "consultations.neighbours"
    section: ClassVar[str] = "stages"

    def notice(self, case: Case) -> Notice | None:
        """Return nothing: the letter tells the applicant."""
        return None

    def notice_for_officer(self, case: Case, actor: Actor) -> Notice | None:
        """Return what officers are told; None where nobody was asked."""
        stages: CompiledStages | None = catalogue.compiled(case.version_id).sections.get("stages")
        if stages is None or all(stage.kind != KIND for stage in stages.stages):
            return None
        href = reverse("consultations:neighbours", kwargs={"reference": case.reference})
        found = consultation_of(case.pk)
        if found is None:
            text = _("The neighbours could not be written to.")
            return Notice(text, href, _("Go on")) if is_to_be_worked_on(case) else None
        rows = found.neighbours
        if found.until_on is None and is_to_be_worked_on(case):
            text = _("Letters to %(all)s households near by have to be posted.") % {"all": rows.count()}
            return Notice(text, href, _("Letters and comments"))
        text = _("%(all)s households near by were written to. %(said)s of them have commented.") % {
            "all": rows.count(),
            "said": rows.filter(commented_at__isnull=False).count(),
        }
        return Notice(text, href, _("Letters and comments"))


case_notices.register(NeighboursNotice)
