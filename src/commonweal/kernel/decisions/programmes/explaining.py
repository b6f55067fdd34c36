"""Turns an engine's trace into steps that a resident can follow, with the actual numbers.

The words come from the model (labels, descriptions, the notes of rules), the numbers from the trace, the
citations from the model's knowledge sources. Nothing is decided again: where a computation is shown with its
numbers, its parts are evaluated on the values that the trace holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.utils.translation import get_language

from commonweal.engines.dmn import model as m
from commonweal.engines.dmn.citations import citations_of
from commonweal.engines.dmn.facts import to_json, value_of
from commonweal.engines.dmn.recording import CallNote, TableNote
from commonweal.engines.dmn.trace import Trace
from commonweal.engines.feel import (
    ANY,
    UNKNOWN,
    Expression,
    FeelError,
    Scope,
    Value,
    compile_expression,
    syntax,
)
from commonweal.kernel.decisions.programmes.reading import LawModel, Programme, law_type
from commonweal.kernel.decisions.programmes.resting import Names, Resting, resting_of
from commonweal.kernel.decisions.programmes.translating import Say, in_one_line, in_words, labels_of, saying
from commonweal.kernel.decisions.programmes.wording import (
    Numbers,
    Saying,
    Words,
    after,
    is_unknown,
    saying_of,
    says_nothing,
    words,
)
from commonweal.kernel.decisions.types import LawCitation, Step

LAW = "law"
_MONEY = "Money"


Called = Mapping[str, str]
"""Words for keys of the law, in the reader's language: of outcomes, of options that the form offers."""

NOBODY: Called = {}

Slim = Mapping[str, Any]
"""What is kept of a run: facts, each decision's value, and which rules of its tables hit or missed."""


def slim(trace: Trace) -> dict[str, Any]:
    """Return what has to be kept of an engine's trace; the rest is in the law's text."""
    return {
        "version": 1,
        "facts": {name: to_json(value) for name, value in trace.facts.items() if name != LAW},
        "decisions": [
            {"name": note.name, "value": to_json(note.value), **_tables(note)}
            for note in trace.decisions
            if isinstance(note, CallNote)
        ],
    }


def _tables(note: CallNote) -> dict[str, Any]:
    looks = [inner for inner in note.inside if isinstance(inner, TableNote)]
    if not looks:
        return {}
    return {
        "tables": [
            {
                "hits": [rule + 1 for rule in look.hits],
                "misses": [[rule + 1, column + 1] for rule, column, _ in look.misses],
            }
            for look in looks
        ]
    }


def explainer(programme: Programme, model: LawModel, currency: str) -> Explainer:
    """Return what explains the decisions of one model in the reader's language."""
    return _kept(programme, model, currency, get_language() or "")


@lru_cache(maxsize=64)
def _kept(programme: Programme, model: LawModel, currency: str, language: str) -> Explainer:
    """Keep it, for it parses the model's expressions."""
    return Explainer(programme, model, currency, saying(programme.key, language))


@dataclass(frozen=True, slots=True)
class Telling:
    """What is told of a decision whatever its value, in the reader's language; see :class:`Step`.

    Attributes:
        is_money: Whether its value is an amount.
        computation: Says how it was computed.
        is_first_hit: Of a table, whether only the first rule that applies counts.
        notes: The note of each rule of its table.
    """

    name: str
    label: str
    is_money: bool
    computation: Saying
    why: str
    citations: tuple[LawCitation, ...]
    is_first_hit: bool
    notes: tuple[str, ...]

    def rule(self, note: Mapping[str, Any]) -> str:
        """Return the notes of the rules that applied."""
        hits = [rule for table in note.get("tables", ()) for rule in table["hits"]]
        counted = hits[:1] if self.is_first_hit else hits
        return " ".join(self.notes[rule - 1] for rule in counted if self.notes[rule - 1])


