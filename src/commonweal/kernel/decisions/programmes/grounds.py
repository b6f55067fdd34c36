"""Chooses the few steps that decided a case, from its trace: for the resident's page, beside all the steps.

Nothing is chosen by hand. The walk begins at the part of the decision that gives the outcome and goes down to what its value
rested on (:mod:`resting`). What says nothing by itself to a reader is passed through: a key of the law, a value of
many parts, a condition that only puts other conditions together. What the walk comes to then are the conditions that
decided, each with what it held against what. An amount is followed down in the same manner, the nearest figures first.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from commonweal.engines.feel import UNKNOWN, Expression, FeelError, Value, contains_unknown, syntax
from commonweal.kernel.decisions.programmes.explaining import LAW, Explainer, Slim, in_words_of, tone_of
from commonweal.kernel.decisions.programmes.resting import DECISION, FIGURE, Case, Rested, Resting, Same
from commonweal.kernel.decisions.programmes.wording import Numbers, says_nothing
from commonweal.kernel.decisions.types import Grounds, Heading, Reason, Step, StepGroup, Vocabulary

MOST_TESTS = 8
MOST_FIGURES = 6
_DEEPEST = 12

Root = tuple[str, str]
"""A decision, and the part of its value that is meant; empty for all of it."""


@lru_cache(maxsize=1024)
def roots_of(expression: Expression, decision: str) -> tuple[Root, ...]:
    """Return which parts of a decision's value an expression of a service takes.

    Args:
        expression: For example ``Determination.outcome``.
        decision: Name of the decision.
    """
    taken = [node for node in syntax.walk(expression.node) if isinstance(node, syntax.Path)]
    parts = [
        node.name for node in taken if isinstance(node.source, syntax.Name) and node.source.name == decision
    ]
    return tuple((decision, part) for part in dict.fromkeys(parts)) or ((decision, ""),)


def grounds_of(
    explainer: Explainer,
    trace: Slim,
    law: Value,
    *,
    outcome: Sequence[Root],
    amount: Sequence[Root] = (),
    beside: Sequence[Root] = (),
    vocabulary: Vocabulary,
    aside: frozenset[str] = frozenset(),
) -> Grounds:
    """Return what decided a case.

    Args:
        explainer: Of the model, in the reader's language.
        trace: As it was kept.
        law: The figures in force, as FEEL saw them.
        outcome: Where the outcome comes from.
        amount: Where the amount comes from; nothing where there is none.
        beside: Where further amounts that the applicant is shown come from.
        vocabulary: The service's words.
        aside: Outcomes with which an officer decides.
    """
    return _Walk(explainer, trace, law, vocabulary, aside).grounds(outcome, amount, beside)


def groups_of(explainer: Explainer, steps: Sequence[Step], grounds: Grounds) -> tuple[StepGroup, ...]:
    """Return all steps under headings: each below the first of the deciding steps that needs it.

    Steps that decided and that needed no others stand together. What did not matter comes last, what nobody
    knows at the very end.

    Args:
        explainer: It knows which step needs which.
        steps: In the law's order.
        grounds: What decided.
    """
    deciding = {one.name for one in (*grounds.tests, *grounds.figures)} | set(grounds.beside)
    unknown = tuple(step for step in steps if step.tone == "unknown")
    known = [step for step in steps if step.tone != "unknown"]
    ends = tuple(step for step in known if step.name in grounds.passed)
    left = {step.name: step for step in known if step.name not in grounds.passed}
    heads = [step for step in steps if step.name in deciding]
    below = [StepGroup(Heading.STEP, head.label, _taken(left, head, deciding, explainer)) for head in heads]
    alone = [group.steps[0] for group in below if len(group.steps) == 1]
    found = [
        StepGroup(Heading.CONDITIONS, "", tuple(alone)),
        *filter(_has_several, below),
        StepGroup(Heading.OUTCOME, "", ends),
        StepGroup(Heading.BESIDE, "", tuple(left.values())),
        StepGroup(Heading.UNKNOWN, "", unknown),
    ]
    return tuple(filter(_is_filled, found))


def _is_filled(group: StepGroup) -> bool:
    return bool(group.steps)


def _has_several(group: StepGroup) -> bool:
    return len(group.steps) > 1


def _taken(left: dict[str, Step], head: Step, deciding: set[str], explainer: Explainer) -> tuple[Step, ...]:
    """Take what a deciding step needs, and the step itself, out of what is left."""
    needed = explainer.requires(head.name) - deciding
    own = [step for name, step in left.items() if name in needed]
    for step in (*own, head):
        left.pop(step.name, None)
    return (*own, head)


@dataclass(slots=True)
class _Found:
    """What a walk came to.

    Attributes:
        passed: Decisions that say nothing by themselves, and that it looked into.
        notes: What their rules say, by decision.
        stops: What to show: conditions that it stopped at, and decisions passed through that were made of facts and
            figures, each with what it rested on.
        numbers: Figures that the outcome was made of.
    """

    passed: list[str] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    stops: dict[str, list[Rested]] = field(default_factory=dict)
    numbers: list[str] = field(default_factory=list)


class _Values(dict[str, Value]):
    """The values of a case as FEEL saw them, each made when it is first asked for: few are, and facts are large."""

    def __init__(
        self, explainer: Explainer, facts: Mapping[str, Any], notes: Mapping[str, Mapping[str, Any]]
    ) -> None:
        super().__init__()
        self.explainer, self.facts, self.notes = explainer, facts, notes

    def __missing__(self, name: str) -> Value:
        kept = self.notes[name]["value"] if name in self.notes else self.facts[name]
        value = self[name] = self.explainer.typed(name, kept)
        return value

    def __contains__(self, name: object) -> bool:
        return name in self.notes or name in self.facts


class _Walk:
    """One case, looked at from its outcome down."""

    def __init__(
        self, explainer: Explainer, trace: Slim, law: Value, vocabulary: Vocabulary, aside: frozenset[str]
    ) -> None:
        self.aside = aside
        self.explainer, self.called, self.told = explainer, vocabulary.called, vocabulary.told
        self.notes: dict[str, Mapping[str, Any]] = {note["name"]: note for note in trace["decisions"]}
        self.values = _Values(explainer, trace["facts"], self.notes)
        self.case = Case(explainer.scope, self.values, explainer.scope.frame({LAW: law}), ready={LAW})
        self.words = explainer.words
        self.found: dict[Root, Sequence[Rested]] = {}
        self.rested: dict[Root, list[Rested]] = {}

    def grounds(self, outcome: Sequence[Root], amount: Sequence[Root], beside: Sequence[Root]) -> Grounds:
        found = _Found()
        for root in outcome:
            self._follow(root, found, 0)
        tests = [self._test(name, rested, found) for name, rested in found.stops.items()]
        tests = [test for test in tests if test.facts or test.value or test.how or test.name in found.notes]
        said = {test.label for test in tests}
        sentences = tuple(note for note in found.notes.values() if note not in said)
        if not tests and not sentences:
            tests = self._by_law_alone(found)
        shown = {test.name for test in tests}
        return Grounds(
            sentences=sentences,
            tests=tuple(tests[:MOST_TESTS]),
            figures=self._figures(amount, found),
            more=max(0, len(tests) - MOST_TESTS),
            beside=tuple(name for root in beside for name in self._decisions_below(root)),
            has_steps=bool(self.notes),
            passed=tuple(name for name in found.passed if name not in shown),
        )

    def _by_law_alone(self, found: _Found) -> list[Reason]:
        """Return what the law says where there is nothing to name, for example that nothing is held that could be changed."""
        for name in reversed(found.passed):
            telling = self.explainer.telling(name)
            if telling.why and telling.citations:
                reason = Reason(name, telling.label, "", why=telling.why, citations=telling.citations)
                return [reason]
        return []

    # ---- the walk --------------------------------------------------------------------------

    def _rests_on(self, root: Root) -> list[Rested]:
        """Return what a decision rested on, each once; what nobody knows did not decide."""
        rested = self.rested.get(root)
        if rested is None:
            try:
                rested = [one for one in self._found_in(root) if self._counts(one)]
            except FeelError:
                rested = []
            self.rested[root] = rested
        return rested

    def _found_in(self, root: Root) -> Sequence[Rested]:
        """Return what a decision, or one part of its value, came from, each once."""
        found = self.found.get(root)
        if found is None:
            name, member = root
            resting = self.explainer.resting(name, member, self.aside)
            found = resting.found if isinstance(resting, Same) else self._looked_into(name, resting)
            self.found[root] = found
        return found

    def _looked_into(self, name: str, resting: Resting) -> Sequence[Rested]:
        """Return the same where it takes a look at the case."""
        tables = self.notes[name].get("tables", ())
        self.case.hits = [rule for table in tables for rule in table["hits"]] if tables else ()
        self.case.misses = [miss for table in tables for miss in table["misses"]] if tables else ()
        try:
            found = resting(self.case)
        except (FeelError, IndexError):
            return ()
        if len(found) < 2:
            return found
        each: dict[tuple[str, str], Rested] = {}
        for one in found:
            each.setdefault((one.kind, one.name), one)
        return tuple(each.values())

    def _counts(self, one: Rested) -> bool:
        """Whether it is known; of facts and figures, the value is read on the way."""
        if one.kind is DECISION:
            return one.name in self.notes and self.values[one.name] is not UNKNOWN
        return not contains_unknown(one.look())

    def _decisions_below(self, root: Root) -> list[str]:
        """Return the decisions that one rested on, without looking at facts and figures."""
        if root[0] not in self.notes:
            return []
        return [one.name for one in self._found_in(root) if one.kind is DECISION and self._counts(one)]

    def _follow(self, root: Root, found: _Found, depth: int) -> None:
        """Pass through a decision that says nothing by itself; stop at those that do."""
        name, _member = root
        if name not in self.notes or depth > _DEEPEST:
            return
        found.passed.append(name)
        rule = self.explainer.telling(name).rule(self.notes[name])
        if rule and rule not in found.notes.values():
            found.notes[name] = rule
        rested = self._rests_on(root)
        own = [one for one in rested if not self._goes_on(one)]
        if own:
            found.stops.setdefault(name, own)
            found.numbers += [one.name for one in own if one.kind is DECISION]
        for one in rested:
            if self._goes_on(one) and one.name not in found.stops:
                self._stop_or_go_on(one.name, found, depth)

    def _stop_or_go_on(self, name: str, found: _Found, depth: int) -> None:
        if self._is_passed(name, found.stops):
            self._follow((name, ""), found, depth + 1)
        else:
            found.stops[name] = self._rests_on((name, ""))

    def _goes_on(self, one: Rested) -> bool:
        """Whether something is a condition, or has to be looked into; a fact or a figure is only named."""
        if one.kind is not DECISION:
            return False
        value = self.values[one.name]
        return value is None or isinstance(value, (bool, str, dict, list))

    def _is_passed(self, name: str, stops: Mapping[str, object]) -> bool:
        """Whether a result means nothing to a reader, or only puts together what others say."""
        value = self.values[name]
        if value is None or isinstance(value, (str, dict, list)):
            return True
        rested = self._rests_on((name, ""))
        if not isinstance(value, bool) or not all(self._is_condition(one) for one in rested):
            return False
        return len(rested) > 1 or (len(rested) == 1 and rested[0].name in stops)

    def _is_condition(self, one: Rested) -> bool:
        return one.kind is DECISION and isinstance(self.values[one.name], bool)

    def _figures(self, roots: Sequence[Root], found: _Found) -> tuple[Reason, ...]:
        """Return the amount, or the figures of an outcome without one, and what they were computed from.

        A figure that was made of facts alone, or of nothing but noughts, is only named beside the one that it went into.
        """
        amounts = [name for root in roots for name in self._figures_below(root)]
        pending, seen, shown = deque([*found.numbers, *amounts]), set[str](), list[Reason]()
        while pending and len(shown) < MOST_FIGURES:
            name = pending.popleft()
            if name in seen:
                continue
            seen.add(name)
            below = self._figures_below((name, ""))
            if name in amounts or any(self.values[one] for one in below):
                shown.append(self._figure(name, found.stops))
            pending.extend(below)
        return tuple(shown)

    def _figures_below(self, root: Root) -> list[str]:
        """Return the figures that a decision rested on, in one go: this is asked most often."""
        notes, values = self.notes, self.values
        if root[0] not in notes:
            return []
        return [
            one.name
            for one in self._found_in(root)
            if one.kind is DECISION and one.name in notes and isinstance(values[one.name], Decimal)
        ]

    # ---- words -----------------------------------------------------------------------------

    def _test(self, name: str, rested: Sequence[Rested], found: _Found) -> Reason:
        telling, value = self.explainer.telling(name), self.values[name]
        is_condition = isinstance(value, bool)
        facts, is_all = self._facts(rested)
        said = self.explainer.said(telling, value, self.words, self.called)
        return Reason(
            name=name,
            label=telling.label if is_condition else found.notes.get(name, telling.label),
            value=said if is_condition or value is None else "",
            why=telling.why if is_condition else "",
            how="" if is_all else self._how(name),
            facts=facts,
            citations=telling.citations,
            tone=tone_of(value),
        )

    def _figure(self, name: str, tests: Mapping[str, object]) -> Reason:
        telling = self.explainer.telling(name)
        rested = [
            one
            for one in self._rests_on((name, ""))
            if one.kind is not DECISION or not self._is_guard(one.name, tests)
        ]
        facts, is_all = self._facts(rested)
        return Reason(
            name=name,
            label=telling.label,
            value=self.explainer.said(telling, self.values[name], self.words, self.called),
            how="" if is_all else self._how(name),
            facts=facts,
            citations=telling.citations,
        )

    def _is_guard(self, name: str, tests: Mapping[str, object]) -> bool:
        """Whether an amount only waits for a decision: the outcome, or a condition that stands among those that gave it."""
        value = self.values[name]
        if isinstance(value, bool):
            return name in tests or self._is_passed(name, tests)
        return isinstance(value, str)

    def _how(self, name: str) -> str:
        """Return the computation with its numbers, without the result that stands beside it."""
        computation = self.explainer.telling(name).computation
        if computation is says_nothing:
            return ""
        self.case.make_ready(self.explainer.needs_of(name))
        try:
            said = computation(Numbers(self.case.frame, self.words))
        except FeelError:
            return ""
        return said if said and said != self.words.plain(self.values[name]) else ""

    def _facts(self, rested: Sequence[Rested]) -> tuple[tuple[tuple[str, str], ...], bool]:
        """Return what something rested on, in words, and whether that is all of it."""
        told = [named for one in rested if (named := self._named(one)) is not None]
        return tuple(dict.fromkeys(told)), bool(told) and len(told) == len(rested)

    def _named(self, one: Rested) -> tuple[str, str] | None:
        """Return words for something that a decision rested on; None where nobody gave it any."""
        if one.kind is DECISION:
            telling, value = self.explainer.telling(one.name), self.values[one.name]
            if isinstance(value, dict) or (isinstance(value, str) and value not in self.called):
                return None
            return telling.label, self.explainer.said(telling, value, self.words, self.called)
        if one.kind is FIGURE:
            return self._parameter(one)
        found = self.told(one.name, one.value)
        if found is not None or not isinstance(one.value, bool):
            return found
        return self.explainer.called_fact(one.name), self.words.plain(one.value)

    def _parameter(self, one: Rested) -> tuple[str, str] | None:
        parameter = self.explainer.programme.parameters.parameters.get(one.name)
        value, say = one.value, self.explainer.say
        is_switch = isinstance(value, (bool, dict, list)) or (
            isinstance(value, str) and value not in self.called
        )
        if parameter is None or is_switch:
            return None
        if isinstance(value, Decimal) and parameter.unit.startswith(self.explainer.currency):
            return say(parameter.label), self.words.amount(value, self.explainer.currency)
        if isinstance(value, Decimal) and parameter.unit == "share":
            return say(parameter.label), self.words.share(value)
        return say(parameter.label), in_words_of(value, self.words, self.called)
