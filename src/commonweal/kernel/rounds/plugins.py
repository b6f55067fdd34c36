"""What rounds hang into declarations, stages, navigation and roles."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, Field, model_validator

from commonweal.engines import feel
from commonweal.kernel.base import clock
from commonweal.kernel.base.declarations import Compilation, Section, Source, sections
from commonweal.kernel.base.expressions import compile_feel
from commonweal.kernel.base.jurisdiction import Declared, Key
from commonweal.kernel.base.pages import NavigationItem, navigation
from commonweal.kernel.base.templates import long_date
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.cases.registry import (
    CaseFact,
    CaseNotice,
    Notice,
    Run,
    StageKind,
    Step,
    case_facts,
    case_notices,
    stage_kinds,
)
from commonweal.kernel.ledger.actions import record
from commonweal.kernel.people.registry import CASEWORKER, SUPERVISOR, Capability, capabilities
from commonweal.kernel.places.errors import CalendarUnknown
from commonweal.kernel.places.queries import deadline
from commonweal.kernel.rounds import queries
from commonweal.kernel.rounds.enums import Answer
from commonweal.kernel.rounds.enums import Status as RoundStatus
from commonweal.kernel.rounds.models import Entry, Round
from commonweal.kernel.rounds.registry import methods
from commonweal.kernel.rounds.rules import APPROVE, PREPARE, may_prepare
from commonweal.kernel.rounds.types import CompiledRound

if TYPE_CHECKING:
    from commonweal.kernel.cases.models import Case
    from commonweal.kernel.cases.types import CompiledStage

navigation.register(NavigationItem("rounds", "workbench", _("Rounds"), "rounds:list", 55, may_prepare))
capabilities.register(Capability(PREPARE, _("Open rounds and work them out"), (CASEWORKER, SUPERVISOR)))
capabilities.register(Capability(APPROVE, _("Approve what a round brings"), (SUPERVISOR,)))


class RoundSource(Declared):
    """How what is scarce is shared out among all who applied until a day.

    Attributes:
        method: A budget down a ranked list (``budget``), places at schools (``places``), or a plug-in's.
        entry: FEEL; what a case has to say to the method, once it has been decided that it takes part.
        rule: How it is shared out, for everybody to read.
        legal_basis: The rule of law.
        pool: Where awards outside the list use the same budget: what ``<pool>:<last day>`` has used comes off it.
        last_day: FEEL; the last day of the round that an application belongs to. Left out, the next that is open.
        told_on: FEEL over ``round``; before this day nobody is told what it brought. Left out, once it is approved.
        ends_on: FEEL over ``round``, with ``last_day``; until this day late applications are taken too, and the waiting
            goes on. Left out, none is late, and an officer closes the round.
        anew: Whether ``entry`` is worked out again when the round is: registers may know of a move since. FEEL then knows
            ``proposed``, the decision as the law would make it on that day.
        labels: What the method's keys are called, for example the schools.
    """

    method: str
    pool: Key = ""
    entry: Annotated[str, Field(min_length=1, max_length=4_000)]
    rule: Annotated[str, Field(min_length=1, max_length=2_000)]
    legal_basis: Annotated[str, Field(min_length=1, max_length=200)]
    last_day: str = ""
    told_on: str = ""
    ends_on: str = ""
    is_anew: bool = Field(default=False, alias="anew")
    labels: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _late_for_which(self) -> RoundSource:
        if self.ends_on and not self.last_day:
            raise ValueError("'ends_on' needs 'last_day', which says for which round an application is late")
        return self


@sections.register
class RoundSection(Section):
    """What is scarce; FEEL then knows ``round``: name, last day, and once decided what it brought."""

    key: ClassVar[str] = "round"
    schema: ClassVar[type[BaseModel]] = RoundSource
    order: ClassVar[int] = 250

    def compile(self, source: Source | None, compilation: Compilation) -> CompiledRound | None:
        """Compile what a case says to the method, and let the service's expressions name ``round``."""
        if source is None:
            return None
        written: RoundSource = source.value
        if written.method not in methods:
            hint = f"Write one of: {', '.join(sorted(methods.keys()))}."
            message = f"There is no method '{written.method}'."
            compilation.problems.append(source.problem(("method",), "round.method", message, hint))
            return None

        def compiled(name: str, scope: feel.Scope, expects: feel.Type = feel.ANY) -> feel.Expression | None:
            text = getattr(written, name)
            return text and compile_feel(
                text,
                scope,
                source=source,
                path=(name,),
                compilation=compilation,
                expects=expects,
                is_loose=True,
            )

        own, known = feel.Scope({"round": feel.ANY}), compilation.scope()
        said = feel.Scope({"proposed": feel.ANY}, parent=known) if written.is_anew else known
        compilation.names["round"] = feel.ANY
        return CompiledRound(
            written.method,
            written.rule,
            written.legal_basis,
            written.pool,
            compiled("entry", said),
            last_day=compiled("last_day", known, feel.DATE) or None,
            told_on=compiled("told_on", own, feel.DATE) or None,
            ends_on=compiled("ends_on", own, feel.DATE) or None,
            is_anew=written.is_anew,
            labels=written.labels,
        )

    def check(self, compiled: CompiledRound | None, source: Source | None, compilation: Compilation) -> None:
        """Complain about a section and a stage of which one is missing."""
        stages = compilation.compiled.get("stages")
        kinds = [stage.kind for stage in stages.stages] if stages is not None else []
        if compiled is not None and source is not None and "round" not in kinds:
            message, hint = "No case ever takes part in a round.", "Add a stage of kind 'round'."
            compilation.problems.append(source.problem((), "round.stage", message, hint))