class Explainer:
    """Explains the decisions of one model.

    Args:
        programme: Whose parameters are named.
        model: The model.
        currency: ISO 4217, for amounts.
        say: Puts the law's words into the reader's language.
    """

    def __init__(self, programme: Programme, model: LawModel, currency: str, say: Say) -> None:
        compiled = model.compiled
        self.programme, self.currency, self.say, self.words = programme, currency, say, words()
        self.decisions = compiled.model.decisions
        self.types = {
            node.full_name: compiled.types[node.index]
            for node in compiled.graph.nodes
            if node.index in compiled.types
        }
        self.scope = Scope({**self.types, LAW: law_type(programme.parameters)})
        self.by_name = {decision.name: decision for decision in self.decisions}
        inputs = frozenset(item.name for item in compiled.model.inputs) - {LAW}
        self.names = Names(self.scope, frozenset(self.by_name), inputs)
        self._needs = {
            node.full_name: frozenset(need.full_name for _, need in node.needs) - {LAW}
            for node in compiled.graph.nodes
        }
        self._required: dict[str, frozenset[str]] = {}
        self._told: dict[str, Telling] = {}
        self._rests: dict[tuple[str, str, frozenset[str]], Resting] = {}
        self.labels = {
            item.name: say(item.label or item.name) for item in (*compiled.model.inputs, *self.decisions)
        }
        self.fact_labels = labels_of(compiled.model)
        self.citations = {
            node.full_name: tuple(
                LawCitation(found.name, found.description or "", found.location or "")
                for found in citations_of(compiled.graph, node)
            )
            for node in compiled.graph.nodes
            if isinstance(node.element, m.Decision)
        }

        self.cited = lru_cache(maxsize=256)(self._cited)
        """What some decisions cite, in their order and each once; kept, for most runs take the same ones."""

    def _cited(self, names: tuple[str, ...]) -> tuple[LawCitation, ...]:
        return tuple(dict.fromkeys(cited for name in names for cited in self.citations.get(name, ())))

    def called_fact(self, path: str) -> str:
        """Return words for a fact that is yes or no: its label, or its name without what makes it a claim."""
        name = path.rsplit(".", 1)[-1]
        label = self.fact_labels.get(name)
        if label:
            return self.say(label)
        plain = in_words(name)
        said = self.say(plain)
        return said if said != plain else plain.removeprefix("is ").removeprefix("has ").capitalize()

    def telling(self, name: str) -> Telling:
        """Return what is told of one decision, without preparing all the others."""
        told = self._told.get(name)
        if told is None:
            told = self._told[name] = self._telling(self.by_name[name])
        return told

    def needs_of(self, name: str) -> frozenset[str]:
        """Return the names of the decisions and facts that a decision takes by itself."""
        return self._needs.get(name, frozenset())

    def requires(self, name: str) -> frozenset[str]:
        """Return the names of all decisions and facts below one, whatever the case."""
        if name not in self._required:
            pending, found = [name], set[str]()
            while pending:
                needs = self._needs.get(pending.pop(), frozenset()) - found
                found |= needs
                pending.extend(needs)
            self._required[name] = frozenset(found)
        return self._required[name]

    def resting(self, name: str, member: str = "", aside: frozenset[str] = frozenset()) -> Resting:
        """Return what says on what a decision's value, or one part of it, rested.

        Args:
            name: Of the decision.
            member: The part that is meant; all of it if left out.
            aside: Outcomes that are no end.
        """
        key = (name, member, aside)
        if key not in self._rests:
            names = replace(self.names, aside=aside)
            self._rests[key] = resting_of(self.by_name[name].expression, names, member)
        return self._rests[key]

    def _telling(self, decision: m.Decision) -> Telling:
        table = decision.expression if isinstance(decision.expression, m.DecisionTable) else None
        return Telling(
            name=decision.name,
            label=self.labels[decision.name],
            is_money=decision.variable is not None and decision.variable.type_ref == _MONEY,
            computation=self._computation(decision.expression),
            why=self.say(in_one_line(decision.description)),
            citations=self.citations.get(decision.name, ()),
            is_first_hit=table is not None and table.hit_policy == "FIRST",
            notes=tuple(" ".join(self.say(text) for text in rule.annotations if text) for rule in table.rules)
            if table
            else (),
        )

    def steps(self, trace: Slim, law: Value, called: Called = NOBODY) -> tuple[Step, ...]:
        """Return the steps of a run, in the model's order, without the summary at its end.

        Args:
            trace: As :func:`slim` made it.
            law: The figures in force, as FEEL saw them.
            called: Words for keys of the law.
        """
        made = {note["name"]: note for note in trace["decisions"]}
        tellings = [
            self.telling(decision.name) for decision in self.decisions
        ]  # before the frame: what they compile may need more room in it
        values = self.values(trace, law)
        frame = self.scope.frame(values)
        return tuple(
            self._step(telling, made[telling.name], values[telling.name], Numbers(frame, self.words), called)
            for telling in tellings
            if telling.name in made and not _is_summary(made[telling.name])
        )

    def values(self, trace: Slim, law: Value) -> dict[str, Value]:
        """Return the typed values of a run by name, as FEEL saw them."""
        return {
            **{name: self.typed(name, value) for name, value in trace["facts"].items()},
            **{note["name"]: self.typed(note["name"], note["value"]) for note in trace["decisions"]},
            LAW: law,
        }

    def typed(self, name: str, value: Any) -> Value:
        """Return a value of a trace as FEEL saw it."""
        if value is None or value is True or value is False:
            return value  # most are: without looking up its type
        if type(value) is int:
            return Decimal(value)
        if isinstance(value, (dict, list)):
            value = revived(value)
        return value_of(value, self.types.get(name, ANY))

    def _step(
        self,
        telling: Telling,
        note: Mapping[str, Any],
        value: Value,
        numbers: Numbers,
        called: Called,
    ) -> Step:
        return Step(
            name=telling.name,
            label=telling.label,
            value=self.said(telling, value, numbers.words, called),
            how=_how(telling.computation, numbers, value),
            why=telling.why,
            rule=telling.rule(note) if telling.notes else "",
            citations=telling.citations,
            tone=tone_of(value),
            is_code=isinstance(value, str) and value not in called,
        )

    def said(self, telling: Telling, value: Value, words: Words, called: Called) -> str:
        """Write the result of a decision: amounts in their currency, keys by their words, what is not there as none."""
        if telling.is_money and isinstance(value, Decimal):
            return words.amount(value, self.currency)
        if isinstance(value, dict):
            parts = {
                self.say(self.fact_labels.get(name) or in_words(name)): in_words_of(item, words, called)
                for name, item in value.items()
            }
            return "; ".join(f"{name}: {part}" for name, part in parts.items())
        return words.nothing if value is None else in_words_of(value, words, called)

    def _computation(self, expression: m.Boxed | None) -> Saying:
        if isinstance(expression, m.Context):
            return self._last_of(expression)
        return self._said(expression, self.scope)

    def _said(self, expression: m.Boxed | None, scope: Scope) -> Saying:
        text = expression.text if isinstance(expression, m.Literal) else ""
        return saying_of(text, scope, self.name_of) if text else says_nothing

    def _last_of(self, context: m.Context) -> Saying:
        """Say the last entry, with the values of those before it."""
        names = [entry.variable.name for entry in context.entries if entry.variable is not None]
        scope = Scope(dict.fromkeys(names, ANY), parent=self.scope)
        before: list[tuple[int, Expression]] = []
        for entry in context.entries:
            if not isinstance(entry.value, m.Literal) or not entry.value.text:
                return says_nothing
            if entry.variable is None:
                return after(before, self._said(entry.value, scope))
            slot = scope.slot(entry.variable.name)
            assert slot is not None
            before.append((slot, compile_expression(entry.value.text, scope)))
        return says_nothing

    def name_of(self, node: syntax.Node) -> str:
        """Return the words for a name or a path: a label, or the name itself without underscores."""
        if isinstance(node, syntax.Path):
            is_law = isinstance(node.source, syntax.Name) and node.source.name == LAW
            parameter = self.programme.parameters.parameters.get(node.name) if is_law else None
            if parameter is not None:
                return self.say(parameter.label)
            return self.say(self.fact_labels.get(node.name) or in_words(node.name))
        return self.labels.get(node.name, node.name) if isinstance(node, syntax.Name) else ""


