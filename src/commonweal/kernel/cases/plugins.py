"""The section `stages`, and the kinds of stages that come with the house."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from pydantic import Field, ValidationError

from commonweal.engines import feel
from commonweal.engines.parameters import Entry, Parameter, ParameterSet
from commonweal.engines.parameters import Kind as FigureKind
from commonweal.kernel.base import clock
from commonweal.kernel.base.declarations import Compilation, Section, Source, sections
from commonweal.kernel.base.documents import Path_
from commonweal.kernel.base.expressions import compile_feel, new_evaluation
from commonweal.kernel.base.jurisdiction import Declared, Key
from commonweal.kernel.base.pages import NavigationItem, navigation
from commonweal.kernel.base.personal import Eraser, Keeper, Kept, erasers, keepers
from commonweal.kernel.base.rules import is_resident
from commonweal.kernel.base.schemas import closest, schema_problems
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases import held, look_ups, once, resting, signing, waiting  # noqa: F401 - register on import
from commonweal.kernel.cases.actions import dispose
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.cases.events import CaseClosed
from commonweal.kernel.cases.flow import letter_key, stages_of, years_after
from commonweal.kernel.cases.outcomes import apply_law, letter_of
from commonweal.kernel.cases.queries import case_of_stream, evidence_in, kept_cases, signs, stream_called
from commonweal.kernel.cases.registry import Run, StageKind, Step, stage_kinds
from commonweal.kernel.cases.rules import SUPERVISE, WORK, allows, may_work
from commonweal.kernel.cases.types import CompiledAsking, CompiledSilence, CompiledStage, CompiledStages
from commonweal.kernel.consent.registry import Matter, matters
from commonweal.kernel.decisions.queries import figures_for as law_figures
from commonweal.kernel.decisions.queries import granted_by_silence
from commonweal.kernel.decisions.rules import CAPABILITY as DECIDE
from commonweal.kernel.files.registry import FileAccess, access
from commonweal.kernel.jobs.actions import announce
from commonweal.kernel.ledger.actions import record
from commonweal.kernel.mailbox import actions as mailbox
from commonweal.kernel.mailbox.errors import LetterFault
from commonweal.kernel.people import queries as people
from commonweal.kernel.people.registry import CASEWORKER, SUPERVISOR, Capability, capabilities
from commonweal.kernel.places.errors import CalendarUnknown
from commonweal.kernel.places.queries import add_working_days


@keepers.register
class CaseKeeper(Keeper):
    """Open cases need everything; closed ones are kept as their service declares."""

    key = "cases"

    def kept(self, persons: Sequence[UUID], *, at: datetime) -> list[Kept]:
        """Return the cases that must stay."""
        return kept_cases(persons, at=at)


@matters.register
class CaseMatter(Matter):
    """Cases, which officers name by their reference."""

    key = "case"

    def find(self, text: str) -> str:
        """Return the stream of the case with this reference."""
        return stream_called(text)

    def agency(self, stream: str) -> str | None:
        """Return the agency that works on it."""
        found = case_of_stream(stream)
        return found.agency if found else None


@erasers.register
class CaseEraser(Eraser):
    """A case goes with its answers, decisions, letters and files."""

    key = "cases.Case"

    def erase(self, rows: QuerySet[Any], *, by: Actor, at: datetime) -> None:
        """Destroy closed cases whose time of keeping is over."""
        for case_id in rows.order_by("pk").values_list("pk", flat=True):
            dispose(case_id, on=clock.local(at).date(), by=by, at=at)


@access.register
class CaseFiles(FileAccess):
    """Files of a case: for its applicant, for those who sign it, and for the officers of its team."""

    key = "case"

    def may_read(self, actor: Actor, stream: str, subject: UUID | None) -> bool:
        """Whether the actor may see the case."""
        case = case_of_stream(stream)
        return case is not None and (allows(actor, case) or signs(actor, case))

    def may_open(self, actor: Actor, file_id: UUID, stream: str, subject: UUID | None) -> bool:
        """Whether the actor may open this file: those who sign see what was sent, not what an officer asked for."""
        case = case_of_stream(stream)
        if case is None or allows(actor, case):
            return case is not None
        return signs(actor, case) and file_id not in evidence_in(case)


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


navigation.register(
    NavigationItem("cases.home", "portal", _("My applications"), "cases:home", 20, is_resident)
)
navigation.register(NavigationItem("cases.queue", "workbench", _("Cases"), "cases:queue", 10, may_work))


capabilities.register(Capability(WORK, _("Work on cases of one's teams"), (CASEWORKER, SUPERVISOR)))
capabilities.register(Capability(DECIDE, _("Decide in place of the law's model"), (CASEWORKER, SUPERVISOR)))
capabilities.register(Capability(SUPERVISE, _("Give cases to colleagues"), (SUPERVISOR,)))


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
            return _feel(text, source, (*path, name), compilation, expects) if text else None

        if spec.team is not None:
            _look_for_team(spec.team, (*path, "team"), source, compilation)
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
        return _feel(spec.until, source, (*path, "until"), compilation, feel.DATE)

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


class StageSource(Declared):
    """One stage as written.

    Attributes:
        key: Unique within the service; stored with each case.
        kind: What happens there: form, decide, review, letter, wait, back, close, or a plug-in's.
        label: As residents and officers read it.
        when: FEEL; the stage is left out unless it is true.
        options: What the kind needs besides.
    """

    key: Key
    kind: str
    label: Annotated[str, Field(min_length=1, max_length=120)]
    when: str | None = None
    options: dict[str, Any] = Field(default_factory=dict)


class AnswerWithin(Declared):
    """The limit for an answer; one of the two.

    Attributes:
        working_days: Of the jurisdiction's calendar.
        calendar_days: Moved to the next working day.
        at_most: The figure of the law that bounds it, for example ``law.decision_days``, counted in the same days. The
            compiler refuses a longer limit, also one that a figure known already will make too long.
    """

    working_days: Annotated[int, Field(ge=1, le=1000)] | None = None
    calendar_days: Annotated[int, Field(ge=1, le=1000)] | None = None
    at_most: Annotated[str, Field(pattern=r"^law\.[a-z][a-z0-9_]*$")] | None = None


class Asking(Declared):
    """The time that an applicant has for what an officer asks.

    Attributes:
        calendar_days: Moved to the next working day; an officer may name another day.
        at_most: The figure of the law that bounds it, for example ``law.answer_days``, in calendar days: nobody can
            declare or choose more.
        remind_days: How many days before the last one a reminder goes out; 0 for none.
        ask_within_working_days: Within how many working days of the application an officer asks for what is missing, or
            finds that nothing is. The queue shows the day, and that it has passed.
    """

    calendar_days: Annotated[int, Field(ge=1, le=365)] = 30
    at_most: Annotated[str, Field(pattern=r"^law\.[a-z][a-z0-9_]*$")] | None = None
    remind_days: Annotated[int, Field(ge=0, le=90)] = 7
    ask_within_working_days: Annotated[int, Field(ge=1, le=100)] | None = None


class OnSilence(Declared):
    """What follows where nobody decides in time, and the law does not grant what was asked for.

    The day after, ``case.is_late`` is true for good, so that the law can say what follows for the fee; the applicant gets a
    letter with this text; the case stays with its team.

    Attributes:
        text: What it means for the applicant, and where they may complain.
        legal_basis: The rule that says so.
    """

    text: Annotated[str, Field(min_length=1, max_length=1_000)]
    legal_basis: Annotated[str, Field(min_length=1, max_length=200)]


class Retention(Declared):
    """How long closed cases are kept.

    Attributes:
        years: From the day of closing.
        legal_basis: The rule that says so.
    """

    years: Annotated[int, Field(ge=0, le=100)]
    legal_basis: str


class StagesSource(Declared):
    """What a case goes through.

    Attributes:
        team: Key of the team that works on its cases.
        answer_within: The limit for an answer.
        on_silence: What follows where nobody decides within that limit.
        asking: The time that an applicant has for what an officer asks.
        retention: How long closed cases are kept.
        language: FEEL over the answers; the language in which the applicant is written to about the case, for example
            ``es``: often the key of the question that asks for it. Left out, or where it gives none of the jurisdiction's
            languages, it is that of the person's account.
        steps: The stages, in order.
    """

    team: Key
    answer_within: AnswerWithin = AnswerWithin()
    on_silence: OnSilence | None = None
    asking: Asking = Asking()
    retention: Retention
    language: Annotated[str, Field(min_length=1, max_length=2_000)] | None = None
    steps: Annotated[tuple[StageSource, ...], Field(min_length=2)]


@sections.register
class StagesSection(Section):
    """What a case goes through."""

    key = "stages"
    schema = StagesSource
    order = 350

    def compile(self, source: Source | None, compilation: Compilation) -> CompiledStages | None:
        """Compile each stage with its kind, and look at the whole: a beginning, an end, an officer for faults."""
        if source is None:
            return None
        written: StagesSource = source.value
        compiled = []
        for at, step in enumerate(written.steps):
            stage = _compile_step(step, at, source, compilation)
            if stage is not None:
                compiled.append(stage)
        _look_at_whole(written, source, compilation)
        _look_for_form(written, source, compilation)
        return CompiledStages(
            stages=tuple(compiled),
            team=written.team,
            answer_working_days=written.answer_within.working_days,
            answer_calendar_days=written.answer_within.calendar_days,
            retention_years=written.retention.years,
            retention_basis=written.retention.legal_basis,
            asking=_asking(written.asking, compilation),
            silence=_silence(written, source, compilation),
            language=_feel(written.language, source, ("language",), compilation, feel.STRING)
            if written.language
            else None,
        )


def _asking(asking: Asking, compilation: Compilation) -> CompiledAsking:
    figures = law_figures(compilation) if asking.at_most else None
    name = (asking.at_most or "").removeprefix("law.")
    limit = next((one for one in figures or () if one.key == name), None)
    return CompiledAsking(asking.calendar_days, asking.remind_days, asking.ask_within_working_days, limit)


def _silence(written: StagesSource, source: Source, compilation: Compilation) -> CompiledSilence | None:
    """Return what follows on silence; complain where no limit can pass, or where silence grants already."""
    declared, within = written.on_silence, written.answer_within
    if declared is None:
        return None

    def complain(message: str, hint: str) -> None:
        compilation.problems.append(source.problem(("on_silence",), "stages.silence", message, hint))

    if within.working_days is None and within.calendar_days is None:
        complain("No time for an answer can pass.", "Declare the limit in 'answer_within'.")
    granting = granted_by_silence(compilation)
    if granting:
        message = f"Where nobody decides in time, the outcome '{granting}' comes about."
        complain(message, "Keep the silent outcome or 'on_silence', not both.")
    return CompiledSilence(declared.text, declared.legal_basis)


def _feel(
    text: str, source: Source, path: Path_, compilation: Compilation, expects: feel.Type
) -> feel.Expression | None:
    return compile_feel(
        text,
        compilation.scope(),
        source=source,
        path=path,
        compilation=compilation,
        expects=expects,
        is_loose=True,
    )


def _compile_step(
    step: StageSource, at: int, source: Source, compilation: Compilation
) -> CompiledStage | None:
    path: Path_ = ("steps", at)
    if step.kind not in stage_kinds:
        hint = f"Write one of: {', '.join(sorted(stage_kinds.keys()))}."
        message = f"There is no kind of stage named '{step.kind}'."
        compilation.problems.append(source.problem((*path, "kind"), "stages.kind", message, hint))
        return None
    kind = stage_kinds[step.kind]
    try:
        spec = kind.schema.model_validate(step.options)
    except ValidationError as error:
        where = (*source.path, *path, "options")
        compilation.problems.extend(schema_problems(source.document, error, at=where))
        return None
    when = _feel(step.when, source, (*path, "when"), compilation, feel.BOOLEAN) if step.when else None
    compiled = kind.compile(spec, source, (*path, "options"), compilation)
    return CompiledStage(step.key, step.kind, step.label, when, compiled)


def _look_for_form(written: StagesSource, source: Source, compilation: Compilation) -> None:
    has_none = "form" in compilation.compiled and compilation.compiled["form"] is None
    kinds = [step.kind for step in written.steps]
    if has_none and "form.yaml" not in compilation.files and "form" in kinds:
        place = ("steps", kinds.index("form"))
        message, hint = "There is no form to fill in.", "Write the questions in form.yaml."
        compilation.problems.append(source.problem(place, "stages.form", message, hint))


def _look_at_whole(written: StagesSource, source: Source, compilation: Compilation) -> None:
    def complain(path: Path_, code: str, message: str, hint: str) -> None:
        compilation.problems.append(source.problem(path, code, message, hint))

    kinds = [step.kind for step in written.steps]
    keys = [step.key for step in written.steps]
    for at, key in enumerate(keys):
        if key in keys[:at]:
            complain(("steps", at, "key"), "stages.twice", f"Two stages are called '{key}'.", "Rename one.")
    if kinds[0] != "form":
        complain(
            ("steps", 0),
            "stages.beginning",
            "A case begins with a form.",
            "Put a stage of kind 'form' first.",
        )
    if kinds[-1] != "close":
        hint = "Put a stage of kind 'close' last."
        complain(
            ("steps", len(kinds) - 1), "stages.dead-end", "A case that comes here is never answered.", hint
        )
    for at, (kind, step) in enumerate(zip(kinds, written.steps, strict=True)):
        if kind == "decide" and not step.options.get("anew") and "review" not in kinds[at + 1 :]:
            hint = "Add a stage of kind 'review' with 'when: decision = null'."
            message = "Where the law cannot decide, nobody looks at the case."
            complain(("steps", at), "stages.no-officer", message, hint)
    _look_for_team(written.team, ("team",), source, compilation)
    _look_at_limit(written.answer_within, source, compilation)
    asked = AnswerWithin(calendar_days=written.asking.calendar_days, at_most=written.asking.at_most)
    _look_at_limit(asked, source, compilation, section="asking")


def _look_for_team(team: str, path: Path_, source: Source, compilation: Compilation) -> None:
    """Refuse a team that is not there, and one of another agency: its officers would not see the service's cases."""
    teams = {each.key: each.agency for each in compilation.jurisdiction.teams}
    info = compilation.compiled.get("info")
    if team not in teams:
        hint = f"Teams are declared in jurisdiction.yaml: {', '.join(sorted(teams))}."
        message = f"There is no team '{team}'."
        compilation.problems.append(source.problem(path, "stages.team", message, hint))
    elif info is not None and info.agency in teams.values() and teams[team] != info.agency:
        own = sorted(key for key, agency in teams.items() if agency == info.agency)
        hint = f"Teams of '{info.agency}' in jurisdiction.yaml: {', '.join(own) or 'none'}."
        message = f"The team '{team}' belongs to '{teams[team]}'; no officer would see the case."
        compilation.problems.append(source.problem(path, "stages.team-agency", message, hint))


