"""Which answers can still matter to what comes of an application, whatever the others turn out to be.

What is looked at: the outcome, its amounts, the conditions under which an officer decides, the statement, and every
expression of the service's other sections (letters, what is granted, stages, look-ups). As soon as an officer decides,
everything matters: people look at all facts. The groups of the fairness report do not count: nobody is asked for their
income for the sake of a report, and whom it cannot place it leaves out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from commonweal.engines import dmn
from commonweal.engines.dmn.demand import Path
from commonweal.engines.dmn.errors import DmnError
from commonweal.engines.feel import (
    UNKNOWN,
    Date,
    Evaluation,
    Expression,
    FeelError,
    Value,
    contains_unknown,
    syntax,
)
from commonweal.kernel.decisions.programmes.evaluating import as_date, law_read
from commonweal.kernel.decisions.programmes.reading import Programme, programme
from commonweal.kernel.decisions.types import CompiledDecision, CompiledOutcome, Foreseen

_SEEN_ELSEWHERE = frozenset({"form", "decision", "cases", "eligibility"})
"""Sections that are looked at by themselves, or that read nothing of an application: worked cases, the check before it."""


def settled(
    decision: CompiledDecision, sections: Mapping[str, Any], answers: Mapping[str, Value], on: date
) -> frozenset[str]:
    """Return the answers that the decision takes, and that can no longer change what comes of the application.

    Args:
        decision: The compiled section.
        sections: All compiled sections of the service.
        answers: FEEL values by question; unknown where nobody has answered.
        on: The day on which the application is sent, if it were sent now.
    """
    stakes = _stakes_of(decision, sections)
    if not any(contains_unknown(answers.get(name, UNKNOWN)) for name in stakes.names):
        return frozenset()
    try:
        return _Weighing(decision, stakes, answers, on, programme(decision.spec.programme)).settled()
    except (FeelError, DmnError):
        return frozenset()


def foresee(decision: CompiledDecision, known: Mapping[str, Value], on: date) -> Foreseen:
    """Say how a decision would end with what is known so far; nothing is stored.

    Args:
        decision: The compiled section.
        known: FEEL values by the names that its facts are made of; the others are unknown.
        on: The day on which somebody would apply.
    """
    nothing = _Weighing(decision, _NOTHING, known, on, programme(decision.spec.programme))
    try:
        return nothing.foreseen()
    except (FeelError, DmnError):
        return Foreseen(None, frozenset())


@dataclass(frozen=True, eq=False)
class _Stakes:
    """What a service reads of answers and of the decision, whoever answers.

    Attributes:
        names: Answers that the decision takes.
        readings: Expressions of other sections that read them, or the decision.
        letters: The same of the letters, by key.
        always: Keys of the letters that come whatever the outcome is.
        granted: Readings that count only where something is granted.
    """

    names: frozenset[str]
    readings: tuple[Expression, ...]
    letters: Mapping[str, tuple[Expression, ...]]
    always: frozenset[str]
    granted: tuple[Expression, ...]


_stakes: dict[int, tuple[CompiledDecision, _Stakes]] = {}
_KEPT = 512


def _stakes_of(decision: CompiledDecision, sections: Mapping[str, Any]) -> _Stakes:
    """Return what a service reads; kept, with the section itself so that its id stays taken."""
    found = _stakes.get(id(decision))
    if found is None:
        if len(_stakes) >= _KEPT:
            _stakes.clear()
        found = _stakes[id(decision)] = decision, _find_stakes(decision, sections)
    return found[1]


def _find_stakes(decision: CompiledDecision, sections: Mapping[str, Any]) -> _Stakes:
    known = decision.fact_scope.names
    names = frozenset(
        name for expression in decision.facts.values() for name in expression.names if name in known
    ) - {"case", "applicant", *decision.spec.given}
    telling = names | {"decision"}

    def reading(value: object) -> tuple[Expression, ...]:
        return tuple(expression for expression in _expressions(value) if expression.names & telling)

    others = {
        key: value for key, value in sections.items() if key not in {*_SEEN_ELSEWHERE, "award", "letters"}
    }
    letters = sections.get("letters") or {}
    of_outcomes = {outcome.letter for outcome in decision.spec.outcomes.values()}
    return _Stakes(
        names=names,
        readings=reading(others),
        letters={key: reading(letter) for key, letter in letters.items()},
        always=frozenset(key for key in letters if key not in of_outcomes),
        granted=reading(sections.get("award")),
    )


def _expressions(value: object) -> Iterator[Expression]:
    """Yield every expression in something that was compiled, however deep it lies."""
    pending, seen = [value], set[int]()
    while pending:
        item = pending.pop()
        if id(item) in seen or item is None or isinstance(item, str):
            continue
        seen.add(id(item))
        if isinstance(item, Expression):
            yield item
        elif isinstance(item, Mapping):
            pending.extend(item.values())
        elif isinstance(item, (tuple, list, frozenset, set)):
            pending.extend(item)
        elif is_dataclass(item) and not isinstance(item, type):
            pending.extend(getattr(item, field.name) for field in fields(item))


_NOTHING = _Stakes(frozenset(), (), {}, frozenset(), ())


@dataclass
class _Weighing:
    """The decision with the answers so far, weighed."""

    decision: CompiledDecision
    stakes: _Stakes
    answers: Mapping[str, Value]
    on: date
    law: Programme

    def foreseen(self) -> Foreseen:
        """Return the outcome, or what it still hangs on."""
        found = self._looked()
        if found is None:
            return Foreseen(None, frozenset())
        look, names = found
        result = self.decision.spec.decision
        all_names: dict[str, Value] = {**names, result: look.result.value}
        key = self._run(self.decision.outcome, all_names)
        if isinstance(key, str) and key in self.decision.outcomes:
            return Foreseen(key, frozenset())
        read = set(self._read([self.decision.outcome], all_names))
        behind = {path[0] for path in read}
        for path in look.demand({path[1:] for path in read if path[0] == result}):
            expression = self.decision.facts.get(path[0])
            behind |= names_behind(expression.node, path[1:]) if expression is not None else set()
        return Foreseen(None, frozenset(behind & set(self.decision.fact_scope.names)))

    def settled(self) -> frozenset[str]:
        """Return the answers that no longer matter; none where that cannot be told."""
        found = self._looked()
        if found is None:
            return frozenset()
        needed = self._needed(*found)
        return frozenset() if needed is None else self.stakes.names - needed

    def _looked(self) -> tuple[dmn.Look, dict[str, Value]] | None:
        """Return the decision as far as it can be made, and the names; None where it cannot be told."""
        day = Date.from_python(self.on)
        case: dict[str, Value] = {"reference": UNKNOWN, "submitted_on": day, "begins_on": day}
        names: dict[str, Value] = {**self.answers, "case": case}
        reference_on = as_date(self._run(self.decision.reference_on, names))
        model = self.law.model_on(reference_on, self.on) if reference_on is not None else None
        if reference_on is None or model is None:
            return None
        facts = {name: self._run(expression, names) for name, expression in self.decision.facts.items()}
        look = dmn.look(
            model.compiled,
            self.decision.spec.decision,
            {**facts, "law": law_read(self.law, model, reference_on, self.on)},
            now=reference_on,
        )
        return None if look.result.warnings else (look, names)

    def _needed(self, look: dmn.Look, names: Mapping[str, Value]) -> frozenset[str] | None:
        """Return the answers that can still matter; None where all do."""
        result = self.decision.spec.decision
        all_names: dict[str, Value] = {**names, result: look.result.value}
        key = self._run(self.decision.outcome, all_names)
        outcomes = self._possible(key)
        if not outcomes or self._goes_to_officer(key, outcomes, all_names):
            return None
        known = {**all_names, "decision": self._as_decision(key, outcomes, all_names)}
        read = {*self._read(self._own(outcomes), all_names), *self._read(self._readings(outcomes), known)}
        wanted = {path[1:] for path in read if path[0] == result}
        wanted |= {path[2:] for path in read if path[:2] == ("decision", "result") or path == ("decision",)}
        direct = self.stakes.names & {path[0] for path in read}
        return direct.union(*(self._behind(path) for path in look.demand(wanted)))

    def _possible(self, key: Value) -> list[CompiledOutcome]:
        """Return the outcomes that there can be: one, or all while it is unknown."""
        return [
            outcome for outcome in self.decision.outcomes.values() if key is UNKNOWN or outcome.key == key
        ]

    def _goes_to_officer(
        self, key: Value, outcomes: list[CompiledOutcome], names: Mapping[str, Value]
    ) -> bool:
        """Whether it is certain that a person looks at the answers."""
        if key is not UNKNOWN and outcomes[0].spec.officer:
            return True
        answers = [self._run(condition, names) for condition, _why in self.decision.officer_when]
        return any(answer is not UNKNOWN and answer is not False for answer in answers)

    def _own(self, outcomes: list[CompiledOutcome]) -> Iterator[Expression]:
        """Yield the decision's own expressions: outcome, amounts, who decides, statement."""
        yield self.decision.outcome
        for outcome in outcomes:
            yield from outcome.amounts.values()
        for condition, _why in self.decision.officer_when:
            yield condition
        for line in self.decision.lines:
            yield from (part for part in (line.amount, line.when) if part is not None)

    def _readings(self, outcomes: list[CompiledOutcome]) -> Iterator[Expression]:
        """Yield what the other sections read, as far as one of these outcomes brings them up."""
        yield from self.stakes.readings
        letters = {outcome.spec.letter for outcome in outcomes} | self.stakes.always
        for key, readings in self.stakes.letters.items():
            if key in letters:
                yield from readings
        if any(outcome.spec.grants for outcome in outcomes):
            yield from self.stakes.granted

    def _as_decision(
        self, key: Value, outcomes: list[CompiledOutcome], names: Mapping[str, Value]
    ) -> dict[str, Value]:
        """Return what other sections would know as ``decision``, as far as it is known."""
        labels = {outcome.spec.label for outcome in outcomes}
        grants = {outcome.spec.grants for outcome in outcomes}
        amounts: dict[str, Value] = dict.fromkeys(
            (name for outcome in self.decision.spec.outcomes.values() for name in outcome.money), None
        )
        for outcome in outcomes:
            for name, expression in outcome.amounts.items():
                amounts[name] = self._run(expression, names) if len(outcomes) == 1 else UNKNOWN
        return {
            "outcome": key,
            "label": labels.pop() if len(labels) == 1 else UNKNOWN,
            "grants": grants.pop() if len(grants) == 1 else UNKNOWN,
            "amounts": amounts,
            "result": names[self.decision.spec.decision],
            "reason": "",
            "explanation": "",
            "legal_ground": "",
        }

    def _read(self, expressions: Iterable[Expression], names: Mapping[str, Value]) -> Iterator[Path]:
        """Yield what is read by those expressions whose value is not known yet."""
        for expression in expressions:
            if contains_unknown(self._run(expression, names)):
                yield from _paths_of(expression)

    def _behind(self, path: Path) -> frozenset[str]:
        """Return the answers that a part of a fact is made of."""
        expression = self.decision.facts.get(path[0])
        if expression is None:
            return frozenset()
        return names_behind(expression.node, path[1:]) & self.stakes.names

    def _run(self, expression: Expression, names: Mapping[str, Value]) -> Value:
        return expression.run(expression.scope.frame(names, missing=UNKNOWN), Evaluation())


@lru_cache(maxsize=4096)
def _paths_of(expression: Expression) -> tuple[Path, ...]:
    return tuple(dmn.paths_in(expression.node))


def names_behind(node: syntax.Node, path: Path) -> frozenset[str]:
    """Return the names that a part of an expression's value is made of; more where the text does not tell apart.

    >>> from commonweal.engines.feel import parse, Scope, ANY
    >>> tree = parse("{a: x, b: a + y, c: z}", Scope(dict.fromkeys("xyz", ANY)))
    >>> sorted(names_behind(tree, ("b",)))
    ['a', 'x', 'y']
    """
    entries = dict(node.entries) if isinstance(node, syntax.ContextLiteral) else {}
    if not path or path[0] not in entries:
        return frozenset(read[0] for read in dmn.paths_in(node))
    found = set(names_behind(entries[path[0]], path[1:]))
    pending, seen = [name for name in found if name in entries], {path[0]}
    while pending:
        name = pending.pop()
        if name not in seen:
            seen.add(name)
            more = names_behind(entries[name], ())
            found |= more
            pending += [other for other in more if other in entries]
    return frozenset(found)


__all__ = ["foresee", "names_behind", "settled"]
