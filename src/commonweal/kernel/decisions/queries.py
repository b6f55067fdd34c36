"""Answers about the law and about decisions; nothing is changed here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from commonweal.engines.dmn.errors import FactError
from commonweal.engines.dmn.facts import value_of
from commonweal.engines.feel import Date, Evaluation, FeelError, Value, to_value
from commonweal.engines.parameters import Entry, Parameter, ParameterSet, Snapshot
from commonweal.kernel.base.declarations import Compilation
from commonweal.kernel.base.documents import Problem
from commonweal.kernel.base.jurisdiction import current
from commonweal.kernel.base.prepared import Given, Prepared, Question
from commonweal.kernel.base.types import Actor, Json, Money
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.catalogue.types import CompiledService
from commonweal.kernel.decisions.errors import LawNotFound, NotDecidable
from commonweal.kernel.decisions.fairness.figures import public_figures
from commonweal.kernel.decisions.models import Decision, FairnessReport, LawVersion
from commonweal.kernel.decisions.programmes.cases import check_cases_in
from commonweal.kernel.decisions.programmes.differences import law_changes
from commonweal.kernel.decisions.programmes.evaluating import (
    Fault,
    Run,
    as_date,
    is_left_open,
    law_seen,
    names_of,
)
from commonweal.kernel.decisions.programmes.explaining import explainer, revived
from commonweal.kernel.decisions.programmes.grounds import grounds_of, groups_of, roots_of
from commonweal.kernel.decisions.programmes.mattering import foresee
from commonweal.kernel.decisions.programmes.reading import (
    CASES,
    FOLDER,
    LawModel,
    Programme,
    from_texts,
    on_trial,
    programme,
    programme_keys,
    read_programme,
    read_proposed,
    read_texts,
    texts_for,
    texts_in_force,
)
from commonweal.kernel.decisions.rules import may_see_exact_fairness
from commonweal.kernel.decisions.types import (
    CompiledDecision,
    Evaluated,
    Figure,
    Foreseen,
    Grounds,
    LawCitation,
    Outcome,
    Step,
    StepGroup,
    Vocabulary,
)
from commonweal.kernel.places.errors import CalendarUnknown
from commonweal.kernel.places.queries import objection_until


def evaluate(
    service: CompiledService,
    answers: Mapping[str, object],
    *,
    reference_on: date | None = None,
    known_on: date | None = None,
    context: Mapping[str, object] | None = None,
    trace: bool = True,
) -> Evaluated:
    """Say what the law says of some answers; nothing is stored.

    Args:
        service: Its section ``decision`` names the law.
        answers: By question; FEEL values as ``forms`` gives them, or plain JSON as it is stored or as the API takes
            it. An optional question left out is blank, a required one unknown.
        reference_on: The day whose law applies; worked out as the service declares if left out.
        known_on: As known on this day; everything that we hold if left out.
        context: ``applicant``, ``case`` and the facts that the service lists as given. ``case.submitted_on`` is the
            reference date if left out.
        trace: Whether to explain; a mass run does without.

    Returns:
        The outcome, or a fault that names what is missing.

    Raises:
        NotDecidable: The service declares no decision.
        BrokenLaw: Its law cannot be read.
    """
    decision = decision_of(service)
    law = programme(decision.spec.programme)
    try:
        names = names_of(decision, service.sections.get("form"), answers, _completed(context, reference_on))
        on = reference_on or _reference_date(decision, names)
    except Fault as fault:
        return _nothing(str(fault))
    is_open = is_left_open(service.sections.get("form"), names)
    return Run(decision, law, names, on, known_on, trace, is_open=is_open).evaluate()


def foreseen(service: CompiledService, known: Mapping[str, Value], *, on: date) -> Foreseen:
    """Say how a service's decision would end with what is known so far; nothing is stored.

    Args:
        service: Its section ``decision`` names the law.
        known: FEEL values by the names that its facts are made of: questions, given facts, ``applicant``; the others
            are unknown.
        on: The day on which somebody would apply.

    Raises:
        NotDecidable: The service declares no decision.
        BrokenLaw: Its law cannot be read.
    """
    return foresee(decision_of(service), known, on)


def evaluate_again(
    service: CompiledService,
    recorded: Mapping[str, object],
    answers: Mapping[str, object],
    *,
    reference_on: date,
    known_on: date | None = None,
    context: Mapping[str, object] | None = None,
    trace: bool = True,
) -> Evaluated:
    """Say what the law of another day says of the facts that an earlier decision recorded; nothing is stored.

    Args:
        service: Its section ``decision`` names the law, outcomes and amounts.
        recorded: What went into the model then (:attr:`DecisionBasis.facts`).
        answers: For expressions of the service other than facts, as for :func:`evaluate`.
        reference_on: The day whose law applies.
        known_on: As known on this day; everything that we hold if left out.
        context: As for :func:`evaluate`.
        trace: Whether to explain.

    Raises:
        NotDecidable: The service declares no decision.
        BrokenLaw: Its law cannot be read.
    """
    decision = decision_of(service)
    law = programme(decision.spec.programme)
    try:
        names = names_of(decision, service.sections.get("form"), answers, context or {})
    except Fault as fault:
        return _nothing(str(fault))
    is_open = is_left_open(service.sections.get("form"), names)
    return Run(decision, law, names, reference_on, known_on, trace, recorded, is_open).evaluate()


def reference_date(
    service: CompiledService, answers: Mapping[str, object], context: Mapping[str, object]
) -> date | None:
    """Return the day whose law applies, as the service declares it; None if it is not known yet."""
    decision = decision_of(service)
    try:
        names = names_of(decision, service.sections.get("form"), answers, context)
        return _reference_date(decision, names)
    except Fault:
        return None


def _reference_date(decision: CompiledDecision, names: Mapping[str, Value]) -> date:
    value = decision.reference_on.run(decision.fact_scope.frame(names), Evaluation())
    found = as_date(value)
    if found is None:
        raise Fault(f"The day whose law applies ({decision.reference_on.text}) is not known.")
    return found


def _completed(context: Mapping[str, object] | None, reference_on: date | None) -> dict[str, object]:
    known = dict(context or {})
    case = known.get("case")
    if reference_on is not None and (not isinstance(case, Mapping) or "submitted_on" not in case):
        known["case"] = {**(case if isinstance(case, Mapping) else {}), "submitted_on": reference_on}
    return known


def _nothing(reason: str) -> Evaluated:
    return Evaluated(
        outcome=None,
        is_fault=True,
        fault_reason=reason,
        needs_officer=True,
        officer_reason=reason,
        result=None,
        amounts={},
        facts={},
        trace=None,
        explain=lambda _called: (),
        citations=(),
        versions=None,
    )


def decision_of(service: CompiledService) -> CompiledDecision:
    """Return a service's section ``decision``.

    Raises:
        NotDecidable: It has none.
    """
    found = service.sections.get("decision")
    if not isinstance(found, CompiledDecision):
        raise NotDecidable(service=service.key)
    return found


def outcomes_of(service: CompiledService) -> dict[str, Outcome]:
    """Return the ways in which a service can end, by key."""
    return decision_of(service).spec.outcomes


def statement_of(service: CompiledService, result: Json, steps: tuple[Step, ...]) -> tuple[Figure, ...]:
    """Return the lines of a service's statement for a result; empty where it declares none, or nothing was decided.

    Args:
        service: Its section ``decision`` may hold a statement.
        result: The decision's value as JSON, of :class:`Evaluated` or :class:`DecisionCard`.
        steps: The explanation, for the articles of law.
    """
    decision = decision_of(service)
    if result is None or not decision.lines:
        return ()
    citations = {step.name: step.citations for step in steps}
    scope = decision.lines[0].amount.scope
    frame = scope.frame(
        {decision.spec.decision: value_of(revived(result), scope.names[decision.spec.decision])}
    )
    found = []
    for line in decision.lines:
        amount = line.amount.run(frame, Evaluation())
        if not isinstance(amount, Decimal) or (line.when and line.when.run(frame, Evaluation()) is not True):
            continue
        cents = amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
        money = Money.of(cents, current().currency)
        found.append(Figure(line.spec.label, money, line.spec.total, citations.get(line.spec.step or "", ())))
    return tuple(found)


def decision_facts(
    service: CompiledService, found: Evaluated | DecisionCard | Decision, *, told_on: date, language: str = ""
) -> dict[str, object]:
    """Return what later sections of the service (letters, stages) know as ``decision``.

    Args:
        service: Its section ``decision`` declares outcomes and how to object.
        found: What the law says, or what was decided.
        told_on: The day on which the letter goes out; the last day for objecting is counted from it.
        language: Of whoever is told, for the outcome's label; the service's main one by default.
    """
    if isinstance(found, Decision):
        amounts, result = _amounts(found), json.loads(found.result)
    else:
        amounts, result = dict(found.amounts), found.result
    return _known_as_decision(
        service,
        found.outcome or "",
        amounts,
        result=result,
        reason=found.officer_reason if isinstance(found, Evaluated) else found.reason,
        told_on=told_on,
        language=language,
    )


def silent_outcome(service: CompiledService) -> str | None:
    """Return the outcome that comes about by law when the time for a decision is over; None where there is none."""
    outcomes = decision_of(service).spec.outcomes
    return next((key for key, outcome in outcomes.items() if outcome.silent), None)


def comes_by_silence(
    service: CompiledService, outcome: str, answers: Mapping[str, object], context: Mapping[str, object]
) -> bool:
    """Whether a silent outcome comes about in a case; a condition that is not true, or cannot be told, says no.

    Args:
        service: Its section ``decision`` declares the outcome.
        outcome: Key of its silent outcome.
        answers: As for :func:`evaluate`.
        context: Likewise.
    """
    decision = decision_of(service)
    condition = decision.outcomes[outcome].silent_when
    if condition is None:
        return True
    try:
        names = names_of(decision, service.sections.get("form"), answers, context)
        return condition.run(decision.fact_scope.frame(names), Evaluation()) is True
    except (Fault, FeelError):
        return False


def granted_by_silence(compilation: Compilation) -> str | None:
    """Return the silent outcome of a service that is being compiled; None where it has none, or is not compiled so far."""
    found = compilation.compiled.get("decision")
    outcomes = found.spec.outcomes if isinstance(found, CompiledDecision) else {}
    return next((key for key, outcome in outcomes.items() if outcome.silent), None)


def lapsed_outcome(service: CompiledService) -> str | None:
    """Return the outcome that comes about by law when a question stays unanswered; None where there is none."""
    outcomes = decision_of(service).spec.outcomes
    return next((key for key, outcome in outcomes.items() if outcome.lapsed), None)


def amounts_in(*, decision: str) -> Subquery:
    """Return an expression for the amounts of the decision of each row of a queryset; see :func:`read_amounts`.

    Args:
        decision: Name of the field that holds the decision's id.
    """
    return Subquery(Decision.objects.filter(pk=OuterRef(decision)).order_by().values("amounts")[:1])


def read_amounts(written: str | None) -> dict[str, Money]:
    """Return what :func:`amounts_in` gave for a row."""
    return {name: Money(minor, currency) for name, (minor, currency) in json.loads(written or "{}").items()}


def amounts_of(service: CompiledService, outcome: str, found: Evaluated) -> dict[str, Money]:
    """Return what the amounts of an outcome come to over the result of an evaluation; what cannot be told is left out.

    Args:
        service: Its section ``decision`` declares the outcome.
        outcome: Any of its outcomes, not only that of the evaluation.
        found: What the law says of the case.
    """
    decision = decision_of(service)
    scope = decision.result_scope
    result = {decision.spec.decision: value_of(found.result, scope.names[decision.spec.decision])}
    amounts = {}
    for name, expression in decision.outcomes[outcome].amounts.items():
        amount = expression.run(scope.frame(result), Evaluation()) if found.result is not None else None
        if isinstance(amount, Decimal):
            amounts[name] = Money.of(amount, current().currency)
    return amounts


def _known_as_decision(
    service: CompiledService,
    outcome: str,
    amounts: Mapping[str, Money],
    *,
    result: Json,
    reason: str,
    told_on: date,
    language: str,
) -> dict[str, object]:
    outcomes = decision_of(service).spec.outcomes
    spec = outcomes.get(outcome)
    declared = dict.fromkeys(name for one in outcomes.values() for name in one.money)
    return {
        "outcome": outcome or None,
        "label": service.translator(language)(spec.label) if spec else None,
        "grants": spec.grants if spec else False,
        "amounts": {**declared, **{name: money.amount for name, money in amounts.items()}},
        "result": _as_typed(service, result),
        "reason": reason,
        "appeal_until": _appeal_until(service, spec, told_on),
    }


def _as_typed(service: CompiledService, result: Json) -> Value:
    """Return a stored result with the types of the service's model: days are days, and no text.

    A result of another version of the model that cannot be read so stays as it was stored.
    """
    decision, known = decision_of(service), revived(result)
    try:
        return value_of(known, decision.result_scope.names[decision.spec.decision])
    except FactError:
        return value_of(known)


def appeal_until(service: CompiledService, found: DecisionCard, *, told_on: date) -> date | None:
    """Return the last day for objecting to a decision; None where the calendar does not reach so far.

    Args:
        service: Its section ``decision`` declares how to object.
        found: What was decided.
        told_on: The day on which the applicant was told of it.
    """
    return as_date(_appeal_until(service, decision_of(service).spec.outcomes.get(found.outcome), told_on))


def _appeal_until(service: CompiledService, outcome: Outcome | None, told_on: date) -> Value:
    """Return the last day for objecting to an outcome; null where the calendar does not reach so far."""
    appeal = decision_of(service).spec.appeal
    days = (outcome and outcome.appeal_days) or appeal.days
    try:
        if days is None:
            counted_in = appeal.counted_in or ""
            return to_value(objection_until(told_on, working_days=appeal.working_days, other_days=counted_in))
        return to_value(objection_until(told_on, days))
    except (CalendarUnknown, KeyError, OverflowError, ValueError):
        return None


def appeal_day(service: CompiledService, *, told_on: date) -> date | None:
    """Return the service's usual last day for objecting to a letter of a day; None where the calendar does not reach so far."""
    found = _appeal_until(service, None, told_on)
    return date(found.year, found.month, found.day) if isinstance(found, Date) else None


