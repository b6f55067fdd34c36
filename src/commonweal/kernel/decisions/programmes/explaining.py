"""Turns an engine's trace into steps that a resident can follow, with the actual numbers.

The words come from the model (labels, descriptions, the notes of rules), the numbers from the trace, the
citations from the model's knowledge sources. Nothing is decided again: where a computation is shown with its
numbers, its parts are evaluated on the values that the trace holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from django.utils import translation
from django.utils.translation import gettext as _

from commonweal.engines.dmn import model as m
from commonweal.engines.dmn.citations import citations_of
from commonweal.engines.dmn.facts import to_json, value_of
from commonweal.engines.dmn.recording import CallNote, TableNote
from commonweal.engines.dmn.trace import Trace
from commonweal.engines.feel import (
    ANY,
    UNKNOWN,
    Evaluation,
    Expression,
    FeelError,
    Scope,
    Value,
    compile_expression,
    parse,
    syntax,
)
from commonweal.engines.feel.values.temporal import Date
from commonweal.kernel.decisions.programmes.reading import LawModel, Programme, law_type
from commonweal.kernel.decisions.types import LawCitation, Step

LAW = "law"
_MONEY = "Money"
_OPERATORS = {
    "*": "×",  # noqa: RUF001 - the sign that people read
    "/": "÷",
    "+": "+",
    "-": "−",  # noqa: RUF001 - the sign that people read
    "<=": "≤",
    ">=": "≥",
    "<": "<",
    ">": ">",
    "=": "=",
    "!=": "≠",
}
_LEVELS = {"+": 1, "-": 1, "*": 2, "/": 2}
_MOST_ADDENDS = 6


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


@lru_cache(maxsize=64)
def explainer(programme: Programme, model: LawModel, currency: str) -> Explainer:
    """Return what explains the decisions of one model; kept, for it parses the model's expressions."""
    return Explainer(programme, model, currency)


class Explainer:
    """Explains the decisions of one model.

    Args:
        programme: Whose parameters are named.
        model: The model.
        currency: ISO 4217, for amounts.
    """

    def __init__(self, programme: Programme, model: LawModel, currency: str) -> None:
        compiled = model.compiled
        self.programme, self.currency = programme, currency
        self.decisions = compiled.model.decisions
        self.types = {
            node.full_name: compiled.types[node.index]
            for node in compiled.graph.nodes
            if node.index in compiled.types
        }
        self.scope = Scope({**self.types, LAW: law_type(programme.parameters)})
        self.labels = {
            item.name: item.label or item.name for item in (*compiled.model.inputs, *self.decisions)
        }
        self.citations = {
            node.full_name: tuple(
                LawCitation(found.name, found.description or "", found.location or "")
                for found in citations_of(compiled.graph, node)
            )
            for node in compiled.graph.nodes
            if isinstance(node.element, m.Decision)
        }
        self._scopes: dict[int, Scope] = {}
        self._parsed: dict[tuple[int, str], syntax.Node] = {}
        self._parts: dict[tuple[int, str], Expression] = {}

    def steps(self, trace: Slim, law: Mapping[str, object]) -> tuple[Step, ...]:
        """Return the steps of a run, in the model's order, without the summary at its end.

        Args:
            trace: As :func:`slim` made it.
            law: The figures in force, as FEEL saw them.
        """
        made = {note["name"]: note for note in trace["decisions"]}
        values = self._values(trace, law)
        return tuple(
            self._step(decision, made[decision.name], values)
            for decision in self.decisions
            if decision.name in made and not _is_summary(made[decision.name]["value"])
        )

    def _values(self, trace: Slim, law: Mapping[str, object]) -> dict[str, Value]:
        known = {**trace["facts"], **{note["name"]: note["value"] for note in trace["decisions"]}}
        values = {name: value_of(revived(value), self.types.get(name, ANY)) for name, value in known.items()}
        return {**values, LAW: value_of(law)}

    def _step(self, decision: m.Decision, note: Mapping[str, Any], values: dict[str, Value]) -> Step:
        value = note["value"]
        is_money = decision.variable is not None and decision.variable.type_ref == _MONEY
        return Step(
            name=decision.name,
            label=self.labels[decision.name],
            value=self.money(value) if is_money and is_number(value) else plain(value),
            how=self._how(decision.expression, self.scope, values, value),
            why=" ".join((decision.description or "").split()),
            rule=_rule(decision.expression, note),
            citations=self.citations.get(decision.name, ()),
            tone=_tone(value),
        )

    def money(self, value: object) -> str:
        """Write an amount with its currency, without cents where there are none."""
        amount = Decimal(str(value)).quantize(Decimal("0.01"), ROUND_HALF_UP)
        return _currency(amount, self.currency, _locale())

    def _how(self, expression: m.Boxed | None, scope: Scope, values: dict[str, Value], value: object) -> str:
        if isinstance(expression, m.Context):
            return self._how_of_context(expression, values, value)
        if not isinstance(expression, m.Literal) or not expression.text or is_unknown(value):
            return ""
        try:
            said = _Numbers(self, expression.text, scope, values).say(self._parse(expression.text, scope))
        except FeelError:
            return ""
        result = plain(value)
        if said is None or said == result:
            return ""
        return said if isinstance(value, bool) else f"{said} = {result}"

    def _parse(self, text: str, scope: Scope) -> syntax.Node:
        key = (id(scope), text)
        if key not in self._parsed:
            self._parsed[key] = parse(text, scope)
        return self._parsed[key]

    def part(self, text: str, scope: Scope) -> Expression:
        """Return a part of an expression, compiled; kept, as its scope is."""
        key = (id(scope), text)
        if key not in self._parts:
            self._parts[key] = compile_expression(text, scope)
        return self._parts[key]

    def _scope_in(self, expression: m.Context) -> Scope:
        """Return the scope of a context's entries; kept, for the model keeps the context."""
        if id(expression) not in self._scopes:
            names = [entry.variable.name for entry in expression.entries if entry.variable is not None]
            self._scopes[id(expression)] = Scope(dict.fromkeys(names, ANY), parent=self.scope)
        return self._scopes[id(expression)]

    def _how_of_context(self, expression: m.Context, values: dict[str, Value], value: object) -> str:
        """Show the last entry, with the values of those before it."""
        inner, known = self._scope_in(expression), dict(values)
        for entry in expression.entries:
            if not isinstance(entry.value, m.Literal) or not entry.value.text:
                return ""
            if entry.variable is None:
                return self._how(entry.value, inner, known, value)
            evaluated = self.part(entry.value.text, inner)
            known[entry.variable.name] = evaluated.run(inner.frame(known), Evaluation())
        return ""

    def name_of(self, node: syntax.Node) -> str:
        """Return the words for a name or a path: a label, or the name itself without underscores."""
        if isinstance(node, syntax.Path):
            is_law = isinstance(node.source, syntax.Name) and node.source.name == LAW
            parameter = self.programme.parameters.parameters.get(node.name) if is_law else None
            return parameter.label if parameter else node.name.replace("_", " ")
        return self.labels.get(node.name, node.name) if isinstance(node, syntax.Name) else ""


