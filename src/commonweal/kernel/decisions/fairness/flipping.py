"""Changes one protected attribute of a person's facts, and asks the law again.

A flip that changes the outcome is explained only by a decision of the model that names the attribute, came out
otherwise because of the flip, and cites the law.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from commonweal.engines.dmn import CompiledModel
from commonweal.engines.dmn import model as m
from commonweal.engines.dmn.citations import citations_of
from commonweal.engines.feel import Value

MOST_MEMBERS = 20
"""Members of one list that are flipped."""

EXPLAINED, UNSOURCED, UNEXPLAINED = "explained", "unsourced", "unexplained"


@dataclass(frozen=True)
class Verdict:
    """What a model says of some facts.

    Attributes:
        outcome: Key of the outcome; empty where there is none.
        amount: The main amount, as text; empty where there is none.
        values: Of every decision made on the way, by name.
    """

    outcome: str
    amount: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Rule:
    """A decision of a model, as far as attributes and sources go.

    Attributes:
        name: Of the decision.
        label: As people read it.
        words: Every word of its logic.
        citations: Where the law says so; none is a rule without a source.
    """

    name: str
    label: str
    words: frozenset[str]
    citations: tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """A flip that changed the outcome or the amount.

    Attributes:
        is_outcome: Whether the outcome changed, not only the amount.
        kind: ``explained``, ``unsourced`` (a rule names it and cites nothing) or ``unexplained`` (no rule names it).
        rule: The rule that names the attribute; None where there is none.
    """

    is_outcome: bool
    kind: str
    rule: Rule | None


def rules_of(compiled: CompiledModel) -> tuple[Rule, ...]:
    """Return the decisions of a model with the words of their logic, that of knowledge models they use among them."""
    found = []
    for node in compiled.graph.nodes:
        if isinstance(node.element, m.Decision):
            words = set(_words(node.element.expression))
            for _kind, need in node.needs:
                if isinstance(need.element, m.KnowledgeModel):
                    words |= set(_words(need.element.logic))
            found.append(
                Rule(
                    node.full_name,
                    node.element.label or node.element.name,
                    frozenset(words),
                    tuple(cited.name for cited in citations_of(compiled.graph, node)),
                )
            )
    return tuple(found)


def _words(part: Any) -> Iterator[str]:
    """Return every word written in a boxed expression."""
    if isinstance(part, str):
        yield from re.findall(r"\w+", part)
    elif isinstance(part, list | tuple):
        for item in part:
            yield from _words(item)
    elif is_dataclass(part):
        for field in fields(part):
            yield from _words(getattr(part, field.name))


def variants(facts: Mapping[str, Value], path: str, values: Sequence[Value]) -> Iterator[dict[str, Value]]:
    """Return the facts with one attribute changed: to each other value, and in a list for one member at a time.

    Args:
        facts: Stay as they are.
        path: With dots; a list on the way stands for each of its members.
        values: What the attribute may be; without any, a truth value is turned round.
    """
    yield from _changed(dict(facts), path.split("."), values)


def _changed(value: Any, names: Sequence[str], values: Sequence[Value]) -> Iterator[Any]:
    if isinstance(value, list):
        for at, item in enumerate(value[:MOST_MEMBERS]):
            for other in _changed(item, names, values):
                yield [*value[:at], other, *value[at + 1 :]]
    elif not names:
        options = values or ([not value] if isinstance(value, bool) else [])
        yield from (option for option in options if option != value)
    elif isinstance(value, Mapping) and names[0] in value:
        for other in _changed(value[names[0]], names[1:], values):
            yield {**value, names[0]: other}


Decide = Callable[[Mapping[str, Value]], Verdict]


def changes(
    facts: Mapping[str, Value], path: str, values: Sequence[Value], decide: Decide, rules: Sequence[Rule]
) -> Iterator[Change | None]:
    """Flip an attribute in every way; return for each flip what it changed, None for nothing.

    Args:
        facts: As they were recorded.
        path: Of the attribute.
        values: What it may be.
        decide: Asks the law.
        rules: Of its model.
    """
    before = decide(facts)
    for flipped in variants(facts, path, values):
        after = decide(flipped)
        if (after.outcome, after.amount) == (before.outcome, before.amount):
            yield None
        else:
            yield _explained(path, before, after, rules)


def _explained(path: str, before: Verdict, after: Verdict, rules: Sequence[Rule]) -> Change:
    attribute = path.rpartition(".")[2]
    moved = [
        rule
        for rule in rules
        if before.values.get(rule.name) != after.values.get(rule.name)
        and set(re.findall(r"\w+", attribute)) <= rule.words
    ]
    is_outcome = before.outcome != after.outcome
    sourced = next((rule for rule in moved if rule.citations), None)
    if sourced is not None:
        return Change(is_outcome, EXPLAINED, sourced)
    return Change(is_outcome, UNSOURCED if moved else UNEXPLAINED, moved[0] if moved else None)