# ---- decisions made --------------------------------------------------------------------------


@dataclass(frozen=True)
class DecisionCard:
    """A decision as pages, letters and the API show it.

    Attributes:
        id: Primary key.
        stream: For example ``case:<uuid>``.
        outcome: Key; empty where there is a fault.
        grants: Whether it gives what was asked for.
        is_automatic: Whether the law's model decided.
        is_fault: Whether something was missing.
        needs_officer: Whether a person has to decide.
        reason: The fault, why an officer is needed, or the officer's reasons.
        legal_ground: Of a decision by hand.
        amounts: By name.
        result: The model's result.
        reference_on: The day whose law applied.
        made_at: When.
    """

    id: UUID
    stream: str
    outcome: str
    grants: bool
    is_automatic: bool
    is_fault: bool
    needs_officer: bool
    reason: str
    legal_ground: str
    amounts: Mapping[str, Money]
    result: Json
    reference_on: date
    made_at: datetime


@dataclass(frozen=True)
class DecisionBasis:
    """What a decision was made from: longer than its card, and no page shows it.

    Attributes:
        facts: What went into the model.
        citations: The law applied.
        model_hash: SHA-256 of the model; empty by hand.
        parameters_hash: SHA-256 of the parameters.
        engine: Version of the engine.
    """

    facts: Mapping[str, Json]
    citations: tuple[LawCitation, ...]
    model_hash: str
    parameters_hash: str
    engine: str