def _look_at_limit(
    within: AnswerWithin, source: Source, compilation: Compilation, *, section: str = "answer_within"
) -> None:
    """Refuse two limits, and one that is longer than the law allows, now or from a day on that is known already."""

    def complain(field: str, code: str, message: str, hint: str) -> None:
        path = (section, field) if field else (section,)
        compilation.problems.append(source.problem(path, f"stages.{code}", message, hint))

    if within.working_days is not None and within.calendar_days is not None:
        complain("", "limit", "There are two limits for an answer.", "Keep one.")
    if within.at_most is None:
        return
    days = within.working_days or within.calendar_days
    figures = law_figures(compilation)
    if figures is None:
        complain("at_most", "law-limit", "The service rests on no law.", "Leave 'at_most' out.")
    elif days is None:
        hint = "Write working_days or calendar_days beside it."
        complain("at_most", "law-limit", "There is no limit that this could bound.", hint)
    else:
        for field, code, message, hint in _beyond_law(within, days, figures):
            complain(field, code, message, hint)


def _beyond_law(
    within: AnswerWithin, days: int, figures: ParameterSet
) -> Iterator[tuple[str, str, str, str]]:
    name = (within.at_most or "").removeprefix("law.")
    known = {one.key: one for one in figures if one.kind is FigureKind.NUMBER and not one.by}
    if name not in known:
        message = f"'law.{name}' is not a single number of the law."
        yield "at_most", "law-limit", message, closest(name, list(known))
        return
    field = "working_days" if within.working_days else "calendar_days"
    other = "calendar" if within.working_days else "working"
    if other in known[name].unit:
        message = f"'law.{name}' counts {known[name].unit}; this limit is in {field.replace('_', ' ')}."
        yield "at_most", "law-limit", message, f"Write {other}_days."
        return
    for entry in _bounds(known[name], clock.today()):
        if isinstance(entry.value, Decimal) and days > entry.value:
            message = (
                f"The answer may take {days} days; law.{name} allows {entry.value} from {entry.valid_from}."
            )
            hint = f"Write at most {entry.value} ({entry.reference.text})."
            yield field, "longer-than-law", message, hint


def _bounds(figure: Parameter, today: date) -> list[Entry]:
    """Return the values of a figure that count today or later."""
    history = figure.history()
    following = [*(entry.valid_from for entry in history[1:]), date.max]
    return [
        entry
        for entry, after in zip(history, following, strict=True)
        if after > today and (entry.valid_until is None or entry.valid_until >= today)
    ]
