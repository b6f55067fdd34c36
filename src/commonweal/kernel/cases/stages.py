"""The section `stages`: what a case goes through."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, ValidationError

from commonweal.engines import feel
from commonweal.kernel.base.declarations import Compilation, Section, Source, sections
from commonweal.kernel.base.documents import Path_
from commonweal.kernel.base.expressions import compile_feel
from commonweal.kernel.base.jurisdiction import Declared, Key
from commonweal.kernel.base.schemas import schema_problems
from commonweal.kernel.cases.limits import AnswerWithin, look_at_limit
from commonweal.kernel.cases.reach import check_reach
from commonweal.kernel.cases.registry import stage_kinds
from commonweal.kernel.cases.types import CompiledAsking, CompiledSilence, CompiledStage, CompiledStages
from commonweal.kernel.decisions.queries import figures_for as law_figures
from commonweal.kernel.decisions.queries import granted_by_silence


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
        tried = {at: _compile_step(step, at, source, compilation) for at, step in enumerate(written.steps)}
        compiled = {at: stage for at, stage in tried.items() if stage is not None}
        _look_at_whole(written, source, compilation)
        check_reach(compiled, source, compilation)
        _look_for_form(written, source, compilation)
        return CompiledStages(
            stages=tuple(compiled.values()),
            team=written.team,
            answer_working_days=written.answer_within.working_days,
            answer_calendar_days=written.answer_within.calendar_days,
            retention_years=written.retention.years,
            retention_basis=written.retention.legal_basis,
            asking=_asking(written.asking, compilation),
            silence=_silence(written, source, compilation),
            language=feel_of(written.language, source, ("language",), compilation, feel.STRING)
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
    when = feel_of(step.when, source, (*path, "when"), compilation, feel.BOOLEAN) if step.when else None
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
    look_for_team(written.team, ("team",), source, compilation)
    look_at_limit(written.answer_within, source, compilation)
    asked = AnswerWithin(calendar_days=written.asking.calendar_days, at_most=written.asking.at_most)
    look_at_limit(asked, source, compilation, section="asking")


def feel_of(
    text: str, source: Source, path: Path_, compilation: Compilation, expects: feel.Type
) -> feel.Expression | None:
    """Compile what a stage says in FEEL over the answers and the case; None where it has a mistake, which is told."""
    return compile_feel(
        text,
        compilation.scope(),
        source=source,
        path=path,
        compilation=compilation,
        expects=expects,
        is_loose=True,
    )


def look_for_team(team: str, path: Path_, source: Source, compilation: Compilation) -> None:
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
