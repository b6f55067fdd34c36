"""Runs a service's decision on somebody's answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any

from commonweal.engines.dmn import CompiledModel, Result
from commonweal.engines.dmn.errors import DmnError
from commonweal.engines.dmn.facts import blank, to_json, value_of
from commonweal.engines.feel import (
    ANY,
    UNKNOWN,
    Evaluation,
    Expression,
    FeelError,
    Scope,
    Value,
    contains_unknown,
)
from commonweal.engines.feel.values.temporal import Date
from commonweal.engines.parameters import Snapshot
from commonweal.kernel.base.declarations import Asking
from commonweal.kernel.base.jurisdiction import current
from commonweal.kernel.base.types import Money
from commonweal.kernel.decisions.programmes.explaining import explainer, revived, slim
from commonweal.kernel.decisions.programmes.reading import LawModel, Programme
from commonweal.kernel.decisions.types import (
    CompiledDecision,
    CompiledOutcome,
    Evaluated,
    LawCitation,
    LawVersions,
    Step,
)

ENGINE = "commonweal-dmn-1"
"""Version of the engine; raised whenever the same law and facts could give another result."""
_LAW = "law."


class Fault(Exception):
    """Nothing may be concluded; the message names what is missing or went wrong."""

    def __init__(self, reason: str, missing: tuple[str, ...] = ()) -> None:
        self.missing = missing
        super().__init__(reason)


@dataclass
class Run:
    """One evaluation of a service's decision.

    Attributes:
        decision: The compiled section.
        programme: Its law.
        names: Values of the names in the facts' scope.
        reference_on: The day whose law applies.
        known_on: As known on this day; everything if None.
        is_traced: Whether to explain.
        recorded: What went into the model at an earlier decision, as JSON; it takes the place of the facts that
            the service works out.
        is_open: Whether questions were left out that could not matter: then only what is used has to be known.
    """

    decision: CompiledDecision
    programme: Programme
    names: Mapping[str, Value]
    reference_on: date
    known_on: date | None
    is_traced: bool
    recorded: Mapping[str, object] | None = None
    is_open: bool = False

    def __post_init__(self) -> None:
        self.model = self.programme.model_on(self.reference_on, self.known_on)
        self.snapshot = snapshot_of(self.programme, self.reference_on, self.known_on)
        self.facts: dict[str, Value] = {}
        self.result: Result | None = None

    def evaluate(self) -> Evaluated:
        """Return what the law says; a fault is an answer too."""
        try:
            outcome, amounts = self._conclude()
        except Fault as fault:
            return self._answer(None, {}, str(fault), fault.missing)
        return self._answer(outcome, amounts, "", ())

    # ---- from answers to a result ----------------------------------------------------------

    def _conclude(self) -> tuple[CompiledOutcome, dict[str, Money]]:
        result = self._decide()
        if result.warnings:
            raise Fault("; ".join(dict.fromkeys(warning.message for warning in result.warnings)))
        if not result.is_known and not self.is_open:
            raise Fault(self._missing_words(result.missing), result.missing)
        key = self._run(
            "outcome", self.decision.outcome, self.decision.result_scope, self._all_names(result.value)
        )
        if key is UNKNOWN:
            raise Fault(self._missing_words(result.missing), result.missing)
        outcome = self.decision.outcomes.get(key) if isinstance(key, str) else None
        if outcome is None:
            raise Fault(f"The outcome {to_json(key)!r} is not one that the service declares.")
        return outcome, self._amounts(outcome, result.value)

    def _decide(self) -> Result:
        if self.model is None:
            raise Fault(f"{self.programme.name}: no law is in force on {self.reference_on}.")
        for name, expression in self.decision.facts.items():
            self.facts[name] = (
                self._run(f"fact '{name}'", expression, self.decision.fact_scope, self.names)
                if self.recorded is None
                else self._recorded(name, self.model.compiled, self.recorded)
            )
        law = law_read(self.programme, self.model, self.reference_on, self.known_on)
        facts: dict[str, object] = {**self.facts, "law": law}
        try:
            self.result = self.model.compiled.decide(
                self.decision.spec.decision, facts, now=self.reference_on, trace=self.is_traced, unknown=True
            )
        except DmnError as error:
            raise Fault(str(error)) from error
        return self.result

    def _recorded(self, name: str, model: CompiledModel, recorded: Mapping[str, object]) -> Value:
        """Return a recorded fact; one that the law asks for since, and that nobody recorded, is unknown."""
        try:
            return value_of(revived(recorded.get(name, UNKNOWN)), model.inputs.get(name, ANY), name)
        except DmnError as error:
            raise Fault(str(error)) from error

    def _amounts(self, outcome: CompiledOutcome, value: Value) -> dict[str, Money]:
        amounts = {}
        for name, expression in outcome.amounts.items():
            amount = self._run(
                f"amount '{name}'", expression, self.decision.result_scope, self._all_names(value)
            )
            if amount is UNKNOWN and self.result is not None:
                raise Fault(self._missing_words(self.result.missing), self.result.missing)
            if not isinstance(amount, Decimal):
                raise Fault(f"The amount '{name}' is not a number.")
            amounts[name] = Money.of(amount, current().currency)
        return amounts

    def _all_names(self, value: Value) -> dict[str, Value]:
        return {**self.names, self.decision.spec.decision: value}

    def _run(self, what: str, expression: Expression, scope: Scope, names: Mapping[str, Value]) -> Value:
        evaluation = Evaluation()
        try:
            value = expression.run(scope.frame(names, missing=UNKNOWN), evaluation)
        except FeelError as error:
            raise Fault(f"The {what} cannot be worked out: {error}") from error
        if evaluation.warnings:
            raise Fault(f"The {what} cannot be worked out: {evaluation.warnings[0].message}")
        return value

    def _missing_words(self, missing: tuple[str, ...]) -> str:
        """Name what is missing: a parameter by its label and month, a fact by its path."""
        words = []
        for path in missing:
            root = re.split(r"[.\[]", path.removeprefix(_LAW), maxsplit=1)[0]
            if path.startswith(_LAW):
                words.append(self.snapshot.unknown.get(root, f"{path} is not known."))
            elif root in self.facts:
                words.append(f"'{path}' is not known.")
        return " ".join(dict.fromkeys(words)) or "Something is not known."

    # ---- the answer ------------------------------------------------------------------------

    def _officer_reason(self, outcome: CompiledOutcome | None, fault: str) -> str:
        if outcome is None:
            return self._foreseen() or fault
        value = self.result.value if self.result else None
        for condition, why in self.decision.officer_when:
            try:
                says = self._run("condition", condition, self.decision.result_scope, self._all_names(value))
            except Fault as error:
                return str(error)
            if says is not False:
                return why
        return outcome.spec.explanation if outcome.spec.officer else ""

    def _foreseen(self) -> str:
        """Say in the service's words why the facts could not even be worked out; nothing where they could.

        A register that knows no entry is the usual reason. What the law itself lacks is always named as it is.
        """
        if self.model is None or self.result is not None:
            return ""
        for condition, why in self.decision.officer_when:
            with suppress(Fault):
                if (
                    self._run("condition", condition, self.decision.result_scope, self._all_names(UNKNOWN))
                    is True
                ):
                    return why
        return ""

    def _answer(
        self, outcome: CompiledOutcome | None, amounts: dict[str, Money], fault: str, missing: tuple[str, ...]
    ) -> Evaluated:
        trace = self.result.trace if self.result else None
        data = slim(trace) if trace else None
        reason = self._officer_reason(outcome, fault)
        return Evaluated(
            outcome=outcome.key if outcome else None,
            is_fault=outcome is None,
            fault_reason=fault,
            needs_officer=bool(reason),
            officer_reason=reason,
            result=to_json(self.result.value) if self.result else None,
            amounts=amounts,
            facts={name: to_json(value) for name, value in self.facts.items()},
            trace=data,
            explain=partial(self._steps, data),
            citations=self._citations(data),
            versions=self._versions(),
            missing=missing,
            is_proposal=outcome is not None and not outcome.spec.officer,
        )

    def _steps(self, data: Mapping[str, Any] | None, called: Mapping[str, str]) -> tuple[Step, ...]:
        if data is None or self.model is None:
            return ()
        found = explainer(self.programme, self.model, current().currency)
        return found.steps(data, law_seen(self.programme, self.reference_on, self.known_on), called)

    def _citations(self, data: Mapping[str, Any] | None) -> tuple[LawCitation, ...]:
        if data is None or self.model is None:
            return ()
        known = explainer(self.programme, self.model, current().currency)
        return known.cited(tuple(note["name"] for note in data["decisions"]))

    def _versions(self) -> LawVersions | None:
        if self.model is None:
            return None
        return LawVersions(
            programme=self.programme.key,
            model_file=self.model.file,
            model_hash=self.model.hash,
            parameters_hash=self.programme.parameters.hash,
            parameters=self.snapshot.versions,
            engine=ENGINE,
            reference_on=self.reference_on,
            known_on=self.known_on,
        )


_snapshots: dict[tuple[str, date, date | None], Snapshot] = {}
_KEPT = 512


def snapshot_of(programme: Programme, reference_on: date, known_on: date | None) -> Snapshot:
    """Return the law on a day; kept, for many people are decided upon by the law of one day."""
    key = (programme.parameters.hash, reference_on, known_on)
    if key not in _snapshots:
        if len(_snapshots) >= _KEPT:
            _snapshots.clear()
        _snapshots[key] = programme.parameters.at(reference_on, known_on)
    return _snapshots[key]


def law_context(snapshot: Snapshot) -> dict[str, object]:
    """Return the law as FEEL sees it."""
    return snapshot.context(UNKNOWN)


@lru_cache(maxsize=256)
def law_seen(programme: Programme, reference_on: date, known_on: date | None) -> Value:
    """Return the law on a day as a value of FEEL; kept, for it is the same for everybody."""
    return value_of(law_context(snapshot_of(programme, reference_on, known_on)))


@lru_cache(maxsize=256)
def law_read(programme: Programme, model: LawModel, reference_on: date, known_on: date | None) -> object:
    """Return the law on a day as a model reads it; kept, for checking it against its type takes longer than deciding."""
    return model.compiled.read_once("law", law_seen(programme, reference_on, known_on))


def is_left_open(form: object, names: Mapping[str, Value]) -> bool:
    """Whether a question that is asked only while it matters has no answer."""
    skipped = form.may_skip if isinstance(form, Asking) else frozenset()
    return any(contains_unknown(names.get(name)) for name in skipped)


def names_of(
    decision: CompiledDecision, form: object, answers: Mapping[str, object], context: Mapping[str, object]
) -> dict[str, Value]:
    """Return the values of the names that facts are made of; an answer that nobody gave is unknown.

    Args:
        decision: Its scope says which names there are, and of what type.
        form: The compiled form, which knows what a blank answer means; anything else is ignored.
        answers: FEEL values, or plain JSON (numbers and dates as text).
        context: ``applicant``, ``case`` and the given facts, likewise.

    Raises:
        Fault: A value cannot be read as its type.
    """
    has_values = any(_is_feel(answer) for answer in answers.values())
    read = form.facts(answers) if not has_values and isinstance(form, Asking) else {}
    values: dict[str, Value] = {}
    for name, type_ in decision.fact_scope.names.items():
        given = context.get(name, answers.get(name, UNKNOWN))
        if name == "case":
            given = _begun(given)
        try:
            written = blank(type_) if given is UNKNOWN else value_of(given, type_, name)
        except DmnError as error:
            raise Fault(str(error)) from error
        known = UNKNOWN if name in context else read.get(name, UNKNOWN)
        values[name] = written if known is UNKNOWN else known
    return values


def _begun(case: object) -> object:
    """Return what is known of a case; what it asks for begins on the day of application where nothing else is said."""
    if not isinstance(case, Mapping) or "begins_on" in case or "submitted_on" not in case:
        return case
    return {**case, "begins_on": case["submitted_on"]}


def _is_feel(answer: object) -> bool:
    """Whether an answer is FEEL's value already, and no JSON."""
    if isinstance(answer, Mapping):
        return any(_is_feel(item) for item in answer.values())
    if isinstance(answer, list):
        return any(_is_feel(item) for item in answer)
    return answer is UNKNOWN or isinstance(answer, (Decimal, Date))


def as_date(value: Value) -> date | None:
    """Return a FEEL date as Python's, None where it is something else."""
    return date(value.year, value.month, value.day) if isinstance(value, Date) else None