def _rule(expression: m.Boxed | None, note: Mapping[str, Any]) -> str:
    """Return the note of the rule that applied; of a FIRST table only the first hit counts."""
    if not isinstance(expression, m.DecisionTable):
        return ""
    hits = [rule for table in note.get("tables", ()) for rule in table["hits"]]
    counted = hits[:1] if expression.hit_policy == "FIRST" else hits
    return " ".join(text for rule in counted for text in expression.rules[rule - 1].annotations if text)


def _is_summary(value: object) -> bool:
    return isinstance(value, Mapping) and not is_unknown(value)


class _Numbers:
    """Says an expression with the numbers in the place of the names; None for what has no plain form."""

    def __init__(self, explainer: Explainer, text: str, scope: Scope, values: Mapping[str, Value]) -> None:
        self.explainer, self.text, self.scope, self.values = explainer, text, scope, values
        self.frame: list[Value] = []

    def value(self, node: syntax.Node) -> Value:
        part = self.explainer.part(self.text[node.start : node.end], self.scope)
        if len(self.frame) < self.scope.layout.size:
            self.frame = self.scope.frame(self.values)
        return part.run(self.frame, Evaluation())

    def say(self, node: syntax.Node) -> str | None:
        if isinstance(node, syntax.If):
            return self.say(node.consequence if self.value(node.condition) is True else node.alternative)
        if isinstance(node, syntax.Binary):
            return self._binary(node)
        if isinstance(node, syntax.Invocation):
            return self._call(node)
        if isinstance(node, (syntax.Conjunction, syntax.Disjunction)):
            return self._together(node)
        if isinstance(node, (syntax.Name, syntax.Path, syntax.Filter, syntax.NumberLiteral)):
            return self._leaf(node)
        return None

    def _leaf(self, node: syntax.Node) -> str | None:
        value = self.value(node)
        if isinstance(value, bool):
            return f"{self.explainer.name_of(node)} ({plain(value)})"
        return None if isinstance(value, (list, dict)) or value is UNKNOWN else plain(value)

    def _binary(self, node: syntax.Binary) -> str | None:
        left, right = (
            self._operand(node.left, node, on_right=False),
            self._operand(node.right, node, on_right=True),
        )
        if left is None or right is None or node.operator not in _OPERATORS:
            return None
        return f"{left} {_OPERATORS[node.operator]} {right}"

    def _operand(self, node: syntax.Node, outer: syntax.Binary, *, on_right: bool) -> str | None:
        said = self.say(node)
        if said is None or not isinstance(node, syntax.Binary):
            return said
        inner, level = _LEVELS.get(node.operator, 3), _LEVELS.get(outer.operator, 0)
        return f"({said})" if inner < level or (on_right and inner == level) else said

    def _together(self, node: syntax.Conjunction | syntax.Disjunction) -> str | None:
        parts = []
        for operand in node.operands:
            said = self.say(operand)
            if said is None:
                return None
            parts.append(
                f"({said})" if isinstance(operand, (syntax.Conjunction, syntax.Disjunction)) else said
            )
        return (_(" and ") if isinstance(node, syntax.Conjunction) else _(" or ")).join(parts)

    def _call(self, node: syntax.Invocation) -> str | None:
        name = node.function.name if isinstance(node.function, syntax.Name) else ""
        if name == "sum":
            return self._sum(node.arguments[0])
        if name in {"max", "min"}:
            return self._extreme(node, is_largest=name == "max")
        ending = _rounded().get(name)
        said = self.say(node.arguments[0]) if ending else None
        return ending % said if ending and said is not None else None

    def _extreme(self, node: syntax.Invocation, *, is_largest: bool) -> str | None:
        parts = []
        for argument in node.arguments:
            said = self.say(argument)
            if said is None:
                return None
            parts.append(f"({said})" if isinstance(argument, syntax.Binary) else said)
        if len(parts) == 2:
            words = _("the larger of %s") if is_largest else _("the smaller of %s")
        else:
            words = _("the largest of %s") if is_largest else _("the smallest of %s")
        return words % _(" and ").join([", ".join(parts[:-1]), parts[-1]])

    def _sum(self, node: syntax.Node) -> str | None:
        items = self.value(node)
        if not isinstance(items, list) or not all(isinstance(item, Decimal) for item in items):
            return None
        shown = [plain(item) for item in items if item]
        return " + ".join(shown) if 1 < len(shown) <= _MOST_ADDENDS else None