class RoundFact(CaseFact):
    """What FEEL sees as ``round``."""

    key = "round"
    section = "round"

    def value(self, case: Case) -> Any:
        """Return the round of a case and what it brought, or the one it could take part in; None where none is open."""
        entry = queries.entry_of(case.pk)
        if entry is not None:
            return dict(queries.fact_of(entry.round, entry))
        if queries.section_of(case.service_key).last_day is not None:
            return None  # which round it is hangs on what is looked up together with this
        one = queries.open_round(case.service_key, clock.local(case.opened_at).date())
        return None if one is None else dict(queries.fact_of(one))


case_facts.register(RoundFact)


class RoundNotice(CaseNotice):
    """The round that a case takes part in, and an offer that waits for an answer."""

    key = "rounds.round"
    section = "round"

    def notice(self, case: Case) -> Notice | None:
        """Return where the applicant reads of the round, or answers."""
        entry = queries.entry_of(case.pk)
        if entry is None:
            return None
        href = reverse("rounds:own", kwargs={"reference": case.reference})
        if entry.answer_due_on is not None and not entry.answer:
            text = gettext("You have an offer. Answer it by %(day)s.") % {
                "day": long_date(entry.answer_due_on)
            }
            return Notice(text, href, gettext("Accept or decline"))
        text = gettext("Your application takes part in: %(name)s.") % {"name": entry.round.name}
        return Notice(text, href, gettext("How the round stands"))


case_notices.register(RoundNotice)


class RoundStageSpec(Declared):
    """A stage that needs nothing besides its key."""


@stage_kinds.register
class RoundStage(StageKind):
    """The case waits until its round is decided; entered again, it waits for what others give up."""

    key = "round"
    schema = RoundStageSpec
    is_retried = True

    def enter(self, stage: CompiledStage, run: Run) -> Step:
        """Take part in the round that is open; where there is none, an officer opens one and lets the case go on."""
        section: CompiledRound | None = run.service.sections.get("round")
        case = run.case
        entry = queries.entry_of(case.pk)
        if entry is None:
            entry = _enter(section, run) if section is not None else None
        if entry is None:
            case.status = Status.ASSIGNED if case.worker_id else Status.UNASSIGNED
            return Step.STAY
        if not entry.is_waiting:
            if Round.objects.select_for_update().get(pk=entry.round_id).status == RoundStatus.CLOSED:
                return Step.ON  # nothing comes back any more
            entry.is_waiting = True
            entry.save(update_fields=["is_waiting"])
        run.known.look_up_anew()
        case.status, case.status_reason, case.wake_on = Status.WAITING, "", None
        return Step.STAY


def _enter(section: CompiledRound, run: Run) -> Entry | None:
    """Put a case into the open round, or say in the case why it cannot be."""
    case = run.case
    names = run.known.names()
    if section.is_anew:
        names["proposed"] = run.known.names_as_proposed()["decision"]
    one = queries.rounds_to_enter(section, case, names, at=run.at).select_for_update().first()
    if one is None or not queries.takes(one, section, at=run.at):
        case.status_reason = "No round is open that this application could take part in."
        return None
    facts = queries.said_by(section, names, at=run.at)
    if facts is None:
        case.status_reason = "What the round goes by is not known of this application."
        return None
    entry = Entry.objects.create(round=one, case=case, facts=facts)
    record(
        "rounds.entered", stream=case.stream, subject=case.applicant_id, by=run.by, at=run.at, round=one.pk
    )
    return entry


def _end_of(day: date, days: int) -> date:
    """Return the last day of a period; where the calendar does not reach so far, it is not moved to a working day."""
    try:
        return deadline(day, days)
    except CalendarUnknown:
        return day + timedelta(days=days)


class OfferSpec(Declared):
    """A stage at which somebody accepts or declines what they were offered.

    Attributes:
        days: How long the offer stands; a period that ends on no working day ends on the next one.
    """

    days: Annotated[int, Field(ge=1, le=365)] = 14


@stage_kinds.register
class OfferStage(StageKind):
    """The applicant accepts or declines; no answer in time counts as none."""

    key = queries.OFFER
    schema = OfferSpec
    is_retried = True

    def enter(self, stage: CompiledStage, run: Run) -> Step:
        """Wait for the answer."""
        entry = queries.entry_of(run.case.pk)
        if entry is None or entry.answer:
            return Step.ON
        entry.answer_due_on = _end_of(clock.local(run.at).date(), stage.spec.days)
        entry.save(update_fields=["answer_due_on"])
        run.known.look_up_anew()
        run.case.status = Status.WAITING
        run.case.wake_on = entry.answer_due_on + timedelta(days=1)
        return Step.STAY

    def leave(self, stage: CompiledStage, run: Run) -> None:
        """Note that the time went by without an answer."""
        entry = queries.entry_of(run.case.pk)
        if entry is not None and not entry.answer:
            entry.answer = Answer.LAPSED
            entry.save(update_fields=["answer"])
            run.known.look_up_anew()