_BASIS = ("facts", "citations", "parameter_versions")
_decision = Prepared(lambda: Decision.objects.filter(pk=Given("id")).defer(*_BASIS).order_by())


def decisions_on(stream: str) -> list[DecisionCard]:
    """Return the decisions of a stream, the latest first."""
    return [_card(decision) for decision in Decision.objects.on_stream(stream).defer(*_BASIS)]


def latest_decision(stream: str) -> DecisionCard | None:
    """Return the decision that counts on a stream, or None."""
    decision = Decision.objects.on_stream(stream).defer(*_BASIS).first()
    return _card(decision) if decision else None


def decision(decision_id: UUID) -> DecisionCard:
    """Return one decision.

    Raises:
        NotDecidable: There is no such decision.
    """
    return _card(_made(decision_id))


def decision_asked(decision_id: UUID) -> Question:
    """Return what :func:`decision` and all others ask that return a decision by its id, to be asked together with others."""
    return _decision.given(id=decision_id)


def basis_of(decision_id: UUID) -> DecisionBasis:
    """Return what one decision was made from.

    Raises:
        NotDecidable: There is no such decision.
    """
    rows = Decision.objects.filter(pk=decision_id).select_related("law").order_by()
    found = rows.only("facts", "citations", "engine", "law__model_hash", "law__parameters_hash").first()
    if found is None:
        raise NotDecidable(decision=str(decision_id))
    return DecisionBasis(
        facts=json.loads(found.facts),
        citations=tuple(LawCitation(*parts) for parts in found.citations),
        model_hash=found.law.model_hash if found.law else "",
        parameters_hash=found.law.parameters_hash if found.law else "",
        engine=found.engine,
    )