def _how(computation: Saying, numbers: Numbers, value: Value) -> str:
    """Return a computation with its result; nothing where it has no plain form, or says no more than the result."""
    if value is UNKNOWN:
        return ""
    try:
        said = computation(numbers)
    except FeelError:
        return ""
    result = numbers.words.plain(value)
    if said is None or said == result:
        return ""
    return said if isinstance(value, bool) else f"{said} = {result}"


def in_words_of(value: Value, words: Words, called: Called) -> str:
    """Write a value with the words for its keys."""
    if isinstance(value, str):
        return called.get(value, value)
    if isinstance(value, list):
        return ", ".join(in_words_of(item, words, called) for item in value) or words.nothing
    return words.plain(value)


def _is_summary(note: Mapping[str, Any]) -> bool:
    """Whether a value says many things at once; the steps that it is made of tell them one by one.

    Where a table gives several things, nothing else tells them.
    """
    value = note["value"]
    if note.get("tables"):
        return False
    if isinstance(value, list):
        return any(isinstance(item, dict) for item in value)
    return isinstance(value, dict) and not is_unknown(value)


def revived(value: Any) -> Any:
    """Put UNKNOWN back where a trace says that a value is not known."""
    if isinstance(value, dict):
        if is_unknown(value):
            return UNKNOWN
        return {key: revived(item) if isinstance(item, (dict, list)) else item for key, item in value.items()}
    if isinstance(value, list):
        return [revived(item) if isinstance(item, (dict, list)) else item for item in value]
    return value


def tone_of(value: Value) -> str:
    """Return ``yes``, ``no`` or ``unknown`` for a truth value and for what is not known, else nothing."""
    if value is UNKNOWN:
        return "unknown"
    return ("yes" if value else "no") if isinstance(value, bool) else ""