def _rounded() -> dict[str, str]:
    return {
        "ceiling": _("%s, rounded up"),
        "floor": _("%s, rounded down"),
        "round half up": _("%s, rounded"),
    }


def is_unknown(value: object) -> bool:
    """Whether a value of a trace stands for what is not known."""
    return isinstance(value, Mapping) and value.get("@unknown") is True


def is_number(value: object) -> bool:
    """Whether a value of a trace is a number."""
    if isinstance(value, bool):
        return False
    return isinstance(value, int | float | Decimal) or (isinstance(value, str) and _is_decimal(value))


def _is_decimal(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdigit() and len(text) > 15


def revived(value: Any) -> Any:
    """Put UNKNOWN back where a trace says that a value is not known."""
    if is_unknown(value):
        return UNKNOWN
    if isinstance(value, dict):
        return {key: revived(item) for key, item in value.items()}
    if isinstance(value, list):
        return [revived(item) for item in value]
    return value


def plain(value: object) -> str:
    """Write a value in a sentence: numbers with at most two decimals, truth values as yes and no."""
    if is_unknown(value) or value is None:
        return _("not known")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if is_number(value):
        number = Decimal(str(value))
        short = number.quantize(Decimal("0.01"), ROUND_HALF_UP)
        return _decimal(short.normalize() + 0 if abs(number) >= 1 else number, _locale())
    if isinstance(value, Date):
        return format_date(date(value.year, value.month, value.day), "long", locale=_locale())
    return str(value)


@lru_cache(maxsize=4096)
def _decimal(number: Decimal, locale: str) -> str:
    return str(format_decimal(number, locale=locale))


@lru_cache(maxsize=4096)
def _currency(amount: Decimal, currency: str, locale: str) -> str:
    """Write an amount with its currency, without cents where there are none."""
    if amount == amount.to_integral_value():
        return str(format_currency(amount, currency, "¤#,##0", locale=locale, currency_digits=False))
    return str(format_currency(amount, currency, locale=locale))


def _tone(value: object) -> str:
    if is_unknown(value) or value is None:
        return "unknown"
    return ("yes" if value else "no") if isinstance(value, bool) else ""


def _locale() -> str:
    return translation.to_locale(translation.get_language() or "en").split("@")[0]