def result_of(decision_id: UUID) -> Value:
    """Return what the law gave in a decision, as FEEL sees it; null where a person or time decided, or it is destroyed.

    Days are texts, as they are stored.
    """
    found = _decision.one(id=decision_id)
    return None if found is None else to_value(revived(json.loads(found.result)))


def outcomes_in(decision_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the outcome of each of some decisions, by id; one that is destroyed is left out."""
    rows = Decision.objects.filter(pk__in=decision_ids).order_by()
    return dict(rows.values_list("pk", "outcome"))


def explained(
    decision_id: UUID, called: Mapping[str, str] | None = None
) -> tuple[DecisionCard, tuple[Step, ...]]:
    """Return a decision with its steps, from its stored trace and the law's text as it was then.

    Args:
        decision_id: Which.
        called: The service's words for keys of the law; without them keys stay as they are.

    Raises:
        NotDecidable: There is no such decision.
    """
    decision = _made(decision_id)
    return _card(decision), _steps(decision, called or {})


def decided(
    decision_id: UUID, service: CompiledService, vocabulary: Vocabulary
) -> tuple[DecisionCard, Grounds]:
    """Return a decision with the few steps that decided it; none where a person or time decided.

    The other steps are not put into words: that is what :func:`explained` is for.

    Args:
        decision_id: Which.
        service: Its section ``decision`` says where outcome and amount come from.
        vocabulary: The service's words.

    Raises:
        NotDecidable: There is no such decision.
    """
    decision = _made(decision_id)
    return _card(decision), _grounds(decision, decision_of(service), vocabulary)


def worked_out(
    decision_id: UUID, service: CompiledService, vocabulary: Vocabulary
) -> tuple[DecisionCard, Grounds, tuple[StepGroup, ...]]:
    """Return a decision with what decided it, and with all its steps under headings.

    Args:
        decision_id: Which.
        service: As for :func:`decided`.
        vocabulary: The service's words.

    Raises:
        NotDecidable: There is no such decision.
    """
    decision = _made(decision_id)
    grounds = _grounds(decision, decision_of(service), vocabulary)
    steps = _steps(decision, vocabulary.called)
    if decision.law_id is None or not steps:
        return _card(decision), grounds, ()
    explains = explainer(*_recorded(decision.law_id), current().currency)
    return _card(decision), grounds, groups_of(explains, steps, grounds)


def _grounds(decision: Decision, declared: CompiledDecision, vocabulary: Vocabulary) -> Grounds:
    trace = json.loads(decision.trace)
    if trace is None or decision.law_id is None:
        return Grounds()
    recorded, model = _recorded(decision.law_id)
    outcome = declared.outcomes.get(decision.outcome)
    amount = outcome.amounts.get("amount") if outcome else None
    shown = (
        [outcome.amounts[name] for name in outcome.spec.labels if name in outcome.amounts] if outcome else []
    )
    beside = [root for one in shown for root in roots_of(one, declared.spec.decision)]
    return grounds_of(
        explainer(recorded, model, current().currency),
        trace,
        law_seen(recorded, decision.reference_on, decision.known_on),
        outcome=roots_of(declared.outcome, declared.spec.decision),
        amount=roots_of(amount, declared.spec.decision) if amount and declared.spec.statement is None else (),
        beside=beside,
        vocabulary=vocabulary,
        aside=frozenset(key for key, one in declared.spec.outcomes.items() if one.officer),
    )


def _made(decision_id: UUID) -> Decision:
    found = _decision.one(id=decision_id)
    if found is None:
        raise NotDecidable(decision=str(decision_id))
    return found


def _steps(decision: Decision, called: Mapping[str, str]) -> tuple[Step, ...]:
    trace = json.loads(decision.trace)
    if trace is None or decision.law_id is None:
        return ()
    recorded, model = _recorded(decision.law_id)
    law = law_seen(recorded, decision.reference_on, decision.known_on)
    return explainer(recorded, model, current().currency).steps(trace, law, called)


@lru_cache(maxsize=256)
def _recorded(law_id: UUID) -> tuple[Programme, LawModel]:
    """Return the law that was kept under an id; its text never changes."""
    law = LawVersion.objects.get(pk=law_id)
    return from_texts(law.programme, law.model_file, law.model_text, law.parameters_text)


def _amounts(decision: Decision) -> dict[str, Money]:
    return read_amounts(decision.amounts)


def _card(decision: Decision) -> DecisionCard:
    return DecisionCard(
        id=decision.pk,
        stream=decision.stream,
        outcome=decision.outcome,
        grants=decision.grants,
        is_automatic=decision.is_automatic,
        is_fault=decision.is_fault,
        needs_officer=decision.needs_officer,
        reason=decision.reason,
        legal_ground=decision.legal_ground,
        amounts=_amounts(decision),
        result=json.loads(decision.result),
        reference_on=decision.reference_on,
        made_at=decision.made_at,
    )


# ---- the law ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class ParameterState:
    """A parameter on a day, as known on a day.

    Attributes:
        programme: Whose it is.
        parameter: All about it.
        entry: What counts; None where it is unknown.
        unknown: Why it is unknown, in words that name it.
    """

    programme: Programme
    parameter: Parameter
    entry: Entry | None
    unknown: str


def programmes() -> list[Programme]:
    """Return the programmes of law that the jurisdiction holds, by key."""
    return [programme(key) for key in programme_keys()]


def programme_below(root: Path, key: str) -> Programme | None:
    """Return a programme of a jurisdiction's folder, read anew; None where it has an error."""
    return read_programme(root, key)[0]


def programme_on(
    key: str, reference_on: date, known_on: date | None = None
) -> tuple[Programme, LawModel | None, Snapshot]:
    """Return a programme with its model and its figures on a day, as known on another.

    Raises:
        LawNotFound: There is no such programme.
    """
    found = programme(key)
    return found, found.model_on(reference_on, known_on), found.parameters.at(reference_on, known_on)


def parameter_on(key: str, name: str, reference_on: date, known_on: date | None = None) -> ParameterState:
    """Answer what a parameter was on a day, as known on another.

    Raises:
        LawNotFound: There is no such programme or parameter.
    """
    found, _, snapshot = programme_on(key, reference_on, known_on)
    parameter = found.parameters.parameters.get(name)
    if parameter is None:
        raise LawNotFound(programme=key, parameter=name)
    return ParameterState(found, parameter, snapshot.entries.get(name), snapshot.unknown.get(name, ""))


@dataclass(frozen=True, slots=True)
class CheckedLaw:
    """What is to be said of a text of a programme.

    Attributes:
        programme: Ready to decide; None where its own files have a mistake.
        problems: Every error and warning, those of the services that rest on it too.
    """

    programme: Programme | None
    problems: Sequence[Problem]

    @property
    def errors(self) -> list[Problem]:
        """What stops it from being published."""
        return [problem for problem in self.problems if problem.is_error]


def law_text(key: str) -> dict[str, str]:
    """Return the text of a programme's files that is in force, by name.

    Raises:
        LawNotFound: There is no such programme.
    """
    if key not in programme_keys():
        raise LawNotFound(programme=key)
    return texts_in_force(key)


def is_law(key: str) -> bool:
    """Whether there is a programme of this name: in the folder, or published."""
    return key in programme_keys()


@contextmanager
def law_on_trial(key: str, files: Mapping[str, str]) -> Iterator[None]:
    """Let a text of a programme count inside the block, as if it were in force: to compile, rehearse and decide with it."""
    with on_trial(key, files):
        yield


def text_hash(files: Mapping[str, str]) -> str:
    """Return the hash of a programme's text."""
    return catalogue.content_hash(files)


def check_law(key: str, files: Mapping[str, str], *, with_services: bool = True) -> CheckedLaw:
    """Compile a text of a programme, decide its worked cases, and try every service that rests on it.

    Args:
        key: The programme.
        files: Text by name.
        with_services: Whether services are compiled with it and their worked cases decided; that takes longer.
    """
    law, problems = read_texts(key, files)
    if law is None:
        return CheckedLaw(None, problems)
    if CASES in files:
        problems += check_cases_in(files[CASES], law)
    if with_services and not any(problem.is_error for problem in problems):
        with on_trial(key, files):
            for service in services_on(key):
                version = catalogue.version_files(service.version_id)
                found = catalogue.compile_text(service.key, version)[1]
                problems += [one for one in found if one.is_error and not one.file.startswith(f"{FOLDER}/")]
    return CheckedLaw(law, list(dict.fromkeys(problems)))


def changes_in_law(before: Mapping[str, str], after: Mapping[str, str]) -> list[catalogue.Difference]:
    """Return what changes from one text of a programme to another, its figures value by value."""
    return law_changes(before, after)


def unit_text(unit: str) -> str:
    """Write the unit of a figure in words."""
    whole, _slash, per = unit.partition("/")
    names = {"text": "", "yes-no": "", "share": _("(1 is the whole)"), "factor": _("times")}
    first = names.get(whole, whole)
    periods = {
        "month": _("a month"),
        "year": _("a year"),
        "week": _("a week"),
        "day": _("a day"),
        "hour": _("an hour"),
    }
    return f"{first} {periods.get(per, per)}".strip()


def figures_for(compilation: Compilation) -> ParameterSet | None:
    """Return the figures of the law that a service on its way through the compiler rests on; None where it rests on none."""
    decision = compilation.compiled.get("decision")
    if not isinstance(decision, CompiledDecision):
        return None
    key = decision.spec.programme
    law = read_texts(key, texts_for(key, compilation))[0]
    return law.parameters if law else None


def may_publish_law() -> bool:
    """Whether this installation takes a law that was published, and not its folder's text alone."""
    return bool(settings.COMMONWEAL_LAW_LOOK_SECONDS)


def agencies_by_law() -> list[tuple[str, str]]:
    """Return each programme with each agency whose live services rest on it."""
    found = {
        (decision.spec.programme, service.info.agency)
        for service in catalogue.live_services("")
        if isinstance(decision := service.compiled.sections.get("decision"), CompiledDecision)
    }
    return sorted(found)


def services_on(key: str) -> list[catalogue.Service]:
    """Return the live services that rest on a programme."""
    return [
        service
        for service in catalogue.live_services("")
        if isinstance(decision := service.compiled.sections.get("decision"), CompiledDecision)
        and decision.spec.programme == key
    ]


def kept_law(law_id: UUID) -> tuple[Programme, LawModel]:
    """Return a programme with one model as they were when they were kept, whatever the files say now.

    Raises:
        LawNotFound: Nothing is kept under this id.
        BrokenLaw: This release cannot read it any more.
    """
    kept = LawVersion.objects.filter(pk=law_id).order_by("pk").first()
    if kept is None:
        raise LawNotFound(law=str(law_id))
    return from_texts(kept.programme, kept.model_file, kept.model_text, kept.parameters_text)


def proposed_model(key: str, text: str) -> tuple[LawModel | None, list[str]]:
    """Read a model that somebody proposes for a programme; nothing is stored.

    Args:
        key: The programme, whose parameters the model is held against.
        text: The DMN file.

    Returns:
        The model, or None and what is wrong, one sentence each.

    Raises:
        LawNotFound: There is no such programme.
    """
    return read_proposed(programme(key), text)


# ---- fairness --------------------------------------------------------------------------------


@dataclass(frozen=True)
class FairnessCard:
    """The latest fairness report of a service.

    Attributes:
        figures: With small groups hidden, or exact for an officer who may see them.
        is_flagged: Whether a flip changed something that no rule with a source explains.
        is_exact: Whether nothing is hidden.
        made_at: When it was worked out.
    """

    figures: Mapping[str, Any]
    is_flagged: bool
    is_exact: bool
    made_at: datetime


def fairness_of(service_key: str, actor: Actor) -> FairnessCard | None:
    """Return the latest fairness report of a service as an actor may see it; None where there is none yet."""
    found = FairnessReport.objects.filter(service_key=service_key).order_by("-made_at", "-id").first()
    if found is None:
        return None
    is_exact = may_see_exact_fairness(actor, found.agency)
    figures = found.figures if is_exact else public_figures(found.figures)
    return FairnessCard(figures, found.is_flagged, is_exact, found.made_at)


def services_with_fairness() -> list[str]:
    """Return the keys of the live services that declare how their decisions are compared."""
    return [
        service.key
        for service in catalogue.live_services("")
        if isinstance(decision := service.compiled.sections.get("decision"), CompiledDecision)
        and decision.fairness is not None
    ]
